"""When a reminder's next round is, and the job that looks then."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import job_table
from engine.actor import SYSTEM
from engine.models import UserTask
from tasks.reminders import addressees, schedules
from tasks.reminders.models import Reminder
from tasks.reminders.working_time import WorkingTime

#: Of the jobs that look.
KIND = "reminder"


def first_look(reminder: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when to look at a new reminder: at once where working time has to be reckoned with."""
    if reminder["calendar"] == "working" and (reminder["every"] or reminder["sla"]):
        return now
    return _first(reminder["next_at"], reminder["sla_at"])


def promise(session: Session, reminder: Reminder, task: UserTask, *, now: datetime) -> None:
    """Look again when something is due next, and not before; what was promised before is taken back."""
    statement, about = job_table.dropping(KIND, task.process_instance_id, [task.id])
    session.flush()
    statement.run(session.connection(), about)
    due_at = now if is_unplanned(reminder) else next_look(reminder)
    if due_at is not None:
        job_table.promise(
            session,
            KIND,
            due_at=due_at,
            by=SYSTEM.username,
            now=now,
            process_instance_id=task.process_instance_id,
            element_id=task.element_id,
            spiff_task_id=task.id,
        )


def next_look(reminder: Reminder) -> datetime | None:
    """Return when something is due next, or None."""
    return _first(reminder.next_at, reminder.sla_at if reminder.escalated_at is None else None)


def is_unplanned(reminder: Reminder) -> bool:
    """Say whether working time has still to be reckoned with."""
    rounds = reminder.every is not None and reminder.next_at is None and reminder.stopped_at is None
    return rounds or (reminder.sla is not None and reminder.sla_at is None)


def plan(session: Session, reminder: Reminder, task: UserTask, *, now: datetime) -> None:
    """Work out when the first round and the escalation are, in the working time of whom the task is in front of."""
    times = times_of(session, task, now=now)
    if reminder.every is not None and reminder.next_at is None and reminder.stopped_at is None:
        reminder.next_at = first_after(reminder.since, schedules.length_of(reminder.every), times)
    if reminder.sla is not None and reminder.sla_at is None:
        reminder.sla_at = first_after(reminder.since, schedules.length_of(reminder.sla), times)
    session.flush()


def times_of(session: Session, task: UserTask, *, now: datetime) -> list[WorkingTime]:
    """Return the different working times of whom a task is in front of."""
    usernames = [one.username for one in addressees.of_task(session, task, now=now)]
    return list({id(one): one for one in addressees.working_times(session, usernames).values()}.values())


def first_after(start: datetime, length: timedelta, times: Iterable[WorkingTime]) -> datetime:
    """Return when a duration has passed for the first of these; round the clock when there are none."""
    return min((one.add(start, length) for one in times), default=start + length)


def following(reminder: Reminder, times: Iterable[WorkingTime] | None, *, now: datetime) -> datetime | None:
    """Return the round after the one that is due; rounds that were missed while nothing ran are not made up for."""
    if reminder.every is None or reminder.next_at is None or reminder.rounds_left == 0:
        return None
    length = schedules.length_of(reminder.every)
    if times is None:
        missed = max(timedelta(0), now - reminder.next_at) // length
        return reminder.next_at + (missed + 1) * length
    found = first_after(reminder.next_at, length, times)
    return found if found > now else first_after(now, length, times)


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
