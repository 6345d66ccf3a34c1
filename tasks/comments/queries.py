"""Comments on user tasks (read side)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.paging import Page, bounded, place
from tasks import access
from tasks.comments.models import TaskComment


def of_task(
    session: Session, user_task_id: UUID, *, actor: Actor, limit: int = 50, cursor: str | None = None
) -> Page[TaskComment]:
    """Return the comments on a task that the actor may see, the latest first.

    Raises:
        UserTaskNotFound.
    """
    access.visible_user_task(session, actor, user_task_id)
    limit = bounded(limit)
    query = sa.select(TaskComment).where(TaskComment.user_task_id == user_task_id)
    if cursor:
        key: Any = sa.tuple_(TaskComment.created_at, TaskComment.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[TaskComment.created_at.type, TaskComment.id.type]))
    rows = session.scalars(query.order_by(TaskComment.created_at.desc(), TaskComment.id.desc()).limit(limit + 1))
    return Page.cut(list(rows), limit, lambda row: (row.created_at, row.id))
