"""Putting an open user task in front of more people than the model named."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, urgency
from engine.actor import Actor
from engine.errors import UserTaskNotFound, UserTaskNotOpen
from engine.models import UserTask, UserTaskCandidate
from engine.waits import candidates_of

_CANDIDATE = cast("sa.Table", UserTaskCandidate.__table__)
_COLUMNS = tuple(column.name for column in cast("sa.Table", UserTask.__table__).columns)


def escalate(
    session: Session,
    user_task_id: UUID,
    to: str | None,
    *,
    priority: int = 0,
    data: dict[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> UserTask:
    """Write down that a task took too long; offer it to a further group, and make it at least this urgent.

    Who holds it keeps it: the group sees it, and may take it when it is given back.

    Raises:
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
    """
    task = session.get(UserTask, user_task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise UserTaskNotFound(user_task_id)
    if task.state != "created":
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    task.priority = max(task.priority, priority)
    task.urgency = urgency.of(due_at=task.due_at, created_at=task.created_at, priority=task.priority)
    is_new = to is not None and to not in task.candidate_groups
    if to is not None and is_new:
        task.candidate_groups = [*task.candidate_groups, to]
    session.flush()
    if to is not None and is_new and task.assignee is None:
        row = {name: getattr(task, name) for name in _COLUMNS} | {"candidate_groups": [to]}
        session.execute(sa.insert(_CANDIDATE), candidates_of(row, now=now))
    history.append(
        session,
        task.process_instance_id,
        "user_task_escalated",
        actor=by.username,
        now=now,
        element_id=task.element_id,
        user_task_id=task.id,
        data={"to": to, **(data or {})},
    )
    return task
