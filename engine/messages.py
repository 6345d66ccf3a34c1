"""Messages from outside, and between instances: each starts an instance or wakes the one that waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import deployments, history, process_instances
from engine import variables as variable_rules
from engine.actor import Actor
from engine.definitions import compiled
from engine.errors import MatterflowError, MessageUnknown, NobodyWaits, VariablesInvalid
from engine.models import MessageReceipt, MessageSubscription, ProcessDefinition, ProcessInstance
from engine.steps import take_up

MAX_MESSAGE_ID = 200


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What a message did."""

    #: The instance that took it; None for a duplicate.
    process_instance_id: UUID | None
    #: True when it started that instance.
    started: bool = False
    #: True when this message id had its effect before and nothing changed.
    duplicate: bool = False


def correlate(
    session: Session,
    name: str,
    correlation_key: str | None,
    *,
    variables: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    by: Actor,
    now: datetime,
) -> MessageOutcome:
    """Hand a message to the instance that waits for it, or start the process that begins with it.

    When several instances wait for the same name and key, the oldest one takes the message.

    Raises:
        MessageUnknown: no deployed process knows this name.
        NobodyWaits: no instance waits for it with this key; nothing is stored.
        VariablesInvalid: the variables cannot be accepted.
    """
    values = variable_rules.checked(dict(variables or {}))
    for field, text in (("name", name), ("correlation_key", correlation_key), ("message_id", message_id)):
        if text is not None and not variable_rules.is_storable(text, MAX_MESSAGE_ID):
            raise VariablesInvalid({field: f"It has 1 to {MAX_MESSAGE_ID} characters, and no NUL among them."})
    if message_id is not None and not _is_first(session, name, message_id, now):
        return MessageOutcome(None, duplicate=True)
    return _deliver(session, name, correlation_key, values, by=by, now=now)


def throw(
    session: Session,
    sender_id: UUID,
    name: str,
    correlation_key: str | None,
    variables: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Hand on a message that an instance threw; that nobody waits for it is no error, only history."""
    try:
        outcome = _deliver(session, name, correlation_key, variables, by=by, now=now)
        taken_by = str(outcome.process_instance_id)
    except MatterflowError:
        taken_by = None
    history.append(
        session, sender_id, "message_thrown", actor=by.username, now=now, data={"name": name, "taken_by": taken_by}
    )


def _deliver(
    session: Session, name: str, correlation_key: str | None, values: dict[str, Any], *, by: Actor, now: datetime
) -> MessageOutcome:
    waiting = _oldest_waiting(session, name, correlation_key)
    if waiting is not None:
        step = take_up(session, waiting.process_instance_id, by=by, now=now)
        if step.run.receive_message(waiting.spiff_task_id, name, values):
            step.tell("message_received", element_id=waiting.element_id, data={"name": name, "variables": values})
            step.finish()
            return MessageOutcome(waiting.process_instance_id)
    definition = _started_by(session, name)
    if definition is not None:
        started = process_instances.begin(
            session, definition, values, business_key=correlation_key, by=by, now=now, message=name
        )
        return MessageOutcome(started.id, started=True)
    if not _is_known(session, name):
        raise MessageUnknown(name)
    raise NobodyWaits(name, correlation_key)


def _is_first(session: Session, name: str, message_id: str, now: datetime) -> bool:
    if session.get(MessageReceipt, message_id) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(MessageReceipt(message_id=message_id, name=name, received_at=now))
    except IntegrityError:
        return False
    return True


def _oldest_waiting(session: Session, name: str, correlation_key: str | None) -> MessageSubscription | None:
    return session.scalar(
        sa.select(MessageSubscription)
        .join(ProcessInstance, ProcessInstance.id == MessageSubscription.process_instance_id)
        .where(
            MessageSubscription.name == name,
            MessageSubscription.correlation_key.is_not_distinct_from(correlation_key),
            ProcessInstance.state.in_(("active", "incident")),
        )
        .order_by(ProcessInstance.started_at, MessageSubscription.id)
        .limit(1)
    )


def _started_by(session: Session, name: str) -> ProcessDefinition | None:
    for definition in deployments.all_latest(session):
        if (
            name in definition.message_names
            and name in compiled(session, definition.id).process.start_messages.values()
        ):
            return definition
    return None


def _is_known(session: Session, name: str) -> bool:
    rows = session.scalars(sa.select(ProcessDefinition.message_names).distinct())
    return any(name in names for names in rows)
