"""Takes back an operator's last action on an instance, until the instance takes its next step.

Before the action the instance's state and what its rows hold beside it are kept; undoing puts them back. Timers and
messages are promised anew from the state, with the due dates they had; user tasks open again under their old ids, with
who holds them, so that drafts find them. What a delegate or a message did elsewhere is not undone: then the whole is
refused.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import followers, job_table
from engine.actor import Actor
from engine.bpmn import rewind
from engine.bpmn.runtime import Run
from engine.definitions import compiled
from engine.errors import NothingToUndo, ProcessInstanceNotFound, UndoImpossible, UndoTooLate
from engine.models import Incident, ProcessInstance, UndoPoint, UserTask, UserTaskCandidate
from engine.models.process_instance import STATES
from engine.steps import Step, plain, take_up
from engine.waits import candidates_of

_INSTANCE = cast("sa.Table", ProcessInstance.__table__)
_TASK = cast("sa.Table", UserTask.__table__)
_CANDIDATE = cast("sa.Table", UserTaskCandidate.__table__)
_INCIDENT = cast("sa.Table", Incident.__table__)
_POINT = cast("sa.Table", UndoPoint.__table__)
#: What a version of a process says about a user task, and a person does not change.
DRAWN = ("element_id", "name", "kind", "stage", "form_key", "properties")
_KEPT = (*DRAWN, "assignee", "owner", "candidate_groups", "priority", "due_at")


@contextmanager
def undoable(
    session: Session, process_instance_id: UUID, action: str, *, by: Actor, now: datetime
) -> Generator[list[str]]:
    """Keep what is needed to undo the action in the block; the block adds what it did outside the instance.

    Raises:
        ProcessInstanceNotFound: there is none.
    """
    before = _before(session, process_instance_id)
    effects: list[str] = []
    yield effects
    session.flush()
    revision = session.scalar(sa.select(_INSTANCE.c.revision).where(_INSTANCE.c.id == process_instance_id))
    session.execute(sa.delete(_POINT).where(_POINT.c.process_instance_id == process_instance_id))
    facts = {"action": action, "by": by.username, "at": now, "revision": revision}
    session.execute(sa.insert(_POINT).values(**before, **facts, obstacle="; ".join(effects) or None))


def undo(session: Session, process_instance_id: UUID, *, by: Actor, now: datetime) -> ProcessInstance:
    """Put an instance back to what it was before the last action of an operator.

    Raises:
        ProcessInstanceNotFound: there is none.
        NothingToUndo: no action is on record.
        UndoTooLate: the instance has taken a step since.
        UndoImpossible: the action had effects outside the instance.
    """
    step = take_up(session, process_instance_id, by=by, now=now, is_command=False, states=STATES)
    point = session.get(UndoPoint, process_instance_id, populate_existing=True)
    if point is None:
        raise NothingToUndo(process_instance_id)
    if point.revision != step.revision:
        raise UndoTooLate(process_instance_id, point.action)
    if point.obstacle is not None:
        raise UndoImpossible(process_instance_id, point.action, point.obstacle)
    step.definition = compiled(session, point.definition_id)
    step.run = Run.restore(point.state_blob, step.definition.process, now)
    rewind.renew_what_lies_ahead(step.run)
    if step.is_suspended and point.state != "suspended":
        job_table.release(session, process_instance_id, now=now)
    step.is_suspended = point.state == "suspended"
    step.had_incident = True
    step.tell("action_undone", data={"action": point.action, "by": point.by, "at": point.at.isoformat()})
    _reopen_incidents(session, point)
    _put_back_user_tasks(step, point.user_tasks)
    session.execute(
        sa.update(_INSTANCE)
        .where(_INSTANCE.c.id == process_instance_id)
        .values(definition_id=point.definition_id, version=step.definition.version)
    )
    session.delete(point)
    session.flush()
    step.finish()
    return step.as_written()


def forget_stale(session: Session) -> int:
    """Drop the undo points that a later step has made worthless; return how many."""
    moved_on = sa.select(_INSTANCE.c.id).where(
        _INSTANCE.c.id == _POINT.c.process_instance_id, _INSTANCE.c.revision != _POINT.c.revision
    )
    result = session.connection().execute(sa.delete(_POINT).where(sa.exists(moved_on)))
    return result.rowcount


def _before(session: Session, process_instance_id: UUID) -> dict[str, Any]:
    columns = (_INSTANCE.c.definition_id, _INSTANCE.c.state, _INSTANCE.c.state_blob)
    instance = session.execute(
        sa.select(*columns).where(_INSTANCE.c.id == process_instance_id).with_for_update()
    ).one_or_none()
    if instance is None:
        raise ProcessInstanceNotFound(process_instance_id)
    of_instance = _TASK.c.process_instance_id == process_instance_id
    rows = session.execute(sa.select(_TASK).where(of_instance, _TASK.c.state == "created").order_by(_TASK.c.id))
    incidents = session.scalars(
        sa.select(_INCIDENT.c.id).where(
            _INCIDENT.c.process_instance_id == process_instance_id, _INCIDENT.c.resolved_at.is_(None)
        )
    )
    return {
        "process_instance_id": process_instance_id,
        **instance._asdict(),
        "user_tasks": [plain({"id": row.id, **{name: getattr(row, name) for name in _KEPT}}) for row in rows],
        "incidents": [str(incident) for incident in incidents],
    }


def _reopen_incidents(session: Session, point: UndoPoint) -> None:
    if point.incidents:
        session.execute(
            sa.update(_INCIDENT)
            .where(_INCIDENT.c.id.in_([UUID(incident) for incident in point.incidents]))
            .values(resolved_at=None, resolved_by=None)
        )


def _put_back_user_tasks(step: Step, rows: list[dict[str, Any]]) -> None:
    """Open again what the action ended; who took what meanwhile keeps it."""
    waits = {key[1]: (key, item) for key, item in step.run.waiting().items() if item.kind == "user_task"}
    open_now = {item.spiff_task_id for item in step.waited_for.values() if item.kind == "user_task"}
    for row in rows:
        task_id = UUID(row["id"])
        known = waits.get(task_id)
        if known is None:
            continue
        drawn = {name: row[name] for name in DRAWN}
        if task_id in open_now:
            step.session.execute(sa.update(_TASK).where(_TASK.c.id == task_id).values(**drawn))
            continue
        due_at = datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
        values = drawn | {name: row[name] for name in _KEPT if name not in DRAWN} | {"due_at": due_at}
        ended: dict[str, Any] = {"state": "created", "ended_at": None, "ended_by": None}
        step.session.execute(sa.update(_TASK).where(_TASK.c.id == task_id).values(**values, **ended))
        candidates = candidates_of({"id": task_id, **values}, now=step.now)
        if candidates:
            step.session.execute(sa.insert(_CANDIDATE), candidates)
        followers.tell_came(step, [{"id": task_id, **values}])
        step.tell("user_task_reopened", element_id=row["element_id"], user_task_id=task_id)
        key, item = known
        step.waited_for[key] = item
