"""Asking somebody about a user task without giving it away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import history, user_tasks
from engine.actor import Actor
from engine.errors import UserTaskNotOpen
from engine.models import UserTask
from practice.errors import VariableMissing
from practice.notices import operations as notices
from practice.variables import long_text
from tasks import access, recipients
from tasks.errors import QuestionClosed, QuestionNotFound
from tasks.helpers.operations import on_the_task
from tasks.questions.models import TaskQuestion

_LONGEST = 4000


def ask(session: Session, user_task_id: UUID, *, of: str, question: str, by: Actor, now: datetime) -> TaskQuestion:
    """Ask somebody; the task stays where it is and stands on their desk too until they answer.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, NotOnTheTask.
        NotAnActivePerson, NotForOneself, PersonKeptOut, PersonMayNotKnow: the field is ``of``.
        VariableMissing, VariableInvalid: the field is ``question``.
    """
    task = on_the_task(session, user_task_id, by=by)
    person = recipients.require_may_know(session, task, of, field="of", by=by, now=now)
    asked = TaskQuestion(
        user_task_id=task.id, asked_by=by.username, asked_of=person.username,
        question=_said("question", question), asked_at=now,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    user_tasks.offer_again(session, task.id, now=now)
    _tell(session, task, "user_task_question_asked", asked, by, now)
    notices.tell(session, [person.username], "question_asked", str(asked.id), _facts(task, by), now=now)
    return asked


def answer(session: Session, question_id: UUID, text: str, *, by: Actor, now: datetime) -> TaskQuestion:
    """Answer a question one was asked.

    Raises:
        QuestionNotFound: there is none, or somebody else was asked.
        QuestionClosed, UserTaskNotOpen: it was answered or taken back, or nobody needs the answer any more.
        VariableMissing, VariableInvalid: the field is ``answer``.
    """
    asked, task = _open(session, question_id, by, by_whom="asked_of")
    asked.answer, asked.answered_at = _said("answer", text), now
    session.flush()
    user_tasks.offer_again(session, task.id, now=now)
    _tell(session, task, "user_task_question_answered", asked, by, now)
    notices.tell(session, [asked.asked_by], "question_answered", str(asked.id), _facts(task, by), now=now)
    return asked


def withdraw(session: Session, question_id: UUID, *, by: Actor, now: datetime) -> TaskQuestion:
    """Take back a question one asked.

    Raises:
        QuestionNotFound, QuestionClosed, UserTaskNotOpen.
    """
    asked, task = _open(session, question_id, by, by_whom="asked_by")
    asked.withdrawn_at = now
    session.flush()
    user_tasks.offer_again(session, task.id, now=now)
    _tell(session, task, "user_task_question_withdrawn", asked, by, now)
    return asked


def _open(session: Session, question_id: UUID, by: Actor, *, by_whom: str) -> tuple[TaskQuestion, UserTask]:
    asked = session.get(TaskQuestion, question_id, with_for_update=True, populate_existing=True)
    if asked is None or getattr(asked, by_whom) != by.username:
        raise QuestionNotFound(question_id)
    if asked.answered_at is not None or asked.withdrawn_at is not None:
        raise QuestionClosed(question_id)
    task = access.visible_user_task(session, by, asked.user_task_id)
    session.refresh(task, with_for_update=True)
    if task.state != "created":
        raise UserTaskNotOpen(task.id, task.state, task.ended_by)
    return asked, task


def _said(field: str, text: str) -> str:
    said = long_text({field: text}, field, longest=_LONGEST)
    if said is None:
        raise VariableMissing(field)
    return said


def _facts(task: UserTask, by: Actor) -> dict[str, Any]:
    return {"by": by.username, "task": task.name, "user_task_id": str(task.id), "number": task.business_key}


def _tell(session: Session, task: UserTask, kind: str, asked: TaskQuestion, by: Actor, now: datetime) -> None:
    history.append(
        session, task.process_instance_id, kind, actor=by.username, now=now, element_id=task.element_id,
        user_task_id=task.id, data={"question_id": str(asked.id), "asked_of": asked.asked_of},
    )  # fmt: skip
