"""Filters of the inbox that people keep and share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from tasks.filters import operations, queries
from tasks.filters.models import TaskFilter
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.inbox_schemas import (
    ChangedTaskFilterSchema,
    NewTaskFilterSchema,
    TaskFilterSchema,
    TaskFiltersSchema,
)
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("task filters", __name__, url_prefix="/task-filters", description="Lists of work under a name.")


@bp.get("")
@bp.response(200, TaskFiltersSchema)
@operation("list_task_filters")
def list_filters() -> dict[str, Any]:
    """List one's own filters and those that are shared with one."""
    return {"items": queries.of(db.session(), actor=current_actor())}


@bp.post("")
@bp.arguments(NewTaskFilterSchema)
@bp.response(201, TaskFilterSchema)
@operation("save_task_filter")
def save(args: dict[str, Any]) -> TaskFilter:
    """Keep a filter."""
    return operations.save(db.session(), args, by=current_actor(), now=clock.utc_now())


@bp.patch("/<uuid:filter_id>")
@bp.arguments(ChangedTaskFilterSchema)
@bp.response(200, TaskFilterSchema)
@operation("change_task_filter", 404)
def change(args: dict[str, Any], filter_id: UUID) -> TaskFilter:
    """Change one's own filter."""
    return operations.change(db.session(), filter_id, args, by=current_actor(), now=clock.utc_now())


@bp.delete("/<uuid:filter_id>")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, TaskFiltersSchema)
@operation("forget_task_filter", 404)
def forget(_: dict[str, Any], filter_id: UUID) -> dict[str, Any]:
    """Forget one's own filter; answer those that are left."""
    session, by = db.session(), current_actor()
    operations.forget(session, filter_id, by=by, now=clock.utc_now())
    return {"items": queries.of(session, actor=by)}
