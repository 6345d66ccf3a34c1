"""One's own notices (read side)."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.prepared import Prepared
from practice.notices.models import Notice
from practice.paging import Page, bounded, place


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Notice``: nobody reads another person's."""
    return Notice.username == actor.username


def of(
    session: Session, *, actor: Actor, unseen: bool = False, limit: int = 50, cursor: str | None = None
) -> Page[Notice]:
    """Return the actor's notices, the newest first; only the unseen ones when asked."""
    limit = bounded(limit)
    query = sa.select(Notice).where(visible_to(actor))
    if unseen:
        query = query.where(Notice.seen_at.is_(None))
    if cursor:
        key: Any = sa.tuple_(Notice.created_at, Notice.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[Notice.created_at.type, Notice.id.type]))
    query = query.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.created_at, row.id))


def unseen_count(session: Session, *, actor: Actor) -> int:
    """Return how many notices the actor has not seen."""
    session.flush()
    return _UNSEEN.rows(session.connection(), {"username": actor.username})[0].number


_UNSEEN: Final = Prepared(
    sa.select(sa.func.count().label("number"))
    .select_from(Notice)
    .where(Notice.username == sa.bindparam("username"), Notice.seen_at.is_(None))
)
