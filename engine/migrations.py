"""Moves running instances to another version of their process: plan, try out, carry out in batches.

Each instance goes by itself, in a savepoint: one that cannot go is left as it was, with everything that stands in
its way. Trying out does the same work and takes it back, so it tells exactly what would happen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import bulk, deployments
from engine.actor import Actor
from engine.bpmn import migration
from engine.bpmn.migration import Carried, Obstacle, Pair, Refused
from engine.bpmn.tokens import Waiting
from engine.definitions import CompiledDefinition, compiled
from engine.errors import MatterflowError, MigrationPlanInvalid, MigrationRefused, ProcessInstanceNotActive
from engine.models import Incident, Job, ProcessInstance, UserTask
from engine.steps import MOVING, Step, take_up
from engine.undo import undoable

#: Instances moved in one transaction at most.
LARGEST_BATCH = 500
_OPEN = (*MOVING, "suspended")
_INSTANCE = cast("sa.Table", ProcessInstance.__table__)
_TASK = cast("sa.Table", UserTask.__table__)
_JOB = cast("sa.Table", Job.__table__)
_INCIDENT = cast("sa.Table", Incident.__table__)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which element of one version is which of another."""

    process_key: str
    source: CompiledDefinition
    target: CompiledDefinition
    #: What the plan's author said, as opposed to what follows from equal ids.
    explicit: dict[str, str]
    pairs: list[Pair]
    #: Elements without a counterpart: an instance with a token there cannot go.
    without: list[Obstacle]

    @property
    def mapping(self) -> dict[str, str]:
        """Return every element of the one version that has a counterpart, with it."""
        return {pair.source: pair.target for pair in self.pairs}


@dataclass(slots=True)
class Report:
    """What moving one instance did, or would do."""

    id: UUID
    #: Why it was refused; None when it went.
    refusal: MatterflowError | None = None
    state: str | None = None
    #: Tokens by id, with the element before and after.
    tokens: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    #: Elements whose timers and messages are no longer waited for, and those that are waited for in addition.
    dropped: list[str] = field(default_factory=list[str])
    added: list[str] = field(default_factory=list[str])
    #: User tasks whose name, form or properties change, with their new names.
    user_tasks: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    @property
    def obstacles(self) -> list[Obstacle]:
        """Return what stands in the instance's way."""
        return cast("list[Obstacle]", self.refusal.obstacles) if isinstance(self.refusal, MigrationRefused) else []


def plan(
    session: Session,
    process_key: str,
    source_version: int,
    target_version: int,
    mapping: Mapping[str, str] | None = None,
) -> Plan:
    """Pair the elements of two versions: those of equal id and type, and those that ``mapping`` names.

    Raises:
        ProcessDefinitionNotFound: one of the versions is not deployed.
        MigrationPlanInvalid: the mapping does not fit, or the versions are one.
    """
    if source_version == target_version:
        raise MigrationPlanInvalid([Obstacle(process_key, f"Both versions are {source_version}.")])
    source = compiled(session, deployments.get(session, process_key, source_version).id)
    target = compiled(session, deployments.get(session, process_key, target_version).id)
    explicit = dict(mapping or {})
    pairs, without, wrong = migration.pair_elements(source.process, target.process, explicit)
    if wrong:
        raise MigrationPlanInvalid(list(wrong))
    return Plan(process_key, source, target, explicit, pairs, without)


def instances(
    session: Session,
    plan: Plan,
    *,
    after: UUID | None = None,
    limit: int = LARGEST_BATCH,
    ids: Sequence[UUID] | None = None,
    where: sa.ColumnElement[bool] | None = None,
) -> list[UUID]:
    """Return open instances of the plan's source version, by id; ``after`` continues behind one, ``where`` filters."""
    query = sa.select(_INSTANCE.c.id).where(_INSTANCE.c.definition_id == plan.source.id, _INSTANCE.c.ended_at.is_(None))
    if after is not None:
        query = query.where(_INSTANCE.c.id > after)
    if ids is not None:
        query = query.where(_INSTANCE.c.id.in_(ids))
    if where is not None:
        query = query.where(where)
    return list(session.scalars(query.order_by(_INSTANCE.c.id).limit(limit)))


def apply(
    session: Session, plan: Plan, process_instance_ids: Iterable[UUID], *, by: Actor, now: datetime
) -> list[Report]:
    """Move instances, each for itself; whoever commits after each batch can go on where it stopped."""
    done: dict[UUID, Report] = {}

    def move(instance_id: UUID) -> None:
        done[instance_id] = migrate(session, plan, instance_id, by=by, now=now)

    outcomes = bulk.each(session, process_instance_ids, move)
    return [done[one.id] if one.refusal is None else Report(one.id, one.refusal) for one in outcomes]


def try_out(
    session: Session, plan: Plan, process_instance_ids: Iterable[UUID], *, by: Actor, now: datetime
) -> list[Report]:
    """Tell what ``apply`` would do, by doing it and taking it back."""
    trial = session.begin_nested()
    try:
        return apply(session, plan, process_instance_ids, by=by, now=now)
    finally:
        trial.rollback()
        session.expire_all()


def migrate(session: Session, plan: Plan, process_instance_id: UUID, *, by: Actor, now: datetime) -> Report:
    """Move one instance to the plan's target version.

    Raises:
        ProcessInstanceNotFound, ProcessInstanceNotActive: it is not there, at its end, or of another version.
        MigrationRefused: with everything that stands in its way.
    """
    with undoable(session, process_instance_id, "migrate", by=by, now=now) as effects:
        step = take_up(session, process_instance_id, by=by, now=now, states=_OPEN)
        if step.definition.id != plan.source.id:
            raise ProcessInstanceNotActive(process_instance_id, f"version {step.definition.version}")
        try:
            carried = migration.carry_over(
                step.run, plan.target.process, plan.mapping, now, moves=not step.is_suspended
            )
        except Refused as refused:
            raise MigrationRefused(process_instance_id, list(refused.obstacles)) from refused
        report = Report(process_instance_id, dropped=carried.dropped, added=carried.added)
        report.tokens = [{"token_id": str(one), "from": old, "to": new} for one, old, new in carried.tokens]
        step.run, step.definition = carried.run, plan.target
        _follow(step, carried, report)
        session.execute(
            sa.update(_INSTANCE)
            .where(_INSTANCE.c.id == process_instance_id)
            .values(definition_id=plan.target.id, version=plan.target.version)
        )
        versions = {"before": plan.source.version, "after": plan.target.version}
        facts = {"dropped": carried.dropped, "added": carried.added, "mapping": plan.explicit}
        step.tell("process_migrated", data=versions | facts)
        report.state = step.finish(moves=not step.is_suspended)
        effects.extend(step.effects)
    return report


def _follow(step: Step, carried: Carried, report: Report) -> None:
    """Let what the instance waits for stand at its elements of the new version; due dates and claims stay."""
    waits = carried.run.waiting()
    kept: dict[Any, Waiting] = {}
    others: list[Waiting] = []
    for item in step.waited_for.values():
        place = carried.places.get((item.spiff_task_id, item.index), item.index)
        key = (item.kind, item.spiff_task_id, place, item.due_at)
        found = waits.get(key)
        if item.kind == "user_task" and found is not None:
            _redraw(step, found, report)
        elif item.kind in ("timer", "delegate"):
            _move_job(step, item, found)
        else:
            others.append(item)  # names and keys of messages may have changed: they are listened for anew
            continue
        if found is not None:
            kept[key] = item
    step.session.execute(
        sa.update(_JOB)
        .where(_JOB.c.process_instance_id == step.instance_id, _JOB.c.event_index < 0)
        .values(event_index=-1 - _JOB.c.event_index)
    )
    step.stop_waiting(others)
    step.waited_for = kept
    _move_incidents(step)


def _redraw(step: Step, item: Waiting, report: Report) -> None:
    drawn = {
        "element_id": item.element.id,
        "name": item.element.name,
        "kind": item.element.extensions.properties.get("kind"),
        "stage": item.element.extensions.properties.get("stage"),
        "form_key": item.element.extensions.get("formKey"),
        "properties": dict(item.element.extensions.properties),
    }
    before = step.session.execute(sa.select(_TASK).where(_TASK.c.id == item.spiff_task_id)).one()
    if any(getattr(before, name) != value for name, value in drawn.items()):
        step.session.execute(sa.update(_TASK).where(_TASK.c.id == item.spiff_task_id).values(**drawn))
        report.user_tasks.append({"id": str(item.spiff_task_id), "from": before.name, "to": item.element.name})


def _move_job(step: Step, item: Waiting, now_waiting: Waiting | None) -> None:
    mine = sa.and_(
        _JOB.c.process_instance_id == step.instance_id,
        _JOB.c.spiff_task_id == item.spiff_task_id,
        _JOB.c.kind == item.kind,
        _JOB.c.event_index == item.index,
    )
    if now_waiting is None:
        step.session.execute(sa.delete(_JOB).where(mine))
        return
    topic = now_waiting.element.extensions.get("topic") if item.kind == "delegate" else None
    values: dict[str, Any] = {"element_id": now_waiting.element.id, "topic": topic}
    if now_waiting.index != item.index:
        # Events behind one gateway may change places with each other: what has moved stands below zero for now.
        values["event_index"] = -1 - now_waiting.index
    step.session.execute(sa.update(_JOB).where(mine).values(**values))


def _move_incidents(step: Step) -> None:
    rows = step.session.execute(
        sa.select(_INCIDENT.c.id, _INCIDENT.c.spiff_task_id, _INCIDENT.c.element_id).where(
            _INCIDENT.c.process_instance_id == step.instance_id, _INCIDENT.c.resolved_at.is_(None)
        )
    ).all()
    for row in rows:
        element_id = step.run.element_at(row.spiff_task_id) if row.spiff_task_id is not None else None
        if element_id is not None and element_id != row.element_id:
            step.session.execute(sa.update(_INCIDENT).where(_INCIDENT.c.id == row.id).values(element_id=element_id))
