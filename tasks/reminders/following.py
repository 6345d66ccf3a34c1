"""A reminder comes, starts over, stops and goes with its user task, in the transaction of whoever moves the task."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import followers, job_table
from engine.actor import Actor
from engine.models import UserTask
from engine.prepared import Prepared
from tasks.notifications.models import Notification
from tasks.reminders import planning, schedules
from tasks.reminders.errors import ReminderBlocks
from tasks.reminders.models import Reminder, ReminderAside
from tasks.reminders.planning import KIND

if TYPE_CHECKING:
    from engine.steps import Step

log = logging.getLogger(__name__)

_REMINDER = cast("sa.Table", Reminder.__table__)
_NOTIFICATION = cast("sa.Table", Notification.__table__)
_INSERT = Prepared(sa.insert(_REMINDER))
_DELETE = Prepared(sa.delete(_REMINDER).where(_REMINDER.c.user_task_id == sa.bindparam("task")))
_TAKE_BACK = Prepared(sa.delete(_NOTIFICATION).where(_NOTIFICATION.c.user_task_id == sa.bindparam("task")))


class Reminding:
    """Follows the user tasks whose designer asked for reminders or for an answer in time."""

    def came(self, step: Step, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one reminder for each task, and promise to look when its first round is due."""
        reminders: list[dict[str, Any]] = []
        jobs: list[dict[str, Any]] = []
        for task in rows:
            reminder = _new(task, step.now)
            if reminder is None:
                continue
            reminders.append(reminder)
            due_at = planning.first_look(reminder, step.now)
            if due_at is not None:
                about = {"process_instance_id": step.instance_id, "spiff_task_id": task["id"]}
                jobs.append(
                    job_table.values(
                        KIND, due_at=due_at, by="system", now=step.now, element_id=task["element_id"], **about
                    )
                )
        if reminders:
            step.later(_INSERT, reminders)
        if jobs:
            step.later(*job_table.promising(jobs))
            job_table.note_due(step.session, jobs, step.now)

    def given(self, session: Session, task: UserTask, verb: str, *, by: Actor, now: datetime) -> None:
        """Let an acceptance end what asked for it; whoever gets a task anew is reminded from the start."""
        reminder = session.get(Reminder, task.id, with_for_update=True, populate_existing=True)
        if reminder is None:
            return
        # What is on its way to the others is taken back as well.
        _TAKE_BACK.run(session.connection(), {"task": task.id})
        if task.assignee == by.username:
            accept(session, reminder, by=by, now=now)
        else:
            start_over(session, reminder, task, now=now)
        planning.promise(session, reminder, task, now=now)

    def require_completable(self, session: Session, user_task_id: UUID) -> None:
        """Refuse to complete what waits for an event that has not come.

        Raises:
            ReminderBlocks.
        """
        blocking = sa.select(Reminder.ends_with).where(
            Reminder.user_task_id == user_task_id, Reminder.ends_with.is_not(None), Reminder.stopped_at.is_(None)
        )
        ends_with = session.scalar(blocking)
        if ends_with is not None:
            raise ReminderBlocks(user_task_id, ends_with)

    def ended(self, step: Step, user_task_ids: Sequence[UUID]) -> None:
        """Take the reminders away, what is on its way because of them, and what was promised."""
        ids = [{"task": user_task_id} for user_task_id in user_task_ids]
        step.later(_DELETE, ids)
        step.later(_TAKE_BACK, ids)
        step.later(*job_table.dropping(KIND, step.instance_id, user_task_ids))


def _new(task: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    try:
        asked = schedules.read(task["properties"])
    except schedules.ScheduleInvalid as invalid:  # of a version that was deployed before its texts were judged
        log.warning("the user task %s (%s) cannot be reminded of: %s", task["id"], task["element_id"], invalid)
        return None
    if asked is None:
        return None
    # Where only an event ends it, it stands in front of people at once.
    shown = 1 if asked.ends_with else 0
    reminder: dict[str, Any] = {
        "user_task_id": task["id"],
        "every": asked.every,
        "rounds_left": asked.rounds,
        "calendar": asked.calendar,
        "until": asked.until,
        "ends_with": asked.ends_with,
        "round": shown,
        "told_at": now if shown else None,
        "next_at": None,
        "stopped_at": None,
        "stopped_because": None,
        "sla": asked.sla,
        "sla_at": None,
        "escalate_to": asked.escalate_to,
        "escalated_at": None,
        "since": now,
    }
    if asked.calendar == "always":
        reminder["next_at"] = now + schedules.length_of(asked.every) if asked.every else None
        reminder["sla_at"] = now + schedules.length_of(asked.sla) if asked.sla else None
    return reminder


def accept(session: Session, reminder: Reminder, *, by: Actor, now: datetime) -> None:
    """Note that its addressee has taken the task: there are no more rounds, or none until the next one."""
    if reminder.ends_with is not None and reminder.stopped_at is None:
        return
    if reminder.until == "accepted":
        stop(reminder, "accepted", now=now)
    elif reminder.round:
        put_aside(session, reminder, by.username)
    session.flush()


def stop(reminder: Reminder, because: str, *, now: datetime) -> None:
    """Let there be no more rounds."""
    reminder.stopped_at, reminder.stopped_because, reminder.next_at = now, because, None


def put_aside(session: Session, reminder: Reminder, username: str) -> None:
    """Remember that somebody has seen the round."""
    seen = session.get(ReminderAside, (reminder.user_task_id, username), populate_existing=True)
    if seen is None:
        seen = ReminderAside(user_task_id=reminder.user_task_id, username=username)
        session.add(seen)
    seen.round = reminder.round
    session.flush()


def start_over(session: Session, reminder: Reminder, task: UserTask, *, now: datetime) -> None:
    """Count from now on: somebody else has it in front of them. An event that has come stays come; the SLA runs on."""
    if reminder.stopped_because in ("event", "waived"):
        return
    asked = schedules.read(task.properties)
    reminder.since, reminder.next_at = now, None
    reminder.stopped_at = reminder.stopped_because = None
    reminder.rounds_left = asked.rounds if asked else None
    reminder.round = 1 if reminder.ends_with else 0
    reminder.told_at = now if reminder.ends_with else None
    session.execute(sa.delete(ReminderAside).where(ReminderAside.user_task_id == reminder.user_task_id))
    if reminder.every and reminder.calendar == "always":
        reminder.next_at = now + schedules.length_of(reminder.every)
    session.flush()


REMINDING = Reminding()
for _name in ("reminder", "sla", "reminderEndsWith"):
    followers.follow(_name, REMINDING)
for _name in schedules.PROPERTIES:
    followers.judge(_name, lambda text, name=_name: schedules.flaw(name, text))
