"""Events of matters and how long they took."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine import clock
from practice.directories import queries as directories
from practice.events import operations, queries
from practice.events.models import Event
from practice.paging import Page
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.event_schemas import (
    EVENT_STATES,
    ChangedEventSchema,
    DurationsSchema,
    EventSchema,
    FinishedSchema,
    NewEventSchema,
)
from webui.api.v1.schemas import Instant, NothingSchema, ReasonSchema, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("events", __name__, url_prefix="", description="What is planned and done in matters.")
EventsSchema = page_of(EventSchema, "Events")


class EventFilters(PageArgs):
    """Which events to list; everything that is given has to hold."""

    state = fields.String(load_default=None, validate=validate.OneOf(EVENT_STATES))
    responsible = text(150, load_default=None, **said("Username."))
    kind = text(60, load_default=None, **said("Key of a kind or of a group."))
    direction = text(60, load_default=None, **said("Key; what lies below counts."))
    planned_from = Instant(load_default=None)
    planned_before = Instant(load_default=None)


@bp.get("/events")
@bp.arguments(EventFilters, location="query")
@bp.response(200, EventsSchema)
@operation("list_events")
def list_events(args: dict[str, Any]) -> Page[Event]:
    """List the events the person may see, the first planned first."""
    session = db.session()
    return queries.search(
        session,
        actor=current_actor(),
        kind=directories.chosen(session, "event_kind", args.pop("kind"), field="kind"),
        direction=directories.chosen(session, "direction", args.pop("direction"), field="direction"),
        **args,
    )


@bp.get("/events/durations")
@bp.response(200, DurationsSchema)
@operation("list_event_durations")
def list_durations() -> dict[str, Any]:
    """List how long events took, per event group, direction and court."""
    return {"items": queries.durations(db.session(), actor=current_actor())}


@bp.post("/matters/<string:number>/events")
@bp.arguments(NewEventSchema)
@bp.response(201, EventSchema)
@operation("plan_event", 403, 404)
def plan(args: dict[str, Any], number: str) -> Event:
    """Plan an event with everybody who is responsible for it."""
    return operations.plan(db.session(), number, args, by=current_actor(), now=clock.utc_now())


@bp.get("/events/<uuid:event_id>")
@bp.response(200, EventSchema)
@operation("get_event", 404)
def show(event_id: UUID) -> Event:
    """Show an event."""
    return queries.get(db.session(), event_id, actor=current_actor())


@bp.patch("/events/<uuid:event_id>")
@bp.arguments(ChangedEventSchema)
@bp.response(200, EventSchema)
@operation("change_event", 403, 404)
def change(args: dict[str, Any], event_id: UUID) -> Event:
    """Change an event that is not over."""
    return operations.change(db.session(), event_id, args, by=current_actor(), now=clock.utc_now())


@bp.post("/events/<uuid:event_id>/start")
@bp.arguments(NothingSchema)
@bp.response(200, EventSchema)
@operation("start_event", 403, 404)
def start(_nothing: dict[str, Any], event_id: UUID) -> Event:
    """Say that an event has begun."""
    return operations.begin(db.session(), event_id, by=current_actor(), now=clock.utc_now())


@bp.post("/events/<uuid:event_id>/finish")
@bp.arguments(FinishedSchema)
@bp.response(200, EventSchema)
@operation("finish_event", 403, 404)
def finish(args: dict[str, Any], event_id: UUID) -> Event:
    """Say that one's part is done; the last one needed ends the event and writes how long it took."""
    return operations.finish(db.session(), event_id, args, by=current_actor(), now=clock.utc_now())


@bp.post("/events/<uuid:event_id>/cancel")
@bp.arguments(ReasonSchema)
@bp.response(200, EventSchema)
@operation("cancel_event", 403, 404)
def cancel(args: dict[str, Any], event_id: UUID) -> Event:
    """Cancel an event."""
    return operations.cancel(db.session(), event_id, args, by=current_actor(), now=clock.utc_now())
