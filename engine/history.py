"""What happened to a process instance; rows are added in the step's transaction and never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import HistoryEventNotFound
from engine.models import HistoryEvent, ProcessInstance
from engine.prepared import Prepared

#: What leaves data behind for the next element: the instance's start, what is finished, and what an operator did.
STEPS = (
    "process_started",
    "activity_completed",
    "user_task_completed",
    "element_skipped",
    "token_moved",
    "token_added",
    "activity_reentered",
    "process_reset",
)
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


def writing(rows: list[dict[str, Any]]) -> tuple[Prepared, list[dict[str, Any]]]:
    """Return the statement that writes these events, in order, and its parameters."""
    return _INSERT, rows


def write(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write events in one statement, in order."""
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


def data_at(session: Session, process_instance_id: UUID, event_id: int) -> dict[str, Any]:
    """Return the data with which an earlier step ended: what the next element of its branch went on with.

    ``event_id`` is that of an ``activity_completed`` or ``user_task_completed`` event, or of ``process_started``.
    The data are built from what each step of the branch changed (``engine.bpmn.archive``), from the start of the
    instance to that step: what other branches changed meanwhile is not in them unless a join brought it in.
    Reads all completions up to the step; meant for operators, not for the path of a step.

    Raises:
        HistoryEventNotFound: the instance has no such event, it tells of no finished step, or a step that led to it
            is older than what history keeps of the data.
    """
    events = session.execute(
        sa.select(HistoryEvent.id, HistoryEvent.kind, HistoryEvent.user_task_id, HistoryEvent.data)
        .where(
            HistoryEvent.process_instance_id == process_instance_id,
            HistoryEvent.kind.in_(STEPS),
            HistoryEvent.id <= event_id,
        )
        .order_by(HistoryEvent.id)
    ).all()
    if not events or events[-1].id != event_id:
        raise HistoryEventNotFound(event_id)
    data: dict[str, Any] = {}
    for event in reversed(_line_to(events)):
        facts = _facts(event)
        given = facts.get("variables") if event.kind == "process_started" else facts.get("answers")
        data.update(_step(event).get("set", given or {}))
        for name in _step(event).get("unset", ()):
            data.pop(name, None)
    return data


def data_before(session: Session, process_instance_id: UUID, event_id: int) -> dict[str, Any]:
    """Return the data with which a finished step began: those with which the one that led to it ended.

    Raises:
        HistoryEventNotFound: as ``data_at``.
    """
    events = session.execute(
        sa.select(HistoryEvent.id, HistoryEvent.kind, HistoryEvent.user_task_id, HistoryEvent.data)
        .where(
            HistoryEvent.process_instance_id == process_instance_id,
            HistoryEvent.kind.in_(STEPS),
            HistoryEvent.id <= event_id,
        )
        .order_by(HistoryEvent.id)
    ).all()
    line = _line_to(events) if events and events[-1].id == event_id else []
    if len(line) < 2:  # noqa: PLR2004 - the step and the one that led to it
        raise HistoryEventNotFound(event_id)
    return data_at(session, process_instance_id, line[1].id)


def _line_to(events: Sequence[Any]) -> list[Any]:
    """Return the last event and those that led to it, back to the start of the instance."""
    line: list[Any] = []
    wanted = _token(events[-1])
    for event in reversed(events):
        if event.kind == "process_started":
            line.append(event)
        elif wanted is not None and _token(event) == wanted:
            if "after" not in _step(event):
                break
            line.append(event)
            wanted = _step(event)["after"]
    if not line or line[-1].kind != "process_started" or (wanted is not None and len(events) > 1):
        raise HistoryEventNotFound(events[-1].id)
    return line


def _token(event: Any) -> str | None:
    return event.user_task_id.hex if event.user_task_id else _step(event).get("token")


def _step(event: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", _facts(event).get("step") or {})


def _facts(event: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", event.data or {})


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
