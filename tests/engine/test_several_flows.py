"""Flows that split and merge without a gateway, and the joins they lead to."""

import pytest

from engine import deployments
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


def findings(body, **options):
    found = deployments.check({"proc.bpmn": model(body, **options)})
    return {(finding.rule, finding.element_id, finding.severity) for finding in found}


def errors(body, **options):
    return {(rule, element) for rule, element, severity in findings(body, **options) if severity == "error"}


TWO_AFTER_ONE = (
    start() + user_task("ask") + user_task("left") + user_task("right") + end() + path("started", "ask")
    + path("ask", "left", "ended") + path("ask", "right", "ended")
)  # fmt: skip


@pytest.mark.bpmn("several flows out of an activity", "executes")
def test_all_flows_out_of_an_activity_are_taken():
    instance = StoredInstance(model(TWO_AFTER_ONE))
    instance.complete("ask")
    assert instance.tasks() == ["left", "right"]

    instance.complete("left")
    assert not instance.is_finished
    instance.complete("right")

    assert instance.is_finished
    assert errors(TWO_AFTER_ONE) == set()


@pytest.mark.bpmn("several flows out of a start event", "executes")
def test_all_flows_out_of_a_start_event_are_taken():
    body = (
        start()
        + user_task("left")
        + user_task("right")
        + end()
        + path("started", "left", "ended")
        + path("started", "right", "ended")
    )

    instance = StoredInstance(model(body))

    assert instance.tasks() == ["left", "right"]
    assert errors(body) == set()


@pytest.mark.bpmn("several flows out of a catching event", "executes")
@pytest.mark.parametrize("event", [catch("paused", timer("PT1H")), catch("paused", message("m"))])
def test_all_flows_out_of_a_catch_event_are_taken(event):
    body = (
        start() + event + user_task("left") + user_task("right") + end() + path("started", "paused")
        + path("paused", "left", "ended") + path("paused", "right", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body, extra=MESSAGE))

    instance.ring("paused") if "timer" in event else instance.tell("paused")

    assert instance.tasks() == ["left", "right"]
    assert errors(body, extra=MESSAGE) == set()


@pytest.mark.bpmn("several flows out of a boundary event", "executes")
@pytest.mark.parametrize("interrupting", [True, False])
def test_all_flows_out_of_a_boundary_event_are_taken(interrupting):
    body = (
        start() + user_task("answer") + boundary("late", "answer", timer("P1D"), interrupting=interrupting)
        + user_task("chase") + user_task("tell") + end() + path("started", "answer", "ended")
        + path("late", "chase", "ended") + path("late", "tell", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    instance.ring("late")

    assert instance.tasks() == (["chase", "tell"] if interrupting else ["answer", "chase", "tell"])
    for task in instance.tasks():
        instance.complete(task)
    assert instance.is_finished


@pytest.mark.bpmn("several flows into an activity", "executes")
def test_an_activity_starts_once_for_each_token_that_comes():
    body = (
        start() + gateway("parallel", "fork") + user_task("one") + user_task("two") + user_task("after") + end()
        + flow("started", "fork") + flow("fork", "one") + flow("fork", "two") + flow("one", "after")
        + flow("two", "after") + flow("after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    instance.complete("one", {"from": 1})
    assert instance.tasks() == ["after", "two"]
    instance.complete("two", {"from": 2})

    assert instance.tasks() == ["after", "after"]
    assert [instance.sees("after", which)["from"] for which in (0, 1)] == [1, 2]
    instance.complete("after")
    assert not instance.is_finished
    instance.complete("after")
    assert instance.is_finished


CHOICES = (
    start() + user_task("ask", attributes='default="flow_ask_neither"') + user_task("big") + user_task("foreign")
    + user_task("neither") + end() + flow("started", "ask") + flow("ask", "big", "amount &gt; 10")
    + flow("ask", "foreign", "abroad") + flow("ask", "neither") + path("big", "ended") + path("foreign", "ended")
    + path("neither", "ended")
)  # fmt: skip


@pytest.mark.bpmn("conditional flow out of an activity", "executes")
@pytest.mark.bpmn("default flow out of an activity", "executes")
@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        ({"amount": 50, "abroad": True}, ["big", "foreign"]),
        ({"amount": 50, "abroad": False}, ["big"]),
        ({"amount": 5, "abroad": None}, ["neither"]),
    ],
)
def test_every_flow_whose_condition_holds_is_taken_and_else_the_default(answers, taken):
    instance = StoredInstance(model(CHOICES))

    instance.complete("ask", answers)

    assert instance.tasks() == taken
    assert errors(CHOICES) == set()


def test_a_flow_without_condition_beside_conditional_ones_is_always_taken():
    body = (
        start() + user_task("ask") + user_task("always") + user_task("sometimes") + end() + flow("started", "ask")
        + flow("ask", "always") + flow("ask", "sometimes", "wanted") + path("always", "ended") + path("sometimes", "ended")
    )  # fmt: skip

    for wanted, taken in ((True, ["always", "sometimes"]), (False, ["always"])):
        instance = StoredInstance(model(body))
        instance.complete("ask", {"wanted": wanted})
        assert instance.tasks() == taken


def test_an_activity_without_a_way_out_is_stuck_and_a_retry_looks_again():
    body = (
        start() + gateway("parallel", "fork") + user_task("ask") + user_task("left") + user_task("other") + end()
        + flow("started", "fork") + flow("fork", "ask") + flow("fork", "other") + flow("ask", "left", 'side = "left"')
        + path("left", "ended") + path("other", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    instance.complete("ask", {"side": "right"})

    assert instance.failures == [("ask", "No condition holds and there is no default flow.")]
    assert instance.tasks() == ["other"]
    run = instance.run()
    next(token for token in run.workflow.all_tokens() if "stuck" in token.internal_data).data["side"] = "left"
    instance.blob = run.dump()
    instance.retry()
    assert instance.tasks() == ["left", "other"]


def test_a_condition_that_fails_names_the_activity_it_leaves():
    body = (
        start() + user_task("ask") + user_task("left") + user_task("right") + end() + flow("started", "ask")
        + flow("ask", "left", '"yes"') + flow("ask", "right", "true") + path("left", "ended") + path("right", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    instance.complete("ask")

    assert instance.failures[0][0] == "ask"
    assert instance.times("ask") == 1


def test_flows_out_of_a_subprocess_a_call_and_a_repeated_activity_are_all_taken():
    inner = start("s1") + user_task("inside") + end("s2") + path("s1", "inside", "s2")
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
    called = f'<bpmn:process id="child" isExecutable="true">{start("c1") + user_task("called") + end("c2") + path("c1", "called", "c2")}</bpmn:process>'
    for element, tasks in (
        (f'<bpmn:subProcess id="work">{inner}</bpmn:subProcess>', ["inside"]),
        ('<bpmn:callActivity id="work" calledElement="child"/>', ["called"]),
        (user_task("work", inner=loop), ["work", "work"]),
        (
            user_task("work") + boundary("late", "work", timer("P1D")) + end("too_late") + flow("late", "too_late"),
            ["work"],
        ),
    ):
        body = (
            start() + element + user_task("left") + user_task("right") + end() + path("started", "work")
            + flow("work", "left", "yes") + flow("work", "right") + path("left", "ended") + path("right", "ended")
        )  # fmt: skip
        instance = StoredInstance(model(body, processes=called), {"yes": True})

        for task in tasks:
            instance.complete(task)

        assert instance.tasks() == ["left", "right"]


def test_a_split_without_gateway_may_be_joined_by_one():
    body = (
        start() + user_task("ask") + user_task("left") + user_task("right") + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "ask", "left", "join") + path("ask", "right", "join")
        + path("join", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    instance.complete("ask", {"x": 0, "y": 0})

    instance.complete("left", {"x": 1})
    instance.complete("right", {"y": 2})

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == {"x": 1, "y": 2}


def test_a_join_takes_one_token_from_each_flow_and_keeps_the_others():
    body = (
        start() + user_task("a1") + user_task("a2") + user_task("b1") + user_task("b2") + user_task("a") + user_task("b")
        + gateway("parallel", "join") + user_task("after") + end()
        + "".join(flow("started", name) for name in ("a1", "a2", "b1", "b2"))
        + flow("a1", "a") + flow("a2", "a") + flow("b1", "b") + flow("b2", "b") + flow("a", "join") + flow("b", "join")
        + path("join", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    for first in ("a1", "a2", "b1", "b2"):
        instance.complete(first)

    instance.complete("a")
    instance.complete("a")
    assert "after" not in instance.tasks()
    instance.complete("b")
    assert instance.tasks() == ["after", "b"]
    instance.complete("after")
    assert not instance.is_finished
    instance.complete("b")

    assert instance.tasks() == ["after"]
    instance.complete("after")
    assert instance.is_finished


def test_a_join_that_has_fired_does_not_fire_again_for_a_single_late_token():
    body = (
        start() + user_task("a1") + user_task("a2") + user_task("b") + user_task("a") + gateway("parallel", "join")
        + user_task("after") + end() + "".join(flow("started", name) for name in ("a1", "a2", "b"))
        + flow("a1", "a") + flow("a2", "a") + flow("a", "join") + flow("b", "join") + path("join", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    for task in ("a1", "a", "b", "a2"):
        instance.complete(task)
    assert instance.tasks() == ["a", "after"]

    instance.complete("a")

    assert instance.tasks() == ["after"]
    instance.complete("after")
    assert not instance.is_finished


def test_two_flows_between_the_same_gateways_are_two_tokens():
    body = (
        start() + gateway("parallel", "fork") + gateway("parallel", "join") + user_task("after") + end()
        + '<bpmn:sequenceFlow id="one" sourceRef="fork" targetRef="join"/><bpmn:sequenceFlow id="two" sourceRef="fork" targetRef="join"/>'
        + path("started", "fork") + path("join", "after", "ended")
    )  # fmt: skip

    instance = StoredInstance(model(body))

    assert instance.tasks() == ["after"]
    instance.complete("after")
    assert instance.is_finished


def test_an_inclusive_join_waits_for_what_can_still_arrive_and_for_nothing_else():
    body = (
        start() + gateway("inclusive", "fork", default="flow_fork_c") + user_task("a") + user_task("b") + user_task("c")
        + gateway("exclusive", "way", default="flow_way_join") + gateway("inclusive", "join") + user_task("after")
        + end("out") + end() + flow("started", "fork") + flow("fork", "a", "one") + flow("fork", "b", "two") + flow("fork", "c")
        + flow("a", "join") + flow("b", "way") + flow("way", "join") + flow("way", "out", "away") + flow("c", "join")
        + path("join", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"one": True, "two": True, "away": True})
    assert instance.tasks() == ["a", "b"]

    instance.complete("a")
    assert instance.tasks() == ["b"]
    instance.complete("b")

    assert instance.tasks() == ["after"]


def test_a_fork_and_join_inside_a_loop_goes_round_as_often_as_it_is_told():
    body = (
        start() + user_task("work") + gateway("parallel", "fork") + user_task("left") + user_task("right")
        + gateway("parallel", "join") + gateway("exclusive", "again", default="flow_again_ended") + end()
        + path("started", "work", "fork") + path("fork", "left", "join") + path("fork", "right", "join")
        + flow("join", "again") + flow("again", "work", "more") + flow("again", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    for number in range(5):
        instance.complete("work", {"more": number < 4})
        first, second = ("left", "right") if number % 2 else ("right", "left")
        instance.complete(first)
        assert instance.tasks() == [second]
        instance.complete(second)

    assert instance.is_finished
    assert instance.times("join") == 5


JOIN_OF_A_CHOICE = (
    start() + gateway("exclusive", "which", default="flow_which_b") + user_task("a") + user_task("b")
    + gateway("parallel", "join") + end() + flow("started", "which") + flow("which", "a", "x") + flow("which", "b")
    + flow("a", "join") + flow("b", "join") + flow("join", "ended")
)  # fmt: skip


@pytest.mark.bpmn("parallel join fed by an exclusive gateway", "refused")
def test_a_parallel_join_behind_a_choice_is_refused_because_it_waits_for_ever():
    assert ("join_never_complete", "join") in errors(JOIN_OF_A_CHOICE)


def test_a_parallel_join_of_a_task_and_its_interrupting_timer_is_refused():
    body = (
        start() + user_task("answer") + boundary("late", "answer", timer("P1D")) + gateway("parallel", "join") + end()
        + path("started", "answer", "join", "ended") + flow("late", "join")
    )  # fmt: skip

    assert ("join_never_complete", "join") in errors(body)


def test_a_parallel_join_that_several_tokens_may_reach_is_only_a_warning():
    body = JOIN_OF_A_CHOICE.replace(
        flow("started", "which"),
        path("started", "twice")
        + user_task("twice")
        + path("twice", "which")
        + user_task("more")
        + path("twice", "more", "which"),
    )

    assert ("join_never_complete", "join", "warning") in findings(body)


@pytest.mark.parametrize(
    "kind", ["parallel", "inclusive"], ids=["joined by a parallel gateway", "joined by an inclusive gateway"]
)
def test_a_proper_join_is_not_complained_about(kind):
    body = (
        start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + gateway(kind, "join") + end()
        + flow("started", "fork") + path("fork", "a", "join") + path("fork", "b", "join") + path("join", "ended")
    )  # fmt: skip

    assert findings(body) == {("no_diagram", None, "warning")}


@pytest.mark.bpmn("conditional flow out of an event", "refused")
def test_a_condition_on_a_flow_out_of_an_event_is_refused():
    body = start() + user_task("a") + end() + flow("started", "a", "x") + flow("a", "ended")

    assert ("condition_ignored", "flow_started_a") in errors(body)


@pytest.mark.bpmn("receive or send task without a message", "refused")
@pytest.mark.parametrize("kind", ["receiveTask", "sendTask"])
def test_a_task_of_a_message_names_it(kind):
    body = start() + f'<bpmn:{kind} id="m"/>' + end() + path("started", "m", "ended")

    assert ("message_missing", "m") in errors(body)


@pytest.mark.bpmn("linear path of 500 elements", "executes")
def test_a_path_of_five_hundred_elements_runs_to_its_end():
    ids = [f"t{number}" for number in range(500)]
    content = model(
        start()
        + user_task("go")
        + "".join(script(name, "n + 1", "n") for name in ids)
        + end()
        + path("started", "go", *ids, "ended")
    )
    instance = StoredInstance(content, {"n": 0})

    instance.complete("go")

    assert instance.is_finished
    assert instance.variables["n"] == 500


@pytest.mark.slow
@pytest.mark.bpmn("linear path of 5,000 elements", "executes")
def test_a_path_of_five_thousand_elements_is_deployed_and_started():
    ids = [f"t{number}" for number in range(5_000)]
    content = model(start() + "".join(user_task(name) for name in ids) + end() + path("started", *ids, "ended"))

    assert not [finding for finding in deployments.check({"proc.bpmn": content}) if finding.severity == "error"]
    instance = StoredInstance(content)
    instance.complete("t0")

    assert instance.tasks() == ["t1"]


def test_the_path_behind_a_gateway_may_be_long_too():
    ids = [f"t{number}" for number in range(1_200)]
    content = model(
        start() + gateway("exclusive", "which", default="flow_which_t0") + "".join(user_task(name) for name in ids) + end()
        + flow("started", "which") + flow("which", "ended", "short") + flow("which", "t0") + path(*ids, "ended")
    )  # fmt: skip

    instance = StoredInstance(content)

    assert instance.tasks() == ["t0"]
    assert len(instance.blob) < 2_000


def test_service_tasks_split_as_user_tasks_do():
    body = (
        start() + service_task("file", "tests.file", 'default="flow_file_no"') + user_task("yes") + user_task("no") + end()
        + flow("started", "file") + flow("file", "yes", "filed") + flow("file", "no") + path("yes", "ended") + path("no", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    assert instance.waits("delegate") == ["file"]

    instance.work("file", {"filed": True})

    assert instance.tasks() == ["yes"]
