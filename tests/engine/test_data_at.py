"""History says with which data every finished step ended, long after its token has left the state."""

import pytest

from engine import history, process_instances, user_tasks
from engine.errors import HistoryEventNotFound
from tests.factories import (
    ANA,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    flow,
    gateway,
    model,
    open_tasks,
    path,
    script,
    start,
    timer,
    user_task,
)


def finish(session, element_id, answers=None):
    user_tasks.complete(session, open_tasks(session)[element_id].id, answers or {}, by=ANA, now=NOON)


def data_after(session, instance, element_id, number=-1):
    kinds = ("activity_completed", "user_task_completed")
    events = [e for e in history.for_instance(session, instance.id) if e.element_id == element_id and e.kind in kinds]
    return history.data_at(session, instance.id, events[number].id)


LOOP = (
    start() + user_task("work") + script("double", "n * 2", "twice") + gateway("exclusive", "again", default="flow_again_ended") + end()
    + path("started", "work", "double", "again") + flow("again", "work", "more") + flow("again", "ended")
)  # fmt: skip


def test_every_round_of_a_loop_has_its_data(session):
    deploy(session, LOOP)
    instance = begin(session, variables={"client": "Ana", "n": 0})

    for number in range(1, 6):
        finish(session, "work", {"n": number, "more": number < 5, f"only_{number}": [number]})

    for number in range(1, 6):
        expected = {
            "client": "Ana",
            "n": number,
            "more": number < 5,
            **{f"only_{i}": [i] for i in range(1, number + 1)},
        }
        before = {"twice": (number - 1) * 2} if number > 1 else {}
        assert data_after(session, instance, "work", number - 1) == {**expected, **before}
        assert data_after(session, instance, "double", number - 1) == {**expected, "twice": number * 2}


def test_a_branch_has_its_own_data_until_the_join_brings_them_together(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("one") + user_task("one_more") + user_task("two") + gateway("parallel", "join")
        + user_task("after") + end() + flow("started", "fork") + path("fork", "one", "one_more", "join") + path("fork", "two", "join")
        + path("join", "after", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"x": 1})

    finish(session, "one", {"a": 1})
    finish(session, "two", {"b": 2, "x": 3})
    finish(session, "one_more", {"c": 4})
    finish(session, "after", {"d": 5})

    assert data_after(session, instance, "two") == {"x": 3, "b": 2}
    assert data_after(session, instance, "one_more") == {"x": 1, "a": 1, "c": 4}
    assert data_after(session, instance, "join") == {"x": 3, "a": 1, "b": 2, "c": 4}
    assert data_after(session, instance, "after") == process_instances.variables(session, instance.id)


def test_subprocesses_called_processes_and_guarded_tasks_are_part_of_the_line(session):
    called = '<bpmn:process id="child" isExecutable="true">' + start("c1") + user_task("in_child") + end("c2") + path("c1", "in_child", "c2") + "</bpmn:process>"  # fmt: skip
    deploy(
        session,
        model(
            start() + user_task("first") + boundary("late", "first", timer("P1D")) + '<bpmn:subProcess id="sub">' + start("s1")
            + user_task("inner") + boundary("nag", "inner", timer("P2D"), interrupting=False) + end("s2") + end("s3")
            + path("s1", "inner", "s2") + flow("nag", "s3") + '</bpmn:subProcess><bpmn:callActivity id="call" calledElement="child"/>'
            + user_task("last") + end() + path("started", "first", "sub", "call", "last", "ended") + flow("late", "ended"),
            processes=called,
        ),
    )  # fmt: skip
    instance = begin(session, variables={"v": 0})

    for number, element_id in enumerate(("first", "inner", "in_child", "last"), start=1):
        finish(session, element_id, {element_id: number, "v": number})

    assert data_after(session, instance, "first") == {"v": 1, "first": 1}
    assert data_after(session, instance, "inner") == {"v": 2, "first": 1, "inner": 2}
    assert data_after(session, instance, "sub") == {"v": 2, "first": 1, "inner": 2}
    assert data_after(session, instance, "in_child") == {"v": 3, "first": 1, "inner": 2, "in_child": 3}
    assert data_after(session, instance, "last") == {"v": 4, "first": 1, "inner": 2, "in_child": 3, "last": 4}


def test_answers_that_an_output_mapping_turned_into_something_else(session):
    mapped = (
        '<bpmn:extensionElements><camunda:inputOutput><camunda:outputParameter name="amount">=amount * 100'
        "</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements>"
    )
    deploy(
        session,
        start() + user_task("ask", inner=mapped) + user_task("next") + end() + path("started", "ask", "next", "ended"),
    )
    instance = begin(session)

    finish(session, "ask", {"amount": 3, "noise": True})

    assert data_after(session, instance, "ask") == {"amount": 300}


@pytest.mark.parametrize("order", ["", 'isSequential="true"'], ids=["at once", "in turn"])
def test_an_item_has_its_own_data_and_the_activity_what_was_collected(session, order):
    items = (
        f'<bpmn:multiInstanceLoopCharacteristics {order} camunda:collection="parties" camunda:elementVariable="party">'
        '<bpmn:loopDataOutputRef>replies</bpmn:loopDataOutputRef><bpmn:outputDataItem id="reply" name="reply"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    deploy(
        session,
        start() + user_task("first") + user_task("ask", inner=items) + user_task("after") + end()
        + path("started", "first", "ask", "after", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"parties": ["A", "B", "C"]})
    finish(session, "first", {"f": 1})

    for turn in range(3):
        task = open_tasks(session)["ask"]
        party = user_tasks.variables(session, task)["party"]
        user_tasks.complete(session, task.id, {"reply": f"yes, {party}"}, by=ANA, now=NOON)
        item = data_after(session, instance, "ask", turn)
        assert {name: item[name] for name in ("f", "party", "reply")} == {
            "f": 1,
            "party": party,
            "reply": f"yes, {party}",
        }
    finish(session, "after")

    assert data_after(session, instance, "after") == process_instances.variables(session, instance.id)
    assert data_after(session, instance, "after")["replies"] == ["yes, A", "yes, B", "yes, C"]
    sizes = [
        len(str(e.data))
        for e in history.for_instance(session, instance.id)
        if e.element_id == "ask" and e.kind == "user_task_completed"
    ]
    assert max(sizes) - min(sizes) < 20  # an item does not repeat what the others brought


def test_the_start_has_the_variables_of_the_start(session):
    deploy(session, LOOP)
    instance = begin(session, variables={"client": "Ana"})
    started = history.for_instance(session, instance.id)[0]

    assert history.data_at(session, instance.id, started.id) == {"client": "Ana"}
    assert data_after(session, instance, "started") == {"client": "Ana"}


def test_what_is_no_finished_step_of_the_instance_is_refused(session):
    deploy(session, LOOP)
    instance, other = begin(session), begin(session)
    created = next(e for e in history.for_instance(session, instance.id) if e.kind == "user_task_created")
    of_other = history.for_instance(session, other.id)[0]

    for event_id in (created.id, of_other.id, 10**9):
        with pytest.raises(HistoryEventNotFound):
            history.data_at(session, instance.id, event_id)


def test_steps_from_before_history_kept_data_are_refused_rather_than_guessed(session):
    deploy(session, LOOP)
    instance = begin(session, variables={"client": "Ana"})
    facts = {"actor": "ana", "now": NOON, "element_id": "work", "data": {"answers": {"n": 1}}}
    history.append(session, instance.id, "user_task_completed", user_task_id=open_tasks(session)["work"].id, **facts)

    with pytest.raises(HistoryEventNotFound):
        data_after(session, instance, "work")


def test_a_step_repeats_neither_the_answers_nor_what_did_not_change(session):
    deploy(session, LOOP)
    instance = begin(session, variables={"big": "x" * 10_000})

    finish(session, "work", {"n": 1, "more": True})

    steps = {
        e.element_id: e.data["step"] for e in history.for_instance(session, instance.id) if e.data and "step" in e.data
    }
    assert "set" not in steps["work"]
    assert steps["double"]["set"] == {"twice": 2}
    assert "set" not in steps["again"]
