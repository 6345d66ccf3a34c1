"""Who asks."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import MeSchema
from webui.auth import current_actor

bp = ApiBlueprint("me", __name__, url_prefix="/me", description="Who asks.")


@bp.get("")
@bp.response(200, MeSchema)
@operation("get_me")
def show() -> dict[str, Any]:
    """Tell who asks: name, groups and rights."""
    actor = current_actor()
    return {
        "username": actor.username,
        "full_name": current_user.full_name,
        "groups": sorted(actor.groups),
        "rights": sorted(actor.rights),
    }
