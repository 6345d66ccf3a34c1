"""How far a matter has come through the stages that its process names."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances
from engine.definitions import compiled
from engine.models import ProcessDefinition, ProcessInstance, UserTask
from practice.matters.models import Matter


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a matter."""

    id: str
    name: str
    #: ``now``: work waits here; ``skipped``: the matter went past it without work; ``ahead``: not reached.
    state: Literal["done", "now", "skipped", "ahead"]
    #: User tasks completed, and completed or open; cancelled ones do not count.
    done: int
    total: int


def progress(session: Session, matter: Matter) -> list[Stage]:
    """Return the stages of the process that carries a matter, in the order of its ``process.yaml``."""
    if matter.process_instance_id is None:
        return []
    instance = process_instances.get(session, matter.process_instance_id)
    named = _stages(session.get_one(ProcessDefinition, instance.definition_id))
    query = (
        sa.select(UserTask.stage, UserTask.state, sa.func.count())
        .where(UserTask.process_instance_id == instance.id, UserTask.state != "cancelled")
        .group_by(UserTask.stage, UserTask.state)
    )
    done: Counter[str | None] = Counter()
    waiting: Counter[str | None] = Counter()
    for stage, state, count in session.execute(query):
        (waiting if state == "created" else done)[stage] += count
    now = set(waiting) if waiting or instance.ended_at else _stages_of_tokens(session, instance)
    reached = [index for index, (stage, _) in enumerate(named) if done[stage] or stage in now]
    last = len(named) if instance.state == "completed" else max(reached, default=-1)
    return [
        Stage(
            id=stage,
            name=name,
            state="now" if stage in now else "done" if done[stage] else "skipped" if index < last else "ahead",
            done=done[stage],
            total=done[stage] + waiting[stage],
        )
        for index, (stage, name) in enumerate(named)
    ]


def _stages(definition: ProcessDefinition) -> list[tuple[str, str]]:
    said: Any = definition.properties.get("stages") or []
    return [(str(stage["id"]), str(stage.get("name") or stage["id"])) for stage in said]


def _stages_of_tokens(session: Session, instance: ProcessInstance) -> set[str | None]:
    """Return where the tokens stand when no person is asked: a timer, a message, an incident."""
    elements = compiled(session, instance.definition_id).process.elements
    shown = process_instances.activities(session, instance.id)
    standing = [
        elements[element_id] for element_id in {*shown["active"], *shown["incidents"]} if element_id in elements
    ]
    return {element.extensions.properties["stage"] for element in standing if "stage" in element.extensions.properties}
