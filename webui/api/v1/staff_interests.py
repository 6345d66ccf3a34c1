"""Ties that people of the firm have with somebody outside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from engine import clock
from practice.conflicts import interests
from practice.conflicts.models import INTERESTS, StaffInterest
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer, Instant, NothingSchema, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "staff interests", __name__, url_prefix="/staff-interests", description="Ties of the firm's own people."
)


class StaffInterestSchema(Answer):
    """A tie that conflict checks find."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True, **said("The person or company outside the firm."))
    kind = fields.String(required=True, validate=validate.OneOf(INTERESTS))
    note = fields.String(required=True, allow_none=True)
    declared_at = Instant(required=True)
    declared_by = fields.String(required=True)
    ended_at = Instant(required=True, allow_none=True)


class StaffInterestsSchema(Answer):
    """All that one may read."""

    items = fields.List(fields.Nested(StaffInterestSchema), required=True)


class NewStaffInterestSchema(Schema):
    """A tie to declare: one's own, unless one decides about conflicts."""

    name = text(300, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(INTERESTS))
    note = text(300, load_default=None, allow_none=True)
    username = text(150, load_default=None, allow_none=True)


@bp.get("")
@bp.response(200, StaffInterestsSchema)
@operation("list_staff_interests")
def list_visible() -> dict[str, Any]:
    """List one's own ties; everybody's for who decides about conflicts."""
    return {"items": interests.list_of(db.session(), actor=current_actor())}


@bp.post("")
@bp.arguments(NewStaffInterestSchema)
@bp.response(201, StaffInterestSchema)
@operation("declare_staff_interest", 403, 404)
def declare(body: dict[str, Any]) -> StaffInterest:
    """Declare a tie; the same one again changes nothing."""
    return interests.declare(db.session(), **body, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:interest_id>/end")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, StaffInterestSchema)
@operation("end_staff_interest", 404)
def end(_: dict[str, Any], interest_id: UUID) -> StaffInterest:
    """Say that a tie is no more; it stays on record."""
    return interests.end(db.session(), interest_id, by=current_actor(), now=clock.utc_now())
