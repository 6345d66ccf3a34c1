"""The work that service tasks ask for, by topic: small functions that the packages above register.

A delegate runs in the transaction of the step that reaches it. With ``camunda:asyncBefore="true"`` it
runs as a job, at least once: it then uses ``job_id`` to tell whether it has had its effect already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.bpmn.bpmn_error import BpmnError


class DelegateCall(NamedTuple):
    """One request for work."""

    #: The same for every attempt at the same work.
    job_id: UUID
    process_instance_id: UUID
    process_key: str
    business_key: str | None
    element_id: str
    #: The element's input parameters, or all variables when it has none.
    inputs: dict[str, Any]
    variables: dict[str, Any]
    #: Whose step led here.
    by: Actor
    now: datetime


Delegate = Callable[[Session, DelegateCall], Mapping[str, Any] | None]
_registry: dict[str, Delegate] = {}


def delegate(topic: str) -> Callable[[Delegate], Delegate]:
    """Register a function as the delegate of a topic; its result is put into the variables."""

    def register(function: Delegate) -> Delegate:
        if _registry.get(topic, function) is not function:
            raise ValueError(f"the topic '{topic}' has a delegate already")
        _registry[topic] = function
        return function

    return register


def topics() -> frozenset[str]:
    """Return every topic that has a delegate."""
    return frozenset(_registry)


def find(topic: str) -> Delegate:
    """Return the delegate of a topic.

    Raises:
        LookupError: nobody registered one.
    """
    try:
        return _registry[topic]
    except KeyError:
        raise LookupError(f"no delegate is registered for '{topic}'") from None


__all__ = ["BpmnError", "Delegate", "DelegateCall", "delegate", "find", "topics"]
