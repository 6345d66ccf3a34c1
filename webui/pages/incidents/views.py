"""What stands still and why, for those who may let a step run again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, incidents
from engine.definitions import compiled
from engine.errors import IncidentNotFound
from engine.models import Incident, ProcessInstance
from practice.matters import colleagues
from tasks.access import instance_visible_to
from webui.auth import current_actor, require_right
from webui.db import db
from webui.languages import sentences
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for

bp = Blueprint("incidents", __name__, url_prefix="/incidents")


@bp.get("")
def index() -> Any:
    """List the open incidents, the oldest first."""
    require_right("retry_incidents")
    session = db.session()
    person = asked_for(request.args)
    shown = [_shown(incident) for incident in _visible(incidents.list_open(session))]
    if person:
        theirs = set(session.scalars(colleagues.business_keys(person, actor=current_actor())))
        shown = [one for one in shown if one[2] in theirs]
    return render_template(
        "incidents/index.html",
        incidents=shown,
        kept={"person": person} if person else {},
        process_names=reading.process_names(session),
    )


@bp.post("/<uuid:incident_id>/retry")
def retry(incident_id: UUID) -> Response:
    """Let the step run again."""
    require_right("retry_incidents")
    session = db.session()
    known = session.get(Incident, incident_id)
    if known is None or not _visible([known]):
        raise IncidentNotFound(incident_id)
    incidents.retry(session, incident_id, by=current_actor(), now=clock.utc_now())
    session.flush()
    incident = session.get_one(Incident, incident_id, populate_existing=True)
    still_open = _visible(incidents.list_open(session))
    again = [
        other
        for other in still_open
        if other.process_instance_id == incident.process_instance_id and incident.process_instance_id is not None
    ]
    if again:
        flash(gettext("It failed again: %(message)s", message=sentences.say_refusal(again[-1].message)), "late")
    else:
        flash(gettext("The step ran; the process goes on."), "good")
    return redirect(url_for("incidents.index"), 303)


def _visible(found: list[Incident]) -> list[Incident]:
    """Leave out the incidents of instances that the reader may not see; those of no instance remain."""
    wanted = {incident.process_instance_id for incident in found if incident.process_instance_id is not None}
    query = sa.select(ProcessInstance.id).where(ProcessInstance.id.in_(wanted), instance_visible_to(current_actor()))
    seen = {None, *db.session.scalars(query)}
    return [incident for incident in found if incident.process_instance_id in seen]


def _shown(incident: Incident) -> tuple[Incident, str | None, str | None, str]:
    """Return an incident with its process's key, the business key if it has an instance, and the step's name.

    Of what belongs to no process, such as mails that no server takes, the name is that of the job.
    """
    session = db.session()
    if incident.process_instance_id is not None:
        instance = session.get_one(ProcessInstance, incident.process_instance_id)
        definition_id, business_key = instance.definition_id, instance.business_key
    else:
        if incident.process_definition_id is None:
            return incident, None, None, gettext("Sending mails and messages")
        definition_id, business_key = incident.process_definition_id, None
    definition = compiled(session, definition_id)
    element = definition.process.elements.get(incident.element_id)
    return incident, definition.key, business_key, (element.name if element else None) or incident.element_id
