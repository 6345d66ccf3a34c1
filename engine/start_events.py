"""What starts processes without anybody asking for one: messages, signals and time.

Only the newest version of a process starts by its events. A message that an instance waits for wakes that instance
and starts nothing (``messages``); a signal does both, in every process that starts on it (``signals``).
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from engine import deployments, job_incidents, job_kinds, process_instances, timer_starts
from engine.actor import SYSTEM, Actor
from engine.bpmn.starts import StartEvent
from engine.definitions import compiled
from engine.job_kinds import DueJob, Policy
from engine.models import Job, ProcessDefinition, Signal

#: The kind of the jobs that start a process on a signal.
SIGNAL_JOB_KIND = "signal_start"
#: A process that cannot start today is tried for about a day, then somebody is told.
PATIENCE = Policy(attempts=8, pause_s=60, factor=4, longest_pause_s=21_600, shares_transaction=False)


def on(session: Session, kind: str, name: str) -> list[tuple[ProcessDefinition, StartEvent]]:
    """Return the newest versions that start on a ``message`` or ``signal`` of this name, by key."""
    found: list[tuple[ProcessDefinition, StartEvent]] = []
    for definition in deployments.all_latest(session):
        names = definition.message_names if kind == "message" else definition.signal_names
        start = compiled(session, definition.id).process.starts_on(kind, name) if name in (names or ()) else None
        if start is not None:
            found.append((definition, start))
    return found


def begin(
    session: Session,
    definition: ProcessDefinition,
    start: StartEvent,
    variables: dict[str, Any],
    *,
    cause: dict[str, Any],
    by: Actor,
    now: datetime,
    business_key: str | None = None,
    is_command: bool = True,
) -> UUID:
    """Start an instance at one of its process's events; return its id."""
    instance = process_instances.begin(
        session,
        definition,
        variables,
        business_key=business_key,
        at=start.element_id,
        cause=cause,
        is_command=is_command,
        by=by,
        now=now,
    )
    return instance.id


@job_kinds.handles(timer_starts.JOB_KIND, PATIENCE)
def start_on_time(session: Session, job: DueJob, now: datetime) -> None:
    """Start a process whose time has come, and promise its next time."""
    planned = timer_starts.Planned.of(job.payload)
    definition = session.get(ProcessDefinition, planned.definition_id)
    if definition is None or deployments.latest(session, definition.key).id != definition.id:
        return  # a newer version goes by times of its own
    start = compiled(session, definition.id).process.starts[job.element_id]
    missed = timer_starts.promise_next(session, planned, job.element_id, now=now)
    cause: dict[str, Any] = {"timer": job.element_id, "due_at": planned.due_at.isoformat(), "missed": missed}
    begin(session, definition, start, {}, cause=cause, by=SYSTEM, now=now)


@job_kinds.when_failing(timer_starts.JOB_KIND)
def _time_failed(session: Session, job: Job, failure: Exception, now: datetime) -> None:
    """Let a start that failed be tried again without keeping the next ones waiting."""
    planned = timer_starts.Planned.of(job.payload)
    if planned.repeats:
        missed = timer_starts.promise_next(session, planned, job.element_id, now=now)
        job.payload = planned.alone(missed).as_json()
    _tell_when_spent(session, job, planned.definition_id, failure, now)


@job_kinds.handles(SIGNAL_JOB_KIND, PATIENCE)
def start_on_signal(session: Session, job: DueJob, now: datetime) -> None:
    """Start a process that was the newest of its key when the signal was sent."""
    facts = cast("dict[str, str]", job.payload)
    definition = session.get_one(ProcessDefinition, UUID(facts["definition_id"]))
    signal = session.get_one(Signal, UUID(facts["signal_id"]))
    start = compiled(session, definition.id).process.starts[job.element_id]
    cause: dict[str, Any] = {"signal": signal.name, "signal_id": str(signal.id)}
    begin(session, definition, start, dict(signal.variables), cause=cause, by=Actor(job.by), now=now)


@job_kinds.when_failing(SIGNAL_JOB_KIND)
def _signal_failed(session: Session, job: Job, failure: Exception, now: datetime) -> None:
    _tell_when_spent(session, job, UUID(cast("dict[str, str]", job.payload)["definition_id"]), failure, now)


def _tell_when_spent(session: Session, job: Job, definition_id: UUID, failure: Exception, now: datetime) -> None:
    if job.failed_at is not None:
        job_incidents.raise_for_job(session, job, failure, process_definition_id=definition_id, now=now)
