"""Service tasks by which a process asks a client for documents and waits for them."""

from typing import Any, cast

from sqlalchemy.orm import Session

from engine import process_instances
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import known_facts, once
from practice.document_requests import operations, queries
from practice.document_requests.errors import DocumentRequestNotFound
from practice.document_requests.models import DocumentRequest
from practice.errors import VariableInvalid
from practice.variables import long_text, needed_text, text


@delegate("open_document_request")
def open_document_request(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Open the request for the calling process's matter, or for the one named in ``request_matter``.

    A process that somebody started by hand gets the matter's number as its business key.
    """

    def effect() -> dict[str, Any]:
        named = text(call.variables, "request_matter", longest=40)
        number = call.business_key
        if named is not None:
            number = operations.matter_for(session, named, by=call.by).number
            if number != call.business_key:
                process_instances.set_business_key(session, call.process_instance_id, number, by=call.by, now=call.now)
        request = operations.open_request(
            session,
            number or "",
            known_facts(call),
            process_instance_id=call.process_instance_id,
            by=call.by,
            now=call.now,
        )
        return {
            "request_number": request.number,
            "request_owner": request.requested_by,
            "request_recipient": request.recipient,
            "request_due_on": request.due_on.isoformat(),
            **_told(request),
        }

    return once(session, "open_document_request", call, effect)


@delegate("list_missing_documents")
def list_missing_documents(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Say what is missing just now: somebody may have ticked it on the request's card."""
    return _told(_request(session, call))


@delegate("settle_documents")
def settle_documents(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Tick what came and what cannot be got: lists of positions in ``received`` and ``unobtainable``."""

    def effect() -> dict[str, Any]:
        request = _request(session, call)
        ticks = {
            **operations.ticks(_positions(call, "received"), "received"),
            **operations.ticks(_positions(call, "unobtainable"), "unobtainable"),
        }
        open_now = {str(item.position) for item in request.missing}
        # What a colleague ticked meanwhile on the card needs nothing more.
        fresh = {position: state for position, state in ticks.items() if position in open_now}
        if fresh and request.state == "waiting":
            note, place = long_text(call.inputs, "note", longest=500), text(call.inputs, "place", longest=200)
            request = operations.settle(
                session, request.number, fresh, note=note, place=place, by=call.by, now=call.now
            )
        return _told(request)

    return once(session, "settle_documents", call, effect)


@delegate("note_client_reminder")
def note_client_reminder(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that the client was called or reminded, with ``note``; of a request that has ended, nothing."""

    def effect() -> None:
        request = _request(session, call)
        if request.state == "waiting":
            note = long_text(call.inputs, "note", longest=2000)
            operations.remind(session, request.number, by=call.by, now=call.now, note=note)

    return once(session, "note_client_reminder", call, effect)


@delegate("end_document_request")
def end_document_request(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Go on without what is missing, for the ``reason`` given; one that has ended stays as it is."""

    def effect() -> dict[str, Any]:
        reason = long_text(call.inputs, "reason", longest=4000)
        return _told(operations.end(session, _request(session, call).number, reason, by=call.by, now=call.now))

    return once(session, "end_document_request", call, effect)


def _request(session: Session, call: DelegateCall) -> DocumentRequest:
    number = needed_text(call.variables, "request_number", longest=40)
    request = queries.by_number(session, number)
    if request is None:
        raise DocumentRequestNotFound(number)
    return request


def _told(request: DocumentRequest) -> dict[str, Any]:
    missing = request.missing if request.state == "waiting" else []
    return {
        "request_state": request.state,
        "missing_documents": [{"label": item.name, "value": str(item.position)} for item in missing],
        "missing_count": len(missing),
        "unobtainable_documents": ", ".join(item.name for item in request.items if item.state == "unobtainable"),
    }


def _positions(call: DelegateCall, name: str) -> list[str]:
    value = call.inputs.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise VariableInvalid(name, str(value)[:80])
    return [str(item) for item in cast("list[Any]", value)]
