"""Steps that failed: what they wait for, and trying them again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_incidents, safekeeping
from engine import variables as variable_rules
from engine.actor import Actor
from engine.bpmn import surgery
from engine.errors import IncidentNotFound
from engine.models import Incident
from engine.steps import take_up
from engine.undo import undoable


def list_open(session: Session) -> list[Incident]:
    """Return every incident that nobody has mended, oldest first."""
    return list(
        session.scalars(
            sa.select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.created_at, Incident.id)
        )
    )


def retry(
    session: Session, incident_id: UUID, *, variables: Mapping[str, Any] | None = None, by: Actor, now: datetime
) -> Incident:
    """Try the failed step again, with corrected variables if any; when it fails again, a new incident says so.

    Raises:
        IncidentNotFound: there is none, or it was mended.
        VariablesInvalid: the corrected variables cannot be accepted.
        ProcessInstanceNotActive: the instance is suspended or has ended.
    """
    incident = session.get(Incident, incident_id, with_for_update=True, populate_existing=True)
    if incident is None or incident.resolved_at is not None:
        raise IncidentNotFound(incident_id)
    if incident.job_id is not None or incident.process_instance_id is None:
        return job_incidents.retry(session, incident, by=by, now=now)
    corrected = safekeeping.storable(session, variable_rules.checked(dict(variables or {})), by=by, now=now)
    with undoable(session, incident.process_instance_id, "retry", by=by, now=now) as effects:
        step = take_up(session, incident.process_instance_id, by=by, now=now, is_command=False)
        incident.resolved_at, incident.resolved_by = now, by.username
        session.flush()
        step.tell("incident_resolved", element_id=incident.element_id, data={"incident_id": str(incident_id)})
        token = step.run.token(incident.spiff_task_id) if incident.spiff_task_id is not None else None
        if corrected:
            before = surgery.correct(step.run, corrected, token)
            facts = {"before": before, "after": corrected, "token_id": str(token.id) if token else None}
            step.tell("variables_set", element_id=incident.element_id, data=facts)
        if token is not None:
            step.run.retry(token.id)
        step.finish()
        effects.extend(step.effects)
    return incident
