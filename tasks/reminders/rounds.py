"""The worker's look at a reminder: tells a round that is due, and lets somebody else hear of what takes too long."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_incidents, job_kinds, user_task_offers
from engine.actor import SYSTEM
from engine.errors import InstanceChanged
from engine.job_kinds import DueJob, Policy
from engine.models import Job, UserTask
from practice.notices import operations as notices
from tasks.notifications import operations as notifications
from tasks.reminders import addressees, planning
from tasks.reminders.following import stop
from tasks.reminders.models import Reminder

#: What took too long is at least this urgent.
ESCALATED_PRIORITY = 80
REMINDED, ESCALATED, LATE = "task_reminder", "task_escalated", "task_late"


@job_kinds.handles(planning.KIND, Policy(attempts=5, pause_s=5, factor=4, longest_pause_s=600))
def look(session: Session, job: DueJob, now: datetime) -> None:
    """Tell what is due of one reminder, and promise to look again; of a task that has ended there is nothing to say."""
    assert job.spiff_task_id is not None, "it is about a user task"
    task = _locked(session, job.spiff_task_id)
    reminder = session.get(Reminder, job.spiff_task_id, with_for_update=True, populate_existing=True)
    if task is None or reminder is None or task.state != "created":
        return
    if planning.is_unplanned(reminder):
        planning.plan(session, reminder, task, now=now)
    if reminder.sla_at is not None and reminder.sla_at <= now and reminder.escalated_at is None:
        _escalate(session, reminder, task, now)
    if reminder.next_at is not None and reminder.next_at <= now:
        _tell_round(session, reminder, task, now)
    planning.promise(session, reminder, task, now=now)


@job_kinds.when_failing(planning.KIND)
def _failed(session: Session, job: Job, failure: Exception, now: datetime) -> None:
    if job.failed_at is not None:
        job_incidents.raise_for_job(session, job, failure, process_instance_id=job.process_instance_id, now=now)


def _locked(session: Session, user_task_id: UUID) -> UserTask | None:
    """Keep whoever moves a task waiting until its reminder is told; whoever moves it now is not waited for.

    They lock the task first and then this job, which this transaction holds.
    """
    found = sa.select(UserTask).where(UserTask.id == user_task_id).execution_options(populate_existing=True)
    task = session.scalar(found.with_for_update(skip_locked=True))
    if task is None and session.scalar(sa.select(UserTask.id).where(UserTask.id == user_task_id)) is not None:
        raise InstanceChanged(user_task_id)
    return task


def _tell_round(session: Session, reminder: Reminder, task: UserTask, now: datetime) -> None:
    told = addressees.of_task(session, task, now=now)
    times = None
    if reminder.calendar == "working":
        by_name = addressees.working_times(session, [one.username for one in told])
        times = list({id(one): one for one in by_name.values()}.values())
        told = [one for one in told if by_name[one.username].is_open(now)]
    reminder.round += 1
    reminder.told_at = now
    if reminder.rounds_left is not None:
        reminder.rounds_left -= 1
    following = planning.following(reminder, times, now=now)
    if following is None:
        stop(reminder, "spent", now=now)
    else:
        reminder.next_at = following
    session.flush()
    facts = {
        "round": reminder.round,
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "since": reminder.since.isoformat(),
        "is_blocking": reminder.ends_with is not None,
    }
    about = _facts(session, task) | facts
    notifications.notify(
        session, [one.username for one in told], REMINDED, str(task.id), about, user_task_id=task.id, now=now
    )


def _escalate(session: Session, reminder: Reminder, task: UserTask, now: datetime) -> None:
    to = reminder.escalate_to
    group = to if to and not to.startswith("user:") else None
    hearing = addressees.of_escalation(session, task, to, now=now) if to else addressees.of_task(session, task, now=now)
    facts = {"user_task_id": str(task.id), "name": task.name, "matter": task.business_key, "sla": reminder.sla}
    user_task_offers.escalate(
        session,
        task.id,
        group,
        priority=ESCALATED_PRIORITY,
        data={"sla": reminder.sla, "told": [one.username for one in hearing]},
        by=SYSTEM,
        now=now,
    )
    notices.tell(session, [one.username for one in hearing], ESCALATED if to else LATE, str(task.id), facts, now=now)
    reminder.escalated_at = now
    session.flush()


def _facts(session: Session, task: UserTask) -> dict[str, object]:
    """Return what a mail may say: of a matter that is closed to some it names nothing."""
    if notifications.is_guarded(session, task.business_key):
        return {"user_task_id": str(task.id), "is_guarded": True}
    return {"user_task_id": str(task.id), "is_guarded": False, "name": task.name, "matter": task.business_key}
