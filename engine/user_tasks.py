"""What people do with user tasks: claim, unclaim, assign, delegate, resolve, complete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine import followers, forms, history, safekeeping, work_rules
from engine import variables as variable_rules
from engine.actor import Actor
from engine.bpmn.runtime import Run
from engine.definitions import compiled
from engine.errors import (
    NotACandidate,
    NotTheAssignee,
    ProcessInstanceNotActive,
    RecipientMissing,
    UserTaskAlreadyClaimed,
    UserTaskDelegated,
    UserTaskNotDelegated,
    UserTaskNotFound,
    UserTaskNotOpen,
)
from engine.models import ProcessInstance, UserTask, UserTaskCandidate
from engine.models.base import detached, known_in
from engine.prepared import Prepared
from engine.steps import MOVING, take_up
from engine.waits import candidates_of


class _InstanceColumns(NamedTuple):
    """The instance's part of a joined row, in its order, under its own names."""

    definition_id: UUID
    state: str
    revision: int
    business_key: str | None
    state_blob: bytes
    started_by: str
    started_at: datetime


_INSTANCE = cast(sa.Table, ProcessInstance.__table__)
_TASK = cast(sa.Table, UserTask.__table__)
_CANDIDATE = cast(sa.Table, UserTaskCandidate.__table__)
_TASK_COLUMNS = tuple(column.name for column in _TASK.columns)
#: The user task and its instance, both locked; the instance's columns are prefixed.
_LOAD = Prepared(
    sa.select(_TASK, *(_INSTANCE.c[name].label(f"instance_{name}") for name in _InstanceColumns._fields))
    .join(_INSTANCE, _INSTANCE.c.id == _TASK.c.process_instance_id)
    .where(_TASK.c.id == sa.bindparam("task"))
    .with_for_update(of=[_INSTANCE, _TASK])
)
_COMPLETE = Prepared(
    sa.update(_TASK)
    .where(_TASK.c.id == sa.bindparam("task"), _TASK.c.state == "created")
    .values(
        state="completed",
        ended_at=sa.bindparam("at"),
        ended_by=sa.bindparam("who"),
        ended_for=sa.bindparam("for_whom"),
        assignee=sa.bindparam("holder"),
    )
)
_DROP_CANDIDATES = Prepared(sa.delete(_CANDIDATE).where(_CANDIDATE.c.user_task_id == sa.bindparam("task")))


def get(session: Session, user_task_id: UUID) -> UserTask:
    """Return a user task, open or ended.

    Raises:
        UserTaskNotFound: there is none.
    """
    found = session.get(UserTask, user_task_id, populate_existing=True)
    if found is None:
        raise UserTaskNotFound(user_task_id)
    return found


def form(session: Session, task: UserTask) -> dict[str, Any] | None:
    """Return the form-js schema of a user task, of the version its instance runs; None when it has no form."""
    if task.form_key is None:
        return None
    definition_id = session.scalar(
        sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == task.process_instance_id)
    )
    return compiled(session, cast(UUID, definition_id)).forms[task.form_key]


def documentation(session: Session, task: UserTask) -> str | None:
    """Return what the designer wrote to help with a user task."""
    definition_id = session.scalar(
        sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == task.process_instance_id)
    )
    element = compiled(session, cast(UUID, definition_id)).process.elements.get(task.element_id)
    return element.documentation if element is not None else None


def variables(session: Session, task: UserTask) -> dict[str, Any]:
    """Return the data that an open user task sees; of an ended one, nothing."""
    if task.state != "created":
        return {}
    instance = session.get(
        ProcessInstance, task.process_instance_id, options=[undefer(ProcessInstance.state_blob)], populate_existing=True
    )
    assert instance is not None, "a user task has an instance"
    process = compiled(session, instance.definition_id).process
    return Run.restore(instance.state_blob, process, instance.last_progress_at).data_of(task.id) or {}


def claim(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> UserTask:
    """Make ``by`` the assignee; claiming one's own task again changes nothing.

    Raises:
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
        UserTaskAlreadyClaimed: somebody else holds it, for whom ``by`` does not stand in.
        NotACandidate: it is offered to other groups.
    """
    task = _locked(session, user_task_id)
    if task.assignee == by.username:
        for follower in followers.of(task.properties):
            follower.given(session, task, "claimed", by=by, now=now)
        return task
    for_whom = None
    if task.assignee is not None:
        for_whom = _for_whom(session, task, "claim", by, now)
        if for_whom is None:
            raise UserTaskAlreadyClaimed(user_task_id, task.assignee)
        task.owner = task.owner or task.assignee
    elif not _is_open_to(task.candidate_groups, by):
        raise NotACandidate(user_task_id, by.username)
    _check_rules(session, task, "claim", by.username, for_whom, by, now)
    return _give(session, task, by.username, "user_task_claimed", by, now, for_whom)


def unclaim(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> UserTask:
    """Offer a task one holds to its groups again, or give it back to whose it is; an unclaimed task stays as it is.

    Raises:
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
        NotTheAssignee: somebody else holds it.
    """
    task = _locked(session, user_task_id)
    if task.assignee is None:
        return task
    if task.assignee != by.username and not by.may("assign_user_tasks"):
        raise NotTheAssignee(user_task_id, by.username)
    back_to = task.owner if task.assignee == by.username else None
    return _give(session, task, back_to, "user_task_unclaimed", by, now)


def assign(session: Session, user_task_id: UUID, to: str | None, *, by: Actor, now: datetime) -> UserTask:
    """Give a task to a named person; only who may assign work does this.

    Raises:
        RecipientMissing: ``to`` is empty.
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
        NotTheAssignee: ``by`` neither holds it nor may assign.
    """
    if not to:
        raise RecipientMissing
    task = _locked(session, user_task_id)
    for_whom = _require_may_give(session, task, "assign", by, now)
    _check_rules(session, task, "assign", to, None, by, now)
    task.owner = None
    return _give(session, task, to, "user_task_assigned", by, now, for_whom)


def delegate(session: Session, user_task_id: UUID, to: str | None, *, by: Actor, now: datetime) -> UserTask:
    """Let somebody else do a task one holds; ``owner`` remembers whose it is.

    Raises:
        RecipientMissing: ``to`` is empty.
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
        NotTheAssignee: somebody else holds it.
    """
    if not to:
        raise RecipientMissing
    task = _locked(session, user_task_id)
    for_whom = _require_may_give(session, task, "delegate", by, now)
    _check_rules(session, task, "delegate", to, None, by, now)
    task.owner = task.owner or task.assignee or by.username
    return _give(session, task, to, "user_task_delegated", by, now, for_whom)


def resolve(session: Session, user_task_id: UUID, *, by: Actor, now: datetime) -> UserTask:
    """Give a delegated task back to its owner: the delegate has done their part, or the owner takes it back.

    Raises:
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
        UserTaskNotDelegated: it belongs to who holds it.
        NotTheAssignee: ``by`` neither holds nor owns it, nor may assign.
        Forbidden: meanwhile a rule of the model keeps the owner from it; it stays where it is.
    """
    task = _locked(session, user_task_id)
    if task.owner is None or task.owner == task.assignee:
        raise UserTaskNotDelegated(user_task_id)
    if by.username not in (task.assignee, task.owner) and not by.may("assign_user_tasks"):
        raise NotTheAssignee(user_task_id, by.username)
    _check_rules(session, task, "assign", task.owner, None, by, now)
    to, task.owner = task.owner, None
    return _give(session, task, to, "user_task_resolved", by, now)


def offer_again(session: Session, user_task_id: UUID, *, now: datetime) -> UserTask:
    """Write an open task's inbox rows anew, after something beside the engine changed whom it stands in front of.

    Whom it stood in front of keeps the instant at which it came. Nothing about the task itself changes, and nothing
    is told.

    Raises:
        UserTaskNotFound, UserTaskNotOpen: it is not there or not open.
    """
    task = _locked(session, user_task_id)
    session.flush()
    query = sa.select(_CANDIDATE.c.principal, _CANDIDATE.c.came_at).where(_CANDIDATE.c.user_task_id == task.id)
    came = {principal: came_at for principal, came_at in session.execute(query) if came_at is not None}
    _DROP_CANDIDATES.run(session.connection(), {"task": task.id})
    rows = candidates_of({name: getattr(task, name) for name in _TASK_COLUMNS}, now=now)
    if rows:
        session.execute(sa.insert(_CANDIDATE), [row | {"came_at": came.get(row["principal"], now)} for row in rows])
    new = sa.and_(_CANDIDATE.c.user_task_id == task.id, _CANDIDATE.c.principal.not_in(list(came)))
    session.execute(sa.update(_CANDIDATE).where(new).values(came_at=now))
    for principal, came_at in came.items():
        theirs = sa.and_(_CANDIDATE.c.user_task_id == task.id, _CANDIDATE.c.principal == principal)
        session.execute(sa.update(_CANDIDATE).where(theirs).values(came_at=came_at))
    return task


def complete(
    session: Session, user_task_id: UUID, variables: Mapping[str, Any] | None = None, *, by: Actor, now: datetime
) -> UserTask:
    """Hand in a user task's answers and move its instance until it waits again.

    A candidate completes an unclaimed task without claiming it first. The task that is returned is as it
    was written, and belongs to no session.

    Raises:
        UserTaskNotFound: there is none.
        UserTaskNotOpen: it has been completed or cancelled; the error says by whom.
        UserTaskAlreadyClaimed: somebody else holds it.
        NotACandidate: it is offered to other groups.
        UserTaskDelegated: it was delegated to ``by``, and goes back to its owner (``resolve``).
        FormInvalid, VariablesInvalid: the answers cannot be accepted.
        ProcessInstanceNotActive: the instance is suspended.
    """
    row = _LOAD.one_or_none(session.connection(), {"task": user_task_id})
    if row is None:
        raise UserTaskNotFound(user_task_id)
    for_whom = _check_may_complete(session, row, by, now)
    for follower in followers.of(row.properties):
        follower.require_completable(session, user_task_id)
    instance = _InstanceColumns._make(row[len(_TASK_COLUMNS) :])
    if instance.state not in MOVING:
        raise ProcessInstanceNotActive(row.process_instance_id, instance.state)
    step = take_up(session, row.process_instance_id, by=by, now=now, row=instance)
    answers = _checked_answers(step.definition.forms, row, dict(variables or {}), step.run, now)
    if work_rules.concern(row.properties):
        data = step.run.data_of(user_task_id) or {}
        _check_rules(session, row, "complete", by.username, for_whom, by, now, answers=answers, data=data)
    answers = safekeeping.storable(session, answers, by=by, now=now)
    values = {
        "task": user_task_id,
        "at": now,
        "who": by.username,
        "for_whom": for_whom,
        "holder": row.assignee or by.username,
    }
    step.later(_COMPLETE, values)
    step.later(_DROP_CANDIDATES, {"task": user_task_id})
    followers.tell_ended(step, [(row.properties, user_task_id)])
    step.done.add(user_task_id)
    step.run.complete_user_task(user_task_id, answers)
    facts: dict[str, Any] = {"answers": answers, "step": step.run.step_of(user_task_id, answers)}
    if for_whom is not None:
        facts["for"] = for_whom
    step.tell("user_task_completed", element_id=row.element_id, user_task_id=user_task_id, data=facts)
    step.finish()
    return _as_written(session, row, values)


def _check_may_complete(session: Session, row: Any, by: Actor, now: datetime) -> str | None:
    """Refuse who may not complete a task; return for whom somebody who stands in does it."""
    if row.state != "created":
        raise UserTaskNotOpen(row.id, row.state, row.ended_by)
    if row.assignee == by.username:
        if row.owner is None or row.owner == row.assignee:
            return None
        # Taken over from somebody away it is completed for them; delegated, it goes back.
        for_whom = _for_whom(session, row, "complete", by, now)
        if for_whom is None:
            raise UserTaskDelegated(row.id, row.owner)
        return for_whom
    if row.assignee is not None:
        for_whom = _for_whom(session, row, "complete", by, now)
        if for_whom is not None:
            return for_whom
    if not _is_open_to(row.candidate_groups, by):
        raise NotACandidate(row.id, by.username)
    if row.assignee is not None:
        raise UserTaskAlreadyClaimed(row.id, row.assignee)
    return None


def _require_may_give(session: Session, task: UserTask, verb: work_rules.Verb, by: Actor, now: datetime) -> str | None:
    """Refuse who may not give a task to somebody; return for whom somebody who stands in does it."""
    if by.may("assign_user_tasks") or task.assignee == by.username:
        return None
    for_whom = _for_whom(session, task, verb, by, now) if task.assignee is not None else None
    if for_whom is None:
        raise NotTheAssignee(task.id, by.username)
    return for_whom


def _for_whom(session: Session, row: Any, verb: work_rules.Verb, by: Actor, now: datetime) -> str | None:
    return work_rules.stands_in_for(session, work_rules.Work.of(row), verb, by=by, now=now)


def _check_rules(
    session: Session,
    row: Any,
    verb: work_rules.Verb,
    person: str,
    on_behalf_of: str | None,
    by: Actor,
    now: datetime,
    **handed_in: Any,
) -> None:
    if work_rules.concern(row.properties):
        work = work_rules.Work.of(row)
        attempt = work_rules.Attempt(
            work=work, verb=verb, person=person, on_behalf_of=on_behalf_of, by=by, now=now, **handed_in
        )
        work_rules.check(session, attempt)


def _checked_answers(
    all_forms: dict[str, Any], row: Any, answers: dict[str, Any], run: Run, now: datetime
) -> dict[str, Any]:
    if row.form_key is None:
        return variable_rules.checked(answers)
    return forms.validate(all_forms[row.form_key], answers, context=run.data_of(row.id) or {}, now=now)


def _as_written(session: Session, row: Any, values: dict[str, Any]) -> UserTask:
    """Return the task as the database now has it, without asking it again."""
    known = known_in(session, UserTask, row.id)
    if known is not None:
        session.refresh(known)
        return known
    before = dict(zip(_TASK_COLUMNS, row, strict=False))
    after = {
        "state": "completed",
        "ended_at": values["at"],
        "ended_by": values["who"],
        "ended_for": values["for_whom"],
        "assignee": values["holder"],
    }
    return detached(UserTask, before | after)


def _locked(session: Session, user_task_id: UUID) -> UserTask:
    task = session.get(UserTask, user_task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise UserTaskNotFound(user_task_id)
    if task.state != "created":
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    return task


def _is_open_to(candidate_groups: list[str], by: Actor) -> bool:
    return bool(by.groups.intersection(candidate_groups)) or by.may("assign_user_tasks")


def _give(
    session: Session, task: UserTask, to: str | None, kind: str, by: Actor, now: datetime, for_whom: str | None = None
) -> UserTask:
    before = task.assignee
    task.assignee = to
    if to is None or to == task.owner:
        task.owner = None
    session.flush()
    _DROP_CANDIDATES.run(session.connection(), {"task": task.id})
    rows = candidates_of({name: getattr(task, name) for name in _TASK_COLUMNS}, now=now)
    if rows:
        session.execute(sa.insert(_CANDIDATE), rows)
    history.append(
        session,
        task.process_instance_id,
        kind,
        actor=by.username,
        now=now,
        element_id=task.element_id,
        user_task_id=task.id,
        data={"before": before, "after": to} | ({"for": for_whom} if for_whom else {}),
    )
    for follower in followers.of(task.properties):
        follower.given(session, task, kind.removeprefix("user_task_"), by=by, now=now)
    return task
