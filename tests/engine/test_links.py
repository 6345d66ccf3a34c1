"""Link events: off-page connectors inside one scope."""

import pytest

from engine import deployments
from tests.factories import boundary, end, flow, gateway, model, path, start, timer, user_task
from tests.instances import StoredInstance


def throw(element_id, name="onwards"):
    return f'<bpmn:intermediateThrowEvent id="{element_id}"><bpmn:linkEventDefinition name="{name}"/></bpmn:intermediateThrowEvent>'


def catch(element_id, name="onwards"):
    return f'<bpmn:intermediateCatchEvent id="{element_id}"><bpmn:linkEventDefinition name="{name}"/></bpmn:intermediateCatchEvent>'


def findings(body):
    return {(item.rule, item.element_id): item for item in deployments.check({"proc.bpmn": model(body)})}


PAIR = start() + user_task("before") + throw("left_off") + catch("taken_up") + user_task("after") + end() + path("started", "before", "left_off") + path("taken_up", "after", "ended")  # fmt: skip


@pytest.mark.bpmn("link throw event", "executes")
@pytest.mark.bpmn("link catch event", "executes")
def test_a_link_leads_to_the_catch_event_of_its_name():
    instance = StoredInstance(model(PAIR))

    instance.complete("before", {"x": 1})

    assert instance.tasks() == ["after"]
    assert instance.completed == ["started", "before", "left_off", "taken_up"]
    assert instance.sees("after") == {"x": 1}
    assert set(findings(PAIR)) == {("no_diagram", None)}


def test_several_links_lead_to_one_catch_event_each_with_its_token():
    body = (
        start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + throw("l1") + throw("l2") + catch("c")
        + user_task("after") + end() + flow("started", "fork") + path("fork", "a", "l1") + path("fork", "b", "l2")
        + path("c", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))

    instance.complete("a")
    instance.complete("b")

    assert instance.tasks() == ["after", "after"]
    assert set(findings(body)) == {("no_diagram", None)}


def test_a_link_may_lead_back_and_make_a_loop():
    body = (
        start() + catch("again") + user_task("work") + gateway("exclusive", "enough", default="flow_enough_ended") + throw("back", "again")
        + end() + flow("started", "work") + flow("again", "work") + flow("work", "enough") + flow("enough", "back", "more")
        + flow("enough", "ended")
    ).replace('name="onwards"', 'name="again"')  # fmt: skip
    instance = StoredInstance(model(body))

    for number in range(3):
        instance.complete("work", {"more": number < 2})

    assert instance.is_finished
    assert instance.times("work") == 3


def test_links_in_a_subprocess_and_behind_a_boundary_event_stay_in_their_scope():
    inner = (
        start("s1")
        + user_task("inside")
        + throw("i1")
        + catch("i2")
        + end("s2")
        + path("s1", "inside", "i1")
        + flow("i2", "s2")
    )
    body = (
        start() + f'<bpmn:subProcess id="sub">{inner}</bpmn:subProcess>' + boundary("late", "sub", timer("P1D")) + throw("o1")
        + catch("o2") + user_task("chase") + user_task("after") + end() + path("started", "sub", "after", "ended")
        + flow("late", "o1") + path("o2", "chase", "ended")
    )  # fmt: skip
    assert set(findings(body)) == {("no_diagram", None)}

    in_time = StoredInstance(model(body))
    in_time.complete("inside")
    too_late = StoredInstance(model(body))
    too_late.ring("late")

    assert in_time.tasks() == ["after"]
    assert too_late.tasks() == ["chase"]


IN_SUBPROCESS = f'<bpmn:subProcess id="sub">{start("s1") + catch("c") + end("s2") + path("s1", "s2") + path("c", "s2")}</bpmn:subProcess>'


@pytest.mark.bpmn("link event without its other half", "refused")
@pytest.mark.parametrize(
    ("body", "element", "words"),
    [
        (start() + throw("l") + end() + path("started", "l"), "l", "leads nowhere"),
        (start() + catch("c") + end() + path("started", "ended") + path("c", "ended"), "c", "Nothing in the same scope"),
        (start() + throw("l") + catch("c") + catch("d") + end() + path("started", "l") + path("c", "ended") + path("d", "ended"), "d", "caught twice"),
        (start() + throw("l") + end() + IN_SUBPROCESS + path("started", "sub", "l"), "l", "in another scope"),
        (start() + throw("l", "") + end() + path("started", "l"), "l", "no link name"),
        (start() + throw("l") + catch("c") + end() + path("started", "l", "ended") + path("c", "ended"), "l", "A flow leaves"),
        (start() + throw("l") + catch("c") + end() + path("started", "l") + path("started", "c", "ended"), "c", "A flow leads"),
    ],
    ids=["no catch", "no throw", "caught twice", "another scope", "no name", "a flow out", "a flow in"],
)  # fmt: skip
def test_a_link_without_its_other_half_is_refused(body, element, words):
    finding = findings(body)["link", element]

    assert finding.severity == "error"
    assert words in finding.message
    assert finding.repair
