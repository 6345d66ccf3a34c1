"""Questions about user tasks (read side)."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from tasks import access
from tasks.questions.models import TaskQuestion


def of_task(session: Session, user_task_id: UUID, *, actor: Actor) -> list[TaskQuestion]:
    """Return the questions about a task that the actor may see, the first asked first; none that was taken back.

    Raises:
        UserTaskNotFound.
    """
    access.visible_user_task(session, actor, user_task_id)
    query = sa.select(TaskQuestion).where(
        TaskQuestion.user_task_id == user_task_id, TaskQuestion.withdrawn_at.is_(None)
    )
    return list(session.scalars(query.order_by(TaskQuestion.asked_at, TaskQuestion.id)))


def waiting_for(session: Session, *, actor: Actor) -> list[tuple[TaskQuestion, UserTask]]:
    """Return the open questions to the actor with the tasks that they are about, the first asked first."""
    query = (
        sa.select(TaskQuestion, UserTask)
        .join(UserTask, UserTask.id == TaskQuestion.user_task_id)
        .where(TaskQuestion.asked_of == actor.username, is_open(), access.task_not_denied(actor))
        .order_by(TaskQuestion.asked_at, TaskQuestion.id)
    )
    return [(question, task) for question, task in session.execute(query)]


def asked_by(session: Session, *, actor: Actor) -> list[tuple[TaskQuestion, UserTask]]:
    """Return the open questions that the actor asked, the first asked first."""
    query = (
        sa.select(TaskQuestion, UserTask)
        .join(UserTask, UserTask.id == TaskQuestion.user_task_id)
        .where(TaskQuestion.asked_by == actor.username, is_open(), access.task_not_denied(actor))
        .order_by(TaskQuestion.asked_at, TaskQuestion.id)
    )
    return [(question, task) for question, task in session.execute(query)]


def is_open() -> sa.ColumnElement[bool]:
    """Filter on ``TaskQuestion`` joined with its ``UserTask``: an answer is still needed."""
    return sa.and_(TaskQuestion.answered_at.is_(None), TaskQuestion.withdrawn_at.is_(None), UserTask.state == "created")
