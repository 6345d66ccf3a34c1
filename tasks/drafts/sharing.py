"""What helpers and delegates typed, for whoever completes the user task."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import user_tasks
from engine.actor import Actor
from engine.models import UserTask
from tasks import access
from tasks.drafts import copies
from tasks.drafts import operations as drafts
from tasks.drafts.models import Draft
from tasks.errors import HelperNotFound
from tasks.helpers import queries as helpers
from tasks.helpers.models import TaskHelper


@dataclass(frozen=True, slots=True)
class HandedBack:
    """A delegated task that is its owner's again."""

    task: UserTask
    #: Whether something the delegate had typed went along.
    with_draft: bool


def of_helpers(session: Session, user_task_id: UUID, *, actor: Actor) -> list[Draft]:
    """Return what those who help with a task have typed, the latest first; for whoever may complete it.

    Raises:
        UserTaskNotFound.
    """
    task = access.visible_user_task(session, actor, user_task_id)
    if not _completes(task, actor):
        return []
    query = (
        sa.select(Draft)
        .join(TaskHelper, sa.and_(TaskHelper.user_task_id == Draft.user_task_id, TaskHelper.username == Draft.username))
        .where(Draft.user_task_id == user_task_id, TaskHelper.ended_at.is_(None), Draft.username != actor.username)
    )
    return list(session.scalars(query.order_by(Draft.saved_at.desc(), Draft.id)))


def take_over(session: Session, user_task_id: UUID, username: str, *, by: Actor, now: datetime) -> Draft:
    """Go on with what a helper typed; one's own draft is kept beside.

    Raises:
        UserTaskNotFound.
        HelperNotFound: they do not help, or typed nothing, or the actor does not complete this task.
    """
    theirs = {draft.username: draft for draft in of_helpers(session, user_task_id, actor=by)}.get(username)
    if theirs is None or helpers.helper(session, user_task_id, username) is None:
        raise HelperNotFound(user_task_id, username[:150])
    return _give(session, by, user_task_id, theirs, now=now)


def hand_back(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> HandedBack:
    """Give a delegated task back to its owner, with what its delegate has typed.

    What the owner had typed before is kept beside.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, UserTaskNotDelegated, NotTheAssignee.
    """
    access.require_user_task(session, by, user_task_id)
    delegate = session.scalar(sa.select(UserTask.assignee).where(UserTask.id == user_task_id))
    task = user_tasks.resolve(session, user_task_id, by=by, now=now)
    query = sa.select(Draft).where(Draft.user_task_id == user_task_id, Draft.username == delegate)
    typed = session.scalar(query)
    if typed is None or task.assignee is None or task.assignee == delegate:
        return HandedBack(task, with_draft=False)
    _give(session, Actor(task.assignee), user_task_id, typed, now=now)
    session.delete(typed)
    session.flush()
    return HandedBack(task, with_draft=True)


def _give(session: Session, to: Actor, user_task_id: UUID, theirs: Draft, *, now: datetime) -> Draft:
    known = session.scalar(
        sa.select(Draft).where(Draft.user_task_id == user_task_id, Draft.username == to.username).with_for_update()
    )
    if known is None:
        return drafts.save(
            session, to, user_task_id=user_task_id, values=theirs.values, form_digest=theirs.form_digest, now=now
        )
    copy = copies.put_beside(session, known, theirs.values, now=now)
    return known if copy is None else copies.take(session, to, copy.id, now=now)


def _completes(task: UserTask, actor: Actor) -> bool:
    if task.state != "created":
        return False
    if task.assignee is not None:
        return actor.username in (task.assignee, task.owner)
    return not actor.groups.isdisjoint(task.candidate_groups) or actor.may("assign_user_tasks")
