"""The calendar of hearings over all matters that somebody may see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from engine import clock
from practice.proceedings import agenda, operations
from practice.proceedings.models import HEARING_STATES, Hearing
from webui.api.v1.blueprint import ApiBlueprint, Query, operation, refuse
from webui.api.v1.proceeding_schemas import HearingSchema
from webui.api.v1.schemas import Answer, Instant, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("hearings", __name__, url_prefix="/hearings", description="Dates before the courts.")
LONGEST = timedelta(days=370)


class HearingFilters(Query):
    """Which hearings to list."""

    starts_from = Instant(required=True)
    starts_before = Instant(required=True, **said("At most 370 days later."))
    scope = fields.String(load_default="all", validate=validate.OneOf(agenda.SCOPES))
    representative = text(150, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(HEARING_STATES))


class AppointmentSchema(HearingSchema):
    """A hearing with its matter and its court."""

    matter = fields.String(required=True, **said("Its number."))
    proceeding = fields.Integer(required=True, **said("Its number within the matter."))
    court = fields.String(required=True, allow_none=True)
    court_number = fields.String(required=True, allow_none=True)


class AppointmentsSchema(Answer):
    """Hearings, the first first; at most 500."""

    items = fields.List(fields.Nested(AppointmentSchema), required=True)


class ChangedHearingSchema(Schema):
    """What changes about a planned hearing."""

    starts_at = Instant()
    ends_at = Instant(allow_none=True)
    room = text(100, allow_none=True, least=0)
    representative = text(150, allow_none=True, least=0)


@bp.get("")
@bp.arguments(HearingFilters, location="query")
@bp.response(200, AppointmentsSchema)
@operation("list_hearings")
def list_hearings(args: dict[str, Any]) -> dict[str, Any]:
    """List the hearings of a stretch of time, over all matters that one may see."""
    first: datetime = args["starts_from"]
    last: datetime = args["starts_before"]
    if not first < last <= first + LONGEST:
        refuse(starts_before="Has to be later than starts_from, by at most 370 days.")
    found = agenda.between(
        db.session(),
        first,
        last,
        actor=current_actor(),
        scope=args["scope"],
        representative=args["representative"],
        states=(args["state"],) if args["state"] else HEARING_STATES,
    )
    names = HearingSchema().fields
    return {
        "items": [
            {name: getattr(one.hearing, name) for name in names}
            | {name: getattr(one, name) for name in ("matter", "proceeding", "court", "court_number")}
            for one in found
        ]
    }


@bp.patch("/<uuid:hearing_id>")
@bp.arguments(ChangedHearingSchema)
@bp.response(200, HearingSchema)
@operation("change_hearing", 403, 404)
def change(args: dict[str, Any], hearing_id: UUID) -> Hearing:
    """Change day, room or representative of a planned hearing; one that the court puts off is ended as adjourned."""
    return operations.change_hearing(db.session(), hearing_id, args, by=current_actor(), now=clock.utc_now())
