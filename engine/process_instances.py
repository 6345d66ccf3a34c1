"""Starts, shows and stops process instances."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine import buffer, deployments, forms, history, job_table, safekeeping
from engine import variables as variable_rules
from engine.actor import Actor
from engine.bpmn.compiled import Compiled
from engine.bpmn.runtime import Run
from engine.definitions import compiled
from engine.errors import NotAllowedToStart, ProcessInstanceNotActive, ProcessInstanceNotFound, VariablesInvalid
from engine.models import MessageSubscription, ProcessDefinition, ProcessInstance, UserTask
from engine.models.base import new_id
from engine.steps import MOVING, Step, take_up, under_way
from engine.undo import undoable

MAX_BUSINESS_KEY = 100


def start(
    session: Session,
    process_key: str,
    *,
    version: int | None = None,
    business_key: str | None = None,
    variables: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> ProcessInstance:
    """Start an instance of a process and move it until it waits.

    Raises:
        ProcessDefinitionNotFound: nothing of that key (and version) is deployed.
        NotAllowedToStart: the process is started by other groups.
        FormInvalid: the start form's answers cannot be accepted.
        VariablesInvalid: the variables are no JSON object of names, or the business key is too long.
    """
    definition = deployments.get(session, process_key, version)
    bundle = compiled(session, definition.id)
    if not bundle.process.starts_by_hand:
        raise VariablesInvalid({"process_key": f"This process is started by {_in_words(bundle.process)}."})
    if not deployments.may_start(session, definition, by):
        raise NotAllowedToStart(process_key, by.username)
    values = dict(variables or {})
    form = deployments.start_form(session, definition)
    values = forms.validate(form[1], values, context={}, now=now) if form else variable_rules.checked(values)
    values = safekeeping.storable(session, values, by=by, now=now)
    return begin(session, definition, values, business_key=business_key, by=by, now=now)


def begin(
    session: Session,
    definition: ProcessDefinition,
    values: dict[str, Any],
    *,
    business_key: str | None,
    by: Actor,
    now: datetime,
    at: str | None = None,
    cause: dict[str, Any] | None = None,
    is_command: bool = True,
) -> ProcessInstance:
    """Start an instance with variables that have been checked: at the start event with the id ``at``, or the plain one.

    ``cause`` is what history says of why it started.
    """
    if business_key is not None and not variable_rules.is_storable(business_key, MAX_BUSINESS_KEY):
        raise VariablesInvalid({"business_key": f"It has 1 to {MAX_BUSINESS_KEY} characters."})
    bundle = compiled(session, definition.id)
    step = Step(
        session=session,
        definition=bundle,
        run=Run.start(bundle.process, values, now, at=at),
        by=by,
        now=now,
        instance_id=new_id(),
        business_key=business_key,
        started_by=by.username,
        started_at=now,
        revision=None,
        is_command=is_command,
    )
    told: dict[str, Any] = {"version": definition.version, "variables": values, "message": None}
    if at is not None:
        told["start_event"] = at
    step.tell("process_started", data={**told, **(cause or {})})
    step.finish()
    return step.as_written()


def _in_words(process: Compiled) -> str:
    """Say which events start a process that nobody starts by hand."""
    return ", ".join(f"the {start.kind} {start.name or start.element_id}" for start in process.starts.values())


def get(session: Session, process_instance_id: UUID) -> ProcessInstance:
    """Return an instance.

    Raises:
        ProcessInstanceNotFound: there is none.
    """
    found = session.get(ProcessInstance, process_instance_id, populate_existing=True)
    if found is None:
        raise ProcessInstanceNotFound(process_instance_id)
    return found


def activities(session: Session, process_instance_id: UUID) -> dict[str, Any]:
    """Return what a diagram of the instance shows.

    ``{"completed": [element ids], "active": [...], "incidents": [...], "flows": [ids of taken flows],
    "counts": {element id: tokens standing there}}``
    """
    return run_of(session, process_instance_id).activities()


def variables(session: Session, process_instance_id: UUID) -> dict[str, Any]:
    """Return the instance's data, over all its tokens."""
    return run_of(session, process_instance_id).variables()


def set_business_key(
    session: Session, process_instance_id: UUID, business_key: str, *, by: Actor, now: datetime
) -> None:
    """Give an instance (and its open user tasks and message subscriptions) another business key."""
    step = under_way(session, process_instance_id)
    before = session.scalar(sa.select(ProcessInstance.business_key).where(ProcessInstance.id == process_instance_id))
    session.execute(
        sa.update(ProcessInstance).where(ProcessInstance.id == process_instance_id).values(business_key=business_key)
    )
    session.execute(
        sa.update(UserTask).where(UserTask.process_instance_id == process_instance_id).values(business_key=business_key)
    )
    session.execute(
        sa.update(MessageSubscription)
        .where(
            MessageSubscription.process_instance_id == process_instance_id,
            MessageSubscription.keys.is_(None),
            MessageSubscription.correlation_key.is_not_distinct_from(before),
        )
        .values(correlation_key=business_key)
    )
    buffer.again_for_instance(session, process_instance_id, by=by.username, now=now)
    facts = {"before": before, "after": business_key}
    if step is not None:
        step.business_key = business_key
        step.tell("business_key_set", data=facts)
    else:
        history.append(session, process_instance_id, "business_key_set", actor=by.username, now=now, data=facts)


def cancel(
    session: Session, process_instance_id: UUID, *, reason: str, compensate: bool = False, by: Actor, now: datetime
) -> ProcessInstance:
    """Stop an instance for good: its open work goes, its history stays.

    With ``compensate`` the handlers of what was done come to work, the last done first; they may be user tasks or
    jobs, so the instance may stay active for a while. When they are through it has ended as cancelled. A suspended
    instance has to be resumed before: its handlers could not work.

    Raises:
        ProcessInstanceNotFound: there is none.
        ProcessInstanceNotActive: it has ended, or is suspended and was to be compensated.
    """
    with undoable(session, process_instance_id, "cancel", by=by, now=now) as effects:
        states = MOVING if compensate else (*MOVING, "suspended")
        step = take_up(session, process_instance_id, by=by, now=now, states=states)
        step.tell("process_cancelled", data={"reason": reason, **({"compensate": True} if compensate else {})})
        if compensate:
            step.run.compensate()
            step.finish()
        else:
            step.cancel()
        effects.extend(step.effects)
    return get(session, process_instance_id)


def suspend(
    session: Session, process_instance_id: UUID, *, reason: str | None = None, by: Actor, now: datetime
) -> ProcessInstance:
    """Let nothing of an instance move until it is resumed.

    Its timers wait and fire, once, after it is resumed; messages for it find nobody waiting until then.

    Raises:
        ProcessInstanceNotFound: there is none.
        ProcessInstanceNotActive: it is suspended already or has ended.
    """
    with undoable(session, process_instance_id, "suspend", by=by, now=now):
        return _switch(session, process_instance_id, MOVING, "suspended", "process_suspended", reason, by, now)


def resume(
    session: Session, process_instance_id: UUID, *, reason: str | None = None, by: Actor, now: datetime
) -> ProcessInstance:
    """Let a suspended instance move again.

    Raises:
        ProcessInstanceNotFound: there is none.
        ProcessInstanceNotActive: it is not suspended.
    """
    with undoable(session, process_instance_id, "resume", by=by, now=now):
        instance = get(session, process_instance_id)
        stuck = run_of(session, process_instance_id).is_stuck if instance.state == "suspended" else False
        target = "incident" if stuck else "active"
        job_table.release(session, process_instance_id, now=now)
        resumed = _switch(session, process_instance_id, ("suspended",), target, "process_resumed", reason, by, now)
        buffer.again_for_instance(session, process_instance_id, by=by.username, now=now)
        return resumed


def _switch(
    session: Session,
    instance_id: UUID,
    allowed: tuple[str, ...],
    target: str,
    kind: str,
    reason: str | None,
    by: Actor,
    now: datetime,
) -> ProcessInstance:
    instance = session.get(ProcessInstance, instance_id, with_for_update={"key_share": True}, populate_existing=True)
    if instance is None:
        raise ProcessInstanceNotFound(instance_id)
    if instance.state not in allowed:
        raise ProcessInstanceNotActive(instance_id, instance.state)
    facts = {"before": instance.state, "after": target} | ({"reason": reason} if reason else {})
    instance.state = target
    instance.revision += 1
    session.flush()
    history.append(session, instance_id, kind, actor=by.username, now=now, data=facts)
    return instance


def run_of(session: Session, instance_id: UUID) -> Run:
    """Return an instance to look at; what is done to it is not stored.

    Raises:
        ProcessInstanceNotFound: there is none.
    """
    found = session.get(
        ProcessInstance, instance_id, options=[undefer(ProcessInstance.state_blob)], populate_existing=True
    )
    if found is None:
        raise ProcessInstanceNotFound(instance_id)
    return Run.restore(found.state_blob, compiled(session, found.definition_id).process, found.last_progress_at)


__all__ = [
    "activities",
    "begin",
    "cancel",
    "get",
    "resume",
    "run_of",
    "set_business_key",
    "start",
    "suspend",
    "variables",
]
