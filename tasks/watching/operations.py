"""Keeping an eye on tasks and matters."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from tasks import access
from tasks.watching import queries
from tasks.watching.errors import NothingToWatch, TooManyWatches
from tasks.watching.models import Watch

#: So that the list of what is watched stays one that somebody reads.
MOST: Final = 500


def watch_task(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> None:
    """Watch a task, open or ended, that ``by`` may see; watching it twice changes nothing.

    Raises:
        UserTaskNotFound, TooManyWatches.
    """
    task = access.visible_user_task(session, by, user_task_id)
    if queries.is_watched(session, by, user_task_id=user_task_id):
        return
    _add(session, Watch(username=by.username, user_task_id=user_task_id, created_at=now), by)
    audit.append(session, "user_task", user_task_id, "user_task_watched", by=by, now=now, matter=task.business_key)


def unwatch_task(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> None:
    """Stop watching a task; who does not watch it, or may not see it any more, is not told the difference."""
    mine = sa.delete(Watch).where(Watch.username == by.username, Watch.user_task_id == user_task_id)
    if session.execute(mine.returning(Watch.id)).all():
        audit.append(session, "user_task", user_task_id, "user_task_unwatched", by=by, now=now)


def watch_matter(session: Session, business_key: str, *, by: Actor, now: datetime) -> None:
    """Watch all the work of a matter or an enquiry that ``by`` may see; watching it twice changes nothing.

    Raises:
        NothingToWatch, TooManyWatches.
    """
    if not queries.seen_keys(session, by, [business_key]):
        raise NothingToWatch(business_key[:100])
    if queries.is_watched(session, by, business_key=business_key):
        return
    _add(session, Watch(username=by.username, business_key=business_key, created_at=now), by)
    audit.append(session, "matter", business_key, "matter_watched", by=by, now=now, matter=business_key)


def unwatch_matter(session: Session, business_key: str, *, by: Actor, now: datetime) -> None:
    """Stop watching a matter or an enquiry; who does not watch it is not told the difference."""
    mine = sa.delete(Watch).where(Watch.username == by.username, Watch.business_key == business_key)
    if session.execute(mine.returning(Watch.id)).all():
        audit.append(session, "matter", business_key, "matter_unwatched", by=by, now=now, matter=business_key)


def _add(session: Session, watch: Watch, by: Actor) -> None:
    count = session.scalar(sa.select(sa.func.count()).where(Watch.username == by.username)) or 0
    if count >= MOST:
        raise TooManyWatches(MOST)
    session.add(watch)
    session.flush()
