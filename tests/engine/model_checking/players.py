"""Plays the same story on the engine as on the token game, storing and restoring the instance at every step."""

from collections import Counter

from engine import delegates, deployments
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.findings import has_errors
from tests.engine.model_checking.graph import Graph, as_bpmn
from tests.factories import NOON


class World:
    """What delegates meet: all works, all fails, or everything is done later."""

    mood = "works"


@delegates.delegate("tests.world")
def work(session, call):
    """Do nothing; the players say what came of it."""


class RunPlayer:
    """An instance in memory; between two steps only its stored bytes exist."""

    def __init__(self, graph: Graph, world: World) -> None:
        content = as_bpmn(graph)
        self.compiled = compile_process("proc", {"proc.bpmn": content}, {})
        self.world = world
        self.thrown: Counter = Counter()
        self._store(Run.start(self.compiled, {}, NOON))

    def _store(self, run) -> None:
        run.advance(self._perform)
        self.thrown.update(name for name, _ in _thrown(run))
        before = _seen(run)
        self.blob = run.dump()
        again = self.run()
        assert _seen(again) == before, "a restored instance waits for the same"
        assert again.dump() == self.blob or _seen(Run.restore(again.dump(), self.compiled, NOON)) == before

    def _perform(self, call):
        if self.world.mood == "fails":
            raise RuntimeError("the scanner is on fire")
        return None if self.world.mood == "job" else {}

    def run(self) -> Run:
        return Run.restore(self.blob, self.compiled, NOON)

    def waits(self) -> Counter:
        return Counter((item.kind, item.element.id) for item in self.run().waiting().values())

    def find(self, wait):
        """Return the engine's waits for the same element, those first whose data are the game's."""
        run = self.run()
        items = [i for i in run.waiting().values() if (i.kind, i.element.id) == (wait.kind, wait.element)]
        memory = {name: value for name, (_, value) in wait.memory.items()}

        def differences(item):
            data = run.token(item.spiff_task_id).data
            return sum(data.get(name) != value for name, value in memory.items())

        return sorted(items, key=differences)

    def happen(self, wait, answers) -> object:
        item = self.find(wait)[0]
        run = self.run()
        self._act(run, item, answers)
        self._store(run)
        return item

    def _act(self, run, item, answers):
        match item.kind:
            case "user_task":
                run.complete_user_task(item.spiff_task_id, answers)
            case "delegate":
                run.complete_delegate(item.spiff_task_id, {})
            case "timer":
                assert run.fire_timer(item.spiff_task_id, item.index)
            case "message":
                assert run.receive_message(item.spiff_task_id, item.message_name, answers)

    def happen_again(self, item) -> bool:
        """Try the same once more; say whether the engine took it."""
        run = self.run()
        if item.key in run.waiting():
            return False  # it waits anew, as an event that does not interrupt does
        try:
            match item.kind:
                case "user_task":
                    run.complete_user_task(item.spiff_task_id, {})
                case "delegate":
                    run.complete_delegate(item.spiff_task_id, {})
                case "timer":
                    return run.fire_timer(item.spiff_task_id, item.index)
                case "message":
                    return run.receive_message(item.spiff_task_id, item.message_name, {})
        except LookupError:
            return False
        return True

    def retry(self) -> None:
        run = self.run()
        for token in list(run.workflow.all_tokens()):
            run.retry(token.id)
        self._store(run)

    @property
    def finished(self) -> bool:
        return self.run().is_finished

    @property
    def stuck(self) -> bool:
        return self.run().is_stuck


def _thrown(run):
    return [(item[0], item) if isinstance(item, tuple) else (item.name, item) for item in run.thrown]


def _seen(run):
    return sorted(
        (item.kind, item.element.id, str(item.due_at), item.message_name or "") for item in run.waiting().values()
    )


def errors_of(graph: Graph) -> list:
    """Return what the engine would refuse the model for."""
    findings = deployments.check({"proc.bpmn": as_bpmn(graph)})
    return [finding for finding in findings if finding.severity == "error"] if has_errors(findings) else []
