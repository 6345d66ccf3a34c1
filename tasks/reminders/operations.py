"""What people and other programs do with reminders: accept, put aside, report the event, waive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, user_tasks
from engine.actor import Actor
from engine.errors import RightMissing
from engine.models import UserTask
from tasks.notifications.models import Notification
from tasks.reminders import planning, queries
from tasks.reminders.errors import EventUnnamed, ReminderBlocks, ReminderNotFound, WaiverReasonMissing
from tasks.reminders.following import put_aside, stop
from tasks.reminders.models import Reminder

#: Who says that what a reminder waits for has happened: what another program does.
REPORT = "send_messages"
#: Who lets a reminder end without it.
WAIVE = "assign_user_tasks"
_LONGEST_REASON = 2000
_LONGEST_NAME = 100


def accept(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> UserTask:
    """Take the task that a reminder is about; the others' reminders of it are gone.

    Raises:
        ReminderNotFound, UserTaskNotOpen.
        UserTaskAlreadyClaimed: somebody was faster; the error says who.
    """
    queries.require_visible(session, user_task_id, actor=by)
    return user_tasks.claim(session, user_task_id, by=by, now=now)


def aside(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> Reminder:
    """Put a reminder aside until its next round; it stays in front of the others.

    Raises:
        ReminderNotFound.
        ReminderBlocks: only the event it waits for ends it.
    """
    del now
    reminder = queries.get(session, user_task_id, actor=by)
    if reminder.ends_with is not None and reminder.stopped_at is None:
        raise ReminderBlocks(user_task_id, reminder.ends_with)
    put_aside(session, reminder, by.username)
    return reminder


def report(
    session: Session,
    event: str,
    *,
    user_task_id: UUID | None = None,
    business_key: str | None = None,
    facts: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> list[UUID]:
    """End the reminders that wait for an event about a task or a matter; return their tasks. Again changes nothing.

    ``facts`` are what the other program knows of it (a call's number and length); the history keeps them.

    Raises:
        RightMissing, EventUnnamed.
    """
    if not by.may(REPORT):
        raise RightMissing(REPORT, by.username)
    if not event.strip() or len(event) > _LONGEST_NAME:
        raise EventUnnamed("event")
    if (user_task_id is None) == (business_key is None):
        raise EventUnnamed("business_key" if user_task_id is None else "user_task_id")
    about = UserTask.id == user_task_id if user_task_id else UserTask.business_key == business_key
    waiting = (
        sa.select(UserTask)
        .join(Reminder, Reminder.user_task_id == UserTask.id)
        .where(Reminder.ends_with == event.strip(), Reminder.stopped_at.is_(None), UserTask.state == "created", about)
        .order_by(UserTask.id)
        .with_for_update(of=UserTask)
    )
    data = {"event": event.strip(), **(facts or {})}
    tasks = list(session.scalars(waiting))
    return [
        task.id for task in tasks if _end(session, task, "event", "reminder_ended", data, by=by, now=now) is not None
    ]


def waive(session: Session, user_task_id: UUID, reason: str, *, by: Actor, now: datetime) -> Reminder:
    """Let a reminder end without what it waits for, with a reason on record; nobody does that for their own task.

    Raises:
        ReminderNotFound, RightMissing, WaiverReasonMissing.
    """
    said = reason.strip()
    if not said or len(said) > _LONGEST_REASON:
        raise WaiverReasonMissing
    task = queries.locked_task(session, user_task_id, actor=by)
    if not by.may(WAIVE) or task.assignee == by.username:
        raise RightMissing(WAIVE, by.username)
    ended = _end(session, task, "waived", "reminder_waived", {"reason": said}, by=by, now=now)
    if ended is None:
        raise ReminderNotFound(user_task_id)
    return ended


def _end(
    session: Session, task: UserTask, because: str, kind: str, data: dict[str, Any], *, by: Actor, now: datetime
) -> Reminder | None:
    reminder = session.get(Reminder, task.id, with_for_update=True, populate_existing=True)
    if reminder is None or reminder.stopped_because in ("event", "waived"):
        return None
    stop(reminder, because, now=now)
    session.execute(sa.delete(Notification).where(Notification.user_task_id == task.id))
    planning.promise(session, reminder, task, now=now)
    history.append(
        session,
        task.process_instance_id,
        kind,
        actor=by.username,
        now=now,
        element_id=task.element_id,
        user_task_id=task.id,
        data=data,
    )
    return reminder
