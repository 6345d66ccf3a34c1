"""Asking clients for documents: open a request, tick what comes, remind, go on without the rest."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import messages
from engine.actor import Actor
from engine.errors import MessageUnknown
from practice.audit import operations as audit
from practice.document_requests import queries
from practice.document_requests.errors import (
    DocumentRequestEnded,
    DocumentRequestNotFound,
    DocumentsUnnamed,
    DocumentUnknown,
)
from practice.document_requests.models import ITEM_STATES, WAYS, DocumentRequest, DocumentRequestItem
from practice.documents import queries as documents
from practice.documents.models import Document
from practice.documents.owners import MATTER
from practice.errors import MatterNotFound, VariableInvalid, VariableMissing
from practice.matters import guards
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.sequences.operations import next_number
from practice.time.calendars import local_day
from practice.variables import Variables, day, long_text, text

#: Days in which a client is asked to answer.
DUE_DAYS: Final = 7
MOST_ITEMS: Final = 60
#: The message that ends the wait of the process when the last document came over the page or the API.
SETTLED: Final = "documents_settled"
_LONGEST_NAME: Final = 300


def open_request(
    session: Session,
    matter_number: str,
    facts: Variables,
    *,
    process_instance_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> DocumentRequest:
    """Ask a matter's client for documents: ``request_items``, one on a line.

    ``request_recipient`` is the client unless somebody else is named; ``request_way`` is how they are asked,
    ``request_note`` what they are told, ``request_due_on`` until when (7 days).

    Raises:
        MatterNotFound, DocumentsUnnamed, VariableInvalid.
    """
    matter = session.scalar(sa.select(Matter).where(Matter.number == matter_number))
    if matter is None:
        raise MatterNotFound(matter_number[:40])
    way = text(facts, "request_way", longest=20) or "letter"
    if way not in WAYS:
        raise VariableInvalid("request_way", way)
    request = DocumentRequest(
        number=f"R-{now.year}-{next_number(session, 'document_request', year=now.year):04d}",
        matter_id=matter.id,
        recipient=text(facts, "request_recipient") or matter.client_name,
        way=way,
        note=long_text(facts, "request_note", longest=4000),
        requested_by=by.username,
        requested_at=now,
        due_on=day(facts, "request_due_on") or local_day(now) + timedelta(days=DUE_DAYS),
        state="waiting",
        times_reminded=0,
        process_instance_id=process_instance_id,
        items=[
            DocumentRequestItem(position=at, name=name, state="missing") for at, name in enumerate(_names(facts), 1)
        ],
    )
    session.add(request)
    session.flush()
    after = {"items": [item.name for item in request.items], "recipient": request.recipient, "way": way}
    _audit(session, request, "documents_requested", by, now, after=after)
    return request


def settle(
    session: Session,
    number: str,
    settled: Mapping[str, str],
    *,
    note: str | None = None,
    place: str | None = None,
    document_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> DocumentRequest:
    """Tick documents by their position (``{"2": "received"}``): received, unobtainable or waived.

    ``document_id`` is what they came as, in the matter's file. When nothing is missing any more the request is
    complete. No person's rights are asked: ``settle_as`` does that.

    Raises:
        DocumentRequestNotFound, DocumentRequestEnded, DocumentUnknown, VariableInvalid.
    """
    request = _locked(session, number)
    missing = {str(item.position): item for item in request.missing}
    for position, state in settled.items():
        if state not in ITEM_STATES or state == "missing":
            raise VariableInvalid("state", state[:40])
        item = missing.get(position)
        if item is None:
            raise DocumentUnknown("items", position[:40])
        item.state, item.settled_at, item.settled_by = state, now, by.username
        item.note = (note or "").strip()[:500] or None
        item.original_place = (place or "").strip()[:200] or None if state == "received" else None
        item.document_id = document_id if state == "received" else None
        told = {"document": item.name, "state": state, "note": item.note, "place": item.original_place}
        if item.document_id is not None:
            told["document_id"] = str(item.document_id)
        _audit(session, request, "document_settled", by, now, after=told)
    if not request.missing:
        request.state, request.ended_at, request.ended_by = "complete", now, by.username
        _audit(session, request, "documents_complete", by, now, after={"state": "complete"})
    session.flush()
    return request


def settle_as(
    session: Session,
    number: str,
    settled: Mapping[str, str],
    *,
    note: str | None = None,
    place: str | None = None,
    document_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> DocumentRequest:
    """Tick documents on the request's card: for who may change the matter. The process that waits is told.

    Raises:
        DocumentRequestNotFound, DocumentRequestEnded, DocumentUnknown, VariableInvalid: as ``settle``, and when
            ``document_id`` is none that the actor sees in the matter's file.
    """
    _require_writable(session, number, by)
    if document_id is not None:
        _require_filed(session, number, document_id, by)
    request = settle(session, number, settled, note=note, place=place, document_id=document_id, by=by, now=now)
    _tell_process(session, request, by=by, now=now)
    return request


def remind(session: Session, number: str, *, by: Actor, now: datetime, note: str | None = None) -> DocumentRequest:
    """Note that the client was reminded; no person's rights are asked."""
    request = _locked(session, number)
    request.times_reminded += 1
    request.reminded_at = now
    _audit(session, request, "client_reminded", by, now, after={"times": request.times_reminded, "note": note})
    session.flush()
    return request


def remind_as(session: Session, number: str, *, by: Actor, now: datetime, note: str | None = None) -> DocumentRequest:
    """Note on the request's card that the client was reminded: for who may change the matter."""
    _require_writable(session, number, by)
    return remind(session, number, by=by, now=now, note=note)


def end(session: Session, number: str, reason: str | None, *, by: Actor, now: datetime) -> DocumentRequest:
    """Go on without what is missing, for a reason; one that has ended stays as it is."""
    request = queries.by_number(session, number)
    if request is None:
        raise DocumentRequestNotFound(number[:40])
    if request.state != "waiting":
        return request
    why = (reason or "").strip()[:4000]
    if not why:
        raise VariableMissing("end_reason")
    request = _locked(session, number)
    request.state, request.ended_at, request.ended_by, request.end_reason = "ended", now, by.username, why
    left = [item.name for item in request.missing]
    _audit(session, request, "wait_for_documents_ended", by, now, after={"reason": why, "missing": left})
    session.flush()
    return request


def end_as(session: Session, number: str, reason: str | None, *, by: Actor, now: datetime) -> DocumentRequest:
    """Go on without what is missing, on the request's card: for who may change the matter. The process is told."""
    _require_writable(session, number, by)
    was_waiting = _locked(session, number)
    request = end(session, was_waiting.number, reason, by=by, now=now)
    _tell_process(session, request, by=by, now=now)
    return request


def _tell_process(session: Session, request: DocumentRequest, *, by: Actor, now: datetime) -> None:
    """End the wait of the process, wherever it stands; when it does not wait just now, it looks before it does."""
    if request.state == "waiting" or request.process_instance_id is None:
        return
    try:
        messages.correlate(session, SETTLED, request.number, time_to_live="PT0S", by=by, now=now)
    except MessageUnknown:
        return


def _require_writable(session: Session, number: str, by: Actor) -> None:
    request = queries.get_by_number(session, number, actor=by)
    matter_number = session.scalar(sa.select(Matter.number).where(Matter.id == request.matter_id))
    guards.writable(session, matter_number or "", by=by)


def _require_filed(session: Session, number: str, document_id: UUID, by: Actor) -> None:
    owner = (
        sa.select(Matter.number)
        .join(DocumentRequest, DocumentRequest.matter_id == Matter.id)
        .where(DocumentRequest.number == number)
    )
    found = sa.select(Document.id).where(
        Document.id == document_id,
        Document.owner_kind == MATTER,
        Document.owner == owner.scalar_subquery(),
        Document.withdrawn_at.is_(None),
        documents.visible_to(by),
    )
    if session.scalar(found) is None:
        raise VariableInvalid("document_id", str(document_id))


def _locked(session: Session, number: str) -> DocumentRequest:
    query = sa.select(DocumentRequest).where(DocumentRequest.number == number).with_for_update(of=DocumentRequest)
    request = session.scalar(query.execution_options(populate_existing=True))
    if request is None:
        raise DocumentRequestNotFound(number[:40])
    if request.state != "waiting":
        raise DocumentRequestEnded(number, request.state)
    return request


def _names(facts: Variables) -> list[str]:
    lines = (long_text(facts, "request_items", longest=20_000) or "").splitlines()
    names = [" ".join(line.split()) for line in lines if line.strip()]
    if not 0 < len(names) <= MOST_ITEMS or any(len(name) > _LONGEST_NAME for name in names):
        raise DocumentsUnnamed("request_items")
    if len({name.casefold() for name in names}) < len(names):
        raise DocumentsUnnamed("request_items")
    return names


def _audit(
    session: Session, request: DocumentRequest, kind: str, by: Actor, now: datetime, *, after: Mapping[str, Any]
) -> None:
    number = session.scalar(sa.select(Matter.number).where(Matter.id == request.matter_id))
    audit.append(session, "document_request", request.number, kind, by=by, now=now, after=after, matter=number)


def matter_for(session: Session, number: str, *, by: Actor) -> Matter:
    """Return the open matter that somebody asks documents for, or raise ``MatterNotFound``."""
    seen = sa.select(Matter).where(Matter.number == number.strip().upper(), matters.seen_by(by))
    matter = session.scalar(seen.where(Matter.state != "archived"))
    if matter is None:
        raise MatterNotFound(number[:40])
    return matter


def ticks(positions: Collection[Any], state: str) -> dict[str, str]:
    """Return what ``settle`` takes, for positions that a form's list of choices returned."""
    return {str(position): state for position in positions}
