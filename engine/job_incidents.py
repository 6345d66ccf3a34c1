"""Jobs that cannot be done and for which no token waits: a process that does not start, a signal nobody can be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine import history, job_table
from engine.actor import SYSTEM, Actor
from engine.models import Incident, Job
from engine.models.base import new_id


def raise_for_job(
    session: Session,
    job: Job,
    failure: Exception,
    *,
    process_instance_id: UUID | None = None,
    process_definition_id: UUID | None = None,
    now: datetime,
) -> Incident:
    """Tell of a job whose attempts are spent and that no token waits for; the job stays until it is tried again."""
    reason = (str(failure) or type(failure).__name__)[:4000].replace("\0", "")
    incident = Incident(
        id=new_id(),
        process_instance_id=process_instance_id,
        process_definition_id=process_definition_id,
        job_id=job.id,
        element_id=job.element_id,
        kind=job.kind,
        message=reason,
        expression=getattr(failure, "expression", None),
        created_at=now,
    )
    session.add(incident)
    session.flush()
    if process_instance_id is not None:
        facts = {"kind": job.kind, "message": reason, "expression": incident.expression}
        history.append(session, process_instance_id, "incident_raised", actor=SYSTEM.username, now=now, data=facts)
    return incident


def retry(session: Session, incident: Incident, *, by: Actor, now: datetime) -> Incident:
    """Let the job of an open incident start over; when it fails for good again, a new incident says so."""
    incident.resolved_at, incident.resolved_by = now, by.username
    session.flush()
    if incident.job_id is not None:
        job_table.retry(session, incident.job_id, now=now)
    if incident.process_instance_id is not None:
        facts = {"incident_id": str(incident.id)}
        history.append(
            session, incident.process_instance_id, "incident_resolved", actor=by.username, now=now, data=facts
        )
    return incident
