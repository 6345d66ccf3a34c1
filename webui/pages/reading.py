"""What several pages read together: the open work of a matter, and what comes after a step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import Session

from engine import deployments
from engine.actor import Actor
from engine.models import ProcessInstance, UserTask
from practice.anyone import for_alike
from practice.matters.models import Matter
from practice.people import queries as people
from tasks.absences import queries as absences
from tasks.access import user_task_visible_to
from tasks.inbox import queries as inbox
from webui.db import db
from webui.languages.model_texts import model_text, task_name
from webui.pages.texts import group_title


class OpenWork(NamedTuple):
    """A user task that waits, and for whom."""

    task: UserTask
    #: The name of the person who holds it, else the titles of the groups it is offered to.
    waits_for: str
    #: The reader holds it or may take it.
    is_mine: bool


def open_work(session: Session, business_keys: Collection[str], *, actor: Actor) -> list[OpenWork]:
    """Return the open user tasks of these matters and enquiries that the actor may see, the first due first."""
    found = _open_work(actor).scalars(session, business_keys=list(business_keys))
    return told(session, found, actor=actor)


def open_work_of_read_matter(session: Session, matter: Matter, *, actor: Actor) -> list[OpenWork]:
    """Return the same of a matter that was read with the actor's rights, and of its enquiry: they see all of it."""
    keys = [key for key in (matter.number, matter.enquiry_number) if key]
    return told(session, session.scalars(_OPEN_WORK, {"business_keys": keys}), actor=actor)


@for_alike
def _open_work(actor: Actor) -> sa.Select[UserTask]:
    return _OPEN_WORK.where(user_task_visible_to(actor))


_OPEN_WORK: Final = (
    sa.select(UserTask)
    .where(UserTask.business_key.in_(sa.bindparam("business_keys", expanding=True)), UserTask.state == "created")
    .order_by(UserTask.due_at.nulls_last(), UserTask.id)
)


def told(session: Session, tasks: Iterable[UserTask], *, actor: Actor) -> list[OpenWork]:
    """Say of each task for whom it waits."""
    waiting = list(tasks)
    names = people.display_names(session, [task.assignee for task in waiting])
    return [
        OpenWork(
            task,
            names.get(task.assignee, task.assignee) if task.assignee else groups_in_words(task.candidate_groups),
            may_do(task, actor),
        )
        for task in waiting
    ]


def may_do(task: UserTask, actor: Actor) -> bool:
    """Say whether a task is open and the actor's to do: theirs, of who is away, or offered to a group of theirs."""
    if task.state != "created":
        return False
    if task.assignee is not None:
        return task.assignee == actor.username or absences.stands_in(db.session(), task, actor)
    return not actor.groups.isdisjoint(task.candidate_groups)


def groups_in_words(groups: Iterable[str]) -> str:
    """Join the titles of groups."""
    return gettext(" or ").join(group_title(name) for name in groups)


def instances(session: Session, business_keys: Collection[str]) -> list[ProcessInstance]:
    """Return the process instances of these matters and enquiries, the one that moved last first."""
    query = sa.select(ProcessInstance).where(ProcessInstance.business_key.in_(business_keys))
    running_first = query.order_by(ProcessInstance.ended_at.is_not(None), ProcessInstance.last_progress_at.desc())
    return list(session.scalars(running_first))


def process_names(session: Session) -> dict[str, str]:
    """Return the name of each process by its key, in the reader's language."""
    return {
        definition.key: model_text(definition.key, definition.name) for definition in deployments.all_latest(session)
    }


def next_task(session: Session, task: UserTask, *, actor: Actor) -> UserTask | None:
    """Return the task of the same matter that the actor should do next, their own before what a group is offered."""
    if task.business_key is None:
        return None
    keys = followed_by(session, task.business_key)
    for scope in ("mine", "group"):
        for key in keys:
            found = inbox.page(session, actor, scope=scope, business_key=key, limit=1).items
            if found:
                return found[0]
    return None


def followed_by(session: Session, business_key: str) -> list[str]:
    """Return the number and, when it is an enquiry's that was accepted, the number of its matter."""
    opened = session.scalar(sa.select(Matter.number).where(Matter.enquiry_number == business_key))
    return [business_key, opened] if opened else [business_key]


def what_next(session: Session, business_key: str | None) -> str:
    """Say in a sentence or two what happens after a step, for the person who just did it."""
    if business_key is None:
        return ""
    keys = followed_by(session, business_key)
    sentences: list[str] = []
    if len(keys) > 1:
        sentences.append(gettext("Matter %(number)s is open.", number=keys[1]))
    query = sa.select(UserTask).where(UserTask.business_key.in_(keys), UserTask.state == "created")
    waiting = list(session.scalars(query.order_by(UserTask.created_at.desc(), UserTask.id).limit(2)))
    names = people.display_names(session, [task.assignee for task in waiting])
    for task in waiting:
        whom = names.get(task.assignee, task.assignee) if task.assignee else groups_in_words(task.candidate_groups)
        sentences.append(gettext("Next: “%(task)s”, waiting for %(whom)s.", task=task_name(task), whom=whom))
    if waiting:
        return " ".join(sentences)
    states = {instance.state for instance in instances(session, keys)}
    if "incident" in states:
        sentences.append(gettext("A step after it stands still; a supervisor can see why."))
    elif "active" in states:
        sentences.append(gettext("Nobody has to do anything now; the process waits and will call."))
    else:
        sentences.append(gettext("That was the last step."))
    return " ".join(sentences)
