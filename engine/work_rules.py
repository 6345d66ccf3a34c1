"""What the packages above have to say about who does which user task; the engine knows no reasons, only the answers.

- A *rule* belongs to a ``camunda:property`` of user tasks and refuses who may not work on one that carries it. It is
  asked whenever somebody would work on such a task: on claim, complete, assign and delegate, whoever calls.
- *Stand-ins* say for whom somebody may work on a task that is another's. They are asked only where the engine would
  refuse otherwise.
- A *router* gives a new task that carries its property to a person.
- A *deployment rule* looks at the processes of a bundle before they are stored.

Tasks that carry none of the properties cost nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.bpmn.compiled import Compiled
from engine.findings import Finding

Verb = Literal["claim", "complete", "assign", "delegate"]


class Work(NamedTuple):
    """A user task as rules see it."""

    id: UUID
    process_instance_id: UUID
    process_key: str
    business_key: str | None
    element_id: str
    kind: str | None
    assignee: str | None
    owner: str | None
    candidate_groups: list[str]
    properties: Mapping[str, Any]

    @classmethod
    def of(cls, row: Any) -> "Work":
        """Take the facts from a row of ``user_task``."""
        return cls(*(getattr(row, name) for name in cls._fields))


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody is about to work on a user task, or to be given it."""

    work: Work
    verb: Verb
    #: Who would work on it: who asks, or who is to get it.
    person: str
    #: For whom, when they stand in for somebody.
    on_behalf_of: str | None
    by: Actor
    now: datetime
    #: What is handed in; None unless the verb is ``complete``.
    answers: Mapping[str, Any] | None = None
    #: What the task sees; empty unless the verb is ``complete``.
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class NewWork(NamedTuple):
    """A user task that is about to be offered to its groups, and what it sees."""

    work: Work
    data: Mapping[str, Any]
    by: Actor
    now: datetime


Rule = Callable[[Session, Attempt], None]
StandIn = Callable[[Session, Work, Verb, Actor, datetime], str | None]
Router = Callable[[Session, NewWork], str | None]
DeploymentRule = Callable[[Session, Mapping[str, Compiled]], Iterable[Finding]]

_rules: Final[dict[str, Rule]] = {}
_routers: Final[dict[str, Router]] = {}
_stand_ins: Final[list[StandIn]] = []
_deployment_rules: Final[list[DeploymentRule]] = []


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register what is asked about user tasks that carry the property ``name``; it raises to refuse."""

    def register(function: Rule) -> Rule:
        _rules[name] = function
        return function

    return register


def router(name: str) -> Callable[[Router], Router]:
    """Register who finds a person for new tasks that carry the property ``name``; None offers it to the groups."""

    def register(function: Router) -> Router:
        _routers[name] = function
        return function

    return register


def stand_in(function: StandIn) -> StandIn:
    """Register who knows for whom somebody may work on another's task."""
    if function not in _stand_ins:
        _stand_ins.append(function)
    return function


def deployment_rule(function: DeploymentRule) -> DeploymentRule:
    """Register what is asked about a bundle's processes before they are stored."""
    if function not in _deployment_rules:
        _deployment_rules.append(function)
    return function


def concern(properties: Mapping[str, Any]) -> bool:
    """Say whether any rule is to be asked about a task with these properties."""
    return not _rules.keys().isdisjoint(properties)


def check(session: Session, attempt: Attempt) -> None:
    """Ask every rule that a task's properties name; the first that refuses raises."""
    for name, function in _rules.items():
        if name in attempt.work.properties:
            function(session, attempt)


def stands_in_for(session: Session, work: Work, verb: Verb, *, by: Actor, now: datetime) -> str | None:
    """Return for whom ``by`` may work on a task that is another's, None when for nobody."""
    for function in _stand_ins:
        found = function(session, work, verb, by, now)
        if found is not None:
            return found
    return None


def route(session: Session, new: NewWork) -> str | None:
    """Return whom a router gives a new task, None when it is offered to its groups."""
    for name, function in _routers.items():
        if name in new.work.properties:
            found = function(session, new)
            if found is not None:
                return found
    return None


def routes(properties: Mapping[str, Any]) -> bool:
    """Say whether a router is to be asked about a task with these properties."""
    return not _routers.keys().isdisjoint(properties)


def of_deployment(session: Session, processes: Mapping[str, Compiled]) -> list[Finding]:
    """Return what the deployment rules find."""
    return [finding for function in _deployment_rules for finding in function(session, processes)]
