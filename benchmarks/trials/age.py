"""What the next step costs an instance that has lived for years, against a fresh one in the same database.

Steps of the old and of a fresh instance take turns; each is ``user_tasks.complete`` in a transaction of its own. The
fresh instance holds as many data as the old one, so that only the age differs. After each step the stored state is
weighed; the heaviest of a life counts.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.trials import answer, database_url
from engine import clock, database, deployments, process_instances, user_tasks
from engine.actor import SYSTEM, Actor
from engine.models import ProcessInstance, UserTask
from webui import upgrades

ANA = Actor("ana", groups=frozenset({"lawyers"}))
#: Steps timed of each instance.
TIMED = 40

_OPEN = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="definitions" targetNamespace="https://matterflow.example">'
)
_OFFERED = 'camunda:candidateGroups="lawyers"'
_START = '<bpmn:startEvent id="started" name="Started"/>'
_END = '<bpmn:endEvent id="ended" name="Ended"/>'
_AGAIN = '<bpmn:exclusiveGateway id="again" name="Again?" default="flow_again_ended"/>'
_ITEMS = '<bpmn:multiInstanceLoopCharacteristics {} camunda:collection="parties" camunda:elementVariable="party"/>'


@dataclass(frozen=True, slots=True)
class Life:
    """A process, and how one of its instances grows old."""

    name: str
    model: bytes
    #: Steps before the timed ones.
    steps: int
    variables: dict[str, Any]
    #: What the fresh instance starts with, and its steps before the timed ones.
    fresh_variables: dict[str, Any]
    fresh_steps: int = 3


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Let every life be lived; milliseconds and bytes."""
    samples: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-age-") as folder:
        engine = database.create_engine(database_url(folder))
        upgrades.metadata().create_all(engine)
        where = engine.dialect.name
        for life in LIVES:
            with database.transaction(engine) as session:
                deployments.deploy(session, {f"{life.name}.bpmn": life.model}, by=SYSTEM, now=clock.utc_now())
            for figure, values in _live(engine, life).items():
                samples[f"age.{where}.{life.name}.{figure}"] = values
        engine.dispose()
    return {"name": f"Matterflow's service layer, {where}"}, samples


def _live(engine: sa.Engine, life: Life) -> dict[str, list[float]]:
    old = _Instance(engine, life, life.variables)
    fresh = _Instance(engine, life, life.fresh_variables)
    early = [old.step() for _ in range(5)]
    for _ in range(life.steps - len(early)):
        old.step()
    for _ in range(life.fresh_steps):
        fresh.step()
    pairs = [(fresh.step(), old.step()) for _ in range(TIMED)]
    return {
        "fresh": [one for one, _ in pairs],
        "aged": [other for _, other in pairs],
        "first": early,
        "state_bytes": old.weights,
    }


class _Instance:
    """One instance at work."""

    def __init__(self, engine: sa.Engine, life: Life, variables: dict[str, Any]) -> None:
        self._engine = engine
        self._reader = database.read_only(engine)
        self.weights: list[float] = []
        with database.transaction(engine) as session:
            values = {**variables, "more": True}
            self._id = process_instances.start(session, life.name, variables=values, by=ANA, now=clock.utc_now()).id

    def step(self) -> float:
        """Complete an open user task; milliseconds."""
        user_task_id = self._read(self._open_task)
        began = perf_counter()
        with database.transaction(self._engine) as session:
            user_tasks.complete(session, user_task_id, {"more": True}, by=ANA, now=clock.utc_now())
        took = perf_counter() - began
        self.weights.append(self._read(self._weight))
        return took * 1000

    def _read(self, what: Callable[[Session], Any]) -> Any:
        with database.transaction(self._reader) as session:
            return what(session)

    def _open_task(self, session: Session) -> UUID:
        wanted = sa.select(UserTask.id).where(UserTask.process_instance_id == self._id, UserTask.state == "created")
        return session.scalars(wanted.limit(1)).one()

    def _weight(self, session: Session) -> int:
        size = sa.func.length(ProcessInstance.state_blob)
        return session.scalars(sa.select(size).where(ProcessInstance.id == self._id)).one()


def _model(key: str, body: str, *flows: str) -> bytes:
    return (
        f'{_OPEN}<bpmn:process id="{key}" name="{key}" isExecutable="true">{_START}{body}{_END}{"".join(flows)}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def _path(*ids: str) -> str:
    return "".join(
        f'<bpmn:sequenceFlow id="flow_{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in pairwise(ids)
    )


def _round_again(target: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="flow_again_{target}" sourceRef="again" targetRef="{target}">'
        "<bpmn:conditionExpression>more</bpmn:conditionExpression></bpmn:sequenceFlow>" + _path("again", "ended")
    )


def _user_task(element_id: str, inner: str = "") -> str:
    return f'<bpmn:userTask id="{element_id}" name="{element_id}" {_OFFERED}>{inner}</bpmn:userTask>'


def _tasks(*ids: str) -> str:
    return "".join(f'<bpmn:task id="{element_id}" name="{element_id}"/>' for element_id in ids)


def _gateways(*ids: str) -> str:
    return "".join(f'<bpmn:parallelGateway id="{element_id}" name="{element_id}"/>' for element_id in ids)


def _register(first: int, number: int) -> list[str]:
    return [f"party {index:04}" for index in range(first, first + number)]


LIVES = (
    Life(
        "activities_2000",
        _model(
            "activities_2000",
            _user_task("work") + _tasks("file", "note", "send") + _AGAIN,
            _path("started", "work", "file", "note", "send", "again"),
            _round_again("work"),
        ),
        steps=500,
        variables={"client": "Ana"},
        fresh_variables={"client": "Ana"},
    ),
    Life(
        "loop_1000",
        _model(
            "loop_1000",
            _user_task("work") + _gateways("fork", "join") + _tasks("left", "right") + _AGAIN,
            _path("started", "work", "fork", "left", "join", "again"),
            _path("fork", "right", "join"),
            _round_again("work"),
        ),
        steps=1000,
        variables={"client": "Ana"},
        fresh_variables={"client": "Ana"},
    ),
    Life(
        "multi_instance_1000",
        _model(
            "multi_instance_1000",
            _user_task("ask", _ITEMS.format('isSequential="true"')),
            _path("started", "ask", "ended"),
        ),
        steps=1000 - TIMED - 1,
        variables={"parties": _register(0, 1000)},
        fresh_variables={"parties": _register(0, 1000)},
    ),
    Life(
        "items_at_once_1000",
        _model("items_at_once_1000", _user_task("ask", _ITEMS.format("")), _path("started", "ask", "ended")),
        steps=1000 - TIMED - 1,
        variables={"parties": _register(0, 1000)},
        fresh_variables={"parties": _register(0, TIMED + 4), "others": _register(TIMED + 4, 1000 - TIMED - 4)},
    ),
)

if __name__ == "__main__":
    answer(trial)
