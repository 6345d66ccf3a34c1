"""The reminders in front of somebody (read side).

A reminder is in front of whom its task is in front of now, and only while they may know of its matter.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from tasks import access
from tasks.reminders.errors import ReminderNotFound
from tasks.reminders.models import Reminder, ReminderAside


@dataclass(frozen=True, slots=True)
class Shown:
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
    query = (
        sa.select(UserTask, Reminder)
        .join(Reminder, Reminder.user_task_id == UserTask.id)
        .where(_is_shown_to(actor))
        .order_by(Reminder.ends_with.is_(None), Reminder.told_at.desc(), Reminder.user_task_id)
        .limit(limit)
    )
    return [Shown(task, reminder) for task, reminder in session.execute(query)]


def count(session: Session, actor: Actor) -> int:
    """Return how many reminders are shown to the actor."""
    query = sa.select(sa.func.count()).select_from(UserTask).join(Reminder, Reminder.user_task_id == UserTask.id)
    return session.scalar(query.where(_is_shown_to(actor))) or 0


def blocking(session: Session, actor: Actor, *, limit: int = 3) -> list[Shown]:
    """Return the reminders in front of the actor in person that only an event ends."""
    query = (
        sa.select(UserTask, Reminder)
        .join(Reminder, Reminder.user_task_id == UserTask.id)
        .where(
            Reminder.ends_with.is_not(None),
            Reminder.stopped_at.is_(None),
            UserTask.assignee == actor.username,
            visible_to(actor),
        )
        .order_by(Reminder.since, Reminder.user_task_id)
        .limit(limit)
    )
    return [Shown(task, reminder) for task, reminder in session.execute(query)]


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


def _is_shown_to(actor: Actor) -> sa.ColumnElement[bool]:
    seen = sa.select(ReminderAside.user_task_id).where(
        ReminderAside.user_task_id == Reminder.user_task_id,
        ReminderAside.username == actor.username,
        ReminderAside.round >= Reminder.round,
    )
    goes_on = sa.or_(Reminder.stopped_at.is_(None), Reminder.stopped_because == "spent")
    return sa.and_(Reminder.round > 0, goes_on, sa.not_(sa.exists(seen.correlate(Reminder))), visible_to(actor))
