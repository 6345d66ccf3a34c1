"""Takes an instance back to a user task that somebody finished, with the data as it was when the task arrived."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history
from engine.actor import Actor
from engine.bpmn import rewind, stranding
from engine.bpmn.rewind import Left
from engine.bpmn.whereabouts import Impossible
from engine.errors import HistoryEventNotFound, ResetRefused, UserTaskNotFound
from engine.models import HistoryEvent, ProcessInstance, UserTask
from engine.modifications import checked_reason
from engine.steps import Step, take_up
from engine.undo import undoable

_EVENT = cast("sa.Table", HistoryEvent.__table__)
#: What a token left an element by.
_LEAVING = ("activity_completed", "user_task_completed", "element_skipped", "token_moved")


def reset(
    session: Session, process_instance_id: UUID, user_task_id: UUID, *, reason: str, by: Actor, now: datetime
) -> ProcessInstance:
    """Let the instance stand at a finished user task again; what came of it is cancelled.

    The task that is offered is a new one. What other branches did of their own stays.

    Raises:
        ReasonMissing: nobody would know why.
        ProcessInstanceNotFound, ProcessInstanceNotActive: it is not there, suspended or at its end.
        UserTaskNotFound: the instance never had such a task.
        ResetRefused: with the element and the reason; nothing has changed.
    """
    reason = checked_reason(reason)
    with undoable(session, process_instance_id, "reset", by=by, now=now) as effects:
        step = take_up(session, process_instance_id, by=by, now=now)
        task = session.get(UserTask, user_task_id, populate_existing=True)
        if task is None or task.process_instance_id != process_instance_id:
            raise UserTaskNotFound(user_task_id)
        if task.state != "completed":
            raise ResetRefused(task.element_id, f"This user task is {task.state}; only a completed one has a way back.")
        try:
            _go_back(step, task, reason)
        except Impossible as impossible:
            raise ResetRefused(impossible.element_id, impossible.reason) from impossible
        step.finish()
        effects.extend(step.effects)
    return step.as_written()


def _go_back(step: Step, task: UserTask, reason: str) -> None:
    columns = (_EVENT.c.id, _EVENT.c.kind, _EVENT.c.element_id, _EVENT.c.user_task_id, _EVENT.c.data)
    of_instance = _EVENT.c.process_instance_id == step.instance_id
    rows = step.session.execute(
        sa.select(*columns).where(of_instance, _EVENT.c.kind.in_(_LEAVING)).order_by(_EVENT.c.id)
    ).all()
    done = next(row for row in rows if row.kind == "user_task_completed" and row.user_task_id == task.id)
    try:
        data = history.data_before(step.session, step.instance_id, done.id)
    except HistoryEventNotFound as lost:
        raise Impossible(task.element_id, "Its data are older than what history keeps.") from lost
    stranded = stranding.stranded_joins(step.run)
    steps = rewind.go_back(
        step.run,
        task.element_id,
        data,
        left_before={row.element_id for row in rows if row.id < done.id},
        left_since=[_left(row) for row in rows if row.id > done.id],
    )
    stranding.settle(step.run, stranded)
    *entered, (element_id, own) = steps
    for host_id, of_host in entered:
        step.tell("activity_reentered", element_id=host_id, data={"reason": reason, "step": of_host})
    facts = {"user_task_id": str(task.id), "completed_by": task.ended_by, "reason": reason, "step": own}
    step.tell("process_reset", element_id=element_id, data=facts)


def _left(row: Any) -> Left:
    if row.kind == "token_moved":
        return Left(row.data["from"], moved_to=row.element_id)
    return Left(row.element_id)
