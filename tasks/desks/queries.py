"""Numbers and short lists for desks; who may see what is part of each query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import Incident, ProcessInstance, UserTask, UserTaskCandidate
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.matters.queries import Criteria
from practice.people.models import User
from tasks import access

#: Whose load is told to whom: those who may give work to others.
GIVES_WORK = "assign_user_tasks"
MENDS = "retry_incidents"


@dataclass(frozen=True, slots=True)
class Load:
    """How much stands in front of one person."""

    username: str
    full_name: str
    open: int
    overdue: int


def count_matters(session: Session, *, actor: Actor, criteria: Criteria) -> int:
    """Count the matters that the actor may see and that meet the criteria."""
    wanted = matters.narrowed(criteria, actor=actor).with_only_columns(Matter.id)
    return session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0


def count_enquiries(
    session: Session, *, actor: Actor, state: str | None = None, received_from: datetime | None = None
) -> int:
    """Count the enquiries that the actor may see."""
    query = sa.select(sa.func.count()).select_from(Enquiry).where(enquiries.visible_to(actor))
    if state is not None:
        query = query.where(Enquiry.state == state)
    if received_from is not None:
        query = query.where(Enquiry.received_at >= received_from)
    return session.scalar(query) or 0


def incidents(
    session: Session, *, actor: Actor, limit: int
) -> tuple[list[tuple[Incident, ProcessInstance | None]], int]:
    """Return the oldest steps that stand still in instances the actor may see, and how many there are."""
    if not actor.may(MENDS):
        return [], 0
    wanted = (
        sa.select(Incident, ProcessInstance)
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.process_instance_id)
        .where(
            Incident.resolved_at.is_(None),
            sa.or_(Incident.process_instance_id.is_(None), access.instance_visible_to(actor)),
        )
    )
    count = session.scalar(sa.select(sa.func.count()).select_from(wanted.with_only_columns(Incident.id).subquery()))
    rows = session.execute(wanted.order_by(Incident.created_at, Incident.id).limit(limit)).all()
    return [(incident, instance) for incident, instance in rows], count or 0


def late_work(session: Session, *, actor: Actor, now: datetime, limit: int) -> list[UserTask]:
    """Return what is overdue in front of anybody, the longest late first, for who sees every task or gives work.

    Of tasks that stand in front of others, only those the actor may see.
    """
    row = UserTaskCandidate
    query = (
        sa.select(UserTask)
        .join(row, row.user_task_id == UserTask.id)
        .where(row.due_at < now, UserTask.state == "created", access.user_task_visible_to(actor))
        .distinct()
        .order_by(UserTask.due_at, UserTask.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def load_of(session: Session, *, actor: Actor, now: datetime, limit: int) -> list[Load]:
    """Return how much each active colleague has in front of them, the most first; for those who give work to others.

    Work of matters that the actor may not know of is not counted.
    """
    if not actor.may(GIVES_WORK):
        return []
    row, principal = UserTaskCandidate, sa.literal("user:") + User.username
    late = sa.func.sum(sa.case((row.due_at < now, 1), else_=0))
    query = (
        sa.select(User.username, User.full_name, sa.func.count(), late)
        .join(row, row.principal == principal)
        .where(User.is_active)
        .group_by(User.username, User.full_name)
        .order_by(sa.func.count().desc(), User.full_name)
        .limit(limit)
    )
    if access.is_denied_anything(session, actor):
        query = query.where(row.user_task_id.not_in(access.denied_open_tasks(actor)))
    return [Load(*found) for found in session.execute(query).all()]


def newest_enquiries(session: Session, *, actor: Actor, limit: int) -> Sequence[Enquiry]:
    """Return the open enquiries that the actor may see, the newest first."""
    return enquiries.search(session, actor=actor, state="open", limit=limit).items
