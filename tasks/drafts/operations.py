"""Keeping what was typed until the form is sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import deployments
from engine.actor import Actor
from engine.errors import NotAllowedToStart
from practice.contacts import entrusted
from tasks import access
from tasks.drafts.models import Draft
from tasks.errors import DraftOutdated, DraftTooLarge

_MOST_BYTES = 256 * 1024


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
) -> Draft:
    """Keep the answers that ``by`` typed into the form of a user task or into a process's start form.

    Telephone numbers and addresses are not kept: they are typed again, or sent.

    ``version`` is the one that was loaded (0: none was there); without it the last one wins. ``form_digest`` says
    which form was in front of the person (``forms_shown.digest``).

    Raises:
        UserTaskNotFound, ProcessDefinitionNotFound, NotAllowedToStart: it is not for this person.
        DraftOutdated: another window saved meanwhile.
        DraftTooLarge.
    """
    _require_form(session, by, user_task_id, process_key)
    values = keepable(values)
    draft = session.scalar(_query(by, user_task_id, process_key).with_for_update())
    if version is not None and version != (draft.version if draft else 0):
        raise DraftOutdated(draft.version if draft else 0)
    if draft is None:
        draft = Draft(
            username=by.username, user_task_id=user_task_id, process_key=process_key, values=values, saved_at=now,
            form_digest=form_digest,
        )  # fmt: skip
        session.add(draft)
    else:
        draft.values = values
        draft.version += 1
        draft.saved_at = now
        draft.form_digest = form_digest or draft.form_digest
    session.flush()
    return draft


def keepable(values: dict[str, Any]) -> dict[str, Any]:
    """Return what may be kept of half a form: no telephone number or address that was entrusted.

    Raises:
        DraftTooLarge.
    """
    values = entrusted.without_values(values)
    size = len(orjson.dumps(values, default=str))
    if size > _MOST_BYTES:
        raise DraftTooLarge(size)
    return values


def load(
    session: Session, by: Actor, *, user_task_id: UUID | None = None, process_key: str | None = None
) -> Draft | None:
    """Return what ``by`` typed and has not sent (``.values``, ``.version``, ``.saved_at``), or None."""
    _require_form(session, by, user_task_id, process_key)
    return session.scalar(_query(by, user_task_id, process_key))


def discard(session: Session, by: Actor, *, user_task_id: UUID | None = None, process_key: str | None = None) -> None:
    """Forget it: the form was sent, or the person starts afresh."""
    session.execute(sa.delete(Draft).where(*_of(by, user_task_id, process_key)))


def _of(by: Actor, user_task_id: UUID | None, process_key: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    if (user_task_id is None) == (process_key is None):
        raise TypeError("a draft belongs to a user task or to a process")
    form = Draft.process_key == process_key if user_task_id is None else Draft.user_task_id == user_task_id
    return Draft.username == by.username, form


def _query(by: Actor, user_task_id: UUID | None, process_key: str | None) -> sa.Select[Draft]:
    return sa.select(Draft).where(*_of(by, user_task_id, process_key))


def _require_form(session: Session, by: Actor, user_task_id: UUID | None, process_key: str | None) -> None:
    if user_task_id is not None:
        access.visible_user_task(session, by, user_task_id)
    elif process_key is not None and not deployments.may_start(session, deployments.latest(session, process_key), by):
        raise NotAllowedToStart(process_key, by.username)
