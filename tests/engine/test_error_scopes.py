"""Errors: thrown inside, caught by the nearest scope around them, or an incident where they were thrown.

Each step of an instance restores it from the database, so whatever is shown here holds after a restore too.
"""

import pytest
import sqlalchemy as sa

from engine import delegates, deployments, history, incidents, process_instances
from engine.errors import DeploymentRefused
from engine.models import Job
from tests.engine.scope_models import (
    ERRORS,
    VARIABLES,
    error,
    event_subprocess,
    finish,
    open_now,
    refusals,
    run_jobs,
    state,
    subprocess,
    throwing,
    told,
)
from tests.factories import (
    CHIEF,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    flow,
    gateway,
    later,
    model,
    open_tasks,
    path,
    service_task,
    start,
    timer,
    user_task,
)


@pytest.fixture
def failing(request):
    """A delegate that raises what the test wants it to."""

    def register(raised):
        def work(session, call):
            if raised is not None:
                raise raised
            return {"done": True}

        topic = f"failing_{request.node.originalname}"
        delegates._registry[topic] = work
        request.addfinalizer(lambda: delegates._registry.pop(topic, None))
        return topic

    return register


@pytest.mark.bpmn("error end event", "executes")
@pytest.mark.bpmn("interrupting error boundary event", "executes")
def test_an_error_leaves_its_subprocess_by_the_boundary_event_and_brings_what_is_known(session):
    deploy(
        session,
        start() + throwing() + boundary("conflict_found", "check", error(attributes=VARIABLES)) + user_task("refuse")
        + user_task("accept") + end() + path("started", "check", "accept", "ended") + path("conflict_found", "refuse", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session, variables={"client": "Kim"})

    finish(session, "look", {"opponent": "Lee"})

    assert set(open_tasks(session)) == {"refuse"}
    assert process_instances.variables(session, instance.id) == {
        "client": "Kim", "opponent": "Lee", "code": "CONFLICT", "reason": "A conflict was found",
    }  # fmt: skip
    assert [(event.element_id, event.data) for event in told(session, instance, "error_thrown")] == [
        ("check_failed", {"code": "CONFLICT", "message": "A conflict was found", "caught_by": "conflict_found"})
    ]
    finish(session, "refuse")
    assert state(session, instance) == "completed"
    assert "flow_conflict_found_refuse" in process_instances.activities(session, instance.id)["flows"]


@pytest.mark.parametrize("caught", ["error_conflict", "error_any", ""])
def test_a_boundary_event_without_a_code_catches_every_error(session, caught):
    deploy(
        session,
        start() + throwing() + boundary("caught", "check", error(caught)) + user_task("handle") + user_task("accept")
        + end() + path("started", "check", "accept", "ended") + path("caught", "handle", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    begin(session)

    finish(session, "look")

    assert set(open_tasks(session)) == {"handle"}


def test_the_handler_for_the_very_code_comes_before_the_one_for_every_code(session):
    deploy(
        session,
        start() + throwing() + boundary("any", "check", error("")) + boundary("conflict", "check", error())
        + user_task("handle_any") + user_task("handle_conflict") + end() + path("started", "check", "ended")
        + path("any", "handle_any", "ended") + path("conflict", "handle_conflict", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    begin(session)

    finish(session, "look")

    assert set(open_tasks(session)) == {"handle_conflict"}


@pytest.mark.bpmn("uncaught error", "executes")
def test_an_error_that_nobody_catches_is_an_incident_where_it_was_thrown(session):
    deploy(
        session,
        start() + throwing() + boundary("fee_missing", "check", error("error_fee")) + user_task("accept")
        + user_task("ask_for_fee") + end() + path("started", "check", "accept", "ended")
        + path("fee_missing", "ask_for_fee", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "look")

    incident = incidents.list_open(session)[0]
    assert (state(session, instance), open_tasks(session)) == ("incident", {})
    assert (incident.element_id, incident.kind) == ("check_failed", "error_event")
    assert incident.message == "Nothing catches the error 'CONFLICT': A conflict was found"

    incidents.retry(session, incident.id, by=CHIEF, now=later(hours=1))

    assert [item.element_id for item in incidents.list_open(session)] == ["check_failed"]
    assert state(session, instance) == "incident"


@pytest.mark.bpmn("error scope", "executes")
def test_an_error_of_one_branch_never_reaches_the_boundary_event_of_a_sibling(session):
    deploy(
        session,
        start() + gateway("parallel", "split") + throwing("left", before="look_left")
        + subprocess("right", start("right_started") + user_task("look_right") + end("right_ended")
                     + path("right_started", "look_right", "right_ended"))
        + boundary("right_failed", "right", error("")) + user_task("mend") + gateway("parallel", "join") + end()
        + flow("started", "split") + path("split", "left", "join") + path("split", "right", "join", "ended")
        + path("right_failed", "mend", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "look_left")

    assert set(open_tasks(session)) == {"look_right"}
    assert [item.element_id for item in incidents.list_open(session)] == ["left_failed"]
    assert state(session, instance) == "incident"
    finish(session, "look_right")
    assert open_tasks(session) == {}


def test_an_error_takes_away_everything_else_in_the_scope_it_leaves(session):
    deploy(
        session,
        start()
        + subprocess("check", start("in") + gateway("parallel", "split") + user_task("look") + user_task("search")
                     + subprocess("deep", start("deep_in") + user_task("dig") + boundary("dig_late", "dig", timer("P1D"))
                                  + end("deep_out") + path("deep_in", "dig", "deep_out") + flow("dig_late", "deep_out"))
                     + end("failed", error()) + end("out") + flow("in", "split") + path("split", "look", "failed")
                     + path("split", "search", "out") + path("split", "deep", "out"))
        + boundary("caught", "check", error()) + user_task("handle") + end() + path("started", "check", "ended")
        + path("caught", "handle", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)
    assert set(open_tasks(session)) == {"look", "search", "dig"}

    finish(session, "look")

    assert set(open_tasks(session)) == {"handle"}
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
    finish(session, "handle")
    assert state(session, instance) == "completed"


def test_an_error_goes_outward_through_scopes_that_do_not_catch_it(session):
    outer = subprocess(
        "outer",
        start("outer_started") + throwing("inner") + boundary("inner_fee", "inner", error("error_fee"))
        + end("outer_ended") + path("outer_started", "inner", "outer_ended") + flow("inner_fee", "outer_ended"),
    )  # fmt: skip
    deploy(
        session,
        start() + outer + boundary("caught", "outer", error()) + user_task("handle") + end()
        + path("started", "outer", "ended") + path("caught", "handle", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "look")

    assert set(open_tasks(session)) == {"handle"}
    assert process_instances.activities(session, instance.id)["active"] == ["handle"]


@pytest.mark.bpmn("error through a call activity", "executes")
@pytest.mark.parametrize("attached", ["boundary", "event subprocess", "nothing"])
def test_an_error_goes_outward_through_a_called_process(session, attached):
    called = (
        '<bpmn:process id="checking" name="Checking" isExecutable="true">'
        + start("called_started") + throwing() + end("called_ended") + path("called_started", "check", "called_ended")
        + "</bpmn:process>"
    )  # fmt: skip
    catching = {
        "boundary": boundary("caught", "call", error(attributes=VARIABLES)) + user_task("handle") + path("caught", "handle", "ended"),
        "event subprocess": event_subprocess("rescue", error(attributes=VARIABLES), "handle"),
        "nothing": "",
    }[attached]  # fmt: skip
    deploy(
        session,
        start() + '<bpmn:callActivity id="call" calledElement="checking"/>' + catching + end() + path("started", "call", "ended"),
        extra=ERRORS, processes=called,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "look", {"opponent": "Lee"})

    if attached == "nothing":
        assert [item.element_id for item in incidents.list_open(session)] == ["check_failed"]
        return
    assert set(open_tasks(session)) == {"handle"}
    found = process_instances.variables(session, instance.id)
    assert (found["code"], found["reason"], found["opponent"]) == ("CONFLICT", "A conflict was found", "Lee")
    finish(session, "handle")
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("error raised by a service task", "executes")
@pytest.mark.parametrize("mode", ["", 'camunda:asyncBefore="true"'], ids=["in the step", "as a job"])
def test_a_delegate_raises_an_error_for_the_process_to_handle(session, failing, mode):
    topic = failing(delegates.BpmnError("FEE", "The court wants 40 more", {"missing": 40}))
    deploy(
        session,
        start() + service_task("book_fee", topic, mode) + boundary("fee_missing", "book_fee", error("error_fee", VARIABLES))
        + user_task("ask_client") + end() + path("started", "book_fee", "ended") + path("fee_missing", "ask_client", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    run_jobs(session, NOON)

    assert set(open_tasks(session)) == {"ask_client"}
    assert process_instances.variables(session, instance.id) == {
        "code": "FEE", "reason": "The court wants 40 more", "missing": 40,
    }  # fmt: skip
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
    finish(session, "ask_client")
    assert state(session, instance) == "completed"


@pytest.mark.parametrize("mode", ["", 'camunda:asyncBefore="true"'], ids=["in the step", "as a job"])
def test_a_delegates_error_that_nobody_catches_is_an_incident_at_once(session, failing, mode):
    topic = failing(delegates.BpmnError("FEE"))
    deploy(
        session,
        start() + service_task("book_fee", topic, mode) + boundary("caught", "book_fee", error("error_conflict"))
        + end() + path("started", "book_fee", "ended") + flow("caught", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    run_jobs(session, NOON)

    assert [(item.element_id, item.kind) for item in incidents.list_open(session)] == [("book_fee", "error_event")]
    assert state(session, instance) == "incident"


def test_what_a_delegate_wrote_before_it_raised_is_undone(session, request):
    def work(session, call):
        history.append(session, call.process_instance_id, "half_done", actor="x", now=call.now)
        raise delegates.BpmnError("FEE")

    delegates._registry["half_done"] = work
    request.addfinalizer(lambda: delegates._registry.pop("half_done"))
    deploy(
        session,
        start() + service_task("book_fee", "half_done") + boundary("caught", "book_fee", error("error_fee"))
        + user_task("handle") + end() + path("started", "book_fee", "ended") + path("caught", "handle", "ended"),
        extra=ERRORS,
    )  # fmt: skip

    instance = begin(session)

    assert set(open_tasks(session)) == {"handle"}
    assert told(session, instance, "half_done") == []


def test_a_technical_failure_is_no_error_of_the_process(session, failing):
    topic = failing(ValueError("the printer burns"))
    deploy(
        session,
        start() + service_task("print", topic) + boundary("caught", "print", error("")) + end()
        + path("started", "print", "ended") + flow("caught", "ended"),
        extra=ERRORS,
    )  # fmt: skip

    begin(session)

    assert [(item.element_id, item.kind) for item in incidents.list_open(session)] == [("print", "delegate")]


LOOPS = {
    "parallel": '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party"/>',
    "sequential": '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="parties"'
    ' camunda:elementVariable="party"/>',
}


@pytest.mark.bpmn("error out of a multi-instance body", "executes")
@pytest.mark.parametrize("loop", LOOPS)
def test_an_error_of_one_item_ends_the_whole_multi_instance_activity(session, loop):
    body = (
        start("in") + user_task("look") + gateway("exclusive", "which", "flow_which_out") + end("failed", error())
        + end("out") + path("in", "look", "which", "out") + flow("which", "failed", "found = true") + LOOPS[loop]
    )  # fmt: skip
    deploy(
        session,
        start() + subprocess("check", body) + boundary("caught", "check", error(attributes=VARIABLES)) + user_task("handle")
        + gateway("exclusive", "again", "flow_again_ended") + end() + path("started", "check", "ended")
        + path("caught", "handle", "again", "ended") + flow("again", "check", "again = true"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session, variables={"parties": ["Kim", "Lee", "Park"]})
    everybody = {"parallel": 3, "sequential": 1}[loop]

    for _ in range(2):  # an interrupted loop can be entered again
        assert open_now(session) == ["look"] * everybody
        finish(session, "look", {"found": True})

        assert set(open_tasks(session)) == {"handle"}
        assert "party" not in process_instances.variables(session, instance.id)
        finish(session, "handle", {"again": True})
    finish(session, "look", {"found": True})
    finish(session, "handle", {"again": False})
    assert state(session, instance) == "completed"


def test_an_error_of_a_multi_instance_service_task_is_caught_once(session, failing):
    topic = failing(delegates.BpmnError("FEE"))
    deploy(
        session,
        start() + service_task("book", topic, inner=LOOPS["parallel"]) + boundary("caught", "book", error("error_fee"))
        + user_task("handle") + end() + path("started", "book", "ended") + path("caught", "handle", "ended"),
        extra=ERRORS,
    )  # fmt: skip

    instance = begin(session, variables={"parties": ["Kim", "Lee"]})

    assert open_now(session) == ["handle"]
    assert len(told(session, instance, "error_thrown")) == 1
    finish(session, "handle")
    assert state(session, instance) == "completed"


def test_an_error_thrown_and_caught_in_a_loop_works_in_every_round(session):
    deploy(
        session,
        start() + throwing() + boundary("caught", "check", error(attributes=VARIABLES)) + user_task("mend") + end()
        + path("started", "check", "ended") + path("caught", "mend", "check"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    for round_no in range(5):
        finish(session, "look", {"round": round_no})
        assert set(open_tasks(session)) == {"mend"}
        assert process_instances.variables(session, instance.id)["round"] == round_no
        finish(session, "mend")

    assert set(open_tasks(session)) == {"look"}
    assert len(told(session, instance, "error_thrown")) == 5


def test_the_other_branches_of_the_process_go_on_beside_a_caught_error(session):
    deploy(
        session,
        start() + gateway("parallel", "split") + throwing() + boundary("caught", "check", error()) + user_task("handle")
        + user_task("other") + gateway("exclusive", "merge") + gateway("parallel", "join") + end() + flow("started", "split")
        + path("split", "check", "merge") + path("caught", "handle", "merge", "join") + path("split", "other", "join", "ended"),
        extra=ERRORS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "look", {"seen": 1})

    assert set(open_tasks(session)) == {"handle", "other"}
    finish(session, "other", {"other": 2})
    finish(session, "handle", {"handled": 3})
    assert state(session, instance) == "completed"
    assert process_instances.variables(session, instance.id) == {"seen": 1, "other": 2, "handled": 3}


@pytest.mark.bpmn("terminate end event in a subprocess", "executes")
@pytest.mark.parametrize("called", [False, True], ids=["subprocess", "call activity"])
def test_a_terminate_end_event_ends_its_own_scope_only(session, called):
    inner = (
        start("in") + gateway("parallel", "split") + user_task("stop") + user_task("write") + user_task("wait")
        + end("terminated", "<bpmn:terminateEventDefinition/>") + end("out") + flow("in", "split")
        + path("split", "stop", "terminated") + path("split", "write", "wait", "out")
    )  # fmt: skip
    host = '<bpmn:callActivity id="check" calledElement="checking"/>' if called else subprocess("check", inner)
    process = f'<bpmn:process id="checking" isExecutable="true">{inner}</bpmn:process>' if called else ""
    deploy(
        session,
        start() + gateway("parallel", "fork") + host + user_task("after") + user_task("beside") + end()
        + flow("started", "fork") + path("fork", "check", "after", "ended") + path("fork", "beside", "ended"),
        processes=process,
    )  # fmt: skip
    instance = begin(session)
    finish(session, "write", {"written": "yes"})

    finish(session, "stop", {"stopped": "now"})

    assert set(open_tasks(session)) == {"after", "beside"}
    found = process_instances.variables(session, instance.id)
    assert (found["written"], found["stopped"]) == ("yes", "now")
    finish(session, "after")
    finish(session, "beside")
    assert state(session, instance) == "completed"


def test_a_deadline_on_a_subprocess_keeps_what_was_done_in_it(session):
    deploy(
        session,
        start()
        + subprocess("check", start("in") + user_task("first") + user_task("second") + end("out")
                     + path("in", "first", "second", "out"))
        + boundary("late", "check", timer("P1D")) + user_task("hurry") + end() + path("started", "check", "ended")
        + path("late", "hurry", "ended"),
    )  # fmt: skip
    instance = begin(session)
    finish(session, "first", {"opponent": "Lee"})

    run_jobs(session, later(days=1))

    assert set(open_tasks(session)) == {"hurry"}
    assert process_instances.variables(session, instance.id) == {"opponent": "Lee"}


@pytest.mark.bpmn("non-interrupting error boundary event", "refused")
def test_an_error_boundary_event_that_does_not_interrupt_is_refused(session):
    body = (
        start() + throwing() + boundary("caught", "check", error(), interrupting=False) + end()
        + path("started", "check", "ended") + flow("caught", "ended")
    )  # fmt: skip

    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, body, extra=ERRORS)

    assert [(item.rule, item.element_id) for item in refusal.value.findings if item.severity == "error"] == [
        ("error_interrupts", "caught")
    ]


@pytest.mark.bpmn("error throw event", "refused")
def test_errors_that_bpmn_does_not_allow_are_refused():
    throw = f'<bpmn:intermediateThrowEvent id="thrown">{error()}</bpmn:intermediateThrowEvent>'
    catch = f'<bpmn:intermediateCatchEvent id="caught">{error()}</bpmn:intermediateCatchEvent>'

    assert refusals(start() + throw + end() + path("started", "thrown", "ended"), extra=ERRORS) == {
        ("unsupported", "thrown")
    }
    assert refusals(start() + catch + end() + path("started", "caught", "ended"), extra=ERRORS) == {
        ("unsupported", "caught")
    }
    for nameless in ("", "error_any"):
        assert refusals(start() + end("ended", error(nameless)) + path("started", "ended"), extra=ERRORS) == {
            ("error_missing", "ended")
        }
    twice = boundary("first", "check", error()) + boundary("second", "check", error())
    assert refusals(
        start() + throwing() + twice + end() + path("started", "check", "ended") + flow("first", "ended") + flow("second", "ended"),
        extra=ERRORS,
    ) == {("caught_twice", "second")}  # fmt: skip


def test_a_warning_says_that_nothing_catches_an_error():
    body = start() + throwing() + end() + path("started", "check", "ended")
    called = '<bpmn:process id="caller" isExecutable="true">' + start("s") + (
        '<bpmn:callActivity id="call" calledElement="proc"/>' + end("e") + path("s", "call", "e") + "</bpmn:process>"
    )  # fmt: skip

    alone = deployments.check({"proc.bpmn": model(body, extra=ERRORS)})
    with_caller = deployments.check({"proc.bpmn": model(body, extra=ERRORS, processes=called)})

    assert [item.element_id for item in alone if item.rule == "error_uncaught"] == ["check_failed"]
    assert [item.element_id for item in with_caller if item.rule == "error_uncaught"] == []
