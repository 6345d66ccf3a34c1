"""People who may become clients."""

from __future__ import annotations

from typing import Any

from engine import clock
from practice.errors import VariableMissing
from practice.leads import operations, queries
from practice.leads.models import Lead
from practice.parties.models import Party
from webui.api.v1 import party_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("leads", __name__, url_prefix="/leads", description="People who may become clients.")


@bp.get("")
@bp.arguments(schemas.LeadFilters, location="query")
@bp.response(200, schemas.LeadsSchema)
@operation("list_leads")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List the leads the person may see, the newest first."""
    page = queries.search(
        db.session(),
        actor=current_actor(),
        text=args["q"],
        state=args["state"],
        originator=args["originator"],
        limit=args["limit"],
        cursor=args["cursor"],
    )
    return {"items": [_told(lead, party) for lead, party in page.items], "next_cursor": page.next_cursor}


@bp.post("")
@bp.arguments(schemas.LeadGivenSchema)
@bp.response(201, schemas.LeadSchema)
@operation("receive_lead", 403, 404, 409)
def receive(args: dict[str, Any]) -> dict[str, Any]:
    """Record that a party may become a client: how they came and who brought them."""
    given = dict(args)
    lead = operations.receive(
        db.session(), given.pop("party_id"), given.pop("source"), **given, by=current_actor(), now=clock.utc_now()
    )
    return _told(lead, db.session().get_one(Party, lead.party_id))


@bp.get("/<string:number>")
@bp.response(200, schemas.LeadSchema)
@operation("get_lead", 404)
def show(number: str) -> dict[str, Any]:
    """Show a lead by its number."""
    lead = queries.get_by_number(db.session(), number, actor=current_actor())
    return _told(lead, db.session().get_one(Party, lead.party_id))


@bp.post("/<string:number>/move")
@bp.arguments(schemas.LeadMoveSchema)
@bp.response(200, schemas.LeadSchema)
@operation("move_lead", 403, 404, 409)
def move(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Say what became of a lead: somebody spoke to them, they enquired, or nothing comes of it."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    if args["state"] == "contacted":
        lead = operations.contacted(session, number, by=actor, now=now)
    elif args["state"] == "lost":
        lead = operations.lose(session, number, reason=args["reason"] or "", by=actor, now=now)
    elif args["enquiry_number"] is None:
        raise VariableMissing("enquiry_number")
    else:
        lead = operations.enquired(session, number, args["enquiry_number"], by=actor, now=now)
    return _told(lead, session.get_one(Party, lead.party_id))


def _told(lead: Lead, party: Party) -> dict[str, Any]:
    columns = (
        *("number", "party_id", "source", "originator", "originator_party_id", "topic", "region", "state"),
        *("lost_reason", "enquiry_number", "received_at", "received_by", "closed_at"),
    )
    return {**{column: getattr(lead, column) for column in columns}, "party_name": party.name}
