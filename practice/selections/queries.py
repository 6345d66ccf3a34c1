"""Saved searches (read side): one's own and those that colleagues share."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.selections.errors import SelectionNotFound
from practice.selections.models import Selection


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Selection``. What a shared one finds is decided by the rights of who runs it."""
    return sa.or_(Selection.owner == actor.username, Selection.is_shared)


def of(session: Session, *, actor: Actor, entity: str | None = None) -> list[Selection]:
    """Return saved searches by name, one's own before the shared ones."""
    query = sa.select(Selection).where(visible_to(actor))
    if entity is not None:
        query = query.where(Selection.entity == entity)
    return sorted(session.scalars(query), key=lambda one: (one.owner != actor.username, one.name.casefold(), one.id))


def get(session: Session, selection_id: UUID, *, actor: Actor) -> Selection:
    """Return a saved search, or raise ``SelectionNotFound``."""
    row = session.scalar(sa.select(Selection).where(Selection.id == selection_id, visible_to(actor)))
    if row is None:
        raise SelectionNotFound(str(selection_id))
    return row
