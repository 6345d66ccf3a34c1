"""What somebody put aside (read side)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from tasks.snoozes.models import Snooze


def until(session: Session, tasks: Collection[UserTask], *, actor: Actor, now: datetime) -> dict[UUID, datetime]:
    """Return until when the actor does not want to see each of these tasks; those that they see are left out."""
    held = {task.id: task.assignee == actor.username for task in tasks}
    if not held:
        return {}
    query = sa.select(Snooze).where(
        Snooze.username == actor.username, Snooze.user_task_id.in_(held), Snooze.until > now
    )
    return {row.user_task_id: row.until for row in session.scalars(query) if row.is_held == held[row.user_task_id]}
