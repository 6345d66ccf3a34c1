"""Elements that are simple to say, each proved once by itself and across save and restore."""

import pytest

from tests.factories import boundary, end, flow, gateway, message, model, path, start, user_task
from tests.instances import StoredInstance

MESSAGE = '<bpmn:message id="m" name="arrived"/>'


def between(element, element_id="x"):
    return model(
        start() + element + user_task("after") + end() + path("started", element_id, "after", "ended"), extra=MESSAGE
    )


@pytest.mark.bpmn("task", "executes")
@pytest.mark.bpmn("manual task", "executes")
@pytest.mark.bpmn("none throw event", "executes")
@pytest.mark.parametrize("kind", ["task", "manualTask", "intermediateThrowEvent"])
def test_what_asks_for_nothing_is_passed(kind):
    instance = StoredInstance(between(f'<bpmn:{kind} id="x"/>'))

    assert instance.completed == ["started", "x"]
    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("message throw event", "executes")
@pytest.mark.bpmn("send task", "executes")
@pytest.mark.parametrize(
    "element",
    [
        f'<bpmn:intermediateThrowEvent id="x">{message("m")}</bpmn:intermediateThrowEvent>',
        '<bpmn:sendTask id="x" messageRef="m"/>',
    ],
)
def test_a_thrown_message_goes_out_once_with_the_variables(element, session):
    from engine import history
    from tests.factories import begin, deploy

    deploy(session, between(element))
    instance = begin(session, variables={"n": 1})

    thrown = [event for event in history.for_instance(session, instance.id) if event.kind == "message_thrown"]
    assert [event.data["name"] for event in thrown] == ["arrived"]


@pytest.mark.bpmn("message end event", "executes")
def test_a_message_end_sends_its_message_and_ends_its_branch_only(session):
    from engine import history, process_instances
    from tests.factories import begin, deploy, open_tasks

    deploy(
        session,
        model(
            start() + '<bpmn:parallelGateway id="fork"/>' + user_task("a") + end("told", message("m")) + end()
            + path("started", "fork", "told") + path("fork", "a", "ended"),
            extra=MESSAGE,
        ),
    )  # fmt: skip

    instance = begin(session)

    assert [e.kind for e in history.for_instance(session, instance.id)].count("message_thrown") == 1
    assert set(open_tasks(session)) == {"a"}
    assert process_instances.get(session, instance.id).state == "active"


@pytest.mark.bpmn("non-interrupting message boundary event", "executes")
def test_a_message_on_the_border_that_does_not_interrupt_may_come_again_and_again():
    instance = StoredInstance(
        model(
            start() + user_task("a") + boundary("heard", "a", message("m"), interrupting=False) + user_task("b") + end()
            + end("noted") + path("started", "a", "ended") + path("heard", "b", "noted"),
            extra=MESSAGE,
        )
    )  # fmt: skip

    for expected in (["a", "b"], ["a", "b", "b"]):
        instance.tell("heard", {"n": len(expected)})
        assert instance.tasks() == expected

    assert sorted(instance.sees("b", which)["n"] for which in (0, 1)) == [2, 3]
    instance.complete("a")
    assert instance.waits() == ["b", "b"]
    instance.complete("b")
    assert not instance.is_finished
    instance.complete("b")
    assert instance.is_finished


def repeated(characteristics):
    return between(user_task("x", inner=characteristics))


@pytest.mark.bpmn("sequential multi-instance", "executes")
def test_items_in_turn_are_worked_on_one_after_the_other():
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="parties" camunda:elementVariable="party"/>'
    instance = StoredInstance(repeated(loop), {"parties": ["A", "B", "C"]})

    for party in ("A", "B", "C"):
        assert instance.tasks() == ["x"]
        assert instance.sees("x")["party"] == party
        instance.complete("x")

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("sequential multi-instance", "executes")
@pytest.mark.bpmn("parallel multi-instance", "executes")
@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_number_says_how_often(sequential):
    loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}"><bpmn:loopCardinality>n + 1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
    instance = StoredInstance(repeated(loop), {"n": 2})

    for _ in range(3):
        assert set(instance.tasks()) == {"x"}
        instance.complete("x")

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("sequential multi-instance", "executes")
@pytest.mark.bpmn("parallel multi-instance", "executes")
@pytest.mark.parametrize("sequential", ["true", "false"])
def test_no_items_are_no_work(sequential):
    loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="parties" camunda:elementVariable="party"/>'

    instance = StoredInstance(repeated(loop), {"parties": []})

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("multi-instance completion condition", "executes")
def test_a_completion_condition_takes_the_other_items_away():
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="partners" camunda:elementVariable="partner">'
        "<bpmn:completionCondition>veto = true</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    instance = StoredInstance(repeated(loop), {"partners": ["A", "B", "C"]})

    instance.complete("x", {"veto": False})
    assert instance.tasks() == ["x", "x"]
    instance.complete("x", {"veto": True})

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("multi-instance completion condition", "executes")
def test_a_completion_condition_ends_items_in_turn():
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="partners" camunda:elementVariable="partner">'
        "<bpmn:completionCondition>veto = true</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    instance = StoredInstance(repeated(loop), {"partners": ["A", "B", "C"]})

    instance.complete("x", {"veto": True})

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("standard loop", "executes")
def test_a_loop_that_asks_afterwards_runs_at_least_once():
    loop = "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>again = true</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    instance = StoredInstance(repeated(loop), {"again": False})

    for again in (True, True, False):
        assert instance.tasks() == ["x"]
        instance.complete("x", {"again": again})

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("standard loop", "executes")
def test_a_loop_that_asks_before_may_not_run_at_all():
    loop = '<bpmn:standardLoopCharacteristics testBefore="true"><bpmn:loopCondition>again = true</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'

    assert StoredInstance(repeated(loop), {"again": False}).tasks() == ["after"]

    instance = StoredInstance(repeated(loop), {"again": True})
    assert instance.tasks() == ["x"]
    instance.complete("x", {"again": False})
    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("standard loop", "executes")
@pytest.mark.parametrize("condition", ["", "<bpmn:loopCondition>again = true</bpmn:loopCondition>"])
def test_a_loop_ends_at_its_maximum(condition):
    loop = f'<bpmn:standardLoopCharacteristics loopMaximum="3">{condition}</bpmn:standardLoopCharacteristics>'
    instance = StoredInstance(repeated(loop), {"again": True})

    for _ in range(3):
        assert instance.tasks() == ["x"]
        instance.complete("x")

    assert instance.tasks() == ["after"]


DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://x.example">
  <decision id="fee" name="fee"><decisionTable id="t" hitPolicy="UNIQUE">
    <input id="i"><inputExpression id="ie" typeRef="number"><text>amount</text></inputExpression></input>
    <output id="o" name="fee" typeRef="number"/>
    <rule id="r1"><inputEntry id="a1"><text>&lt; 100</text></inputEntry><outputEntry id="b1"><text>5</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="a2"><text>&gt;= 100</text></inputEntry><outputEntry id="b2"><text>9</text></outputEntry></rule>
  </decisionTable></decision>
</definitions>"""


@pytest.mark.bpmn("business rule task", "executes")
@pytest.mark.parametrize(("amount", "fee"), [(10, 5), (100, 9)])
def test_a_business_rule_task_asks_its_decision(session, amount, fee):
    from engine import user_tasks
    from tests.factories import begin, deploy, open_tasks

    rule = '<bpmn:businessRuleTask id="x" camunda:decisionRef="fee" camunda:resultVariable="fee" camunda:mapDecisionResult="singleEntry"/>'
    deploy(session, between(rule), files={"decisions/fee.dmn": DMN})

    begin(session, variables={"amount": amount})

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"amount": amount, "fee": fee}


@pytest.mark.bpmn("conditional flow out of an activity", "executes")
@pytest.mark.bpmn("default flow", "executes")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"a": True, "b": True}, ["one", "two"]),
        ({"a": False, "b": True}, ["two"]),
        ({"a": False, "b": False}, ["other"]),
    ],
)
def test_conditions_on_the_flows_out_of_an_activity_choose_like_an_inclusive_gateway(values, expected):
    instance = StoredInstance(
        model(
            start() + user_task("ask", attributes='default="flow_ask_other"') + user_task("one") + user_task("two")
            + user_task("other") + end() + path("started", "ask") + flow("ask", "one", "a") + flow("ask", "two", "b")
            + flow("ask", "other") + flow("one", "ended") + flow("two", "ended") + flow("other", "ended")
        )
    )  # fmt: skip

    instance.complete("ask", values)

    assert instance.tasks() == expected


@pytest.mark.parametrize("kind", ["exclusive", "inclusive", "parallel"])
def test_a_path_ends_at_a_gateway_without_a_flow_out_of_it(kind):
    instance = StoredInstance(
        model(
            start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + gateway(kind, "last") + end()
            + path("started", "fork", "a", "last") + path("fork", "b", "ended")
        )
    )  # fmt: skip

    instance.complete("a")
    assert instance.waits() == ["b"]
    instance.complete("b")

    assert instance.is_finished
