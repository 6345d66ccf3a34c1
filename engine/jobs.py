"""Keeps the promises of the ``job`` table: fires due timers and runs delegates that wait for no person.

Each job has a transaction of its own. One that fails is tried again with growing pauses; when its
attempts are spent its token is stuck, and an incident says why.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM, Actor
from engine.bpmn.tasks import is_stuck
from engine.models import Job, ProcessInstance
from engine.steps import plain, take_up

_log = logging.getLogger(__name__)
_PAUSE_S = 5
_LONGEST_PAUSE_S = 3600


def run_due(
    open_transaction: Callable[[], AbstractContextManager[Session]], *, now: Callable[[], datetime], limit: int = 100
) -> int:
    """Run up to ``limit`` due jobs, most overdue first, each in a transaction of its own; return how many ran.

    Several workers may do this at once: on PostgreSQL each takes what no other holds.
    """
    ran = 0
    while ran < limit:
        job_id: UUID | None = None
        try:
            with open_transaction() as session:
                job = _next(session, now())
                if job is None:
                    return ran
                job_id = job.id
                _run(session, job, now())
        except Exception as failure:
            if job_id is None:
                raise
            _log.warning("job %s failed: %s", job_id, failure)
            with open_transaction() as session:
                _note_failure(session, job_id, failure, now())
        ran += 1
    return ran


def next_due_at(session: Session) -> datetime | None:
    """Return when the next job is due."""
    return session.scalar(sa.select(sa.func.min(Job.due_at)))


def _next(session: Session, now: datetime) -> Job | None:
    return session.scalar(
        sa.select(Job)
        .join(ProcessInstance, ProcessInstance.id == Job.process_instance_id)
        .where(Job.due_at <= now, ProcessInstance.state != "suspended")
        .order_by(Job.due_at, Job.id)
        .limit(1)
        .with_for_update(of=Job, skip_locked=True)
    )


def _run(session: Session, job: Job, now: datetime) -> None:
    assert job.process_instance_id is not None, "a job belongs to an instance"
    assert job.spiff_task_id is not None, "and to one of its tokens"
    by = SYSTEM if job.kind == "timer" else Actor(job.by)
    step = take_up(session, job.process_instance_id, by=by, now=now, is_command=False)
    if job.kind == "timer":
        # A cycle's next round is a job of its own: this one is done with, whatever follows from it.
        if step.run.fire_timer(job.spiff_task_id, job.event_index):
            step.tell("timer_fired", element_id=job.element_id, data={"due_at": job.due_at.isoformat()})
    else:
        token = step.run.token(job.spiff_task_id)
        if token is not None and not is_stuck(token):
            result = step.delegate(step.run.service_call(token))
            step.run.complete_delegate(job.spiff_task_id, plain(result))
    session.delete(job)
    session.flush()
    step.finish()


def _note_failure(session: Session, job_id: UUID, failure: Exception, now: datetime) -> None:
    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        return
    job.attempts += 1
    job.last_error = f"{type(failure).__name__}: {failure}"[:4000]
    pause = timedelta(seconds=min(_LONGEST_PAUSE_S, _PAUSE_S * 4 ** (job.attempts - 1)))
    job.due_at = now + pause
    session.flush()
    if job.attempts >= job.max_attempts and job.process_instance_id is not None and job.spiff_task_id is not None:
        step = take_up(session, job.process_instance_id, by=SYSTEM, now=now, is_command=False)
        if step.run.give_up(job.spiff_task_id, failure):
            step.finish()
