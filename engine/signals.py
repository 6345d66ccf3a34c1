"""Signals: whoever listens hears them, in whatever instance, and they are not kept for who listens later.

A broadcast reaches the instances that listen when it is sent, its sender included, and starts the newest version of
every process that starts on it. Each of them has a job of its own, written in the sender's transaction: so all of
them hear it or, when the sender's step is rolled back, none; and however many they are, each is locked alone and for
the length of its own step. Within one instance the tokens hear it in the order in which they began to wait.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, job_incidents, job_kinds, job_table, safekeeping, start_events, steps
from engine import variables as variable_rules
from engine.actor import Actor
from engine.bpmn.messaging import Thrown
from engine.errors import SignalUnknown, VariablesInvalid
from engine.job_kinds import DueJob, Policy
from engine.models import Job, ProcessDefinition, ProcessInstance, Signal, SignalSubscription
from engine.models.base import new_id

#: The kind of the jobs that let one instance hear a signal.
JOB_KIND = "signal"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """What a signal will do."""

    id: UUID
    #: Instances that listened.
    receivers: int
    #: Processes that start on it.
    starts: int


def broadcast(
    session: Session, name: str, *, variables: Mapping[str, Any] | None = None, by: Actor, now: datetime
) -> SignalOutcome:
    """Send a signal from outside.

    Raises:
        SignalUnknown: no deployed process knows this name.
        VariablesInvalid: the variables cannot be accepted.
    """
    values = variable_rules.checked(dict(variables or {}))
    if not variable_rules.is_storable(name, LONGEST_NAME):
        raise VariablesInvalid({"name": f"It has 1 to {LONGEST_NAME} characters, and no NUL among them."})
    if not _is_known(session, name):
        raise SignalUnknown(name)
    values = safekeeping.storable(session, values, by=by, now=now)
    return _send(session, name, values, _listeners(session, name), by=by, now=now)


def throw(session: Session, sender: steps.Step, thrown: Thrown, *, by: Actor, now: datetime) -> None:
    """Send a signal that an instance threw, in the transaction of its step; that nobody listens is no error."""
    listeners = _listeners(session, thrown.name)
    # Of the sender those hear it that waited when it was thrown, and not those that came to wait in the same step.
    listeners.pop(sender.instance_id, None)
    if thrown.heard_by and sender.state in ("active", "incident"):
        listeners[sender.instance_id] = list(thrown.heard_by)
    outcome = _send(
        session,
        thrown.name,
        steps.plain(thrown.variables),
        listeners,
        sender_id=sender.instance_id,
        element_id=thrown.element_id,
        by=by,
        now=now,
    )
    facts = {
        "name": thrown.name,
        "signal_id": str(outcome.id),
        "receivers": outcome.receivers,
        "starts": outcome.starts,
    }
    history.append(
        session,
        sender.instance_id,
        "signal_thrown",
        actor=by.username,
        now=now,
        element_id=thrown.element_id,
        data=facts,
    )


def _send(
    session: Session,
    name: str,
    variables: dict[str, Any],
    listeners: dict[UUID, list[UUID]],
    *,
    sender_id: UUID | None = None,
    element_id: str | None = None,
    by: Actor,
    now: datetime,
) -> SignalOutcome:
    starts = start_events.on(session, "signal", name)
    signal = Signal(
        id=new_id(),
        name=name,
        variables=variables,
        process_instance_id=sender_id,
        element_id=element_id,
        actor=by.username,
        sent_at=now,
        receivers=len(listeners),
        starts=len(starts),
    )
    session.add(signal)
    session.flush()
    jobs = [
        job_table.values(
            JOB_KIND,
            due_at=now,
            by=by.username,
            now=now,
            process_instance_id=instance_id,
            payload={"signal_id": str(signal.id), "tokens": [str(token) for token in tokens]},
        )
        for instance_id, tokens in listeners.items()
    ]
    jobs.extend(
        job_table.values(
            start_events.SIGNAL_JOB_KIND,
            due_at=now,
            by=by.username,
            now=now,
            element_id=start.element_id,
            payload={"signal_id": str(signal.id), "definition_id": str(definition.id)},
        )
        for definition, start in starts
    )
    job_table.promise_all(session, jobs, now=now)
    return SignalOutcome(signal.id, len(listeners), len(starts))


def _listeners(session: Session, name: str) -> dict[UUID, list[UUID]]:
    """Return the tokens that listen for a signal by their instances, both in the order in which they began to."""
    rows = session.execute(
        sa.select(SignalSubscription.process_instance_id, SignalSubscription.spiff_task_id)
        .join(ProcessInstance, ProcessInstance.id == SignalSubscription.process_instance_id)
        .where(SignalSubscription.name == name, ProcessInstance.ended_at.is_(None))
        .order_by(SignalSubscription.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.process_instance_id, []).append(row.spiff_task_id)
    return found


def _is_known(session: Session, name: str) -> bool:
    rows: Iterable[list[str] | None] = session.scalars(sa.select(ProcessDefinition.signal_names).distinct())
    return any(name in names for names in rows if names)


@job_kinds.handles(JOB_KIND, Policy(attempts=8, pause_s=2, factor=4, longest_pause_s=3600))
def hear(session: Session, job: DueJob, now: datetime) -> None:
    """Let an instance hear a signal: those of its tokens that listened when it was sent and still do."""
    facts = cast("dict[str, Any]", job.payload)
    signal = session.get_one(Signal, UUID(facts["signal_id"]))
    step = steps.take_up(
        session, cast(UUID, job.process_instance_id), by=Actor(job.by), now=now, is_command=False, row=job.instance
    )
    told = {"name": signal.name, "variables": signal.variables, "signal_id": str(signal.id)}
    if signal.process_instance_id is not None:
        told["sent_by"] = str(signal.process_instance_id)
    for token_id in facts["tokens"]:
        element_id = step.run.element_at(UUID(token_id))
        if step.run.receive("signal", UUID(token_id), signal.name, signal.variables):
            step.tell("signal_received", element_id=element_id, data=told)
            step.move()  # what this takes away no longer hears it
    step.finish()


@job_kinds.when_failing(JOB_KIND)
def _failed(session: Session, job: Job, failure: Exception, now: datetime) -> None:
    if job.failed_at is not None:
        job_incidents.raise_for_job(session, job, failure, process_instance_id=job.process_instance_id, now=now)
