"""Matters (read side). Who may see one is part of every query that a person's page makes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.errors import MatterNotFound
from practice.matters.models import Matter, MatterRelation
from practice.matters.visibility import denied_numbers, denied_to, is_guarded, visible_to
from practice.paging import Page, bounded, place
from practice.parties.names import fold

__all__ = [
    "denied_numbers",
    "denied_to",
    "get_by_number",
    "is_guarded",
    "open_matters_by_lawyer",
    "search",
    "visible_to",
]


def get_by_number(session: Session, number: str, *, actor: Actor) -> Matter:
    """Return the matter; for people whom it does not concern there is none (``MatterNotFound``)."""
    matter = session.scalar(sa.select(Matter).where(Matter.number == number, visible_to(actor)))
    if matter is None:
        raise MatterNotFound(number)
    return matter


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    state: str | None = None,
    case_type: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Matter]:
    """Return the matters the actor may see, the newest first; ``text`` is looked for word by word, in part."""
    limit = bounded(limit)
    query = sa.select(Matter).where(visible_to(actor))
    if state:
        query = query.where(Matter.state == state)
    if case_type:
        query = query.where(Matter.case_type == case_type)
    for word in fold(text or "").split():
        query = query.where(Matter.search_text.contains(word, autoescape=True))
    if cursor:
        key: Any = sa.tuple_(Matter.opened_at, Matter.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[Matter.opened_at.type, Matter.id.type]))
    query = query.order_by(Matter.opened_at.desc(), Matter.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.opened_at, row.id))


def related(session: Session, matter: Matter, *, actor: Actor) -> list[tuple[Matter, str]]:
    """Return the matters that have to do with one, and how; only those the actor may see."""
    ends = (
        sa.select(MatterRelation.related_id.label("other_id"), MatterRelation.kind)
        .where(MatterRelation.matter_id == matter.id)
        .union_all(
            sa.select(MatterRelation.matter_id, MatterRelation.kind).where(MatterRelation.related_id == matter.id)
        )
        .subquery()
    )
    query = sa.select(Matter, ends.c.kind).join(ends, ends.c.other_id == Matter.id).where(visible_to(actor))
    return [(other, kind) for other, kind in session.execute(query.order_by(Matter.number))]


def open_matters_by_lawyer(session: Session) -> dict[str, int]:
    """Return how many open matters each responsible lawyer has."""
    query = sa.select(Matter.responsible, sa.func.count()).where(Matter.state == "open").group_by(Matter.responsible)
    return dict(session.execute(query).all())
