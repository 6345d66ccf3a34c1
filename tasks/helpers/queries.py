"""Who helps with a user task (read side)."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from tasks import access
from tasks.helpers.models import TaskHelper


def of_task(session: Session, user_task_id: UUID, *, actor: Actor) -> list[TaskHelper]:
    """Return who helps with a task that the actor may see, in the order in which they came.

    Raises:
        UserTaskNotFound.
    """
    access.visible_user_task(session, actor, user_task_id)
    query = sa.select(TaskHelper).where(TaskHelper.user_task_id == user_task_id, TaskHelper.ended_at.is_(None))
    return list(session.scalars(query.order_by(TaskHelper.added_at, TaskHelper.id)))


def helper(session: Session, user_task_id: UUID, username: str) -> TaskHelper | None:
    """Return the person's part in a task; None when they do not help."""
    query = sa.select(TaskHelper).where(
        TaskHelper.user_task_id == user_task_id, TaskHelper.username == username, TaskHelper.ended_at.is_(None)
    )
    return session.scalar(query)
