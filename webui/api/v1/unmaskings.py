"""Reading a telephone number or an address: one person asks, a second consents, the first reads it once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from practice.contacts import operations, queries
from practice.contacts.errors import UnmaskingNotFound
from practice.contacts.models import ContactPoint, Unmasking
from practice.parties.models import Party
from webui.api import idempotency
from webui.api.v1 import party_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "unmaskings", __name__, url_prefix="/unmaskings", description="Reading contact points with a second person."
)


@bp.get("")
@bp.response(200, schemas.UnmaskingsSchema)
@operation("list_unmaskings")
def list_visible() -> dict[str, Any]:
    """List one's own requests and, for who may consent, those that wait for it; the latest first."""
    actor, now = current_actor(), clock.utc_now()
    may_consent = actor.may(operations.RIGHT_TO_CONSENT)
    rows = queries.unmaskings(db.session(), actor=actor, may_consent=may_consent, now=now)
    return {"items": [_told(row, point, party) for row, point, party in rows]}


@bp.post("")
@bp.arguments(schemas.UnmaskingGivenSchema)
@bp.response(201, schemas.UnmaskingSchema)
@operation("request_unmasking", 403, 404)
def request_unmasking(args: dict[str, Any]) -> dict[str, Any]:
    """Ask to read a contact point once."""
    session, actor = db.session(), current_actor()
    row = operations.request(session, args["contact_point_id"], reason=args["reason"], by=actor, now=clock.utc_now())
    return _of(row)


@bp.post("/<uuid:unmasking_id>/approve")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, schemas.UnmaskingSchema)
@operation("approve_unmasking", 403, 404, 409)
def approve(_: dict[str, Any], unmasking_id: UUID) -> dict[str, Any]:
    """Consent to a colleague's request; nobody consents to their own."""
    return _of(operations.decide(db.session(), unmasking_id, consents=True, by=current_actor(), now=clock.utc_now()))


@bp.post("/<uuid:unmasking_id>/refuse")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, schemas.UnmaskingSchema)
@operation("refuse_unmasking", 403, 404, 409)
def refuse(_: dict[str, Any], unmasking_id: UUID) -> dict[str, Any]:
    """Refuse a colleague's request."""
    return _of(operations.decide(db.session(), unmasking_id, consents=False, by=current_actor(), now=clock.utc_now()))


@bp.post("/<uuid:unmasking_id>/view")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, schemas.ValueSchema)
@operation("view_contact_point", 403, 404, 409)
def view(_: dict[str, Any], unmasking_id: UUID) -> dict[str, Any]:
    """Read the value: once, while the consent lasts, and only who asked. The answer is kept nowhere."""
    value = operations.view(db.session(), unmasking_id, by=current_actor(), now=clock.utc_now())
    idempotency.keep_no_answer()
    return {"value": value}


def _of(row: Unmasking) -> dict[str, Any]:
    actor = current_actor()
    found = queries.unmasking(db.session(), row.id, actor=actor, may_consent=actor.may(operations.RIGHT_TO_CONSENT))
    if found is None:
        raise UnmaskingNotFound(str(row.id))
    return _told(row, found[1], db.session().get_one(Party, found[1].party_id))


def _told(row: Unmasking, point: ContactPoint, party: Party) -> dict[str, Any]:
    columns = ("id", "contact_point_id", "reason", "requested_by", "requested_at", "decided_by", "decided_at")
    return {
        **{column: getattr(row, column) for column in columns},
        "expires_at": row.expires_at,
        "state": queries.state_of(row, clock.utc_now()),
        "masked": point.masked,
        "party_id": party.id,
        "party_name": party.name,
    }
