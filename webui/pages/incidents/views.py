"""What stands still and why, for those who may let a step run again."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, incidents
from engine.definitions import compiled
from engine.models import Incident
from tasks.access import visible_instance
from webui.auth import current_actor, require_right
from webui.db import db
from webui.pages import reading

bp = Blueprint("incidents", __name__, url_prefix="/incidents")


@bp.get("")
def index() -> Any:
    """List the open incidents, the oldest first."""
    require_right("retry_incidents")
    session = db.session()
    shown = [_shown(incident) for incident in incidents.list_open(session)]
    return render_template("incidents/index.html", incidents=shown, process_names=reading.process_names(session))


@bp.post("/<uuid:incident_id>/retry")
def retry(incident_id: UUID) -> Response:
    """Let the step run again."""
    require_right("retry_incidents")
    session = db.session()
    incidents.retry(session, incident_id, by=current_actor(), now=clock.utc_now())
    session.flush()
    incident = session.get_one(Incident, incident_id, populate_existing=True)
    still_open = incidents.list_open(session)
    again = [
        other
        for other in still_open
        if other.process_instance_id == incident.process_instance_id and incident.process_instance_id is not None
    ]
    if again:
        flash(gettext("It failed again: %(message)s", message=again[-1].message), "late")
    else:
        flash(gettext("The step ran; the process goes on."), "good")
    return redirect(url_for("incidents.index"), 303)


def _shown(incident: Incident) -> tuple[Incident, str, str | None, str]:
    """Return an incident with its process's key, the business key if it has an instance, and the step's name."""
    session = db.session()
    if incident.process_instance_id is not None:
        instance = visible_instance(session, current_actor(), incident.process_instance_id)
        definition_id, business_key = instance.definition_id, instance.business_key
    else:
        definition_id, business_key = cast(UUID, incident.process_definition_id), None
    definition = compiled(session, definition_id)
    element = definition.process.elements.get(incident.element_id)
    return incident, definition.key, business_key, (element.name if element else None) or incident.element_id
