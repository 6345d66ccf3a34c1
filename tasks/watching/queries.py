"""What is watched (read side); the list of watched work is ``tasks.inbox``'s scope ``watched``."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import queries as matters
from practice.matters.models import Matter
from tasks import access
from tasks.watching.models import Watch


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person watches."""

    #: Numbers of matters and enquiries that they may see.
    business_keys: list[str]
    #: Tasks, open and ended, that they may see.
    user_task_ids: list[UUID]


def of(session: Session, actor: Actor) -> Watched:
    """Return what the actor watches, the last first; what they may not see any more is left out."""
    mine = sa.select(Watch).where(Watch.username == actor.username).order_by(Watch.created_at.desc(), Watch.id.desc())
    rows = list(session.scalars(mine))
    keys = [row.business_key for row in rows if row.business_key]
    ids = [row.user_task_id for row in rows if row.user_task_id]
    keys_seen = seen_keys(session, actor, keys)
    tasks = sa.select(UserTask.id).where(UserTask.id.in_(ids), access.user_task_visible_to(actor))
    ids_seen = set(session.scalars(tasks))
    return Watched([key for key in keys if key in keys_seen], [one for one in ids if one in ids_seen])


def seen_keys(session: Session, actor: Actor, business_keys: Collection[str]) -> set[str]:
    """Return which of these numbers are of matters and enquiries that the actor may see."""
    found = [
        sa.select(Matter.number).where(Matter.number.in_(business_keys), matters.seen_by(actor)),
        sa.select(Enquiry.number).where(Enquiry.number.in_(business_keys), enquiries.seen_by(actor)),
    ]
    return {number for query in found for number in session.scalars(query)}


def is_watched(
    session: Session, actor: Actor, *, user_task_id: UUID | None = None, business_key: str | None = None
) -> bool:
    """Say whether the actor watches the task or the matter."""
    thing = Watch.user_task_id == user_task_id if user_task_id else Watch.business_key == business_key
    query = sa.select(Watch.id).where(Watch.username == actor.username, thing)
    return session.scalar(query) is not None


def watchers(session: Session, user_task_id: UUID, business_key: str | None) -> list[str]:
    """Return who watches a task or its matter, to tell them of it; each is still to be asked what they may see."""
    thing = Watch.user_task_id == user_task_id
    if business_key is not None:
        thing = sa.or_(thing, Watch.business_key == business_key)
    return list(session.scalars(sa.select(Watch.username).where(thing).distinct().order_by(Watch.username)))
