"""An instance in memory that is written down and read back around every single thing that happens to it."""

from collections import Counter
from datetime import datetime
from typing import Any

from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.bpmn.tokens import ServiceCall, Waiting
from tests.factories import NOON


class StoredInstance:
    """Starts a model and moves it; between two moves only its stored state exists."""

    def __init__(
        self,
        content: bytes,
        variables: dict[str, Any] | None = None,
        *,
        key: str = "proc",
        answers: dict[str, Any] | None = None,
    ) -> None:
        self.compiled = compile_process(key, {"proc.bpmn": content}, {})
        self.now = NOON
        #: Elements that completed, in order.
        self.completed: list[str] = []
        #: Elements that failed, with why.
        self.failures: list[tuple[str, str]] = []
        #: Topics of the delegates that worked, in order, with what they were given.
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: What a delegate answers, by topic; one that is missing here waits as a job.
        self.answers: dict[str, Any] = dict(answers or {})
        self._store(Run.start(self.compiled, dict(variables or {}), NOON))

    def _store(self, run: Run) -> None:
        run.advance(self._perform)
        self.completed += [done.element.id for done in run.completed]
        before = sorted(map(repr, run.waiting().values()))
        self.failures += [(failure.element_id, failure.message) for failure in run.failures]
        self.blob = run.dump()
        assert sorted(map(repr, self.run().waiting().values())) == before, "a restored instance waits for the same"

    def _perform(self, call: ServiceCall) -> dict[str, Any] | None:
        if call.topic not in self.answers:
            return None
        self.calls.append((call.topic, call.variables))
        answer = self.answers[call.topic]
        return answer(call) if callable(answer) else dict(answer)

    def run(self) -> Run:
        """The instance as it is stored."""
        return Run.restore(self.blob, self.compiled, self.now)

    def waits(self, kind: str | None = None) -> list[str]:
        """What it waits for, by element id; an element that waits twice is there twice."""
        return sorted(item.element.id for item in self.run().waiting().values() if kind in (None, item.kind))

    def tasks(self) -> list[str]:
        """The open user tasks."""
        return self.waits("user_task")

    def _find(self, element_id: str, kind: str, which: int) -> Waiting:
        items = [i for i in self.run().waiting().values() if i.element.id == element_id and i.kind == kind]
        assert len(items) > which, f"{element_id} is not among {self.waits()}"
        return items[which]

    def complete(self, element_id: str, answers: dict[str, Any] | None = None, which: int = 0) -> None:
        """Complete an open user task."""
        item = self._find(element_id, "user_task", which)
        run = self.run()
        run.complete_user_task(item.spiff_task_id, dict(answers or {}))
        self._store(run)

    def work(self, element_id: str, result: dict[str, Any] | None = None, which: int = 0) -> None:
        """Let the job of a service task succeed."""
        item = self._find(element_id, "delegate", which)
        run = self.run()
        run.complete_delegate(item.spiff_task_id, dict(result or {}))
        self._store(run)

    def due(self, element_id: str) -> datetime:
        """When the timer is due."""
        due_at = self._find(element_id, "timer", 0).due_at
        assert due_at is not None
        return due_at

    def ring(self, element_id: str, which: int = 0) -> None:
        """Let a timer go off when it is due."""
        item = self._find(element_id, "timer", which)
        assert item.due_at is not None
        self.now = max(self.now, item.due_at)
        run = self.run()
        assert run.fire_timer(item.spiff_task_id, item.index)
        self._store(run)

    def tell(self, element_id: str, variables: dict[str, Any] | None = None, which: int = 0) -> None:
        """Hand a message to the element that waits for it."""
        item = self._find(element_id, "message", which)
        run = self.run()
        assert run.receive("message", item.spiff_task_id, item.name or "", dict(variables or {}))
        self._store(run)

    def retry(self) -> None:
        """Let everything that is stuck try again."""
        run = self.run()
        for token in list(run.workflow.all_tokens()):
            run.retry(token.id)
        self._store(run)

    def sees(self, element_id: str, which: int = 0) -> dict[str, Any]:
        """The data at an open user task."""
        return self.run().data_of(self._find(element_id, "user_task", which).spiff_task_id) or {}

    @property
    def is_finished(self) -> bool:
        """True when nothing is left to do."""
        return self.run().is_finished

    @property
    def is_stuck(self) -> bool:
        """True when something failed."""
        return self.run().is_stuck

    @property
    def variables(self) -> dict[str, Any]:
        """The instance's data."""
        return self.run().variables()

    def times(self, element_id: str) -> int:
        """How often an element completed."""
        return Counter(self.completed)[element_id]
