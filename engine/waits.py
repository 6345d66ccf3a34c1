"""What an instance waits for, as rows: its user tasks, jobs, subscriptions and incidents.

Nothing is sent from here: a step collects what it writes and sends it together with its instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from engine import followers, job_table, limits, urgency, work_rules
from engine.bpmn.extensions import split_list
from engine.bpmn.timers import TimerInvalid, due_instant
from engine.models import Incident, Job, MessageSubscription, SignalSubscription, UserTask, UserTaskCandidate
from engine.models.base import new_id
from engine.models.user_task_candidate import NO_DUE_DATE
from engine.prepared import Prepared
from engine.variables import is_storable, storable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.bpmn.tokens import Waiting
    from engine.steps import Step

DEFAULT_PRIORITY = 50

_TASK = cast("sa.Table", UserTask.__table__)
_CANDIDATE = cast("sa.Table", UserTaskCandidate.__table__)
_JOB = cast("sa.Table", Job.__table__)
_SUBSCRIPTION = cast("sa.Table", MessageSubscription.__table__)
_SIGNAL = cast("sa.Table", SignalSubscription.__table__)
_INSERT_TASKS = Prepared(sa.insert(_TASK))
_END_TASKS = Prepared(
    sa.update(_TASK)
    .where(_TASK.c.id == sa.bindparam("task"), _TASK.c.state == "created")
    .values(state=sa.bindparam("new_state"), ended_at=sa.bindparam("at"), ended_by=sa.bindparam("who")),
    each_its_own=True,
)
_INSERT_CANDIDATES = Prepared(sa.insert(_CANDIDATE))
_DROP_CANDIDATES = Prepared(sa.delete(_CANDIDATE).where(_CANDIDATE.c.user_task_id == sa.bindparam("task")))
_INSERT_JOBS = Prepared(sa.insert(_JOB))
_DROP_JOB = Prepared(
    sa.delete(_JOB).where(
        _JOB.c.process_instance_id == sa.bindparam("instance"),
        _JOB.c.spiff_task_id == sa.bindparam("token"),
        _JOB.c.kind == sa.bindparam("job_kind"),
        _JOB.c.event_index == sa.bindparam("event"),
    )
)
_INSERT_SUBSCRIPTIONS = Prepared(sa.insert(_SUBSCRIPTION))
_INSERT_SIGNALS = Prepared(sa.insert(_SIGNAL))
_DROP_SUBSCRIPTION, _DROP_SIGNAL = (
    Prepared(
        sa.delete(table).where(
            table.c.process_instance_id == sa.bindparam("instance"), table.c.spiff_task_id == sa.bindparam("token")
        )
    )
    for table in (_SUBSCRIPTION, _SIGNAL)
)
_INCIDENT = cast("sa.Table", Incident.__table__)
_INSERT_INCIDENTS = Prepared(sa.insert(_INCIDENT))
_CLOSE_INCIDENT = Prepared(
    sa.update(_INCIDENT)
    .where(_INCIDENT.c.id == sa.bindparam("incident"))
    .values(resolved_at=sa.bindparam("at"), resolved_by=sa.bindparam("who")),
    each_its_own=True,
)


def drop(step: Step, went: list[Waiting]) -> None:
    """Take back the rows of what the instance waits for no longer."""
    tasks = [item for item in went if item.kind == "user_task" and item.spiff_task_id not in step.done]
    if tasks:
        ended = [
            {"task": item.spiff_task_id, "new_state": "cancelled", "at": step.now, "who": step.by.username}
            for item in tasks
        ]
        step.later(_END_TASKS, ended)
        step.later(_DROP_CANDIDATES, [{"task": item.spiff_task_id} for item in tasks])
        followers.tell_ended(step, [(item.element.extensions.properties, item.spiff_task_id) for item in tasks])
        for item in tasks:
            step.tell("user_task_cancelled", element_id=item.element.id, user_task_id=item.spiff_task_id)
    jobs = [
        {"instance": step.instance_id, "token": item.spiff_task_id, "job_kind": item.kind, "event": item.index}
        for item in went
        if item.kind in ("timer", "delegate")
    ]
    if jobs:
        step.later(_DROP_JOB, jobs)
    for kind, statement in (("message", _DROP_SUBSCRIPTION), ("signal", _DROP_SIGNAL)):
        rows = [{"instance": step.instance_id, "token": item.spiff_task_id} for item in went if item.kind == kind]
        if rows:
            step.later(statement, rows)


def offer(step: Step, came: list[Waiting]) -> None:
    """Write the user tasks that came."""
    rows = [row for row in (_user_task(step, item) for item in came) if row is not None]
    if not rows:
        return
    step.later(_INSERT_TASKS, rows)
    candidates = [candidate for row in rows for candidate in candidates_of(row, now=step.now)]
    if candidates:
        step.later(_INSERT_CANDIDATES, candidates)
    followers.tell_came(step, rows)
    for row in rows:
        step.tell(
            "user_task_created",
            element_id=row["element_id"],
            user_task_id=row["id"],
            data={"name": row["name"], "assignee": row["assignee"], "candidate_groups": row["candidate_groups"]},
        )


def _user_task(step: Step, item: Waiting) -> dict[str, Any] | None:
    extensions = item.element.extensions
    texts = {
        name: text
        for name in ("assignee", "candidateGroups", "dueDate", "priority")
        if (text := extensions.get(name)) is not None
    }
    values = step.run.attributes(item, texts)
    if values is None:
        return None
    try:
        due_at = due_instant(str(values["dueDate"]), step.now) if values.get("dueDate") else None
        priority = int(values["priority"]) if values.get("priority") is not None else DEFAULT_PRIORITY
        groups = _group_names(values.get("candidateGroups") or item.element.lane)
        assignee = str(values["assignee"]) if values.get("assignee") else None
        _check_stored(assignee, groups, priority)
    except (ValueError, TypeError, OverflowError, TimerInvalid) as error:
        step.run.stick(item, error)
        return None
    row = {
        "id": item.spiff_task_id,
        "process_instance_id": step.instance_id,
        "process_key": step.definition.key,
        "business_key": step.business_key,
        "element_id": item.element.id,
        "name": item.element.name,
        "kind": extensions.properties.get("kind"),
        "stage": extensions.properties.get("stage"),
        "assignee": assignee,
        "owner": None,
        "candidate_groups": groups,
        "form_key": extensions.get("formKey"),
        "priority": priority,
        "due_at": due_at,
        "created_at": step.now,
        "state": "created",
        "properties": dict(extensions.properties),
        "urgency": urgency.of(due_at=due_at, created_at=step.now, priority=priority),
    }
    if assignee is None and work_rules.routes(extensions.properties):
        row["assignee"] = _routed(step, item, row)
    return row


def _routed(step: Step, item: Waiting, row: dict[str, Any]) -> str | None:
    work = work_rules.Work(**{name: row[name] for name in work_rules.Work._fields})
    data = step.run.data_of(item.spiff_task_id) or {}
    return work_rules.route(step.session, work_rules.NewWork(work, data, step.by, step.now))


def promise(step: Step, came: list[Waiting]) -> None:
    """Write the jobs for the timers and delegates that came."""
    rows = [
        job_table.values(
            item.kind,
            due_at=item.due_at or step.now,
            by=step.by.username,
            now=step.now,
            process_instance_id=step.instance_id,
            element_id=item.element.id,
            spiff_task_id=item.spiff_task_id,
            event_index=item.index,
            topic=item.element.extensions.get("topic") if item.kind == "delegate" else None,
        )
        for item in came
    ]
    if rows:
        step.later(_INSERT_JOBS, rows)
        job_table.note_due(step.session, rows, step.now)
    for item in came:
        if item.kind == "timer" and item.due_at is not None:
            step.tell("timer_scheduled", element_id=item.element.id, data={"due_at": item.due_at.isoformat()})


def listen(step: Step, came: list[Waiting]) -> None:
    """Write the subscriptions for the messages and signals that came."""
    messages: list[dict[str, Any]] = []
    signals: list[dict[str, Any]] = []
    for item in came:
        if item.kind not in ("message", "signal"):
            continue
        row = {
            "id": new_id(),
            "name": item.name,
            "process_instance_id": step.instance_id,
            "element_id": item.element.id,
            "spiff_task_id": item.spiff_task_id,
        }
        if item.kind == "signal":
            signals.append(row)
        else:
            messages.append({**row, "keys": item.keys, "correlation_key": step.need_of(item)})
    if messages:
        step.later(_INSERT_SUBSCRIPTIONS, messages)
    if signals:
        step.later(_INSERT_SIGNALS, signals)


def raise_incidents(step: Step) -> None:
    """Write an incident for each token that could not go on in this step."""
    rows = [
        {
            "id": new_id(),
            "process_instance_id": step.instance_id,
            "element_id": failure.element_id,
            "spiff_task_id": failure.spiff_task_id,
            "kind": failure.kind,
            "message": storable(failure.message),
            "expression": storable(failure.expression) if failure.expression else None,
            "created_at": step.now,
        }
        for failure in step.run.failures
    ]
    if rows:
        step.later(_INSERT_INCIDENTS, rows)
    for failure in step.run.failures:
        facts = {"kind": failure.kind, "message": failure.message, "expression": failure.expression}
        step.tell("incident_raised", element_id=failure.element_id, data=facts)
    step.run.failures.clear()


def close_incidents(step: Step) -> None:
    """Close the incidents whose token went on or away by another path than trying again."""
    query = sa.select(_INCIDENT.c.id, _INCIDENT.c.element_id, _INCIDENT.c.spiff_task_id).where(
        _INCIDENT.c.process_instance_id == step.instance_id,
        _INCIDENT.c.job_id.is_(None),
        _INCIDENT.c.resolved_at.is_(None),
    )
    stuck = step.run.stuck_tokens()
    for row in step.session.connection().execute(query):
        if row.spiff_task_id not in stuck:
            values = {"incident": row.id, "at": step.now, "who": step.by.username}
            step.later(_CLOSE_INCIDENT, values)
            step.tell("incident_resolved", element_id=row.element_id, data={"incident_id": str(row.id)})


def _check_stored(assignee: str | None, groups: list[str], priority: int) -> None:
    """Refuse what an expression answered and no column holds."""
    for name in (*groups, *([assignee] if assignee else ())):
        if not is_storable(name, limits.PERSON):
            message = f"{name[: limits.SHORT]!r} is no name of a person or group."
            raise ValueError(message)
    if abs(priority) >= limits.PRIORITY:
        message = f"The priority {priority:.0e} is out of range."
        raise ValueError(message)


def _group_names(groups: Any) -> list[str]:
    if isinstance(groups, list):
        return [str(group) for group in cast("list[Any]", groups)]
    return split_list(str(groups) if groups else None)


def candidates_of(task: Mapping[str, Any], *, now: datetime) -> list[dict[str, Any]]:
    """Return the inbox rows of an open user task: its assignee's, or one for each candidate group.

    What is missing of the copies beside the key (``UserTaskCandidate``) the database fills in.
    """
    principals = (
        [f"user:{task['assignee']}"]
        if task["assignee"]
        else [f"group:{name}" for name in dict.fromkeys(task["candidate_groups"])]
    )
    copies = {name: task.get(name) for name in ("urgency", "process_key", "kind", "priority", "business_key")}
    due_at = task["due_at"] or NO_DUE_DATE
    return [
        {"principal": principal, "due_at": due_at, "user_task_id": task["id"], "came_at": now, **copies}
        for principal in principals
    ]
