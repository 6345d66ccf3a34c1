"""The floor: the bare library, its parsed process cached, its state saved to SQLite after each step.

Nothing less keeps a process: read the state, restore it with the library's own serializer, complete the user task,
run the engine, serialise, store, commit. No inbox, no forms, no history, no rights. The serializer leaves the specs
out, which the library by itself stores with every instance: a weaker floor would flatter us.
"""

import re
import sqlite3
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.util.task import TaskState

from benchmarks.contest import reserve, serve

BUNDLE = Path(__file__).parents[1] / "bundles" / "approval" / "approval.bpmn"
#: A commit is as durable as the product's; the run refuses to compare if that ever differs.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32000", "temp_store=MEMORY")
_SCRIPT = re.compile(r'(camunda:resultVariable="(\w+)".*?<bpmn:script>)', re.DOTALL)


def specs() -> tuple[Any, dict[str, Any]]:
    """Parse the bundle's diagram; the FEEL script becomes the same assignment in Python."""
    xml = _SCRIPT.sub(r"\1\2 = ", BUNDLE.read_text(encoding="utf-8"))
    parser = BpmnParser()
    parser.add_bpmn_str(xml.encode())
    return parser.get_spec("approval"), parser.get_subprocess_specs("approval")


class StateOnlyConverter(BpmnWorkflowConverter):
    """The library's converter without the specs, which are shared in memory."""

    cached: tuple[Any, dict[str, Any]]

    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        """Convert what belongs to the instance alone."""
        state = super(BpmnWorkflowConverter, self).to_dict(workflow)
        state["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        state["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
        return state

    def from_dict(self, state: dict[str, Any]) -> BpmnWorkflow:
        """Restore an instance of the cached specs."""
        workflow = BpmnWorkflow(*self.cached, deserializing=True)
        workflow.tasks = self.mapping_from_dict(state["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(state["root"])]
        self.set_default_attributes(workflow, state)
        self.subprocesses_from_dict(state["subprocesses"], workflow)
        workflow.bpmn_events = self.registry.restore(state["bpmn_events"])
        return workflow


class Floor:
    """The bare library on one SQLite table."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-floor-")
        self._database = sqlite3.connect(Path(self._folder.name) / "floor.db", isolation_level=None)
        for pragma in PRAGMAS:
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE instance (id INTEGER PRIMARY KEY, completed INTEGER, state TEXT NOT NULL)")
        self._specs = specs()
        StateOnlyConverter.cached = self._specs
        config = {**DEFAULT_CONFIG, BpmnWorkflow: StateOnlyConverter}
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))

    def start(self, number: int) -> int:
        """Start and store one instance."""
        workflow = BpmnWorkflow(*self._specs)
        workflow.do_engine_steps()
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute(
            "INSERT INTO instance VALUES (?, 0, ?)", (number, self._serializer.serialize_json(workflow))
        )
        self._database.execute("COMMIT")
        return number

    def inbox(self) -> int:
        """Count the open instances: the bare library has no inbox."""
        return self._database.execute("SELECT count(*) FROM instance WHERE NOT completed").fetchone()[0]

    def user_task(self, instance: int) -> int:
        """Return the instance itself: the library finds its open task when it has been restored."""
        return instance

    def complete(self, user_task: int, answers: dict[str, Any]) -> None:
        """Restore, complete, run on, store, commit."""
        self._database.execute("BEGIN IMMEDIATE")
        (state,) = self._database.execute("SELECT state FROM instance WHERE id = ?", (user_task,)).fetchone()
        workflow = self._serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data.update(answers)
        task.run()
        workflow.do_engine_steps()
        self._database.execute(
            "UPDATE instance SET completed = ?, state = ? WHERE id = ?",
            (workflow.is_completed(), self._serializer.serialize_json(workflow), user_task),
        )
        self._database.execute("COMMIT")

    def colleague(self) -> None:
        """One program alone: it has no lock that others could wait for."""

    def facts(self) -> dict[str, Any]:
        """Say which library, and how durable a commit is."""
        return {
            "name": f"bare SpiffWorkflow {version('SpiffWorkflow')}, spec cached, state JSON a step",
            "journal_mode": self._database.execute("PRAGMA journal_mode").fetchone()[0],
            "synchronous": self._database.execute("PRAGMA synchronous").fetchone()[0],
        }

    def verify(self) -> dict[str, int]:
        """Read every stored state back."""
        rows = self._database.execute("SELECT id, completed, state FROM instance").fetchall()
        wrong = 0
        for number, _completed, state in rows:
            workflow = self._serializer.deserialize_json(state)
            wrong += not workflow.is_completed() or workflow.data.get("reserve") != reserve(number)
        sizes = [len(state) for _number, _completed, state in rows]
        return {
            "started": len(rows),
            "completed": sum(completed for _number, completed, _state in rows),
            "wrong": wrong,
            "state_bytes": max(sizes, default=0),
        }

    def close(self) -> None:
        """Throw the database away."""
        self._database.close()
        self._folder.cleanup()


if __name__ == "__main__":
    serve(Floor)
