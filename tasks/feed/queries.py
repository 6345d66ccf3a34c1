"""Which of the changes one person may be told of, with what they then see (read side)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.people import queries as people
from tasks import access
from tasks.feed.tail import Change


@dataclass(frozen=True, slots=True)
class Told:
    """One change as one person is told of it."""

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
    """Return what ``actor`` may be told, oldest first; of one task only the last thing that happened.

    What they may not know of is left out as if it had not happened: a matter behind a wall has no changes either.
    """
    last = {change.user_task_id: change for change in changes}
    tasks = {task.id: task for task in access.visible_user_tasks(session, actor, list(last))}
    kept = [change for change in last.values() if change.user_task_id in tasks]
    held = {change.user_task_id: tasks[change.user_task_id].assignee for change in kept}
    names = people.display_names(session, [*(change.actor for change in kept), *held.values()])
    return [
        Told(
            change,
            tasks[change.user_task_id],
            names.get(change.actor),
            names.get(held[change.user_task_id] or ""),
        )
        for change in sorted(kept, key=lambda change: change.id)
    ]
