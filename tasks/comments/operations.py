"""Saying something about a user task."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history
from engine.actor import Actor
from engine.models import UserTask
from practice.notices import operations as notices
from practice.people.models import User
from practice.variables import long_text
from tasks import access
from tasks.comments.models import TaskComment
from tasks.errors import CommentEmpty, CommentNotFound

_LONGEST: Final = 4000
#: People told by one comment, at most.
_MOST_MENTIONS: Final = 20
#: ``@ana``, ``@j.doe``; no part of an e-mail address.
_MENTION: Final = re.compile(r"(?<![\w@.])@([\w](?:[\w.\-]{0,148}\w)?)(?!\w)")
#: What stands for a comment that was taken back.
_NOTHING: Final = "–"

#: From a person to who they are for the rights: groups alone, where nobody says more.
Actors = Callable[[User], Actor]


def add(
    session: Session, user_task_id: UUID, body: str, *, by: Actor, now: datetime, actors: Actors | None = None
) -> TaskComment:
    """Say something; who is named with ``@`` and may see the task is told.

    ``actors`` gives people their rights, so that who sees the task by a right alone is told too.

    Raises:
        UserTaskNotFound.
        CommentEmpty, VariableInvalid: the field is ``body``.
    """
    task = access.visible_user_task(session, by, user_task_id)
    said = long_text({"body": body}, "body", longest=_LONGEST)
    if said is None or not _shows(said):
        raise CommentEmpty
    comment = TaskComment(
        user_task_id=task.id, author=by.username, body=said, created_at=now,
        mentions=_told(session, task, said, by, now, actors or _by_groups),
    )  # fmt: skip
    session.add(comment)
    session.flush()
    history.append(
        session, task.process_instance_id, "user_task_commented", actor=by.username, now=now,
        element_id=task.element_id, user_task_id=task.id, data={"comment_id": str(comment.id)},
    )  # fmt: skip
    facts = {"by": by.username, "task": task.name, "user_task_id": str(task.id), "number": task.business_key}
    notices.tell(session, comment.mentions, "mentioned", str(comment.id), facts, now=now)
    return comment


def withdraw(session: Session, comment_id: UUID, *, by: Actor, now: datetime) -> TaskComment:
    """Take one's own comment back: that there was one stays, what it said goes.

    Raises:
        CommentNotFound: there is none, or somebody else said it.
    """
    comment = session.get(TaskComment, comment_id, with_for_update=True, populate_existing=True)
    if comment is None or comment.author != by.username:
        raise CommentNotFound(comment_id)
    task = access.visible_user_task(session, by, comment.user_task_id)
    if comment.withdrawn_at is None:
        comment.body, comment.mentions, comment.withdrawn_at = _NOTHING, [], now
        session.flush()
        history.append(
            session, task.process_instance_id, "user_task_comment_withdrawn", actor=by.username, now=now,
            element_id=task.element_id, user_task_id=task.id, data={"comment_id": str(comment.id)},
        )  # fmt: skip
    return comment


def mentioned(body: str) -> list[str]:
    """Return the names that a text names with ``@``, as they are stored, each once."""
    return list(dict.fromkeys(name.lower() for name in _MENTION.findall(body)))[:_MOST_MENTIONS]


def _told(session: Session, task: UserTask, body: str, by: Actor, now: datetime, actors: Actors) -> list[str]:
    """Return whom a text names who may see the task; of others it is not even said that they may not."""
    names = [name for name in mentioned(body) if name != by.username]
    if not names:
        return []
    query = sa.select(User).where(User.username.in_(names), User.is_active).order_by(User.username)
    return [person.username for person in session.scalars(query) if _sees(session, task, actors(person), now)]


def _sees(session: Session, task: UserTask, actor: Actor, now: datetime) -> bool:
    asking = Actor(actor.username, actor.groups, actor.rights, now)
    return bool(access.visible_user_tasks(session, asking, [task.id]))


def _by_groups(person: User) -> Actor:
    return Actor(person.username, person.groups)


def _shows(text: str) -> bool:
    """Say whether there is anything to see: an emoji is, signs without width are not."""
    return any(unicodedata.category(sign)[0] not in "CZ" and sign not in "\ufe0f\u115f\u3164" for sign in text)
