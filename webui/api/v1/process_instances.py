"""Starting process instances and looking at them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import fields, validate

from engine import clock, history, process_instances
from engine.models import ProcessInstance
from practice.paging import Page, place
from tasks.access import instance_visible_to, visible_instance
from webui import uploads
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import (
    PROCESS_INSTANCE_STATES,
    ActivitiesSchema,
    HistorySchema,
    ProcessInstanceSchema,
    StartedSchema,
    StartSchema,
    VariablesSchema,
    text,
)
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("process instances", __name__, url_prefix="/process-instances", description="Runs of processes.")
ProcessInstancesSchema = page_of(ProcessInstanceSchema, "ProcessInstances")


class InstanceFilters(PageArgs):
    """Which process instances to list."""

    process_key = text(200, load_default=None)
    business_key = text(100, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(PROCESS_INSTANCE_STATES))


@bp.post("")
@bp.arguments(StartSchema)
@bp.response(201, StartedSchema)
@operation("start_process_instance", 403, 404)
def start(args: dict[str, Any]) -> Any:
    """Start a process; it has run until it waits when this answers."""
    session, by, now = db.session(), current_actor(), clock.utc_now()
    instance = process_instances.start(
        session,
        args["process_key"],
        version=args["version"],
        business_key=args["business_key"],
        variables=args["variables"],
        by=by,
        now=now,
    )
    uploads.settle_started(session, instance, args["variables"], by=by, now=now)
    return instance, 201, {"Location": f"/api/v1/process-instances/{instance.id}"}


@bp.get("")
@bp.arguments(InstanceFilters, location="query")
@bp.response(200, ProcessInstancesSchema)
@operation("list_process_instances")
def list_visible(args: dict[str, Any]) -> Page[ProcessInstance]:
    """List the process instances the person may see, the newest first."""
    query = sa.select(ProcessInstance).where(instance_visible_to(current_actor()))
    for name in ("process_key", "business_key", "state"):
        if args[name] is not None:
            query = query.where(getattr(ProcessInstance, name) == args[name])
    if args["cursor"]:
        key: Any = sa.tuple_(ProcessInstance.started_at, ProcessInstance.id)
        types = [ProcessInstance.started_at.type, ProcessInstance.id.type]
        query = query.where(key < sa.tuple_(*place(args["cursor"]), types=types))
    query = query.order_by(ProcessInstance.started_at.desc(), ProcessInstance.id.desc()).limit(args["limit"] + 1)
    return Page.cut(list(db.session.scalars(query)), args["limit"], lambda row: (row.started_at, row.id))


@bp.get("/<uuid:process_instance_id>")
@bp.response(200, ProcessInstanceSchema)
@operation("get_process_instance", 404)
def show(process_instance_id: UUID) -> ProcessInstance:
    """Show a process instance."""
    return _visible(process_instance_id)


@bp.get("/<uuid:process_instance_id>/history")
@bp.response(200, HistorySchema)
@operation("get_process_instance_history", 404)
def show_history(process_instance_id: UUID) -> dict[str, Any]:
    """Tell what happened, oldest first."""
    _visible(process_instance_id)
    return {"items": history.for_instance(db.session(), process_instance_id)}


@bp.get("/<uuid:process_instance_id>/activities")
@bp.response(200, ActivitiesSchema)
@operation("get_process_instance_activities", 404)
def show_activities(process_instance_id: UUID) -> dict[str, Any]:
    """Tell where the instance has been and where its tokens are."""
    _visible(process_instance_id)
    return process_instances.activities(db.session(), process_instance_id)


@bp.get("/<uuid:process_instance_id>/variables")
@bp.response(200, VariablesSchema)
@operation("get_process_instance_variables", 404)
def show_variables(process_instance_id: UUID) -> dict[str, Any]:
    """Return the instance's data."""
    _visible(process_instance_id)
    return {"variables": process_instances.variables(db.session(), process_instance_id)}


def _visible(process_instance_id: UUID) -> ProcessInstance:
    return visible_instance(db.session(), current_actor(), process_instance_id)
