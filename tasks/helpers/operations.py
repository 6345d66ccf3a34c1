"""Bringing somebody into a user task who sees it and drafts, and does not complete it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, user_tasks
from engine.actor import Actor
from engine.errors import UserTaskNotOpen
from engine.models import UserTask
from practice.notices import operations as notices
from tasks import access, recipients
from tasks.errors import HelperNotFound, NotOnTheTask
from tasks.helpers import queries
from tasks.helpers.models import TaskHelper


def add(session: Session, user_task_id: UUID, username: str, *, by: Actor, now: datetime) -> TaskHelper:
    """Let somebody help; who helps already goes on helping.

    Who holds the task may ask for help, or anybody it is offered to while nobody holds it, or who assigns work.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, NotOnTheTask.
        NotAnActivePerson, NotForOneself, PersonKeptOut, PersonMayNotKnow: the field is ``username``.
    """
    task = on_the_task(session, user_task_id, by=by)
    person = recipients.require_may_know(session, task, username, field="username", by=by, now=now)
    known = queries.helper(session, task.id, person.username)
    if known is not None:
        return known
    helper = TaskHelper(user_task_id=task.id, username=person.username, added_by=by.username, added_at=now)
    session.add(helper)
    session.flush()
    user_tasks.offer_again(session, task.id, now=now)
    _tell(session, task, "user_task_helper_added", person.username, by, now)
    facts = {"by": by.username, "task": task.name, "user_task_id": str(task.id), "number": task.business_key}
    notices.tell(session, [person.username], "asked_to_help", str(helper.id), facts, now=now)
    return helper


def remove(session: Session, user_task_id: UUID, username: str, *, by: Actor, now: datetime) -> None:
    """Let somebody help no longer; helpers may take their leave themselves.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, NotOnTheTask.
        HelperNotFound: they do not help.
    """
    task = _open(session, user_task_id, by) if username == by.username else on_the_task(session, user_task_id, by=by)
    helper = queries.helper(session, task.id, username)
    if helper is None:
        raise HelperNotFound(user_task_id, username[:150])
    helper.ended_at = now
    session.flush()
    user_tasks.offer_again(session, task.id, now=now)
    _tell(session, task, "user_task_helper_removed", username, by, now)


def on_the_task(session: Session, user_task_id: UUID, *, by: Actor) -> UserTask:
    """Return an open task of which ``by`` may say who else takes part in it.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, NotOnTheTask.
    """
    task = _open(session, user_task_id, by)
    offered = task.assignee is None and not by.groups.isdisjoint(task.candidate_groups)
    if by.username not in (task.assignee, task.owner) and not offered and not by.may("assign_user_tasks"):
        raise NotOnTheTask(user_task_id, by.username)
    return task


def _open(session: Session, user_task_id: UUID, by: Actor) -> UserTask:
    access.visible_user_task(session, by, user_task_id)
    query = sa.select(UserTask).where(UserTask.id == user_task_id).with_for_update()
    task = session.scalars(query.execution_options(populate_existing=True)).one()
    if task.state != "created":
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    return task


def _tell(session: Session, task: UserTask, kind: str, username: str, by: Actor, now: datetime) -> None:
    history.append(
        session, task.process_instance_id, kind, actor=by.username, now=now, element_id=task.element_id,
        user_task_id=task.id, data={"username": username},
    )  # fmt: skip
