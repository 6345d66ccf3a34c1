"""Conditional events, stored and restored around every step."""

import pytest

from engine import deployments
from engine.bpmn import runtime
from tests.factories import (
    boundary,
    catch,
    end,
    flow,
    gateway,
    message,
    model,
    path,
    script,
    service_task,
    start,
    timer,
    user_task,
)
from tests.instances import StoredInstance

MESSAGE = '<bpmn:message id="m" name="arrived"/>'


def condition(text):
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"


def errors(body, **options):
    found = deployments.check({"proc.bpmn": model(body, **options)})
    return {(finding.rule, finding.element_id) for finding in found if finding.severity == "error"}


BESIDE = (
    start() + gateway("parallel", "fork") + user_task("change") + user_task("change_again") + catch("large", condition("amount &gt; 10"))
    + user_task("check") + gateway("parallel", "join") + user_task("after") + end() + flow("started", "fork")
    + path("fork", "change", "change_again", "join") + path("fork", "large", "check", "join") + path("join", "after", "ended")
)  # fmt: skip


@pytest.mark.bpmn("conditional catch event", "executes")
def test_a_catch_event_goes_on_when_another_branch_makes_its_condition_hold():
    instance = StoredInstance(model(BESIDE), {"amount": 1})
    assert instance.tasks() == ["change"]

    instance.complete("change", {"amount": 5})
    assert instance.tasks() == ["change_again"]
    instance.complete("change_again", {"amount": 50})

    assert instance.tasks() == ["check"]
    assert instance.sees("check") == {"amount": 50}
    instance.complete("check")
    assert instance.sees("after") == {"amount": 50}
    assert errors(BESIDE) == set()


def test_what_a_condition_saw_is_no_change_of_its_own_branch():
    instance = StoredInstance(model(BESIDE), {"amount": 1})
    instance.complete("change", {"amount": 50})

    instance.complete("change_again", {"amount": 70})
    instance.complete("check")

    assert instance.sees("after") == {"amount": 70}


def test_a_condition_that_holds_on_arrival_does_not_wait():
    body = (
        start()
        + catch("large", condition("amount &gt; 10"))
        + user_task("after")
        + end()
        + path("started", "large", "after", "ended")
    )

    assert StoredInstance(model(body), {"amount": 50}).tasks() == ["after"]
    assert StoredInstance(model(body), {"amount": None}).tasks() == []


@pytest.mark.bpmn("interrupting conditional boundary event", "executes")
@pytest.mark.parametrize("host", ["task", "subprocess", "call", "each"])
def test_a_boundary_event_takes_its_activity_away(host):
    inner = start("s1") + user_task("inside") + user_task("more") + end("s2") + path("s1", "inside", "more", "s2")
    called = f'<bpmn:process id="child" isExecutable="true">{start("c1") + user_task("called") + user_task("on") + end("c2") + path("c1", "called", "on", "c2")}</bpmn:process>'
    each = '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
    made, inside = {
        "task": (user_task("work"), None),
        "subprocess": (f'<bpmn:subProcess id="work">{inner}</bpmn:subProcess>', "inside"),
        "call": ('<bpmn:callActivity id="work" calledElement="child"/>', "called"),
        "each": (user_task("work", inner=each), "work"),
    }[host]
    body = (
        start() + gateway("parallel", "fork") + user_task("other") + made + boundary("stopped", "work", condition("withdrawn"))
        + user_task("instead") + end() + flow("started", "fork") + path("fork", "other", "ended") + path("fork", "work", "ended")
        + path("stopped", "instead", "ended")
    )  # fmt: skip

    from_beside = StoredInstance(model(body, processes=called), {"withdrawn": False})
    from_beside.complete("other", {"withdrawn": True})
    assert from_beside.waits() == ["instead"]
    from_beside.complete("instead")
    assert from_beside.is_finished

    if inside is not None:
        from_inside = StoredInstance(model(body, processes=called), {"withdrawn": False})
        from_inside.complete(inside, {"withdrawn": True})
        assert from_inside.waits() == ["instead", "other"]
        assert from_inside.sees("instead")["withdrawn"] is True


def test_a_boundary_event_of_a_finished_activity_listens_no_longer():
    body = (
        start() + user_task("work") + boundary("stopped", "work", condition("withdrawn")) + user_task("next") + user_task("instead")
        + end() + path("started", "work", "next", "ended") + path("stopped", "instead", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"withdrawn": False})
    instance.complete("work")

    instance.complete("next", {"withdrawn": True})

    assert instance.is_finished


@pytest.mark.bpmn("non-interrupting conditional boundary event", "executes")
def test_a_boundary_event_that_does_not_interrupt_fires_each_time_its_condition_turns_true():
    body = (
        start() + gateway("parallel", "fork") + user_task("change") + gateway("exclusive", "again", default="flow_again_ended")
        + user_task("work") + boundary("alarm", "work", condition("amount &gt; 10"), interrupting=False) + user_task("look") + end()
        + flow("started", "fork") + flow("fork", "change") + flow("change", "again") + flow("again", "change", "more")
        + flow("again", "ended") + path("fork", "work", "ended") + path("alarm", "look", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"amount": 1})
    alarms = []

    for amount in (50, 60, 5, 6, 70, 80, 1):
        instance.complete("change", {"amount": amount, "more": True})
        alarms.append(instance.tasks().count("look"))

    assert alarms == [1, 1, 1, 1, 2, 2, 2]
    instance.complete("look")
    instance.complete("look")
    instance.complete("work")
    instance.complete("change", {"amount": 90, "more": False})
    assert instance.is_finished


def test_a_boundary_event_that_does_not_interrupt_fires_on_arrival_once():
    body = (
        start() + user_task("work") + boundary("alarm", "work", condition("amount &gt; 10"), interrupting=False) + user_task("look")
        + end() + path("started", "work", "ended") + path("alarm", "look", "ended")
    )  # fmt: skip

    instance = StoredInstance(model(body), {"amount": 50})

    assert instance.tasks() == ["look", "work"]
    instance.complete("look", {"amount": 60})
    assert instance.tasks() == ["work"]


@pytest.mark.bpmn("interrupting conditional event subprocess", "executes")
@pytest.mark.bpmn("non-interrupting conditional event subprocess", "executes")
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_subprocess_starts_when_its_condition_holds(interrupting):
    handler = (
        start("h1", condition("withdrawn"), f'isInterrupting="{str(interrupting).lower()}"')
        + user_task("handle")
        + end("h2")
        + path("h1", "handle", "h2")
    )
    body = (
        start() + user_task("work") + user_task("next") + end() + path("started", "work", "next", "ended")
        + f'<bpmn:subProcess id="handler" triggeredByEvent="true">{handler}</bpmn:subProcess>'
    )  # fmt: skip
    assert errors(body) == set()
    instance = StoredInstance(model(body), {"withdrawn": False})

    instance.complete("work", {"withdrawn": True})

    assert instance.tasks() == (["handle"] if interrupting else ["handle", "next"])
    for task in instance.tasks():
        instance.complete(task)
    assert instance.is_finished


@pytest.mark.parametrize("first", ["condition", "message", "timer"])
def test_a_condition_may_be_one_of_the_events_behind_a_gateway(first):
    body = (
        start() + gateway("parallel", "fork") + user_task("change") + gateway("eventBased", "first") + catch("large", condition("amount &gt; 10"))
        + catch("arrived", message("m")) + catch("late", timer("P1D")) + user_task("a") + user_task("b") + user_task("c") + end()
        + flow("started", "fork") + path("fork", "change", "ended") + flow("fork", "first") + path("first", "large", "a", "ended")
        + path("first", "arrived", "b", "ended") + path("first", "late", "c", "ended")
    )  # fmt: skip
    assert errors(body, extra=MESSAGE) == set()
    instance = StoredInstance(model(body, extra=MESSAGE), {"amount": 1})

    if first == "condition":
        instance.complete("change", {"amount": 50})
    elif first == "message":
        instance.tell("arrived")
    else:
        instance.ring("late")

    assert instance.waits() == {"condition": ["a"], "message": ["b", "change"], "timer": ["c", "change"]}[first]
    if first == "condition":
        assert instance.sees("a") == {"amount": 50}


@pytest.mark.parametrize(
    "event",
    [
        catch("waiting", condition("flag")) + path("fork", "waiting", "ended"),
        user_task("work") + boundary("waiting", "work", condition("flag")) + path("fork", "work", "ended") + flow("waiting", "ended"),
        gateway("eventBased", "first") + catch("waiting", condition("flag")) + catch("late", timer("P1D")) + path("fork", "first", "waiting", "ended") + path("first", "late", "ended"),
    ],
    ids=["catch", "boundary", "gateway"],
)  # fmt: skip
def test_a_condition_that_fails_is_an_incident_of_its_event_and_a_retry_looks_again(event):
    body = (
        start()
        + gateway("parallel", "fork")
        + user_task("one")
        + user_task("two")
        + end()
        + flow("started", "fork")
        + path("fork", "one", "two", "ended")
        + event
    )
    instance = StoredInstance(model(body), {"flag": False})

    instance.complete("one", {"flag": "yes"})

    assert instance.is_stuck
    assert [words for _, words in instance.failures] == ["The condition gave 'yes' where true or false was expected."]
    instance.retry()
    assert len(instance.failures) == 2
    run = instance.run()
    next(token for token in run.workflow.all_tokens() if token.task_spec.name == "two" and token.state == 16).data[
        "flag"
    ] = True
    instance.blob = run.dump()
    instance.retry()
    assert not instance.is_stuck
    assert instance.waits() == ["two"]


def test_each_item_of_a_repetition_sees_its_own_and_what_is_common():
    each = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="limits" camunda:elementVariable="limit"/>'
    inner = (
        start("s1")
        + catch("reached", condition("amount &gt;= limit"))
        + user_task("inside")
        + end("s2")
        + path("s1", "reached", "inside", "s2")
    )
    body = (
        start() + gateway("parallel", "fork") + user_task("one") + user_task("two") + f'<bpmn:subProcess id="sub">{each}{inner}</bpmn:subProcess>'
        + user_task("after") + end() + flow("started", "fork") + path("fork", "one", "two", "ended") + path("fork", "sub", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"amount": 0, "limits": [10, 20, 0]})
    assert instance.tasks() == ["inside", "one"]

    instance.complete("one", {"amount": 15})

    assert instance.tasks() == ["inside", "inside", "two"]
    instance.complete("two", {"amount": 20})
    for _ in range(3):
        instance.complete("inside")
    assert instance.tasks() == ["after"]


def test_a_condition_is_not_evaluated_for_what_it_does_not_name(monkeypatch):
    instance = StoredInstance(model(BESIDE), {"amount": 1})
    run = instance.run()
    asked = []
    monkeypatch.setattr(
        run.engine.__class__, "evaluate_many", lambda self, texts, context: asked.extend(texts) or [False] * len(texts)
    )
    (task,) = (item for item in run.waiting().values() if item.kind == "user_task")

    run.complete_user_task(task.spiff_task_id, {"other": 5})
    run.advance(lambda call: None)

    assert asked == []


def test_a_circle_of_conditions_that_hold_is_an_incident_not_a_hang(monkeypatch):
    monkeypatch.setattr(runtime, "MAX_STEPS", 100)
    body = (
        start() + gateway("exclusive", "enter") + catch("always", condition("x = 1")) + script("count", "1", "n")
        + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "enter", "always", "count", "again")
        + flow("again", "enter", "n = 1") + flow("again", "ended")
    )  # fmt: skip

    instance = StoredInstance(model(body), {"x": 1})

    assert "without waiting" in instance.failures[0][1]


def test_a_circle_of_service_tasks_is_an_incident_not_a_hang(monkeypatch):
    monkeypatch.setattr(runtime, "MAX_STEPS", 100)
    body = (
        start() + gateway("exclusive", "enter") + service_task("work", "tests.count") + gateway("exclusive", "again", default="flow_again_ended")
        + end() + path("started", "enter", "work", "again") + flow("again", "enter", "true") + flow("again", "ended")
    )  # fmt: skip

    instance = StoredInstance(model(body), answers={"tests.count": {}})

    assert "without waiting" in instance.failures[0][1]


@pytest.mark.bpmn("conditional event without a condition", "refused")
@pytest.mark.parametrize(("text", "rule"), [("", "condition_missing"), ("amount &gt;", "expression")])
def test_a_condition_is_there_and_parses(text, rule):
    body = start() + catch("large", condition(text)) + end() + path("started", "large", "ended")

    assert (rule, "large") in errors(body)


def test_a_definition_without_conditions_evaluates_none():
    assert not StoredInstance(
        model(start() + user_task("a") + end() + path("started", "a", "ended"))
    ).compiled.has_conditions
