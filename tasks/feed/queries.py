"""Which of the changes people may be told of, with what they then see (read side)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.people import queries as people
from tasks import access
from tasks.feed.tail import Change


@dataclass(frozen=True, slots=True)
class Told:
    """One change as those are told of it who may know."""

    change: Change
    task: UserTask
    #: The full name of who did it; None when it happened by itself.
    by_name: str | None
    #: The full name of who holds an open task now.
    holder_name: str | None


def may_concern(change: Change, actor: Actor) -> bool:
    """Say, without asking the database, whether a change can be of interest: those told still pass ``told_to``."""
    return actor.may("see_all_user_tasks") or not change.principals.isdisjoint(actor.principals)


def told_to(session: Session, actor: Actor, changes: Sequence[Change]) -> list[Told]:
    """Return what ``actor`` may be told, as ``told_to_each`` does."""
    return told_to_each(session, {actor: changes})[actor]


def told_to_each(session: Session, wanted: Mapping[Actor, Sequence[Change]]) -> dict[Actor, list[Told]]:
    """Return what each may be told of the changes that can concern them, oldest first; of a task the last one.

    What somebody may not know of is left out as if it had not happened: a matter behind a wall has no changes either.
    Tasks and names are read once for all; somebody is looked up only for a task of which anybody is kept out.
    """
    last = {change.user_task_id: change for changes in wanted.values() for change in changes}
    known = access.known_user_tasks(session, list(last))
    names = people.display_names(
        session, [*(change.actor for change in last.values()), *(one.task.assignee for one in known.values())]
    )
    told = {
        change.user_task_id: Told(
            change, known[change.user_task_id].task, names.get(change.actor), names.get(_holder(known, change))
        )
        for change in sorted(last.values(), key=lambda change: change.id)
        if change.user_task_id in known
    }
    return {
        actor: _of(told, access.seen_among(session, actor, [known[key] for key in _tasks(changes) if key in known]))
        for actor, changes in wanted.items()
    }


def _tasks(changes: Sequence[Change]) -> list[UUID]:
    return list(dict.fromkeys(change.user_task_id for change in changes))


def _holder(known: Mapping[UUID, access.KnownTask], change: Change) -> str:
    return known[change.user_task_id].task.assignee or ""


def _of(told: Mapping[UUID, Told], seen: Sequence[UserTask]) -> list[Told]:
    ids = {task.id for task in seen}
    return [one for key, one in told.items() if key in ids]
