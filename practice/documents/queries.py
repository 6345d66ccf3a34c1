"""Documents (read side). Who may see one is part of every query."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.anyone import for_alike
from practice.documents import owners, store
from practice.documents.errors import DocumentNotFound, DocumentVersionNotFound
from practice.documents.models import Document, DocumentVersion
from practice.documents.owners import Owner
from practice.matters import telling
from practice.matters.models import Matter
from practice.paging import ROWS_OF_PAGE, Page, bounded, place, size
from practice.parties.names import fold
from practice.text_index import queries as text_index


@dataclass(frozen=True, slots=True)
class Filed:
    """A document and its newest version."""

    document: Document
    newest: DocumentVersion


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Document``: those of the matters, enquiries and other records that the actor sees."""
    return owners.seen_by(actor)


def get(session: Session, document_id: UUID, *, actor: Actor) -> Document:
    """Return the document; for people whom it does not concern there is none (``DocumentNotFound``)."""
    document = session.scalar(sa.select(Document).where(Document.id == document_id, visible_to(actor)))
    if document is None:
        raise DocumentNotFound(document_id)
    return document


def version(session: Session, document: Document, number: int | None = None) -> DocumentVersion:
    """Return a version of a document that was read with the reader's rights; the newest when none is named."""
    wanted = document.version if number is None else number
    found = session.scalar(
        sa.select(DocumentVersion).where(DocumentVersion.document_id == document.id, DocumentVersion.number == wanted)
    )
    if found is None:
        raise DocumentVersionNotFound(document.id, wanted)
    return found


def versions(session: Session, document: Document) -> list[DocumentVersion]:
    """Return the versions of a document that was read with the reader's rights, the newest first."""
    query = sa.select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    return list(session.scalars(query.order_by(DocumentVersion.number.desc())))


def content(found: DocumentVersion) -> Any:
    """Return the path of the file that holds a version."""
    return store.path(found.sha256)


def search(
    session: Session,
    *,
    actor: Actor,
    owner: Owner | None = None,
    user_task_id: UUID | None = None,
    text: str | None = None,
    doc_class: str | None = None,
    withdrawn: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Filed]:
    """Return the documents that the actor may see, the last changed first.

    Those of a matter include those of the enquiry that it came of. ``text`` is looked for word by word in titles and
    file names; ``withdrawn`` adds what was taken off the file.
    """
    limit = bounded(limit)
    wanted: list[sa.ColumnElement[bool]] = []
    if user_task_id is not None:
        wanted.append(Document.user_task_id == user_task_id)
    if doc_class is not None:
        wanted.append(Document.doc_class == doc_class)
    words = fold(text or "").split()[:8]
    holding = text_index.holding(session, words, key=Document.id, text=Document.search_text)
    is_there = holding.is_rare or text_index.is_anywhere(session, words, text=Document.search_text)
    if holding.is_nothing or not is_there:
        return Page([], None)
    wanted += holding.looked.conditions(Document.id, Document.search_text)
    if cursor:
        key: Any = sa.tuple_(Document.changed_at, Document.id)
        wanted.append(key < sa.tuple_(*place(cursor), types=[Document.changed_at.type, Document.id.type]))
    reader = telling.of(session, actor)
    asked = _listed(reader, owner.kind if owner else None, withdrawn=withdrawn).narrowed(*wanted)
    values = holding.values | ({"owner": owner.number} if owner else {})
    rows = asked.execute(session, **values, rows_of_page=size(limit))
    filed = [Filed(document, newest) for document, newest in rows]
    return Page.cut(filed, limit, lambda row: (row.document.changed_at, row.document.id))


def of_read_matter(session: Session, matter: Matter, *, limit: int) -> list[Filed]:
    """Return the documents of a matter that was read with the reader's rights and of the enquiry that it came of.

    The last changed first; who sees a matter sees the enquiry, too.
    """
    rows = session.execute(_OF_MATTER.limit(limit), {"number": matter.number, "came_of": matter.enquiry_number or ""})
    return [Filed(document, newest) for document, newest in rows]


def by_ids(session: Session, document_ids: Collection[UUID], *, actor: Actor) -> list[Filed]:
    """Return those of the documents that the actor may see."""
    rows = session.execute(_filed().where(Document.id.in_(list(document_ids)), visible_to(actor)))
    return [Filed(document, newest) for document, newest in rows]


@for_alike
def _listed(actor: Actor, owner_kind: str | None, *, withdrawn: bool) -> sa.Select[Document, DocumentVersion]:
    if owner_kind is None:
        query = _filed().where(visible_to(actor))
    else:
        # A matter's papers are its own and its enquiry's; of other records nothing has to be asked.
        query = _filed().where(_belongs_to(owner_kind), owners.seen_by(actor, (owner_kind, owners.ENQUIRY)))
    if not withdrawn:
        query = query.where(Document.withdrawn_at.is_(None))
    return query.order_by(Document.changed_at.desc(), Document.id.desc()).limit(ROWS_OF_PAGE)


def _filed() -> sa.Select[Document, DocumentVersion]:
    newest = sa.and_(DocumentVersion.document_id == Document.id, DocumentVersion.number == Document.version)
    return sa.select(Document, DocumentVersion).join(DocumentVersion, newest)


def _belongs_to(kind: str) -> sa.ColumnElement[bool]:
    """Say whether a document belongs to the record of this kind that the parameter ``owner`` numbers."""
    owner: sa.BindParameter[Any] = sa.bindparam("owner")
    own = sa.and_(Document.owner == owner, Document.owner_kind == kind)
    if kind != owners.MATTER:
        return own
    came_of = sa.select(Matter.enquiry_number).where(Matter.number == owner, Matter.enquiry_number.is_not(None))
    return sa.or_(own, sa.and_(Document.owner_kind == owners.ENQUIRY, Document.owner.in_(came_of)))


_OF_MATTER: Final = (
    _filed()
    .where(
        sa.or_(
            sa.and_(Document.owner == sa.bindparam("number"), Document.owner_kind == owners.MATTER),
            sa.and_(Document.owner == sa.bindparam("came_of"), Document.owner_kind == owners.ENQUIRY),
        ),
        Document.withdrawn_at.is_(None),
    )
    .order_by(Document.changed_at.desc(), Document.id.desc())
)
