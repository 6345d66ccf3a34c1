"""Both of two drafts: what another window, or one that was offline, typed over an older version is kept beside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from tasks.drafts import operations as drafts
from tasks.drafts.models import Draft, DraftCopy
from tasks.errors import DraftCopyNotFound, DraftOutdated

#: Copies kept beside a draft; of more the oldest go.
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of what was typed."""

    draft: Draft
    #: Where it is kept when it was typed over an older version; None when it is the draft now.
    beside: DraftCopy | None


def save(
    session: Session,
    by: Actor,
    *,
    user_task_id: UUID | None = None,
    process_key: str | None = None,
    values: dict[str, Any],
    version: int | None = None,
    form_digest: str | None = None,
    now: datetime,
) -> Saved:
    """Keep the answers as the draft, or beside it when another window saved meanwhile; nothing is lost either way.

    Raises:
        UserTaskNotFound, ProcessDefinitionNotFound, NotAllowedToStart, DraftTooLarge.
    """
    form = {"user_task_id": user_task_id, "process_key": process_key}
    known: dict[str, Any] = form | {"values": values, "form_digest": form_digest, "now": now}
    try:
        return Saved(drafts.save(session, by, version=version, **known), None)
    except DraftOutdated:
        draft = drafts.load(session, by, user_task_id=user_task_id, process_key=process_key)
        if draft is None:  # it was sent or thrown away elsewhere: there is nothing to be behind of
            return Saved(drafts.save(session, by, version=None, **known), None)
        kept = drafts.keepable(values)
        if kept == draft.values:
            return Saved(draft, None)
        return Saved(draft, _beside(session, draft, kept, based_on=version or 0, now=now))


def of(session: Session, draft: Draft) -> list[DraftCopy]:
    """Return what is kept beside a draft that was read with its owner's rights, the latest first."""
    query = sa.select(DraftCopy).where(DraftCopy.draft_id == draft.id)
    return list(session.scalars(query.order_by(DraftCopy.saved_at.desc(), DraftCopy.id.desc())))


def take(session: Session, by: Actor, copy_id: UUID, *, now: datetime) -> Draft:
    """Go on with what was kept beside; what was the draft until now is kept beside in its place.

    Raises:
        DraftCopyNotFound: there is none, or it is somebody else's.
    """
    draft, copy = _own(session, by, copy_id)
    before, based_on = draft.values, draft.version
    draft.values, draft.saved_at = copy.values, now
    draft.version += 1
    session.delete(copy)
    session.flush()
    _beside(session, draft, before, based_on=based_on, now=now)
    return draft


def drop(session: Session, by: Actor, copy_id: UUID) -> None:
    """Throw away what was kept beside.

    Raises:
        DraftCopyNotFound.
    """
    _, copy = _own(session, by, copy_id)
    session.delete(copy)
    session.flush()


def put_beside(session: Session, draft: Draft, values: dict[str, Any], *, now: datetime) -> DraftCopy | None:
    """Keep what somebody else typed beside a draft; None when it says the same."""
    if values == draft.values:
        return None
    return _beside(session, draft, values, based_on=draft.version, now=now)


def _own(session: Session, by: Actor, copy_id: UUID) -> tuple[Draft, DraftCopy]:
    query = (
        sa.select(Draft, DraftCopy)
        .join(DraftCopy, DraftCopy.draft_id == Draft.id)
        .where(DraftCopy.id == copy_id, Draft.username == by.username)
        .with_for_update(of=Draft)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise DraftCopyNotFound(copy_id)
    return found[0], found[1]


def _beside(session: Session, draft: Draft, values: dict[str, Any], *, based_on: int, now: datetime) -> DraftCopy:
    known = of(session, draft)
    for copy in known:
        if copy.values == values:
            return copy
    for oldest in known[MOST - 1 :]:
        session.delete(oldest)
    copy = DraftCopy(draft_id=draft.id, values=values, based_on=based_on, saved_at=now)
    session.add(copy)
    session.flush()
    return copy
