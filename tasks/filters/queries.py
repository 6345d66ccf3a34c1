"""Saved filters (read side): one's own and those that are shared with one."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from tasks.filters.errors import TaskFilterNotFound
from tasks.filters.models import EVERYBODY, TaskFilter


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``TaskFilter``. What one shows is decided by the rights of who looks, never by its owner's."""
    offered = TaskFilter.shared_with.in_([EVERYBODY, *sorted(actor.groups)])
    return sa.or_(TaskFilter.owner == actor.username, offered)


def of(session: Session, *, actor: Actor) -> list[TaskFilter]:
    """Return filters by name, one's own before the shared ones."""
    rows = session.scalars(sa.select(TaskFilter).where(visible_to(actor)))
    return sorted(rows, key=lambda one: (one.owner != actor.username, one.name.casefold(), one.id))


def get(session: Session, filter_id: UUID, *, actor: Actor) -> TaskFilter:
    """Return a filter.

    Raises:
        TaskFilterNotFound: there is none, or it is not shared with the actor.
    """
    row = session.scalar(sa.select(TaskFilter).where(TaskFilter.id == filter_id, visible_to(actor)))
    if row is None:
        raise TaskFilterNotFound(filter_id)
    return row
