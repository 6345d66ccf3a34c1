"""Reading the audit trail."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.audit.models import AuditEvent


def of(session: Session, entity: str, entity_id: object) -> list[AuditEvent]:
    """Return every change of one record in the order in which it was made."""
    query = sa.select(AuditEvent).where(AuditEvent.entity == entity, AuditEvent.entity_id == str(entity_id))
    return list(session.scalars(query.order_by(AuditEvent.id)))
