"""The reminders in front of somebody (read side).

A reminder is in front of whom its task is in front of now, and only while they may know of its matter.
"""

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from tasks import access
from tasks.reminders.errors import ReminderNotFound
from tasks.reminders.models import Reminder, ReminderAside


class Shown(NamedTuple):
    """A reminder and the open task that it is about."""

    task: UserTask
    reminder: Reminder

    @property
    def is_blocking(self) -> bool:
        """Say whether only an event ends it."""
        return self.reminder.ends_with is not None and self.reminder.stopped_at is None


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Reminder`` joined with its ``UserTask``: what is in front of the actor and not denied to them."""
    in_front = sa.select(UserTaskCandidate.user_task_id).where(
        UserTaskCandidate.user_task_id == Reminder.user_task_id, UserTaskCandidate.principal.in_(actor.principals)
    )
    return sa.and_(sa.exists(in_front.correlate(Reminder)), access.task_not_denied(actor))


def shown_to(session: Session, actor: Actor, *, limit: int = 100) -> list[Shown]:
    """Return the reminders that were told and not put aside by the actor, blocking ones first, then the latest."""
    if not is_anything_told(session, actor):
        return []
    return [Shown(task, reminder) for task, reminder in session.execute(_shown_to(actor).limit(limit))]


def count(session: Session, actor: Actor) -> int:
    """Return how many reminders are shown to the actor."""
    return (session.scalar(_count_of(actor)) or 0) if is_anything_told(session, actor) else 0


def blocking(session: Session, actor: Actor, *, limit: int = 3) -> list[Shown]:
    """Return the reminders in front of the actor in person that only an event ends."""
    if not is_anything_told(session, actor):
        return []
    return [Shown(task, reminder) for task, reminder in session.execute(_blocking(actor).limit(limit))]


def get(session: Session, user_task_id: UUID, *, actor: Actor) -> Reminder:
    """Return the reminder of a task in front of the actor, told or not.

    Raises:
        ReminderNotFound.
    """
    query = sa.select(Reminder).join(UserTask, UserTask.id == Reminder.user_task_id)
    found = session.scalar(query.where(Reminder.user_task_id == user_task_id, visible_to(actor)))
    if found is None:
        raise ReminderNotFound(user_task_id)
    return found


def require_visible(session: Session, user_task_id: UUID, *, actor: Actor) -> None:
    """Refuse who has nothing to do with the task; who came too late is told by the task itself.

    Raises:
        ReminderNotFound, UserTaskNotFound.
    """
    task = access.visible_user_task(session, actor, user_task_id)
    if task.state == "created" and session.get(Reminder, user_task_id) is None:
        raise ReminderNotFound(user_task_id)


def locked_task(session: Session, user_task_id: UUID, *, actor: Actor) -> UserTask:
    """Lock a task that the actor may see and that has a reminder.

    Raises:
        ReminderNotFound, UserTaskNotFound.
    """
    require_visible(session, user_task_id, actor=actor)
    task = session.get(UserTask, user_task_id, with_for_update=True, populate_existing=True)
    if task is None or task.state != "created":
        raise ReminderNotFound(user_task_id)
    return task


#: Every page asks this, and mostly the answer is no: each of the few reminders that were told is looked at. A join
#: would be read from the candidates, who are as many as a group has open tasks.
_TOLD = (
    sa.select(sa.literal(1))
    .select_from(Reminder)
    .where(
        Reminder.round > sa.literal_column("0"),
        sa.exists(
            sa.select(UserTaskCandidate.user_task_id)
            .where(
                UserTaskCandidate.user_task_id == Reminder.user_task_id,
                UserTaskCandidate.principal.in_(sa.bindparam("principals", expanding=True)),
            )
            .correlate(Reminder)
        ),
    )
    .limit(1)
)


def is_anything_told(session: Session, actor: Actor) -> bool:
    """Say whether a reminder was told of a task in front of the actor; where none was, none is shown or blocks."""
    return session.scalar(_TOLD, {"principals": actor.principals}) is not None


# Putting these together takes longer than the database needs for them.


@lru_cache(1024)
def _shown_to(actor: Actor) -> sa.Select[UserTask, Reminder]:
    found = sa.select(UserTask, Reminder).join(Reminder, Reminder.user_task_id == UserTask.id)
    order = (Reminder.ends_with.is_(None), Reminder.told_at.desc(), Reminder.user_task_id)
    return found.where(_is_shown_to(actor)).order_by(*order)


@lru_cache(1024)
def _count_of(actor: Actor) -> sa.Select[int]:
    found = sa.select(sa.func.count()).select_from(UserTask).join(Reminder, Reminder.user_task_id == UserTask.id)
    return found.where(_is_shown_to(actor))


@lru_cache(1024)
def _blocking(actor: Actor) -> sa.Select[UserTask, Reminder]:
    found = sa.select(UserTask, Reminder).join(Reminder, Reminder.user_task_id == UserTask.id)
    waits = sa.and_(Reminder.ends_with.is_not(None), Reminder.stopped_at.is_(None))
    mine = UserTask.assignee == actor.username
    return found.where(waits, mine, visible_to(actor)).order_by(Reminder.since, Reminder.user_task_id)


def _is_shown_to(actor: Actor) -> sa.ColumnElement[bool]:
    seen = sa.select(ReminderAside.user_task_id).where(
        ReminderAside.user_task_id == Reminder.user_task_id,
        ReminderAside.username == actor.username,
        ReminderAside.round >= Reminder.round,
    )
    goes_on = sa.or_(Reminder.stopped_at.is_(None), Reminder.stopped_because == "spent")
    return sa.and_(Reminder.round > 0, goes_on, sa.not_(sa.exists(seen.correlate(Reminder))), visible_to(actor))
