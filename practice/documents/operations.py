"""Filing documents, adding versions, taking them off the file. Nothing is ever deleted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.documents import file_names, owners, queries
from practice.documents.errors import DocumentClassUnknown, DocumentNotFound, DocumentOutdated, DocumentWithdrawn
from practice.documents.models import CLASSES, Document, DocumentVersion
from practice.documents.owners import Owner
from practice.documents.store import Content
from practice.parties.names import fold
from practice.variables import long_text, needed_text, text

_LONGEST_TITLE = 200
_LONGEST_NOTE = 500


def file(
    session: Session,
    owner: Owner,
    content: Content,
    *,
    title: str | None = None,
    doc_class: str = "other",
    user_task_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Document:
    """File a document with what it belongs to; ``content`` was taken in by ``store.take_in``.

    Without a title it goes by its file's name.

    Raises:
        DocumentOwnerNotFound, MatterArchived: it cannot be filed there by this person.
        DocumentClassUnknown, VariableInvalid.
    """
    owners.require(session, owner, by=by)
    named = text({"title": title}, "title", longest=_LONGEST_TITLE) or file_names.stem(content.file_name)
    document = Document(
        owner_kind=owner.kind, owner=owner.number, title=named, doc_class=_known_class(doc_class),
        user_task_id=user_task_id, search_text=fold(f"{named} {content.file_name}"),
        created_at=now, created_by=by.username, changed_at=now,
    )  # fmt: skip
    session.add(document)
    session.flush()
    _add(session, document, content, None, by=by, now=now)
    _record(session, document, "document_filed", by=by, now=now, after=_facts(document) | _facts_of(content))
    return document


def add_version(
    session: Session,
    document_id: UUID,
    content: Content,
    *,
    based_on: int | None = None,
    note: str | None = None,
    by: Actor,
    now: datetime,
) -> Document:
    """Add a version; the same content again changes nothing.

    ``based_on`` is the version that was worked on; without it the new one comes after whatever there is.

    Raises:
        DocumentNotFound, DocumentWithdrawn, MatterArchived, VariableInvalid.
        DocumentOutdated: somebody added another version meanwhile.
    """
    document = _changeable(session, document_id, by)
    newest = queries.version(session, document)
    if newest.sha256 == content.sha256:
        return document
    if based_on is not None and based_on != document.version:
        raise DocumentOutdated(document.id, document.version)
    document.version += 1
    document.changed_at = now
    document.search_text = fold(f"{document.title} {content.file_name}")
    _add(session, document, content, long_text({"note": note}, "note", longest=_LONGEST_NOTE), by=by, now=now)
    after = {"version": document.version, **_facts_of(content)}
    _record(session, document, "document_version_added", by=by, now=now, after=after)
    return document


def change(
    session: Session,
    document_id: UUID,
    *,
    title: str | None = None,
    doc_class: str | None = None,
    by: Actor,
    now: datetime,
) -> Document:
    """Call a document something else, or say what sort of paper it is.

    Raises:
        DocumentNotFound, DocumentWithdrawn, MatterArchived, DocumentClassUnknown, VariableMissing, VariableInvalid.
    """
    document = _changeable(session, document_id, by)
    before = _facts(document)
    if title is not None:
        document.title = needed_text({"title": title}, "title", longest=_LONGEST_TITLE)
        document.search_text = fold(f"{document.title} {queries.version(session, document).file_name}")
    if doc_class is not None:
        document.doc_class = _known_class(doc_class)
    session.flush()
    if before != _facts(document):
        _record(session, document, "document_changed", by=by, now=now, before=before, after=_facts(document))
    return document


def withdraw(session: Session, document_id: UUID, reason: str | None, *, by: Actor, now: datetime) -> Document:
    """Take a document off the file with a reason; it stays on record.

    Raises:
        DocumentNotFound, DocumentWithdrawn, MatterArchived, VariableMissing, VariableInvalid.
    """
    document = _changeable(session, document_id, by)
    document.withdrawn_because = needed_text({"reason": reason}, "reason", longest=_LONGEST_NOTE)
    document.withdrawn_at, document.withdrawn_by = now, by.username
    session.flush()
    _record(session, document, "document_withdrawn", by=by, now=now, after={"reason": document.withdrawn_because})
    return document


def refile(
    session: Session, document_ids: Collection[UUID], owner: Owner, *, by: Actor, now: datetime
) -> list[Document]:
    """Move documents that a person brought in before there was anything to file them with.

    Only the actor's own unfiled ones move; others stay where they are, and ones that are there already count as moved.

    Raises:
        DocumentNotFound: one of them is not the actor's to file.
    """
    if not document_ids:
        return []
    query = sa.select(Document).where(Document.id.in_(list(document_ids)), queries.visible_to(by)).with_for_update()
    found = {document.id: document for document in session.scalars(query)}
    for document_id in document_ids:
        document = found.get(document_id)
        if document is None:
            raise DocumentNotFound(document_id)
        if document.owner_kind == owners.PERSON:
            document.owner_kind, document.owner = owner.kind, owner.number
            session.flush()
            _record(session, document, "document_filed", by=by, now=now, after=_facts(document))
    return [found[document_id] for document_id in document_ids]


def _add(session: Session, document: Document, content: Content, note: str | None, *, by: Actor, now: datetime) -> None:
    session.add(
        DocumentVersion(
            document_id=document.id, number=document.version, file_name=content.file_name, sha256=content.sha256,
            size=content.size, media_type=content.media_type, note=note, added_at=now, added_by=by.username,
        )
    )  # fmt: skip
    session.flush()


def _changeable(session: Session, document_id: UUID, by: Actor) -> Document:
    query = sa.select(Document).where(Document.id == document_id, queries.visible_to(by))
    document = session.scalar(query.with_for_update(of=Document).execution_options(populate_existing=True))
    if document is None:
        raise DocumentNotFound(document_id)
    if document.withdrawn_at is not None:
        raise DocumentWithdrawn(document_id)
    owners.require(session, Owner(document.owner_kind, document.owner), by=by)
    return document


def _known_class(doc_class: str) -> str:
    if doc_class not in CLASSES:
        raise DocumentClassUnknown(doc_class[:40])
    return doc_class


def _facts(document: Document) -> dict[str, Any]:
    names = ("owner_kind", "owner", "title", "doc_class")
    return {name: getattr(document, name) for name in names}


def _facts_of(content: Content) -> dict[str, Any]:
    return {"file_name": content.file_name, "sha256": content.sha256, "size": content.size}


def _record(session: Session, document: Document, kind: str, *, by: Actor, now: datetime, **sides: Any) -> None:
    matter = document.owner if document.owner_kind == owners.MATTER else None
    audit.append(session, "document", document.id, kind, by=by, now=now, matter=matter, **sides)
