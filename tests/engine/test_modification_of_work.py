"""Work that is skipped, variables that are corrected, and what a moved token then does."""

import pytest
import sqlalchemy as sa

from engine import delegates, history, incidents, messages, process_instances, user_tasks
from engine.errors import (
    ModificationRefused,
)
from engine.models import Incident, Job, MessageSubscription
from engine.modifications import Add, Move, Remove, SetVariables, Skip
from tests.engine.modifying import FORK, complete, modify, run_jobs
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    flow,
    gateway,
    later,
    message,
    open_tasks,
    path,
    properties,
    script,
    service_task,
    start,
    timer,
    user_task,
)


@pytest.mark.parametrize("element", ["work", "wait", "hear", "inside", "think"])
def test_any_kind_of_work_can_be_skipped_with_a_result(session, element):
    parts = {
        "work": user_task("it") + boundary("late", "it", timer("P1D")) + flow("late", "ended"),
        "wait": catch("it", timer("P1D")),
        "hear": catch("it", message("m")),
        "inside": '<bpmn:subProcess id="it" name="it">'
        + start("s")
        + user_task("deep")
        + end("e")
        + path("s", "deep", "e")
        + "</bpmn:subProcess>",
        "think": script("it", "for i in 1..1000000000 return i"),
    }
    deploy(
        session,
        start() + parts[element] + user_task("next") + end() + path("started", "it", "next", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )
    instance = begin(session, variables={"n": 1})

    modify(session, instance, Skip("it", variables={"result": 42}))

    assert set(open_tasks(session)) == {"next"}
    assert user_tasks.variables(session, open_tasks(session)["next"]) == {"n": 1, "result": 42}
    assert session.scalars(sa.select(Job)).all() == []
    assert session.scalars(sa.select(MessageSubscription)).all() == []
    assert incidents.list_open(session) == []
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "element_skipped")
    assert told.data["after"] == {"result": 42}


def test_a_gateway_that_found_no_way_is_not_skipped_but_moved_from(session):
    deploy(
        session,
        start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + flow("started", "choose")
        + flow("choose", "a", "=kind = 1") + flow("choose", "b", "=kind = 2") + path("a", "ended") + path("b", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"kind": 3})
    assert process_instances.get(session, instance.id).state == "incident"

    with pytest.raises(ModificationRefused, match="cannot be skipped"):
        modify(session, instance, Skip("choose"))
    modify(session, instance, Move("choose", "b"))

    assert process_instances.get(session, instance.id).state == "active"
    assert incidents.list_open(session) == []
    assert session.scalars(sa.select(Incident.resolved_by)).all() == ["chief"]


def test_an_incident_is_mended_by_correcting_the_variable_and_trying_again(session):
    deploy(
        session,
        start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + flow("started", "choose")
        + flow("choose", "a", "=kind = 1") + flow("choose", "b", "=kind = 2") + path("a", "ended") + path("b", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"kind": 3})
    incident = incidents.list_open(session)[0]

    incidents.retry(session, incident.id, variables={"kind": 2}, by=CHIEF, now=NOON)

    assert set(open_tasks(session)) == {"b"}
    assert process_instances.variables(session, instance.id) == {"kind": 2}
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "variables_set")
    assert (told.data["before"], told.data["after"]) == ({"kind": 3}, {"kind": 2})


def test_variables_of_the_whole_instance_are_corrected_for_all_that_live(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("a") + catch("b", message("m")) + user_task("c")
        + boundary("late", "c", timer("P1D"), interrupting=False) + user_task("chase") + end("e3") + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "fork", "a", "join", "after", "ended") + path("fork", "b", "join")
        + path("fork", "c", "join") + path("late", "chase", "e3"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session, business_key="K", variables={"fee": 1, "kept": "yes"})
    complete(session, "a", fee=5)

    modify(session, instance, SetVariables({"fee": 7}))
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    jobs_ran = run_jobs(session, later(days=2))

    assert jobs_ran == 1
    assert user_tasks.variables(session, open_tasks(session)["chase"])["fee"] == 7
    complete(session, "c")
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"fee": 7, "kept": "yes"}
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "variables_set")
    assert (told.data["before"], told.data["after"]) == ({"fee": 5}, {"fee": 7})


def test_a_variable_of_one_token_is_corrected_for_it_alone(session):
    deploy(session, FORK)
    instance = begin(session, variables={"n": 1})
    complete(session, "before")

    modify(session, instance, SetVariables({"n": 2}, source="a1"))

    assert user_tasks.variables(session, open_tasks(session)["a1"]) == {"n": 2}
    assert user_tasks.variables(session, open_tasks(session)["b1"]) == {"n": 1}
    complete(session, "b1")
    with pytest.raises(ModificationRefused, match="correct the whole instance"):
        modify(session, instance, SetVariables({"n": 3}, source="join"))
    complete(session, "a1")
    complete(session, "a2")
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"n": 2}


def test_a_corrected_correlation_key_is_worked_out_when_the_message_is_awaited(session):
    deploy(
        session,
        start() + user_task("one")
        + f'<bpmn:intermediateCatchEvent id="hear">{properties(correlationKey="=reference")}{message("m")}</bpmn:intermediateCatchEvent>'
        + end() + path("started", "one", "hear", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session, variables={"reference": "wrong"})

    modify(session, instance, SetVariables({"reference": "right"}), Move("one", "hear"))

    messages.correlate(session, "answer", "right", by=ANA, now=NOON)
    assert process_instances.get(session, instance.id).state == "completed"


def test_a_move_onto_work_of_a_delegate_lets_it_work(session):
    deploy(
        session,
        start()
        + user_task("one")
        + service_task("call", "modification_topic")
        + end()
        + path("started", "one", "call", "ended"),
    )
    instance = begin(session, variables={"n": 20})

    modify(session, instance, Move("one", "call", variables={"n": 21}))

    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"n": 21, "doubled": 42}


def test_a_loop_goes_round_again_after_a_move(session):
    deploy(
        session,
        start() + user_task("work") + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "work", "again")
        + flow("again", "work", "=not(done)") + flow("again", "ended"),
    )  # fmt: skip
    instance = begin(session)
    for _ in range(3):
        complete(session, "work", done=False)

    modify(session, instance, Move("work", "again", variables={"done": False}))
    complete(session, "work", done=False)
    modify(session, instance, Move("work", "again", variables={"done": True}))

    assert process_instances.get(session, instance.id).state == "completed"


@delegates.delegate("modification_topic")
def double(_session, call):
    return {"doubled": call.inputs["n"] * 2}


EVENT_SCOPE = (
    start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended")
    + '<bpmn:subProcess id="withdrawn" name="withdrawn" triggeredByEvent="true">'
    + start("w_started", message("m"), attributes='isInterrupting="true"') + user_task("close") + end("w_ended") + path("w_started", "close", "w_ended")
    + "</bpmn:subProcess>"
)  # fmt: skip


def test_an_event_subprocess_is_not_moved_to_and_goes_on_waiting(session):
    deploy(session, EVENT_SCOPE, extra='<bpmn:message id="m" name="withdraw"/>')
    instance = begin(session, business_key="K", variables={"n": 1})

    for target in ("withdrawn", "w_started", "close"):
        with pytest.raises(ModificationRefused):
            modify(session, instance, Move("one", target))
        with pytest.raises(ModificationRefused):
            modify(session, instance, Add(target))
    with pytest.raises(ModificationRefused, match="No token would be left"):
        modify(session, instance, Remove("one"))
    modify(session, instance, Move("one", "two"), SetVariables({"n": 2}))

    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}
    assert user_tasks.variables(session, open_tasks(session)["close"]) == {"n": 2}


def test_the_work_that_an_event_interrupted_is_taken_up_again_and_can_be_interrupted_again(session):
    deploy(session, EVENT_SCOPE, extra='<bpmn:message id="m" name="withdraw"/>')
    instance = begin(session, business_key="K")
    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}

    modify(session, instance, Move("withdrawn", "two"))

    assert set(open_tasks(session)) == {"two"}
    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}
    complete(session, "close")
    assert process_instances.get(session, instance.id).state == "completed"
