"""Carries out what the ``job`` table promises: fires due timers, runs delegates that wait for no person, and so on.

A worker takes a batch and carries it out in one transaction, each job's row going together with its effect; what
the steps of several instances write goes to the database together (``engine.gathering``). A job that fails before it
has written anything leaves the batch. When anything else goes wrong, the batch is rolled back. Either way each is then
tried in a transaction of its own. One that fails there is tried again with growing pauses; when its attempts are spent
its token is stuck, and an incident says why. That somebody was in the way (another step of the same instance, a
deadlock, a lost connection) spends no attempt.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, job_kinds, job_table, messages, signals, start_events
from engine.actor import SYSTEM, Actor
from engine.conflicts import is_conflict
from engine.errors import JobNotFound, ProcessInstanceNotActive
from engine.gathering import Gathered, gathering
from engine.job_kinds import DueJob
from engine.job_table import next_due_at
from engine.models import Incident, Job, ProcessInstance
from engine.models.base import new_id
from engine.models.job import NEVER
from engine.steps import take_up

_log = logging.getLogger(__name__)
_INSTANCE = cast(sa.Table, ProcessInstance.__table__)

#: Jobs that are taken together.
BATCH = 100
#: Seconds of work, and of waiting, after which a shared transaction takes on no more: people wait for the same rows,
#: or the same file. On a machine that has no time for us, many small ones would only cost it more.
LONGEST_SHARE_S = 0.1
LONGEST_WAIT_S = 0.5

OpenTransaction = Callable[[], AbstractContextManager[Session]]


class WorkerVanished(Exception):
    """The workers that carried this job out ended without a word, again and again."""


@dataclass(slots=True)
class _Outcome:
    """What became of the jobs of one transaction."""

    #: Whose function was called; the last of them is at work, or failed.
    begun: list[UUID] = field(default_factory=list[UUID])
    #: Failed without a trace: the transaction goes on without them.
    apart: list[UUID] = field(default_factory=list[UUID])
    #: Carried out, or found to be pointless.
    done: list[UUID] = field(default_factory=list[UUID])
    #: Somebody is in the way.
    later: list[UUID] = field(default_factory=list[UUID])
    #: Their instance is suspended.
    held: list[UUID] = field(default_factory=list[UUID])
    #: Not to be had: somebody else has them by now, or looks at them just now.
    missing: list[UUID] = field(default_factory=list[UUID])
    #: Time ran out before their turn.
    left: list[UUID] = field(default_factory=list[UUID])


def run_due(
    open_transaction: OpenTransaction,
    *,
    now: Callable[[], datetime],
    limit: int = 100,
    worker: str = "worker",
    lease: timedelta = job_table.LEASE,
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Run up to ``limit`` due jobs, the most overdue first; return how many were carried out or failed.

    Several workers may do this at once, each under a name of its own.
    """
    ran = 0
    while ran < limit and not is_stopping():
        with open_transaction() as session:
            parts = job_table.take(session, worker=worker, now=now(), limit=min(BATCH, limit - ran), lease=lease)
        if not parts:
            return ran
        for part in parts:
            ran += carry_out(open_transaction, part.job_ids, worker=worker, now=now, is_stopping=is_stopping)
    return ran


def carry_out(
    open_transaction: OpenTransaction,
    job_ids: Sequence[UUID],
    *,
    worker: str,
    now: Callable[[], datetime],
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Carry out jobs that ``worker`` has taken, together; return how many were carried out or failed.

    What is not begun when ``is_stopping`` says so is given back.
    """
    ran, left, together = 0, list(job_ids), len(job_ids)
    while left:
        if is_stopping():
            with open_transaction() as session:
                job_table.give_back(session, left, worker=worker, until=now())
            return ran
        outcome = _Outcome()
        try:
            with open_transaction() as session:
                _carry_out_together(session, left[:together], worker, now(), outcome)
        except Exception as failure:
            if not outcome.begun and not is_conflict(failure):
                raise
            alone = outcome.begun or left[:together]
            left = [job_id for job_id in left if job_id not in alone]
            if len(alone) == 1:
                ran += _after_failure(open_transaction, alone[0], failure, worker, now())
                continue
            _log.info("%d jobs that shared a transaction are tried one by one: %s", len(alone), failure)
        else:
            ran += len(outcome.done)
            alone = outcome.apart
            if outcome.missing:  # those still ours: whoever else takes jobs may have locked their rows in passing
                with open_transaction() as session:
                    job_table.give_back(session, outcome.missing, worker=worker, until=job_table.soon(now()))
            left = outcome.left + left[together:]
            if outcome.left:
                together = max(1, 2 * len(outcome.begun))  # about as many as there was time for
        for job_id in alone:
            ran += carry_out(open_transaction, [job_id], worker=worker, now=now, is_stopping=is_stopping)
    return ran


def _carry_out_together(
    session: Session, job_ids: Sequence[UUID], worker: str, now: datetime, outcome: _Outcome
) -> None:
    worked_s, began_s = time.thread_time(), time.monotonic()
    jobs = job_table.lock_taken(session, job_ids, worker=worker)
    found = {job.id for job in jobs}
    outcome.missing = [job_id for job_id in job_ids if job_id not in found]
    instances = _lock_instances(session, jobs)
    moved: set[UUID | None] = set()
    with gathering(session) if len(jobs) > 1 else nullcontext() as gathered:
        for place, job in enumerate(jobs):
            if place and (
                time.thread_time() - worked_s > LONGEST_SHARE_S or time.monotonic() - began_s > LONGEST_WAIT_S
            ):
                outcome.left = [other.id for other in jobs[place:]]
                break
            row = instances.get(job.process_instance_id) if job.process_instance_id else None
            if job.process_instance_id is not None and row is None:
                outcome.later.append(job.id)
            elif row is not None and row.state == "suspended":
                outcome.held.append(job.id)
            elif row is not None and row.state not in ("active", "incident"):
                outcome.done.append(job.id)
            else:
                outcome.begun.append(job.id)
                # A second job of an instance that moved in this transaction reads its row again.
                known = None if job.process_instance_id in moved else row
                moved.add(job.process_instance_id)
                _carry_out_one(session, replace(job, instance=known), now, outcome, gathered)
    job_table.keep(session, outcome.done)
    job_table.give_back(session, outcome.later, worker=worker, until=job_table.soon(now))
    job_table.give_back(session, outcome.held, worker=worker, until=now + job_table.HOLD)


def _carry_out_one(session: Session, job: DueJob, now: datetime, outcome: _Outcome, gathered: Gathered | None) -> None:
    before = gathered.changes if gathered else 0
    try:
        _require_workers_survive(job)
        job_kinds.handler(job.kind)(session, job, now)
    except Exception as failure:
        left_a_trace = gathered is None or gathered.changes != before or session.new or session.dirty or session.deleted
        if left_a_trace:
            raise
        _log.info("job %s leaves the transaction that it shares: %s", job.id, failure)
        outcome.apart.append(job.id)
    else:
        outcome.done.append(job.id)


def _require_workers_survive(job: DueJob) -> None:
    if job.losses >= job_kinds.policy(job.kind).losses:
        raise WorkerVanished(f"{job.losses} workers vanished while they carried this job out.")


def _lock_instances(session: Session, jobs: Iterable[DueJob]) -> dict[UUID, Any]:
    """Lock and read the jobs' instances, but for those that somebody else is moving just now.

    Waiting for one would be a deadlock: who moves an instance drops its jobs, and this transaction holds them.
    """
    ids = {job.process_instance_id for job in jobs if job.process_instance_id is not None}
    if not ids:
        return {}
    free = sa.select(_INSTANCE).where(_INSTANCE.c.id.in_(ids)).with_for_update(skip_locked=True, key_share=True)
    return {row.id: row for row in session.connection().execute(free)}


def retry(session: Session, job_id: UUID, *, by: Actor, now: datetime) -> Job:
    """Let a job whose attempts are spent start over.

    Raises:
        JobNotFound: there is none, or it has not failed.
    """
    if not job_table.retry(session, job_id, now=now):
        raise JobNotFound(job_id)
    job = session.get(Job, job_id, populate_existing=True)
    assert job is not None, "it was there a moment ago"
    if job.process_instance_id is not None:
        facts = {"element_id": job.element_id, "data": {"job_id": str(job_id), "kind": job.kind}}
        history.append(session, job.process_instance_id, "job_retried", actor=by.username, now=now, **facts)
    return job


# -- what is carried out ----------------------------------------------------------------------------------


@job_kinds.handles("timer")
def _fire_timer(session: Session, job: DueJob, now: datetime) -> None:
    instance_id, token_id = _token_of(job)
    step = take_up(session, instance_id, by=SYSTEM, now=now, is_command=False, row=job.instance)
    # A cycle's next round is a job of its own.
    if step.run.fire_timer(token_id, job.event_index):
        step.tell("timer_fired", element_id=job.element_id, data={"due_at": job.due_at.isoformat()})
    step.finish()


@job_kinds.handles("delegate")
def _run_delegate(session: Session, job: DueJob, now: datetime) -> None:
    instance_id, token_id = _token_of(job)
    step = take_up(session, instance_id, by=Actor(job.by), now=now, is_command=False, row=job.instance)
    step.work_off(token_id)
    step.finish()


def _token_of(job: DueJob) -> tuple[UUID, UUID]:
    assert job.process_instance_id is not None, "a job of this kind belongs to an instance"
    assert job.spiff_task_id is not None, "and to one of its tokens"
    return job.process_instance_id, job.spiff_task_id


# -- what failed ------------------------------------------------------------------------------------------


def _after_failure(
    open_transaction: OpenTransaction, job_id: UUID, failure: Exception, worker: str, now: datetime
) -> int:
    until = job_table.soon(now)
    if not is_conflict(failure):
        _log.warning("job %s failed: %s", job_id, failure)
        try:
            with open_transaction() as session:
                _note_failure(session, job_id, failure, now)
        except Exception as again:  # noqa: BLE001 - it may not keep the other jobs waiting
            if not is_conflict(again):
                _log.exception("that job %s failed cannot be noted", job_id)
                until = now + job_table.HOLD
        else:
            return 1
    with open_transaction() as session:
        job_table.give_back(session, [job_id], worker=worker, until=until)
    return 0


def _note_failure(session: Session, job_id: UUID, failure: Exception, now: datetime) -> None:
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        return
    own = job_kinds.policy(job.kind)
    job.attempts += 1
    job.last_error = f"{type(failure).__name__}: {failure}"[:4000].replace("\0", "")
    job.promised_at, job.taken_by = job.promised_at or job.due_at, None
    is_spent = job.attempts >= job.max_attempts or job.losses >= own.losses
    job.due_at = NEVER if is_spent else now + own.pause_after(job.attempts)
    job.failed_at = now if is_spent else None
    session.flush()
    follows = job_kinds.failure_handler(job.kind)
    if follows is not None:
        follows(session, job, failure, now)
        session.flush()
    elif is_spent and job.process_instance_id is not None and job.spiff_task_id is not None:
        _give_up(session, job.process_instance_id, job.spiff_task_id, job, failure, now)


def _give_up(session: Session, instance_id: UUID, token_id: UUID, job: Job, failure: Exception, now: datetime) -> None:
    try:
        with session.begin_nested():
            step = take_up(session, instance_id, by=SYSTEM, now=now, is_command=False)
            if step.run.give_up(token_id, failure):
                step.finish()
            job_table.keep(session, [job.id])  # a retry of the incident promises anew
    except ProcessInstanceNotActive:
        # Suspended just now: whoever resumes it gets the incident after one more failure.
        job.attempts, job.failed_at, job.due_at = job.attempts - 1, None, now + job_table.HOLD
        session.flush()
    except Exception as worse:
        if is_conflict(worse):
            raise
        # Not even its state can be read: the job stays as failed, and the incident stands without a token stuck.
        _log.exception("instance %s cannot be taken up", instance_id)
        reason = f"{failure}; and the instance cannot be taken up: {worse}"[:4000].replace("\0", "")
        facts = {"kind": "engine", "message": reason, "expression": None}
        session.add(
            Incident(
                id=new_id(),
                process_instance_id=instance_id,
                element_id=job.element_id,
                spiff_task_id=token_id,
                created_at=now,
                **facts,
            )
        )
        session.flush()
        history.append(
            session,
            instance_id,
            "incident_raised",
            actor=SYSTEM.username,
            now=now,
            element_id=job.element_id,
            data=facts,
        )


#: Modules that carry out kinds of their own.
_OTHERS = (messages, signals, start_events)

__all__ = ["OpenTransaction", "WorkerVanished", "carry_out", "next_due_at", "retry", "run_due"]
