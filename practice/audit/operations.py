"""Writing to the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

import practice.audit.chain  # noqa: F401  # pyright: ignore[reportUnusedImport] - it seals what is written here
from engine.actor import Actor
from practice.audit import secrets
from practice.audit.models import AuditEvent

#: Who asks where nobody is signed in; no person can be called so.
NOBODY = Actor("-")


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
    matter: str | None = None,
) -> AuditEvent:
    """Record one change; fields that stayed as they were are left out of both sides.

    ``matter`` is the number of the matter that the record belongs to: who may not see the matter does not
    see the row. Secrets (``secrets.SECRET_FIELDS`` and what is wrapped in ``secrets.Secret``) become keyed hashes.
    """
    if before is not None and after is not None:
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    return _write(session, entity, entity_id, kind, by=by, now=now, before=before, after=after, matter=matter)


def deny(
    session: Session,
    entity: str,
    entity_id: object,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    reason: Mapping[str, Any] | None = None,
    matter: str | None = None,
) -> AuditEvent:
    """Record that somebody was refused; in a transaction of its own, because what was refused is rolled back."""
    return _write(
        session, entity, entity_id, kind, by=by, now=now, before=None, after=reason, matter=matter, is_denial=True
    )


def _write(
    session: Session,
    entity: str,
    entity_id: object,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    matter: str | None,
    is_denial: bool = False,
) -> AuditEvent:
    row = AuditEvent(
        at=now,
        by=by.username,
        entity=entity,
        entity_id=str(entity_id)[:200],
        kind=kind,
        before=None if before is None else secrets.without_secrets(before),
        after=None if after is None else secrets.without_secrets(after),
        is_denial=is_denial,
        matter_number=matter or (str(entity_id) if entity == "matter" else None),
    )
    session.add(row)
    return row


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
def _refuse(_mapper: object, _connection: object, row: AuditEvent) -> None:
    """Rows are only ever added."""
    raise TypeError(f"audit event {row.id} cannot be changed")
