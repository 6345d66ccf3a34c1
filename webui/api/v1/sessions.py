"""Signing somebody out wherever they are signed in."""

from __future__ import annotations

from typing import Any

from engine import clock
from practice.people import sessions
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("sessions", __name__, url_prefix="/people", description="Where somebody is signed in.")


@bp.post("/<string:username>/sign-out")
@bp.arguments(NothingSchema, required=False)
@bp.response(204)
@operation("sign_out_everywhere", 403, 404)
def sign_out_everywhere(_nothing: dict[str, Any], username: str) -> None:
    """End every session under a name: one's own, or anybody's by who manages users. Tokens stay."""
    sessions.sign_out_everywhere(db.session(), username, by=current_actor(), now=clock.utc_now())
