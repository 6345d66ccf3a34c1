"""Saved searches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from practice.selections import operations, queries
from practice.selections.models import Selection
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.api.v1.selection_schemas import ChangedSelectionSchema, NewSelectionSchema, SelectionSchema, SelectionsSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("selections", __name__, url_prefix="/selections", description="Combined searches kept under a name.")


@bp.get("")
@bp.response(200, SelectionsSchema)
@operation("list_selections")
def list_selections() -> dict[str, Any]:
    """List one's own saved searches and those that colleagues share."""
    return {"items": queries.of(db.session(), actor=current_actor())}


@bp.post("")
@bp.arguments(NewSelectionSchema)
@bp.response(201, SelectionSchema)
@operation("save_selection")
def save(args: dict[str, Any]) -> Selection:
    """Keep a search."""
    return operations.save(db.session(), args, by=current_actor(), now=clock.utc_now())


@bp.patch("/<uuid:selection_id>")
@bp.arguments(ChangedSelectionSchema)
@bp.response(200, SelectionSchema)
@operation("change_selection", 404)
def change(args: dict[str, Any], selection_id: UUID) -> Selection:
    """Change one's own saved search."""
    return operations.change(db.session(), selection_id, args, by=current_actor(), now=clock.utc_now())


@bp.delete("/<uuid:selection_id>")
@bp.arguments(NothingSchema)
@bp.response(200, SelectionsSchema)
@operation("forget_selection", 404)
def forget(_nothing: dict[str, Any], selection_id: UUID) -> dict[str, Any]:
    """Forget one's own saved search; answer those that are left."""
    session, by = db.session(), current_actor()
    operations.forget(session, selection_id, by=by, now=clock.utc_now())
    return {"items": queries.of(session, actor=by)}
