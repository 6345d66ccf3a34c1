"""Who follows user tasks beside the engine: told when one comes, changes hands or ends, in the same transaction.

The engine knows no reminder and no approval; whoever does names the ``camunda:property`` by which a designer asks
for it. A task without such a property costs a look into a dictionary, and nothing is asked of anybody::

    followers.follow("reminder", follower, check=schedules.flaw)

What a follower writes in a step goes through ``step.later`` and so to the database together with the instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from engine.actor import Actor
    from engine.models import UserTask
    from engine.steps import Step


class Follower(Protocol):
    """What happens beside user tasks of some kind."""

    def came(self, step: Step, rows: Sequence[Mapping[str, Any]]) -> None:
        """New user tasks, as their columns; or old ones that an operator opened again."""
        ...

    def given(self, session: Session, task: UserTask, verb: str, *, by: Actor, now: datetime) -> None:
        """A task changed hands by a verb: ``claimed`` (one's own again, too), ``unclaimed``, ``assigned``, ..."""
        ...

    def require_completable(self, session: Session, user_task_id: UUID) -> None:
        """Refuse to let a task be completed, by raising."""
        ...

    def ended(self, step: Step, user_task_ids: Sequence[UUID]) -> None:
        """Tasks were completed or cancelled."""
        ...


#: Returns what is wrong with a property's text, or None.
Check = Callable[[str], str | None]

_followers: dict[str, Follower] = {}
_checks: dict[str, Check] = {}


def follow(name: str, follower: Follower, *, check: Check | None = None) -> None:
    """Tell a follower of every user task with this property; ``check`` judges its text when a model is deployed."""
    if _followers.get(name, follower) is not follower:
        message = f"the property '{name}' has a follower already"
        raise ValueError(message)
    _followers[name] = follower
    if check is not None:
        judge(name, check)


def judge(name: str, check: Check) -> None:
    """Judge the text of a property of user tasks when a model is deployed."""
    _checks[name] = check


def flaw_of(name: str, text: str) -> str | None:
    """Return what is wrong with a property's text; of properties that nobody judges, nothing is."""
    check = _checks.get(name)
    return check(text) if check is not None else None


def of(properties: Mapping[str, Any]) -> list[Follower]:
    """Return who follows a task with these properties, each once."""
    if not properties or _followers.keys().isdisjoint(properties):
        return []
    return list({id(found): found for name in properties if (found := _followers.get(name)) is not None}.values())


def tell_came(step: Step, rows: Iterable[Mapping[str, Any]]) -> None:
    """Tell of tasks that came."""
    for follower, followed in _by_follower((row["properties"], row) for row in rows):
        follower.came(step, followed)


def tell_ended(step: Step, ended: Iterable[tuple[Mapping[str, Any], UUID]]) -> None:
    """Tell of tasks that ended: the properties and the id of each."""
    for follower, followed in _by_follower(ended):
        follower.ended(step, followed)


def _by_follower(told: Iterable[tuple[Mapping[str, Any], Any]]) -> list[tuple[Follower, list[Any]]]:
    found: dict[int, tuple[Follower, list[Any]]] = {}
    for properties, about in told:
        for follower in of(properties):
            found.setdefault(id(follower), (follower, []))[1].append(about)
    return list(found.values())
