"""The firm's clients."""

from __future__ import annotations

from typing import Any

from engine import clock
from practice.clients import operations, queries
from practice.clients.models import Client
from practice.parties.models import Party
from webui.api.v1 import party_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("clients", __name__, url_prefix="/clients", description="Parties that the firm acts for.")


@bp.get("")
@bp.arguments(schemas.ClientFilters, location="query")
@bp.response(200, schemas.ClientsSchema)
@operation("list_clients")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List the clients the person may see, the newest first."""
    page = queries.search(
        db.session(), actor=current_actor(), text=args["q"], limit=args["limit"], cursor=args["cursor"]
    )
    return {"items": [_told(client, party) for client, party in page.items], "next_cursor": page.next_cursor}


@bp.get("/<string:number>")
@bp.response(200, schemas.ClientSchema)
@operation("get_client", 404)
def show(number: str) -> dict[str, Any]:
    """Show a client by its number."""
    client = queries.get_by_number(db.session(), number, actor=current_actor())
    return _told(client, db.session().get_one(Party, client.party_id))


@bp.patch("/<string:number>")
@bp.arguments(schemas.ClientChangeSchema)
@bp.response(200, schemas.ClientSchema)
@operation("revise_client", 403, 404)
def revise(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Change what the firm agreed with a client."""
    client = operations.revise(db.session(), number, **args, by=current_actor(), now=clock.utc_now())
    return _told(client, db.session().get_one(Party, client.party_id))


def _told(client: Client, party: Party) -> dict[str, Any]:
    columns = ("number", "party_id", "segment", "contact_every_days", "contact_party_id", "source", "originator")
    return {
        **{column: getattr(client, column) for column in columns},
        "since": client.since,
        "name": party.name,
        "kind": party.kind,
    }
