"""Who may be given a user task or brought into it, beyond what the engine knows."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.errors import NotAnActivePerson
from practice.people import queries as people
from practice.people.models import User
from practice.walls import operations as walls
from tasks import access
from tasks.errors import NotForOneself, PersonMayNotKnow


def require_fit(session: Session, user_task_id: UUID, to: str | None) -> None:
    """Refuse to give a task to somebody whom a wall keeps out of the matter or enquiry that it is about.

    Raises:
        PersonKeptOut: the field is ``to``.
    """
    if not to:
        return
    business_key = session.scalar(sa.select(UserTask.business_key).where(UserTask.id == user_task_id))
    if business_key is not None:
        walls.require_not_kept_out(session, business_key, [to], field="to")


def require_may_know(session: Session, task: UserTask, username: str, *, field: str, by: Actor, now: datetime) -> User:
    """Return the active person whom ``by`` brings into a task: nothing may keep them from its matter.

    A wall keeps somebody out, and so does a restricted matter to whose team they do not belong: helping with its work
    is no need to know of its own.

    Raises:
        NotForOneself, NotAnActivePerson, PersonKeptOut, PersonMayNotKnow.
    """
    person = people.by_username(session, username)
    if person is None or not person.is_active:
        raise NotAnActivePerson(field, username[:150])
    if person.username == by.username:
        raise NotForOneself(field)
    if task.business_key is not None:
        walls.require_not_kept_out(session, task.business_key, [person.username], field=field)
    if not access.may_know_of(session, Actor(person.username, person.groups, at=now), task.id):
        raise PersonMayNotKnow(field, person.username)
    return person
