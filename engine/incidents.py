"""Steps that failed: what they wait for, and trying them again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import IncidentNotFound
from engine.models import Incident
from engine.steps import take_up


def list_open(session: Session) -> list[Incident]:
    """Return every incident that nobody has mended, oldest first."""
    return list(
        session.scalars(
            sa.select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.created_at, Incident.id)
        )
    )


def retry(session: Session, incident_id: UUID, *, by: Actor, now: datetime) -> Incident:
    """Try the failed step again; when it fails again, a new incident says so.

    Raises:
        IncidentNotFound: there is none, or it was mended.
        ProcessInstanceNotActive: the instance is suspended or has ended.
    """
    incident = session.get(Incident, incident_id, with_for_update=True, populate_existing=True)
    if incident is None or incident.resolved_at is not None:
        raise IncidentNotFound(incident_id)
    step = take_up(session, incident.process_instance_id, by=by, now=now, is_command=False)
    incident.resolved_at, incident.resolved_by = now, by.username
    session.flush()
    step.tell("incident_resolved", element_id=incident.element_id, data={"incident_id": str(incident_id)})
    if incident.spiff_task_id is not None:
        step.run.retry(incident.spiff_task_id)
    step.finish()
    return incident
