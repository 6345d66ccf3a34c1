"""What happened to a process instance; rows are added in the step's transaction and never changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import HistoryEvent, ProcessInstance
from engine.prepared import Prepared

_INSERT = Prepared(sa.insert(cast("sa.Table", HistoryEvent.__table__)))


def row(
    process_instance_id: UUID,
    kind: str,
    *,
    actor: str,
    now: datetime,
    element_id: str | None = None,
    user_task_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one event as values, to be written together with others of the same step."""
    return {
        "process_instance_id": process_instance_id,
        "kind": kind,
        "element_id": element_id,
        "user_task_id": user_task_id,
        "actor": actor,
        "at": now,
        "data": data,
    }


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write a step's events in one statement, in order."""
    if rows:
        _INSERT.run(session.connection(), rows)


def append(session: Session, process_instance_id: UUID, kind: str, *, actor: str, now: datetime, **facts: Any) -> None:
    """Write one event; ``facts`` are ``element_id``, ``user_task_id`` and ``data``."""
    write(session, [row(process_instance_id, kind, actor=actor, now=now, **facts)])


def for_instance(session: Session, process_instance_id: UUID) -> list[HistoryEvent]:
    """Return an instance's events, oldest first."""
    return list(
        session.scalars(
            sa.select(HistoryEvent)
            .where(HistoryEvent.process_instance_id == process_instance_id)
            .order_by(HistoryEvent.id)
        )
    )


def for_business_keys(session: Session, business_keys: Iterable[str], *, limit: int = 1000) -> list[HistoryEvent]:
    """Return the events of all instances with one of these business keys, newest first."""
    wanted = (
        sa.select(HistoryEvent)
        .join(ProcessInstance, ProcessInstance.id == HistoryEvent.process_instance_id)
        .where(ProcessInstance.business_key.in_(list(business_keys)))
        .order_by(HistoryEvent.id.desc())
        .limit(limit)
    )
    return list(session.scalars(wanted))
