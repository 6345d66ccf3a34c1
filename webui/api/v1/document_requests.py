"""What matters wait for from their clients."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields, validate

from engine import clock, process_instances
from practice.document_requests import operations, queries
from practice.document_requests.models import ITEM_STATES, STATES, WAYS, DocumentRequest
from practice.matters.models import Matter
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import Answer, Instant, names_of, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "document requests", __name__, url_prefix="/document-requests", description="What matters wait for from clients."
)
PROCESS = "document_request"


class RequestedDocumentSchema(Answer):
    """One document that was asked for."""

    position = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ITEM_STATES))
    settled_at = Instant(required=True, allow_none=True)
    settled_by = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    original_place = fields.String(required=True, allow_none=True)
    document_id = fields.UUID(required=True, allow_none=True)


class DocumentRequestSchema(Answer):
    """A list of documents that a matter waits for."""

    number = fields.String(required=True)
    matter_number = fields.String(required=True)
    recipient = fields.String(required=True)
    way = fields.String(required=True, validate=validate.OneOf(WAYS))
    note = fields.String(required=True, allow_none=True)
    requested_by = fields.String(required=True)
    requested_at = Instant(required=True)
    due_on = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    ended_at = Instant(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)
    times_reminded = fields.Integer(required=True)
    reminded_at = Instant(required=True, allow_none=True)
    items = fields.List(fields.Nested(RequestedDocumentSchema), required=True)


class DocumentRequestFilters(PageArgs):
    """Which requests to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    matter = text(40, load_default=None)
    overdue_on = fields.Date(load_default=None, **said("Those that were due before this day and still wait."))


class NewDocumentRequestSchema(Schema):
    """Documents to ask a matter's client for."""

    matter = text(40, required=True)
    items = fields.List(text(300), required=True, validate=validate.Length(min=1, max=operations.MOST_ITEMS))
    recipient = text(300)
    way = fields.String(load_default="letter", validate=validate.OneOf(WAYS))
    due_on = fields.Date()
    note = text(4000)


class SettledSchema(Schema):
    """What came, and what cannot be got."""

    received = fields.List(fields.Integer(), load_default=list, **said("Positions in the list."))
    unobtainable = fields.List(fields.Integer(), load_default=list)
    waived = fields.List(fields.Integer(), load_default=list)
    note = text(500, load_default=None, allow_none=True)
    place = text(200, load_default=None, allow_none=True, **said("Where the originals are."))
    document_id = fields.UUID(
        load_default=None, allow_none=True, **said("What was received, as a document of the matter's file.")
    )


class ClientReminderSchema(Schema):
    """How the client was reminded."""

    note = text(2000, load_default=None, allow_none=True)


class GoOnSchema(Schema):
    """Why the matter goes on without the rest."""

    reason = text(4000, required=True)


DocumentRequestsSchema = page_of(DocumentRequestSchema, "DocumentRequests")


@bp.get("")
@bp.arguments(DocumentRequestFilters, location="query")
@bp.response(200, DocumentRequestsSchema)
@operation("list_document_requests")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List the requests of the matters the person may see, the newest first."""
    page = queries.search(db.session(), actor=current_actor(), **args)
    return {"items": [_told(row.request, row.matter_number) for row in page.items], "next_cursor": page.next_cursor}


@bp.get("/<string:number>")
@bp.response(200, DocumentRequestSchema)
@operation("get_document_request", 404)
def show(number: str) -> dict[str, Any]:
    """Show a request with its items."""
    return _whole(queries.get_by_number(db.session(), number, actor=current_actor()))


@bp.post("")
@bp.arguments(NewDocumentRequestSchema)
@bp.response(201, DocumentRequestSchema)
@operation("request_documents", 403, 404)
def ask(args: dict[str, Any]) -> dict[str, Any]:
    """Ask a matter's client for documents: the start of the process `document_request`."""
    variables = {
        "request_matter": args["matter"],
        "request_items": "\n".join(args["items"]),
        "request_way": args["way"],
    }
    variables |= {f"request_{name}": args[name] for name in ("recipient", "note") if args.get(name) is not None}
    if args.get("due_on") is not None:
        variables["request_due_on"] = args["due_on"].isoformat()
    session, actor = db.session(), current_actor()
    operations.matter_for(session, args["matter"], by=actor)
    instance = process_instances.start(session, PROCESS, variables=variables, by=actor, now=clock.utc_now())
    query = sa.select(DocumentRequest).where(DocumentRequest.process_instance_id == instance.id)
    return _whole(session.scalars(query).one())


@bp.post("/<string:number>/settle")
@bp.arguments(SettledSchema)
@bp.response(200, DocumentRequestSchema)
@operation("settle_documents", 403, 404, 409)
def settle(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Tick what came, what cannot be got and what is not needed; with the last one the wait is over."""
    ticks: dict[str, str] = {}
    for state in ("received", "unobtainable", "waived"):
        ticks |= operations.ticks(args[state], state)
    told = operations.settle_as(
        db.session(),
        number,
        ticks,
        note=args["note"],
        place=args["place"],
        document_id=args["document_id"],
        by=current_actor(),
        now=clock.utc_now(),
    )
    return _whole(told)


@bp.post("/<string:number>/remind")
@bp.arguments(ClientReminderSchema)
@bp.response(200, DocumentRequestSchema)
@operation("note_client_reminder", 403, 404, 409)
def remind(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Note that the client was reminded."""
    session, actor = db.session(), current_actor()
    return _whole(operations.remind_as(session, number, note=args["note"], by=actor, now=clock.utc_now()))


@bp.post("/<string:number>/end")
@bp.arguments(GoOnSchema)
@bp.response(200, DocumentRequestSchema)
@operation("end_document_request", 403, 404, 409)
def end(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Go on without what is missing, for a reason."""
    session, actor = db.session(), current_actor()
    return _whole(operations.end_as(session, number, args["reason"], by=actor, now=clock.utc_now()))


def _whole(request: DocumentRequest) -> dict[str, Any]:
    query = sa.select(Matter.number).where(Matter.id == request.matter_id)
    return _told(request, db.session().scalars(query).one())


def _told(request: DocumentRequest, matter_number: str) -> dict[str, Any]:
    own = {name: getattr(request, name) for name in names_of(DocumentRequestSchema) if name != "matter_number"}
    return {**own, "matter_number": matter_number}
