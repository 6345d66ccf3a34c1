"""Hazards 4, 5, 6 and 10: events that reach the wrong one, nobody, or the next instance."""

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine import deployments
from engine.bpmn.runtime import Run
from tests.engine.hazards import library
from tests.factories import (
    NOON,
    boundary,
    catch,
    end,
    flow,
    gateway,
    message,
    model,
    path,
    service_task,
    start,
    timer,
    user_task,
)
from tests.instances import StoredInstance

EXTRA = (
    '<bpmn:message id="m" name="arrived"/><bpmn:signal id="s" name="called"/><bpmn:error id="e" name="e" errorCode="E"/>'
    '<bpmn:error id="f" name="f" errorCode="F"/><bpmn:escalation id="x" name="x" escalationCode="X"/>'
)
ERROR, ESCALATION = '<bpmn:errorEventDefinition errorRef="e"/>', '<bpmn:escalationEventDefinition escalationRef="x"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="s"/>'


def handled(definition, attributes=""):
    handler = (
        start("heard", definition, attributes)
        + user_task("handle")
        + end("handled")
        + path("heard", "handle", "handled")
    )
    return model(
        start() + user_task("work") + end() + path("started", "work", "ended")
        + f'<bpmn:subProcess id="es" triggeredByEvent="true">{handler}</bpmn:subProcess>',
        extra=EXTRA,
    )  # fmt: skip


def refusals(content):
    return [f.rule for f in deployments.check({"proc.bpmn": content}) if f.severity == "error"]


def test_hazard_4_one_instances_event_begins_the_handler_of_every_later_instance():
    shared = library.specs(handled(message("m")))
    first, before = BpmnWorkflow(*shared), BpmnWorkflow(*shared)
    before.do_engine_steps()
    first.do_engine_steps()
    library.send(first, "arrived")
    after = BpmnWorkflow(*shared)
    after.do_engine_steps()
    library.complete(after, "work")

    assert library.active(before) == ["work"]
    assert library.active(after) == ["es", "heard"]
    assert not after.completed


def test_hazard_4_ours_leaves_the_shared_definition_as_it_was():
    first = StoredInstance(handled(message("m")))
    first.tell("heard")

    second = Run.start(first.compiled, {}, NOON)
    second.advance(lambda call: None)

    assert first.waits() == ["handle"]
    assert sorted(item.element.id for item in second.waiting().values()) == ["heard", "work"]


def test_hazard_5_an_event_subprocess_never_interrupts():
    workflow = library.start(handled(message("m"), 'isInterrupting="true"'))

    library.send(workflow, "arrived")

    assert library.open_tasks(workflow) == ["handle", "work"]


@pytest.mark.parametrize("definition", [ERROR, ESCALATION])
def test_hazard_5_a_handler_of_errors_runs_when_the_process_starts(definition):
    workflow = library.start(handled(definition))

    assert "handle" in library.open_tasks(workflow)


def test_hazard_5_ours_interrupts_and_waits_for_what_it_handles():
    instance = StoredInstance(handled(message("m"), 'isInterrupting="true"'))
    instance.tell("heard")
    assert instance.tasks() == ["handle"]

    for definition in (ERROR, ESCALATION):
        assert refusals(handled(definition)) == []
        assert StoredInstance(handled(definition)).tasks() == ["work"]


def test_hazard_5_a_message_is_taken_after_the_end():
    workflow = library.start(handled(message("m")))
    library.complete(workflow, "work")
    assert workflow.completed

    library.send(workflow, "arrived")

    assert library.open_tasks(workflow) == ["handle"]


def test_hazard_5_ours_waits_for_nothing_after_the_end():
    instance = StoredInstance(handled(message("m")))

    instance.complete("work")

    assert instance.is_finished
    assert instance.waits() == []


def failing(name, code, caught):
    inner = (
        start(f"{name}_s")
        + user_task(f"{name}_t")
        + end(f"{name}_x", f'<bpmn:errorEventDefinition errorRef="{code}"/>')
    )
    sub = f'<bpmn:subProcess id="{name}">{inner}{path(f"{name}_s", f"{name}_t", f"{name}_x")}</bpmn:subProcess>'
    if not caught:
        return sub
    event = boundary(f"{name}_b", name, f'<bpmn:errorEventDefinition errorRef="{code}"/>')
    return sub + event + user_task(f"{name}_mend") + end(f"{name}_e") + path(f"{name}_b", f"{name}_mend", f"{name}_e")


SIBLINGS = model(
    start() + gateway("parallel", "fork") + failing("one", "e", True) + failing("two", "e", True) + end()
    + flow("started", "fork") + flow("fork", "one") + flow("fork", "two") + flow("one", "ended") + flow("two", "ended"),
    extra=EXTRA,
)  # fmt: skip
UNCAUGHT = model(
    start() + failing("one", "e", False) + user_task("after") + end() + path("started", "one", "after", "ended"),
    extra=EXTRA,
)  # fmt: skip


def test_hazard_6_an_error_interrupts_a_sibling():
    workflow = library.start(SIBLINGS)

    library.complete(workflow, "one_t")

    assert library.open_tasks(workflow) == ["one_mend", "two_mend"]


def test_hazard_6_ours_interrupts_the_scope_it_was_thrown_in():
    instance = StoredInstance(SIBLINGS)

    instance.complete("one_t")

    assert instance.tasks() == ["one_mend", "two_t"]


def test_hazard_6_an_uncaught_error_goes_on_as_if_nothing_had_happened():
    workflow = library.start(UNCAUGHT)

    library.complete(workflow, "one_t")

    assert library.open_tasks(workflow) == ["after"]


def test_hazard_6_in_ours_it_is_an_incident():
    instance = StoredInstance(UNCAUGHT)

    instance.complete("one_t")

    assert instance.is_stuck
    assert instance.tasks() == []
    assert [element for element, _ in instance.failures] == ["one_x"]


def linear(element, element_id="x", more=""):
    return model(start() + element + user_task("after") + end() + path("started", element_id, "after", "ended") + more, extra=EXTRA)  # fmt: skip


def test_hazard_10_a_service_task_stays_started():
    workflow = library.plain(linear('<bpmn:serviceTask id="x"/>'))

    assert library.active(workflow) == ["x"]
    assert library.open_tasks(workflow) == []


def test_hazard_10_ours_asks_a_delegate():
    instance = StoredInstance(linear(service_task("x", "tests.hazard")))
    assert instance.waits("delegate") == ["x"]

    instance.work("x", {"n": 1})

    assert instance.sees("after") == {"n": 1}


NAMELESS = linear('<bpmn:receiveTask id="x"/>')


def test_hazard_10_a_message_without_a_name_has_always_come():
    assert library.open_tasks(library.plain(NAMELESS)) == ["after"]


def test_hazard_10_ours_refuses_it():
    assert "message_missing" in refusals(NAMELESS)


LINKS = model(
    start() + '<bpmn:intermediateThrowEvent id="away"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateThrowEvent>'
    + catch("here", '<bpmn:linkEventDefinition name="L"/>') + user_task("after") + end() + path("started", "away")
    + path("here", "after", "ended")
)  # fmt: skip


def test_hazard_10_a_link_leads_nowhere():
    workflow = library.start(LINKS)

    assert library.active(workflow) == []
    assert not workflow.completed


def test_hazard_10_ours_follows_it():
    assert StoredInstance(LINKS).tasks() == ["after"]


SEVERAL = model(
    start() + user_task("a") + user_task("b") + user_task("c") + end() + path("started", "a", "b", "ended")
    + path("a", "c", "ended")
)  # fmt: skip


def test_hazard_10_several_flows_are_not_read():
    with pytest.raises(ValidationException):
        library.start(SEVERAL)


def test_hazard_10_ours_takes_all_of_them():
    instance = StoredInstance(SEVERAL)

    instance.complete("a")

    assert instance.tasks() == ["b", "c"]


def race(slow, fast):
    return model(
        start() + gateway("eventBased", "first") + catch("slow", slow) + catch("fast", fast) + user_task("after_slow")
        + user_task("after_fast") + end() + flow("started", "first") + flow("first", "slow") + flow("first", "fast")
        + path("slow", "after_slow", "ended") + path("fast", "after_fast", "ended")
    )  # fmt: skip


def test_hazard_10_of_two_timers_only_the_first_counts():
    import time

    workflow = library.start(race(timer('"PT1H"'), timer('"PT0.01S"')))
    time.sleep(0.05)
    workflow.refresh_timers()
    workflow.do_engine_steps()

    assert "after_fast" not in library.open_tasks(workflow)


def test_hazard_10_in_ours_the_earlier_one_wins():
    instance = StoredInstance(race(timer("PT1H"), timer("PT1M")))
    assert instance.due("fast") < instance.due("slow")

    instance.ring("fast")

    assert instance.tasks() == ["after_fast"]
    assert instance.waits("timer") == []


NEVER_TOGETHER = model(
    start() + gateway("exclusive", "which", default="flow_which_b") + user_task("a") + user_task("b")
    + gateway("parallel", "join") + end() + flow("started", "which") + flow("which", "a", "x") + flow("which", "b")
    + flow("a", "join") + flow("b", "join") + flow("join", "ended")
)  # fmt: skip


def test_hazard_10_a_parallel_join_of_exclusive_ways_waits_for_ever():
    workflow = library.start(NEVER_TOGETHER.replace(b">x<", b">True<"))
    library.complete(workflow, "a")

    assert library.active(workflow) == ["join"]
    assert library.open_tasks(workflow) == []


def test_hazard_10_ours_refuses_it_with_the_join_named():
    found = deployments.check({"proc.bpmn": NEVER_TOGETHER})

    assert ("join_never_complete", "join") in {(f.rule, f.element_id) for f in found if f.severity == "error"}


SIGNAL_END = model(
    start() + gateway("parallel", "fork") + catch("hears", SIGNAL) + user_task("after") + user_task("go") + end("calls", SIGNAL)
    + end() + path("started", "fork", "hears", "after", "ended") + path("fork", "go", "calls"),
    extra=EXTRA,
)  # fmt: skip


def test_hazard_10_a_signal_end_calls_nobody():
    workflow = library.start(SIGNAL_END, BpmnParser)

    library.complete(workflow, "go")

    assert "after" not in library.open_tasks(workflow)
