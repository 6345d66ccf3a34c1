"""Signals to everybody who listens."""

from __future__ import annotations

from typing import Any

from engine import clock, signals
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import BroadcastSchema, SignalSchema
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint("signals", __name__, url_prefix="/signals", description="Signals to processes.")


@bp.post("")
@bp.arguments(SignalSchema)
@bp.response(202, BroadcastSchema)
@operation("send_signal", 403)
def send(args: dict[str, Any]) -> Any:
    """Send a signal to every instance that listens, and start the processes that start on it.

    Each hears it in a step of its own, soon after the answer. It is not kept for those that listen later.
    """
    require_right("send_messages")
    return signals.broadcast(
        db.session(), args["name"], variables=args["variables"], by=current_actor(), now=clock.utc_now()
    )
