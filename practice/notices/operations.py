"""Telling somebody something, once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.notices.models import Notice
from practice.people.models import User

#: Hears of new notices of one thing in the transaction in which they are written: sends them out, say.
Listener = Callable[[Session, Sequence[Notice], datetime], None]
_listeners: Final[list[Listener]] = []


def listen(listener: Listener) -> None:
    """Let a listener hear of every new notice; naming it twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(
    session: Session, usernames: Collection[str], kind: str, about: str, facts: Mapping[str, Any], *, now: datetime
) -> list[Notice]:
    """Tell active people something about a thing; who was told it before is not told again.

    Returns the new notices, by username.
    """
    known = sa.select(Notice.username).where(Notice.kind == kind, Notice.about == about)
    wanted = sa.select(User.username).where(
        User.username.in_(sorted(set(usernames))), User.is_active, User.username.not_in(known)
    )
    notices = [
        Notice(username=username, kind=kind, about=about, facts=dict(facts), created_at=now)
        for username in session.scalars(wanted.order_by(User.username))
    ]
    session.add_all(notices)
    session.flush()
    if notices:
        for listener in _listeners:
            listener(session, notices, now)
    return notices


def mark_seen(session: Session, notice_ids: Collection[UUID], *, by: Actor, now: datetime) -> int:
    """Take the actor's own notices off their list; return how many were new. Others' stay as they are."""
    result = session.execute(
        sa.update(Notice)
        .where(Notice.id.in_(list(notice_ids)), Notice.username == by.username, Notice.seen_at.is_(None))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
