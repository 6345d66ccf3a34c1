"""Steps that failed and wait to be mended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import bulk, clock, incidents
from engine.errors import IncidentNotFound
from engine.models import Incident, ProcessDefinition, ProcessInstance
from practice.paging import Page, place
from tasks.access import instance_visible_to
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.operation_schemas import OutcomesSchema, RetryManySchema, RetrySchema
from webui.api.v1.operations import outcomes
from webui.api.v1.schemas import IncidentSchema, text
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint("incidents", __name__, url_prefix="/incidents", description="Steps that failed.")
_PROCESS_KEY = sa.func.coalesce(ProcessInstance.process_key, ProcessDefinition.key)
IncidentsSchema = page_of(IncidentSchema, "Incidents")


class IncidentFilters(PageArgs):
    """Which open incidents to list."""

    process_key = text(200, load_default=None)
    business_key = text(100, load_default=None)


@bp.get("")
@bp.arguments(IncidentFilters, location="query")
@bp.response(200, IncidentsSchema)
@operation("list_incidents")
def list_open(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """List the open incidents of the process instances the person may see, the newest first.

    Processes that could not be started by their timer or signal are shown to whoever may see every instance or
    retry incidents.
    """
    query = _visible().where(Incident.resolved_at.is_(None))
    if args["process_key"] is not None:
        query = query.where(args["process_key"] == _PROCESS_KEY)
    if args["business_key"] is not None:
        query = query.where(ProcessInstance.business_key == args["business_key"])
    if args["cursor"]:
        key: Any = sa.tuple_(Incident.created_at, Incident.id)
        query = query.where(key < sa.tuple_(*place(args["cursor"]), types=[Incident.created_at.type, Incident.id.type]))
    query = query.order_by(Incident.created_at.desc(), Incident.id.desc()).limit(args["limit"] + 1)
    rows = [_shown(*row) for row in db.session.execute(query)]
    return Page.cut(rows, args["limit"], lambda row: (row["created_at"], row["id"]))


@bp.post("/retry")
@bp.arguments(RetryManySchema)
@bp.response(200, OutcomesSchema)
@operation("retry_incidents", 403)
def retry_many(args: dict[str, Any]) -> dict[str, Any]:
    """Let many steps run again, each for itself, with corrected variables if any."""
    require_right("retry_incidents")
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    seen = {row.Incident.id for row in session.execute(_visible().where(Incident.id.in_(args["incident_ids"])))}

    def one(incident_id: UUID) -> None:
        if incident_id not in seen:
            raise IncidentNotFound(incident_id)
        incidents.retry(session, incident_id, variables=args["variables"], by=actor, now=now)

    return outcomes(bulk.each(session, args["incident_ids"], one))


@bp.post("/<uuid:incident_id>/retry")
@bp.arguments(RetrySchema, required=False)
@bp.response(200, IncidentSchema)
@operation("retry_incident", 403, 404)
def retry(args: dict[str, Any], incident_id: UUID) -> dict[str, Any]:
    """Let the step run again, with corrected variables if any."""
    session = db.session()
    row = session.execute(_visible().where(Incident.id == incident_id)).one_or_none()
    if row is None:
        raise IncidentNotFound(incident_id)
    require_right("retry_incidents")
    incidents.retry(session, incident_id, variables=args["variables"], by=current_actor(), now=clock.utc_now())
    session.flush()
    incident = row[0]
    session.refresh(incident)
    return _shown(*row)


def _visible() -> sa.Select[Incident, str, str | None]:
    actor = current_actor()
    visible = instance_visible_to(actor)
    if actor.may("see_all_instances") or actor.may("retry_incidents"):
        visible = sa.or_(visible, Incident.process_instance_id.is_(None))
    return (
        sa.select(Incident, _PROCESS_KEY, ProcessInstance.business_key)
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.process_instance_id)
        .outerjoin(ProcessDefinition, ProcessDefinition.id == Incident.process_definition_id)
        .where(visible)
    )


def _shown(incident: Incident, process_key: str, business_key: str | None) -> dict[str, Any]:
    names = ("id", "process_instance_id", "process_definition_id", "element_id", "kind", "message", "expression")
    times = ("created_at", "resolved_at", "resolved_by")
    return {name: getattr(incident, name) for name in (*names, *times)} | {
        "process_key": process_key,
        "business_key": business_key,
    }
