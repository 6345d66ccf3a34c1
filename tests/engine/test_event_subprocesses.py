"""Event subprocesses: they wait while their scope lives, interrupt it or run beside it, and go with it."""

import pytest

from engine import definitions, history, incidents, messages, process_instances
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import DeploymentRefused
from tests.engine.scope_models import (
    ERRORS,
    ESCALATIONS,
    MESSAGES,
    VARIABLES,
    call,
    called,
    error,
    escalation,
    event_subprocess,
    finish,
    open_now,
    refusals,
    run_jobs,
    state,
    straight,
    subprocess,
    throwing,
    told,
    variables,
    waits,
)
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    flow,
    gateway,
    later,
    message,
    model,
    open_tasks,
    path,
    properties,
    script,
    start,
    timer,
    user_task,
)

EVENTS = ERRORS + ESCALATIONS + MESSAGES


def send(session, name, values=None, key="M-1", now=NOON, **options):
    return messages.correlate(session, name, key, variables=values or {}, by=ANA, now=now, **options)


@pytest.mark.bpmn("interrupting message event subprocess", "executes")
def test_a_message_interrupts_the_process_and_its_handler_takes_over(session):
    deploy(
        session,
        start() + gateway("parallel", "split") + user_task("draft") + straight("court", "file", "hear") + end()
        + boundary("too_late", "court", timer("P10D")) + flow("started", "split") + path("split", "draft", "ended")
        + path("split", "court", "ended") + flow("too_late", "ended")
        + event_subprocess("stopping", message("message_stop"), "tidy_up"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1", variables={"client": "Kim"})
    finish(session, "file", {"filed": True})
    assert waits(session) == [("stop", "stopping_started"), ("timer", "too_late")]

    send(session, "stop", {"why": "settled"})

    assert (open_now(session), waits(session)) == (["tidy_up"], [])
    assert variables(session, instance) == {"client": "Kim", "filed": True, "why": "settled"}
    assert process_instances.activities(session, instance.id)["active"] == ["stopping", "tidy_up"]
    assert send(session, "stop", time_to_live="PT0S").delivered_to is None
    finish(session, "tidy_up", {"tidy": True})
    assert state(session, instance) == "completed"
    assert variables(session, instance) == {"client": "Kim", "filed": True, "why": "settled", "tidy": True}
    shown = process_instances.activities(session, instance.id)
    assert {"flow_stopping_started_tidy_up", "flow_tidy_up_stopping_ended"} <= set(shown["flows"])
    assert {"stopping", "stopping_started", "tidy_up", "stopping_ended"} <= set(shown["completed"])


@pytest.mark.bpmn("non-interrupting message event subprocess", "executes")
def test_a_handler_that_does_not_interrupt_is_started_by_every_message_and_the_work_goes_on(session):
    deploy(
        session,
        start() + user_task("draft") + user_task("send_off") + end() + path("started", "draft", "send_off", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")

    for question in range(3):
        send(session, "ask", {"question": question})
        assert waits(session) == [("ask", "asking_started")]
    assert open_now(session) == ["answer", "answer", "answer", "draft"]
    finish(session, "draft", {"draft": 1})
    assert open_now(session) == ["answer", "answer", "answer", "send_off"]
    for _ in range(3):
        finish(session, "answer")

    assert (open_now(session), waits(session)) == (["send_off"], [("ask", "asking_started")])
    finish(session, "send_off", {"sent": True})
    assert (state(session, instance), waits(session)) == ("completed", [])
    found = variables(session, instance)
    assert (found["draft"], found["sent"]) == (1, True)


@pytest.mark.bpmn("life of an event subprocess", "executes")
def test_no_message_is_taken_when_the_work_of_the_scope_is_done_and_its_handlers_finish(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    send(session, "ask")

    finish(session, "draft", {"draft": 1})

    assert (state(session, instance), open_now(session), waits(session)) == ("active", ["answer"], [])
    assert send(session, "ask", time_to_live="PT0S").delivered_to is None
    finish(session, "answer", {"answer": 2})
    assert state(session, instance) == "completed"
    assert variables(session, instance) == {"draft": 1, "answer": 2}


def test_a_handler_never_undoes_what_the_work_beside_it_changed_later(session):
    deploy(
        session,
        start() + user_task("estimate") + user_task("correct") + end() + path("started", "estimate", "correct", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1", variables={"costs": 100})
    finish(session, "estimate", {"costs": 200})
    send(session, "ask", {"question": "how much?"})

    finish(session, "correct", {"costs": 300})
    finish(session, "answer", {"answer": "that much"})

    assert variables(session, instance) == {"costs": 300, "question": "how much?", "answer": "that much"}


@pytest.mark.parametrize("kind", ["timeDuration", "timeDate"])
@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.bpmn("interrupting timer event subprocess", "executes")
@pytest.mark.bpmn("non-interrupting timer event subprocess", "executes")
def test_a_timer_starts_a_handler_once(session, kind, interrupting):
    when = {"timeDuration": "P3D", "timeDate": "2026-09-04T12:00:00Z"}[kind]
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("late", timer(when, kind), "hurry", interrupting=interrupting),
    )  # fmt: skip
    instance = begin(session)
    assert waits(session) == [("timer", "late_started")]

    run_jobs(session, later(days=3))

    assert open_now(session) == (["hurry"] if interrupting else ["draft", "hurry"])
    assert waits(session) == []
    assert [event.element_id for event in told(session, instance, "timer_fired")] == ["late_started"]
    for element_id in open_now(session):
        finish(session, element_id)
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("cycle timer event subprocess", "executes")
def test_a_cycle_starts_a_handler_again_and_again_until_its_rounds_are_over(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("reminding", timer("R3/P7D", "timeCycle"), "remind", interrupting=False),
    )  # fmt: skip
    instance = begin(session)

    for week in (1, 2, 3):
        run_jobs(session, later(weeks=week))
        assert open_now(session) == ["draft"] + ["remind"] * week
    assert waits(session) == []
    run_jobs(session, later(weeks=4))
    assert open_now(session) == ["draft", "remind", "remind", "remind"]

    finish(session, "draft")
    for _ in range(3):
        finish(session, "remind")
    assert state(session, instance) == "completed"


def test_an_endless_cycle_ends_with_its_scope(session):
    deploy(
        session,
        start()
        + subprocess(
            "court", start("in") + user_task("wait_for_court") + end("out") + path("in", "wait_for_court", "out")
            + event_subprocess("reminding", timer("R/P7D", "timeCycle"), interrupting=False),
        )
        + user_task("bill") + end() + path("started", "court", "bill", "ended"),
    )  # fmt: skip
    begin(session)
    for week in (1, 2):
        run_jobs(session, later(weeks=week))
        assert waits(session) == [("timer", "reminding_started")]

    finish(session, "wait_for_court")

    assert (open_now(session), waits(session)) == (["bill"], [])


@pytest.mark.bpmn("interrupting error event subprocess", "executes")
@pytest.mark.parametrize("where", ["process", "subprocess", "called process"])
def test_an_error_starts_the_handler_of_the_scope_it_happens_in(session, where):
    scope = (
        start("in") + gateway("parallel", "split") + throwing() + user_task("other") + end("out") + flow("in", "split")
        + path("split", "check", "out") + path("split", "other", "out")
        + event_subprocess("rescue", error(attributes=VARIABLES), "handle")
    )  # fmt: skip
    around = path("started", "host", "after", "ended")
    body = {
        "process": scope,
        "subprocess": start() + subprocess("host", scope) + user_task("after") + end() + around,
        "called process": start() + call("host") + user_task("after") + end() + around,
    }[where]
    deploy(session, body, extra=EVENTS, processes=called(scope) if where == "called process" else "")
    instance = begin(session)
    assert open_now(session) == ["look", "other"]

    finish(session, "look", {"opponent": "Lee"})

    assert open_now(session) == ["handle"]
    found = variables(session, instance)
    assert (found["code"], found["reason"], found["opponent"]) == ("CONFLICT", "A conflict was found", "Lee")
    finish(session, "handle", {"handled": True})
    if where != "process":
        assert variables(session, instance)["handled"] is True
        finish(session, "after")
    assert state(session, instance) == "completed"


def test_an_error_thrown_by_a_handler_goes_on_outward_and_never_starts_it_again(session):
    deploy(
        session,
        start()
        + subprocess(
            "host", start("in") + throwing() + end("out") + path("in", "check", "out")
            + event_subprocess("rescue", error(), "try_to_mend", ending=error()),
        )
        + boundary("given_up", "host", error()) + user_task("after") + end() + path("started", "host", "ended")
        + path("given_up", "after", "ended"),
        extra=EVENTS,
    )  # fmt: skip
    begin(session)
    finish(session, "look")

    finish(session, "try_to_mend")

    assert open_now(session) == ["after"]


def test_an_error_of_a_handler_that_nobody_catches_is_an_incident_in_the_handler(session):
    deploy(
        session,
        start() + throwing() + end() + path("started", "check", "ended")
        + event_subprocess("rescue", error(""), "try_to_mend", ending=error("error_fee")),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)
    finish(session, "look")

    finish(session, "try_to_mend")

    assert [item.element_id for item in incidents.list_open(session)] == ["rescue_ended"]
    assert state(session, instance) == "incident"


@pytest.mark.bpmn("error and escalation start events", "executes")
def test_handlers_of_errors_and_escalations_do_not_run_when_the_process_starts(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("rescue", error(""), "handle_error")
        + event_subprocess("helping", escalation(""), "handle_escalation", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)

    assert (open_now(session), waits(session)) == (["draft"], [])
    finish(session, "draft")
    assert state(session, instance) == "completed"
    kinds = {event.element_id for event in history.for_instance(session, instance.id)}
    assert not kinds & {"rescue", "rescue_started", "helping", "helping_started"}


@pytest.mark.bpmn("event subprocesses of several instances", "executes")
@pytest.mark.parametrize("interrupting", [True, False])
def test_the_handler_of_one_instance_never_starts_in_another(session, interrupting):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=interrupting),
        extra=EVENTS,
    )  # fmt: skip
    before = begin(session, business_key="before")
    begin(session, business_key="M-1")
    send(session, "ask")

    after = begin(session, business_key="after")

    assert set(open_tasks(session, before.id)) == {"draft"}
    assert set(open_tasks(session, after.id)) == {"draft"}
    assert definitions.compiled(session, before.definition_id) is definitions.compiled(session, after.definition_id)


def test_an_interrupting_handler_takes_the_other_handlers_of_its_scope_with_it(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False)
        + event_subprocess("late", timer("P3D"), "hurry", interrupting=False)
        + event_subprocess("stopping", message("message_stop"), "tidy_up"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    send(session, "ask")
    assert open_now(session) == ["answer", "draft"]

    send(session, "stop")

    assert (open_now(session), waits(session)) == (["tidy_up"], [])
    finish(session, "tidy_up")
    assert state(session, instance) == "completed"


def test_a_handler_of_a_subprocess_leaves_the_work_around_it_alone(session):
    deploy(
        session,
        start() + gateway("parallel", "split")
        + subprocess(
            "host", start("in") + user_task("inside") + end("out") + path("in", "inside", "out")
            + event_subprocess("stopping", message("message_stop"), "tidy_up"),
        )
        + user_task("beside") + user_task("after") + end() + flow("started", "split") + path("split", "host", "after", "ended")
        + path("split", "beside", "ended"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")

    send(session, "stop", {"why": "settled"})

    assert open_now(session) == ["beside", "tidy_up"]
    finish(session, "tidy_up")
    assert open_now(session) == ["after", "beside"]
    assert variables(session, instance)["why"] == "settled"
    finish(session, "after")
    finish(session, "beside")
    assert state(session, instance) == "completed"


def test_each_item_of_a_multi_instance_subprocess_has_handlers_of_its_own(session):
    loop = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party"/>'
    inside = (
        start("in") + user_task("ask_party") + end("out") + path("in", "ask_party", "out")
        + subprocess("withdrawing", start("withdrew", message("message_stop"), 'isInterrupting="true"').replace(
            'isInterrupting="true">', 'isInterrupting="true">' + properties(correlationKey="party"))
            + user_task("note_it") + end("noted") + path("withdrew", "note_it", "noted"), 'triggeredByEvent="true"')
        + loop
    )  # fmt: skip
    deploy(session, start() + subprocess("host", inside) + end() + path("started", "host", "ended"), extra=EVENTS)
    instance = begin(session, variables={"parties": ["Kim", "Lee", "Park"]})
    assert len(waits(session)) == 3

    send(session, "stop", key="Lee")

    assert open_now(session) == ["ask_party", "ask_party", "note_it"]
    finish(session, "note_it")
    assert state(session, instance) == "active"
    finish(session, "ask_party")
    finish(session, "ask_party")
    assert (state(session, instance), waits(session)) == ("completed", [])


def test_a_scope_entered_again_waits_again_with_what_is_known_then(session):
    deploy(
        session,
        start()
        + subprocess(
            "host", start("in") + user_task("inside") + end("out") + path("in", "inside", "out")
            + event_subprocess("late", timer("=wait"), "hurry", interrupting=False),
        )
        + gateway("exclusive", "more", "flow_more_ended") + end() + path("started", "host", "more", "ended")
        + flow("more", "host", "more = true"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, variables={"wait": "P1D", "more": True})
    due = [event.data["due_at"] for event in told(session, instance, "timer_scheduled")]

    finish(session, "inside", {"wait": "P2D"})
    due = [event.data["due_at"] for event in told(session, instance, "timer_scheduled")]

    assert due == ["2026-09-02T12:00:00+00:00", "2026-09-03T12:00:00+00:00"]
    run_jobs(session, later(days=2))
    assert open_now(session) == ["hurry", "inside"]
    finish(session, "inside", {"more": False})
    assert state(session, instance) == "active"
    finish(session, "hurry")
    assert state(session, instance) == "completed"


def test_event_subprocesses_nest(session):
    inner = event_subprocess("deep", message("message_stop"), "dig")
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False, inner=inner),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    assert send(session, "stop", time_to_live="PT0S").delivered_to is None
    send(session, "ask")
    assert waits(session) == [("ask", "asking_started"), ("stop", "deep_started")]

    send(session, "stop")

    assert open_now(session) == ["dig", "draft"]
    finish(session, "dig")
    finish(session, "draft")
    assert state(session, instance) == "completed"


def test_a_terminate_end_event_in_a_handler_ends_the_handler_alone(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False, ending="<bpmn:terminateEventDefinition/>"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    send(session, "ask")

    finish(session, "answer")

    assert (open_now(session), state(session, instance)) == (["draft"], "active")
    assert waits(session) == [("ask", "asking_started")]


def test_a_terminate_end_event_takes_the_waiting_handlers_of_its_scope_away(session):
    deploy(
        session,
        start() + user_task("draft") + end("ended", "<bpmn:terminateEventDefinition/>") + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    send(session, "ask")

    finish(session, "draft")

    assert (state(session, instance), open_now(session), waits(session)) == ("completed", [], [])


def test_a_handler_without_work_starts_and_ends_in_one_step(session):
    rescue = subprocess(
        "rescue",
        start("failed", error())
        + script("note", '"refused"', "outcome")
        + end("noted")
        + path("failed", "note", "noted"),
        'triggeredByEvent="true"',
    )
    deploy(session, start() + throwing() + end() + path("started", "check", "ended") + rescue, extra=EVENTS)
    instance = begin(session)

    finish(session, "look")

    assert state(session, instance) == "completed"
    assert variables(session, instance) == {"outcome": "refused"}


def test_a_message_can_start_a_process_that_also_waits_for_it(session):
    deploy(
        session,
        start(inner=message("message_ask")) + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False),
        extra=EVENTS,
    )  # fmt: skip

    first = send(session, "ask", {"question": 1})
    second = send(session, "ask", {"question": 2})

    assert (first.started, second.started) == (True, False)
    assert open_now(session) == ["answer", "draft"]


def test_a_timer_of_a_handler_that_cannot_be_read_is_an_incident(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("late", timer("=wait"), "hurry"),
    )  # fmt: skip

    begin(session, variables={"wait": 5})

    incident = incidents.list_open(session)[0]
    assert (incident.element_id, open_now(session)) == ("late_started", ["draft"])


def test_cancelling_an_instance_takes_its_handlers_away(session):
    deploy(
        session,
        start() + user_task("draft") + end() + path("started", "draft", "ended")
        + event_subprocess("asking", message("message_ask"), "answer", interrupting=False)
        + event_subprocess("late", timer("P3D"), "hurry"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session, business_key="M-1")
    send(session, "ask")

    process_instances.cancel(session, instance.id, reason="a mistake", by=CHIEF, now=NOON)

    assert (open_now(session), waits(session)) == ([], [])


def test_a_process_without_event_subprocesses_has_no_token_more_than_before():
    body = start() + user_task("draft") + end() + path("started", "draft", "ended")
    compiled = compile_process("proc", {"proc.bpmn": model(body)}, {})

    run = Run.start(compiled, {}, NOON)
    run.advance(lambda call: {})

    names = {token.task_spec.name for token in run.workflow.tasks.values()}
    assert names <= {"Start", "started", "draft", "ended", "proc.EndJoin", "End"}
    assert list(compiled.spec.task_specs)[:3] == ["Start", "proc.EndJoin", "End"]


@pytest.mark.bpmn("event subprocess with a plain start", "refused")
@pytest.mark.bpmn("non-interrupting error start event", "refused")
def test_event_subprocesses_that_bpmn_does_not_allow_are_refused(session):
    def around(inner, more=""):
        return start() + user_task("draft") + end() + path("started", "draft", "ended") + inner + more

    two = subprocess(
        "handler", start("one", message("message_ask")) + start("two", message("message_stop")) + end("out")
        + path("one", "out") + flow("two", "out"), 'triggeredByEvent="true"',
    )  # fmt: skip
    good = event_subprocess("handler", message("message_ask"), "answer")

    assert refusals(around(good), extra=EVENTS) == set()
    assert refusals(around(event_subprocess("handler", "", "answer"))) == {
        ("event_subprocess_start", "handler_started")
    }
    assert refusals(around(two), extra=EVENTS) == {("event_subprocess_start", "handler")}
    assert refusals(around(event_subprocess("handler", error(), "mend", interrupting=False)), extra=EVENTS) == {
        ("error_interrupts", "handler_started")
    }
    assert refusals(around(good, flow("draft", "handler")), extra=EVENTS) >= {
        ("event_subprocess_flow", "flow_draft_handler")
    }
    assert refusals(around(good, boundary("late", "handler", timer("P1D")) + flow("late", "ended")), extra=EVENTS) == {
        ("event_subprocess_boundary", "late")
    }
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    assert refusals(
        around(event_subprocess("handler", message("message_ask"), "answer", inner=loop)), extra=EVENTS
    ) == {("event_subprocess_loop", "handler")}
    doubled = event_subprocess("first", error(), "one") + event_subprocess("second", error(), "two")
    assert refusals(around(doubled), extra=EVENTS) == {("caught_twice", "second_started")}
    plain = subprocess("plain", start("in", message("message_ask")) + end("out") + path("in", "out"))
    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, start() + plain + end() + path("started", "plain", "ended"), extra=EVENTS)
    assert ("unsupported", "in") in {(item.rule, item.element_id) for item in refusal.value.findings}
