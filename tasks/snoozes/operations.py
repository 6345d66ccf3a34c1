"""Putting work aside until a date."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import UserTaskNotOpen
from practice.audit import operations as audit
from tasks import access
from tasks.snoozes.errors import SnoozeInvalid
from tasks.snoozes.models import Snooze

LONGEST: Final = timedelta(days=366)


def put_aside(session: Session, user_task_id: UUID, *, until: datetime, by: Actor, now: datetime) -> Snooze:
    """Take an open task off one's own lists until an instant; everybody else sees it as before.

    It comes back earlier when it comes to the person in another way: given to them, say, after a group was offered
    it. Nobody puts a task aside beyond the instant at which it is due; one that is late already, as long as anything.

    Raises:
        UserTaskNotFound, UserTaskNotOpen.
        SnoozeInvalid: ``until`` is over, more than a year away, or later than the task is due.
    """
    task = access.visible_user_task(session, by, user_task_id)
    if task.state != "created":
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    is_too_late = task.due_at is not None and task.due_at > now and until > task.due_at
    if until <= now or until > now + LONGEST or is_too_late:
        raise SnoozeInvalid("until", until)
    _forget_those_over(session, by, now)
    row = session.get(Snooze, (by.username, user_task_id), with_for_update=True)
    if row is None:
        row = Snooze(username=by.username, user_task_id=user_task_id)
        session.add(row)
    row.is_held, row.until, row.created_at = task.assignee == by.username, until, now
    session.flush()
    facts = {"until": until.isoformat()}
    audit.append(
        session, "user_task", user_task_id, "user_task_snoozed", by=by, now=now, after=facts, matter=task.business_key
    )
    return row


def wake(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> None:
    """Put a task back on one's lists at once; what was not put aside stays where it is."""
    mine = sa.delete(Snooze).where(Snooze.username == by.username, Snooze.user_task_id == user_task_id)
    if session.execute(mine.returning(Snooze.user_task_id)).all():
        audit.append(session, "user_task", user_task_id, "user_task_woken", by=by, now=now)


def _forget_those_over(session: Session, by: Actor, now: datetime) -> None:
    session.execute(sa.delete(Snooze).where(Snooze.username == by.username, Snooze.until <= now))
