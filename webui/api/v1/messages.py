"""Messages to waiting processes."""

from __future__ import annotations

from typing import Any

from engine import clock, messages
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import CorrelatedSchema, MessageSchema
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint("messages", __name__, url_prefix="/messages", description="Messages to processes.")


@bp.post("")
@bp.arguments(MessageSchema)
@bp.response(202, CorrelatedSchema)
@operation("send_message", 403)
def send(args: dict[str, Any]) -> Any:
    """Send a message to the instance that waits for it, start a process with it, or have it kept.

    The instance that has waited longest takes it. When nobody waits and no process starts on it, it is kept for its
    time to live and taken by the first that begins to wait; the answer says which of these happened.
    """
    require_right("send_messages")
    return messages.correlate(
        db.session(),
        args["name"],
        args["correlation_key"],
        variables=args["variables"],
        message_id=args["message_id"],
        time_to_live=args["time_to_live"],
        by=current_actor(),
        now=clock.utc_now(),
    )
