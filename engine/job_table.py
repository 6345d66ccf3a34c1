"""The table of promises: making one, taking what is due, giving it back, counting.

Any number of workers on any number of nodes may take at once. What one takes it has for the length of a lease;
when it vanishes, the lease ends and another takes the job. Carrying a job out locks its row and deletes it in
the transaction of its effect, so a lease that ends too early does no harm: a job's effect happens once.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_kinds
from engine.models import Job
from engine.models.base import new_id
from engine.models.job import NEVER
from engine.prepared import Prepared

#: How long a worker has what it took; a job at work is protected by its row's lock beyond that.
LEASE = timedelta(seconds=30)
#: How long a job whose instance is suspended is left alone.
HOLD = timedelta(seconds=60)
#: Seconds, at most, until a job is tried again that somebody else was in the way of.
JITTER_S = 0.25
#: Due jobs looked at for each one taken, to be fair among instances.
WINDOW = 4
#: Jobs of one transaction at most.
SHARE = 50

#: Set in ``Session.info``: ids of jobs made in this session that are due at once. Whoever commits hands them to the
#: queue first, or wakes the worker afterwards.
JOBS_DUE = "matterflow_jobs_due"

_JOB = cast(sa.Table, Job.__table__)
_INSERT = Prepared(sa.insert(_JOB))
_DROP_OF_TOKEN = Prepared(
    sa.delete(_JOB).where(
        _JOB.c.process_instance_id == sa.bindparam("instance"),
        _JOB.c.spiff_task_id == sa.bindparam("token"),
        _JOB.c.kind == sa.bindparam("job_kind"),
    )
)


def promise(
    session: Session,
    kind: str,
    *,
    due_at: datetime,
    by: str,
    now: datetime,
    payload: dict[str, Any] | None = None,
    process_instance_id: UUID | None = None,
    element_id: str = "",
    spiff_task_id: UUID | None = None,
) -> UUID:
    """Write a job down in the session's transaction; return its id."""
    row = values(
        kind,
        due_at=due_at,
        by=by,
        now=now,
        payload=payload,
        process_instance_id=process_instance_id,
        element_id=element_id,
        spiff_task_id=spiff_task_id,
    )
    _INSERT.run(session.connection(), row)
    note_due(session, [row], now)
    return row["id"]


def promise_all(session: Session, rows: list[dict[str, Any]], *, now: datetime) -> None:
    """Write several jobs down (``values``) in the session's transaction."""
    if rows:
        _INSERT.run(session.connection(), rows)
        note_due(session, rows, now)


def values(kind: str, *, due_at: datetime, by: str, now: datetime, **more: Any) -> dict[str, Any]:
    """Return a job as values, to be written together with others."""
    policy = job_kinds.policy(kind)
    return {
        "id": new_id(),
        "kind": kind,
        "process_instance_id": None,
        "element_id": "",
        "spiff_task_id": None,
        "event_index": 0,
        "topic": None,
        "by": by,
        "payload": None,
        "priority": policy.priority,
        "due_at": due_at,
        "losses": 0,
        "attempts": 0,
        "max_attempts": policy.attempts,
        "created_at": now,
        **more,
    }


def note_due(session: Session, rows: Iterable[dict[str, Any]], now: datetime) -> None:
    """Remember which of these jobs are due at once."""
    due = [row["id"] for row in rows if row["due_at"] <= now]
    if due:
        session.info.setdefault(JOBS_DUE, []).extend(due)


def cancel(session: Session, job_ids: Sequence[UUID]) -> int:
    """Take promises back; return how many there were. One that is being carried out is waited for."""
    return _count(session.execute(sa.delete(Job).where(Job.id.in_(job_ids))))


def promising(rows: list[dict[str, Any]]) -> tuple[Prepared, list[dict[str, Any]]]:
    """Return the statement that writes jobs down (``values``), for a step to send with its instance."""
    return _INSERT, rows


def dropping(
    kind: str, process_instance_id: UUID, spiff_task_ids: Iterable[UUID]
) -> tuple[Prepared, list[dict[str, Any]]]:
    """Return the statement that takes back what was promised of a kind about some tokens of an instance."""
    return _DROP_OF_TOKEN, [
        {"instance": process_instance_id, "token": token, "job_kind": kind} for token in spiff_task_ids
    ]


def next_due_at(session: Session) -> datetime | None:
    """Return when a worker has to look again: when the next job is due, a lease or a pause ends."""
    due_at = session.scalar(sa.select(sa.func.min(Job.due_at)))
    return due_at if due_at is not None and due_at < NEVER else None


# -- workers ----------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """Jobs that were taken together and may share a transaction."""

    job_ids: list[UUID]
    priority: int


def take(
    session: Session, *, worker: str, now: datetime, limit: int, lease: timedelta = LEASE, only: Sequence[UUID] = ()
) -> list[Part]:
    """Take up to ``limit`` due jobs, the highest priority and then the most overdue first.

    Returned in parts, each to be carried out in one transaction.

    Instances take turns: one with a thousand due jobs does not keep the others waiting. A job whose worker vanished
    comes alone, so that what kills workers kills no batch. With ``only`` nothing but these are taken.
    """
    window = list(_due(session, now, limit * WINDOW, only))
    if not window:
        return []
    lost = next((row for row in window if row.taken_by is not None or row.losses), None)
    rows = [lost] if lost is not None else _in_turns(window)[:limit]
    chosen = [row.id for row in rows]
    session.execute(
        sa.update(Job)
        .where(Job.id.in_(chosen))
        .values(
            promised_at=sa.func.coalesce(Job.promised_at, Job.due_at),
            due_at=now + lease,
            losses=Job.losses + sa.case((Job.taken_by.is_not(None), 1), else_=0),
            taken_by=worker,
        )
        .execution_options(synchronize_session=False)
    )
    if lost is None and len(window) == limit * WINDOW:
        _send_to_the_back(session, window, set(chosen), now)
    return _parts(rows)


def _parts(rows: Iterable[Any]) -> list[Part]:
    parts: list[Part] = []
    shared: dict[int, Part] = {}
    for row in rows:
        part = shared.get(row.priority)
        if part is None or len(part.job_ids) == SHARE or not job_kinds.policy(row.kind).shares_transaction:
            part = Part([], row.priority)
            parts.append(part)
            if job_kinds.policy(row.kind).shares_transaction:
                shared[row.priority] = part
        part.job_ids.append(row.id)
    return parts


def _due(session: Session, now: datetime, count: int, only: Sequence[UUID]) -> Iterator[Any]:
    kinds = job_kinds.known()
    below: int | None = None
    while count > 0:
        # One priority after the other, each an index range: thousands that are not due yet are never looked at.
        of_priority = sa.select(sa.func.max(Job.priority))
        below = session.scalar(of_priority if below is None else of_priority.where(Job.priority < below))
        if below is None:
            return
        wanted = sa.select(Job.id, Job.kind, Job.priority, Job.process_instance_id, Job.taken_by, Job.losses).where(
            Job.priority == below, Job.due_at <= now, Job.kind.in_(kinds)
        )
        if only:
            wanted = wanted.where(Job.id.in_(only))
        rows = session.execute(wanted.order_by(Job.due_at, Job.id).limit(count).with_for_update(skip_locked=True)).all()
        count -= len(rows)
        yield from rows


def _in_turns(window: Sequence[Any]) -> list[Any]:
    """Order due jobs so that every instance's first comes before any instance's second."""
    seen: dict[UUID, int] = {}
    turns: list[tuple[int, int, Any]] = []
    for place, row in enumerate(window):
        turn = 0
        if row.process_instance_id is not None:
            turn = seen.get(row.process_instance_id, 0)
            seen[row.process_instance_id] = turn + 1
        turns.append((turn, place, row))
    return [row for _, _, row in sorted(turns, key=lambda item: item[:2])]


def _send_to_the_back(session: Session, window: Sequence[Any], chosen: set[UUID], now: datetime) -> None:
    """Let those whose instance has had its turn queue again behind all that is due by now."""
    had_a_turn = {row.process_instance_id for row in window if row.id in chosen}
    left = [row.id for row in window if row.id not in chosen and row.process_instance_id in had_a_turn - {None}]
    if left:
        session.execute(
            sa.update(Job)
            .where(Job.id.in_(left))
            .values(promised_at=sa.func.coalesce(Job.promised_at, Job.due_at), due_at=now)
            .execution_options(synchronize_session=False)
        )


def lock_taken(session: Session, job_ids: Sequence[UUID], *, worker: str) -> list[job_kinds.DueJob]:
    """Lock those of these jobs that ``worker`` still has, in the order given."""
    rows = session.execute(
        sa.select(_JOB).where(_JOB.c.id.in_(job_ids), _JOB.c.taken_by == worker).with_for_update(skip_locked=True)
    )
    found = {row.id: _as_due_job(row) for row in rows}
    return [found[job_id] for job_id in job_ids if job_id in found]


def _as_due_job(row: Any) -> job_kinds.DueJob:
    return job_kinds.DueJob(
        id=row.id,
        kind=row.kind,
        process_instance_id=row.process_instance_id,
        element_id=row.element_id,
        spiff_task_id=row.spiff_task_id,
        event_index=row.event_index,
        topic=row.topic,
        by=row.by,
        payload=row.payload,
        due_at=row.promised_at or row.due_at,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        losses=row.losses,
    )


def taken_from(session: Session, job_ids: Sequence[UUID], *, worker: str, now: datetime) -> int:
    """Free jobs that ``worker`` had when it vanished."""
    return _count(
        session.execute(
            sa.update(Job)
            .where(Job.id.in_(job_ids), Job.taken_by == worker)
            .values(due_at=now, taken_by=None, losses=Job.losses + 1)
            .execution_options(synchronize_session=False)
        )
    )


def keep(session: Session, job_ids: Sequence[UUID]) -> None:
    """Delete promises that have been kept."""
    if job_ids:
        session.execute(sa.delete(Job).where(Job.id.in_(job_ids)).execution_options(synchronize_session=False))


def give_back(session: Session, job_ids: Sequence[UUID], *, worker: str, until: datetime) -> int:
    """Let others take what ``worker`` took and did not carry out; from ``until`` on. No attempt is spent."""
    if not job_ids:
        return 0
    return _count(
        session.execute(
            sa.update(Job)
            .where(Job.id.in_(job_ids), Job.taken_by == worker)
            .values(due_at=until, taken_by=None)
            .execution_options(synchronize_session=False)
        )
    )


def soon(now: datetime) -> datetime:
    """Return an instant shortly after ``now``, another one each time, so that two in each other's way part."""
    return now + timedelta(seconds=JITTER_S * random.random())  # noqa: S311 - no secret


def release(session: Session, process_instance_id: UUID, *, now: datetime) -> None:
    """Let an instance's held jobs be taken at once: it has been resumed."""
    session.execute(
        sa.update(Job)
        .where(
            Job.process_instance_id == process_instance_id,
            Job.promised_at <= now,
            Job.taken_by.is_(None),
            Job.attempts == 0,
        )
        .values(due_at=Job.promised_at)
        .execution_options(synchronize_session=False)
    )


def take_back_all(session: Session, *, now: datetime) -> int:
    """Free every taken job: the caller knows that no other worker lives (a database of one process)."""
    return _count(
        session.execute(
            sa.update(Job)
            .where(Job.taken_by.is_not(None))
            .values(due_at=now, taken_by=None, losses=Job.losses + 1)
            .execution_options(synchronize_session=False)
        )
    )


def mend_leases(session: Session, *, now: datetime, lease: timedelta = LEASE) -> int:
    """Free jobs whose lease ends later than any lease can: a worker whose clock was ahead took them and vanished."""
    return _count(
        session.execute(
            sa.update(Job)
            .where(Job.taken_by.is_not(None), Job.due_at > now + 4 * lease, Job.due_at < NEVER)
            .values(due_at=now, taken_by=None, losses=Job.losses + 1)
            .execution_options(synchronize_session=False)
        )
    )


def retry(session: Session, job_id: UUID, *, now: datetime) -> bool:
    """Let a job whose attempts are spent start over; False when it is not there or has not failed."""
    return bool(
        _count(
            session.execute(
                sa.update(Job)
                .where(Job.id == job_id, Job.failed_at.is_not(None))
                .values(due_at=now, attempts=0, losses=0, failed_at=None)
                .execution_options(synchronize_session=False)
            )
        )
    )


# -- what supervisors see ---------------------------------------------------------------------------------

STATES = ("waiting", "due", "taken", "failed")


def state_at(now: datetime) -> sa.ColumnElement[str]:
    """Return the SQL for a job's state: ``waiting`` (for its time), ``due``, ``taken`` by a worker or ``failed``."""
    return sa.case(
        (Job.failed_at.is_not(None), "failed"),
        (sa.and_(Job.taken_by.is_not(None), Job.due_at > now), "taken"),
        (Job.due_at <= now, "due"),
        else_="waiting",
    )


def counts(session: Session, *, now: datetime) -> dict[tuple[str, str], int]:
    """Count the jobs by kind and state."""
    state = state_at(now).label("state")
    rows = session.execute(sa.select(Job.kind, state, sa.func.count()).group_by(Job.kind, state))
    return {(kind, name): count for kind, name, count in rows}


def _count(result: Any) -> int:
    return cast("sa.CursorResult[Any]", result).rowcount
