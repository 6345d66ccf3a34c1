"""Requests for documents (read side). Who may see one is who may see its matter, inside every query."""

from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.document_requests.errors import DocumentRequestNotFound
from practice.document_requests.models import STATES, DocumentRequest
from practice.matters import belongings, colleagues
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import Page, bounded, place


class Row(NamedTuple):
    """A request of a list with its matter."""

    request: DocumentRequest
    matter_number: str
    matter_title: str


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``DocumentRequest``: those of the matters that the actor may see; asked of each row."""
    return belongings.seen(DocumentRequest.matter_id, actor)


def by_number(session: Session, number: str) -> DocumentRequest | None:
    """Return a request. For delegates: no person's rights are asked."""
    return session.scalar(sa.select(DocumentRequest).where(DocumentRequest.number == number))


def get_by_number(session: Session, number: str, *, actor: Actor) -> DocumentRequest:
    """Return a request; for people whom its matter does not concern there is none (``DocumentRequestNotFound``)."""
    found = session.scalar(sa.select(DocumentRequest).where(DocumentRequest.number == number, visible_to(actor)))
    if found is None:
        raise DocumentRequestNotFound(number[:40])
    return found


def search(
    session: Session,
    *,
    actor: Actor,
    state: str | None = None,
    matter: str | None = None,
    overdue_on: date | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Row]:
    """Return requests, the newest first; with ``overdue_on`` those that were due before that day and still wait.

    With ``person`` those that a colleague made, and those of their matters.
    """
    limit = bounded(limit)
    query = (
        sa.select(DocumentRequest, Matter.number, Matter.title)
        .join(Matter, Matter.id == DocumentRequest.matter_id)
        .where(matters.visible_to(actor))
    )
    if state in STATES:
        query = query.where(
            DocumentRequest.ended_at.is_(None) if state == "waiting" else DocumentRequest.state == state
        )
    asked_by, of_matter = DocumentRequest.requested_by, DocumentRequest.matter_id
    query = query.where(*colleagues.of(person, asked_by, matter_id=of_matter, actor=actor))
    if matter is not None:
        query = query.where(Matter.number == matter)
    if overdue_on is not None:
        query = query.where(DocumentRequest.ended_at.is_(None), DocumentRequest.due_on < overdue_on)
    if cursor:
        key: Any = sa.tuple_(DocumentRequest.requested_at, DocumentRequest.id)
        types = [DocumentRequest.requested_at.type, DocumentRequest.id.type]
        query = query.where(key < sa.tuple_(*place(cursor), types=types))
    query = query.order_by(DocumentRequest.requested_at.desc(), DocumentRequest.id.desc()).limit(limit + 1)
    rows = [Row(*row) for row in session.execute(query)]
    return Page.cut(rows, limit, lambda row: (row.request.requested_at, row.request.id))


def of_read_matter(session: Session, matter: Matter) -> list[DocumentRequest]:
    """Return the requests of a matter that was read with the reader's rights, those that wait first.

    They say what is missing, and since when (C18).
    """
    return list(session.scalars(_OF_MATTER, {"matter_id": matter.id}))


_OF_MATTER: Final = (
    sa.select(DocumentRequest)
    .where(DocumentRequest.matter_id == sa.bindparam("matter_id"))
    .order_by(DocumentRequest.ended_at.is_not(None), DocumentRequest.requested_at.desc(), DocumentRequest.id.desc())
)


def count_waiting(session: Session, *, actor: Actor, overdue_on: date | None = None) -> int:
    """Count the requests that wait; only those that are overdue when a day is given."""
    query = sa.select(sa.func.count()).select_from(DocumentRequest).where(DocumentRequest.ended_at.is_(None))
    if overdue_on is not None:
        query = query.where(DocumentRequest.due_on < overdue_on)
    return session.scalar(query.where(belongings.among(DocumentRequest.matter_id, actor))) or 0
