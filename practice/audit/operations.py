"""Writing to the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit.models import AuditEvent


def append(
    session: Session,
    entity: str,
    entity_id: object,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Record one change; fields that stayed as they were are left out of both sides."""
    if before is not None and after is not None:
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    row = AuditEvent(
        at=now,
        by=by.username,
        entity=entity,
        entity_id=str(entity_id),
        kind=kind,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
    )
    session.add(row)
    return row


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
def _refuse(_mapper: object, _connection: object, row: AuditEvent) -> None:
    """Rows are only ever added."""
    raise TypeError(f"audit event {row.id} cannot be changed")
