"""Paths that events begin beside the work of a scope: however many there were, none is left behind."""

import pytest

from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from tests.engine.scope_models import MESSAGES, event_subprocess, subprocess
from tests.factories import NOON, boundary, end, message, model, path, start, timer, user_task

PLAIN = start() + user_task("draft") + end() + path("started", "draft", "ended")
BESIDE = {
    "boundary message": boundary("asked", "draft", message("message_ask"), interrupting=False) + user_task("answer")
    + path("asked", "answer", "ended"),
    "boundary cycle": boundary("asked", "draft", timer("R/P7D", "timeCycle"), interrupting=False) + user_task("answer")
    + path("asked", "answer", "ended"),
    "event subprocess message": event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
    "event subprocess cycle": event_subprocess("asking", timer("R/P7D", "timeCycle"), "answer", interrupting=False),
}  # fmt: skip


class Stored:
    """An instance that is written down and taken up again around everything that happens to it."""

    def __init__(self, body, variables):
        self.compiled = compile_process("proc", {"proc.bpmn": model(body, extra=MESSAGES)}, {})
        self.run = Run.start(self.compiled, variables, NOON)
        self.store()

    def store(self):
        self.run.advance(lambda call: {})
        self.run.waiting()
        self.run = Run.restore(self.run.dump(), self.compiled, NOON)

    def waiting(self, *kinds):
        return [item for item in self.run.waiting().values() if item.kind in kinds]

    def happen(self, variables):
        (item,) = self.waiting("message", "timer")
        if item.kind == "message":
            self.run.receive("message", item.spiff_task_id, "ask", variables)
        else:
            self.run.fire_timer(item.spiff_task_id, 0)
        self.store()

    def complete(self, element_id, variables):
        item = next(item for item in self.waiting("user_task") if item.element.id == element_id)
        self.run.complete_user_task(item.spiff_task_id, variables)
        self.store()

    def tokens(self):
        return len(list(self.run.workflow.all_tokens()))


@pytest.mark.bpmn("events beside the work, again and again", "executes")
@pytest.mark.parametrize("kind", BESIDE)
def test_an_instance_does_not_grow_with_the_paths_that_ended_beside_its_work(kind):
    instance = Stored(PLAIN + BESIDE[kind], {"round": 0})
    sizes = []

    for number in range(1, 31):
        instance.happen({"news": number})
        instance.complete("answer", {"round": number})
        sizes.append(instance.tokens())

    assert sizes[2:] == [sizes[2]] * 28
    instance.complete("draft", {"drafted": True})
    assert instance.run.is_finished
    found = instance.run.variables()
    assert (found["round"], found["drafted"], found.get("news", 30)) == (30, True, 30)


@pytest.mark.parametrize("kind", BESIDE)
def test_the_later_change_counts_whoever_ends_first(kind):
    instance = Stored(PLAIN + BESIDE[kind], {"x": 0, "y": 0})
    instance.happen({})
    instance.happen({})

    instance.complete("answer", {"x": 1})
    instance.complete("answer", {"y": 2})

    assert {name: instance.run.variables()[name] for name in "xy"} == {"x": 1, "y": 2}
    instance.complete("draft", {"x": 3})
    assert instance.run.is_finished
    assert {name: instance.run.variables()[name] for name in "xy"} == {"x": 3, "y": 2}


@pytest.mark.bpmn("path without an end event", "executes")
def test_a_path_that_ends_at_a_task_ends_its_subprocess_and_its_process():
    inner = start("in") + user_task("look") + end("out") + path("in", "look")
    instance = Stored(
        start() + subprocess("check", inner) + user_task("after") + end() + path("started", "check", "after"), {}
    )

    instance.complete("look", {"seen": True})

    assert [item.element.id for item in instance.waiting("user_task")] == ["after"]
    instance.complete("after", {})
    assert (instance.run.is_finished, instance.run.variables()) == (True, {"seen": True})


def test_a_path_that_ends_at_a_task_takes_the_waiting_event_subprocesses_with_it():
    handler = event_subprocess("asking", message("message_ask"), "answer", interrupting=False)
    instance = Stored(start() + user_task("draft") + end() + path("started", "draft") + handler, {})

    instance.complete("draft", {})

    assert (instance.run.is_finished, instance.waiting("message")) == (True, [])
