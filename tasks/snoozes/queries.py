"""What somebody put aside (read side)."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from engine.prepared import Prepared
from tasks.snoozes.models import Snooze


def until(session: Session, tasks: Collection[UserTask], *, actor: Actor, now: datetime) -> dict[UUID, datetime]:
    """Return until when the actor does not want to see each of these tasks; those that they see are left out."""
    held = {task.id: task.assignee == actor.username for task in tasks}
    if not held:
        return {}
    session.flush()
    there = _PUT_ASIDE.rows(session.connection(), {"username": actor.username, "now": now})
    return {row.user_task_id: row.until for row in there if held.get(row.user_task_id) is row.is_held}


#: All that somebody put aside: by hand, and so few.
_PUT_ASIDE: Final = Prepared(
    sa.select(Snooze.user_task_id, Snooze.until, Snooze.is_held).where(
        Snooze.username == sa.bindparam("username", type_=sa.String()),
        Snooze.until > sa.bindparam("now", type_=Snooze.until.type),
    )
)
