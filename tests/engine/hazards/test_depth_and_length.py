"""Hazards 1 and 12: what is deep or long stops the library without a word."""

import sys
from contextlib import contextmanager

import pytest

from engine import deployments
from tests.engine.hazards import library
from tests.factories import boundary, end, flow, gateway, model, path, script, start, timer, user_task
from tests.instances import StoredInstance

LOOP = model(
    start() + user_task("work") + gateway("exclusive", "again", default="flow_again_ended") + end()
    + path("started", "work", "again") + flow("again", "work", "more") + flow("again", "ended")
)  # fmt: skip


@contextmanager
def at_half_the_depth():
    """Let Python's recursion limit, which the library reaches after 329 rounds, come sooner: its rounds get slow."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit // 2)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def deep_state(rounds):
    """The library's instance after so many rounds of a loop, without living through all of them."""
    workflow = library.start(LOOP)
    for number in range(rounds):
        if not library.open_tasks(workflow):
            return workflow, number
        library.complete(workflow, "work", more=True)
    return workflow, rounds


@pytest.mark.slow
def test_hazard_1_a_loop_freezes_at_depth_1000_and_says_it_is_done():
    workflow, rounds = deep_state(600)

    assert 450 < rounds < 520
    assert workflow.is_completed()
    assert any(task.state == 16 for task in workflow.tasks.values()), "a READY task that nobody finds"


def test_hazard_1_ours_goes_on_and_says_when_it_is_done():
    instance = StoredInstance(LOOP)

    for number in range(520):
        assert instance.tasks() == ["work"], number
        instance.complete("work", {"more": True})
    assert not instance.is_finished
    instance.complete("work", {"more": False})

    assert instance.is_finished


@pytest.mark.slow
def test_hazard_1_a_loop_with_a_boundary_timer_exceeds_the_recursion_limit():
    late = boundary("late", "work", '<bpmn:timerEventDefinition><bpmn:timeDuration>"P9D"</bpmn:timeDuration></bpmn:timerEventDefinition>')  # fmt: skip
    content = LOOP.replace(b"</bpmn:process>", (late + end("chased") + path("late", "chased")).encode() + b"</bpmn:process>")  # fmt: skip
    workflow = library.start(content)

    with pytest.raises(RecursionError), at_half_the_depth():
        for _ in range(400):
            library.complete(workflow, "work", more=True)


def test_hazard_1_ours_keeps_its_boundary_timer_through_any_number_of_rounds():
    late = boundary("late", "work", timer("P9D"))
    content = LOOP.replace(b"</bpmn:process>", (late + end("chased") + path("late", "chased")).encode() + b"</bpmn:process>")  # fmt: skip
    instance = StoredInstance(content)

    for _ in range(350):
        instance.complete("work", {"more": True})

    assert instance.waits() == ["late", "work"]


def chain(number):
    ids = [f"t{index}" for index in range(number)]
    return model(start() + "".join(user_task(i) for i in ids) + end() + path("started", *ids, "ended"))


def test_hazard_12_a_path_of_500_tasks_is_a_recursion_error():
    with pytest.raises(Exception, match="recursion depth"):
        library.specs(chain(500))


def test_hazard_12_ours_deploys_and_runs_it():
    assert not [finding for finding in deployments.check({"proc.bpmn": chain(500)}) if finding.severity == "error"]

    instance = StoredInstance(chain(500))
    instance.complete("t0")

    assert instance.tasks() == ["t1"]


def scripts(condition, body):
    return model(
        start() + gateway("exclusive", "enter") + body + gateway("exclusive", "again", default="flow_again_ended")
        + user_task("after") + end() + path("started", "enter", "count", "again") + flow("again", "enter", condition)
        + flow("again", "after").replace("flow_again_after", "flow_again_ended") + path("after", "ended")
    )  # fmt: skip


@pytest.mark.slow
def test_hazard_12_scripts_in_a_circle_stop_without_an_error():
    body = '<bpmn:scriptTask id="count"><bpmn:script>n = n + 1 if "n" in dir() else 1</bpmn:script></bpmn:scriptTask>'

    workflow = library.start(scripts("n &lt; 600", body))

    assert not workflow.completed
    assert library.open_tasks(workflow) == []


def test_hazard_12_ours_runs_them_to_their_end():
    instance = StoredInstance(scripts("n &lt; 600", script("count", "if n = null then 1 else n + 1", "n")))

    assert instance.tasks() == ["after"]
    assert instance.sees("after")["n"] == 600
