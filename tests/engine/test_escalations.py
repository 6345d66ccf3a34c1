"""Escalations: thrown inside, handled by the nearest scope around them, beside the work or instead of it."""

import pytest

from engine import incidents, process_instances
from tests.engine.scope_models import (
    ESCALATIONS,
    call,
    called,
    escalation,
    event_subprocess,
    finish,
    open_now,
    refusals,
    run_jobs,
    state,
    subprocess,
    throw,
    told,
    variables,
    waits,
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
    path,
    start,
    timer,
    user_task,
)

CODE = 'camunda:escalationCodeVariable="code"'


def escalating(element_id="work", more="", thrown="escalation_late"):
    """A subprocess that escalates between two user tasks."""
    return subprocess(
        element_id,
        start(f"{element_id}_started") + user_task("first") + throw("asked_for_help", escalation(thrown)) + user_task("second")
        + end(f"{element_id}_ended") + path(f"{element_id}_started", "first", "asked_for_help", "second", f"{element_id}_ended") + more,
    )  # fmt: skip


@pytest.mark.bpmn("escalation throw event", "executes")
@pytest.mark.bpmn("non-interrupting escalation boundary event", "executes")
def test_an_escalation_is_handled_beside_the_work_which_goes_on(session):
    deploy(
        session,
        start() + escalating() + boundary("late", "work", escalation(attributes=CODE), interrupting=False) + user_task("help")
        + user_task("after") + end() + path("started", "work", "after", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "first", {"costs": 100})

    assert open_now(session) == ["help", "second"]
    assert [(event.element_id, event.data) for event in told(session, instance, "escalation_thrown")] == [
        ("asked_for_help", {"code": "LATE", "caught_by": "late"})
    ]
    finish(session, "second", {"costs": 200})
    finish(session, "after")
    assert state(session, instance) == "active"
    finish(session, "help", {"helped": True})
    assert state(session, instance) == "completed"
    assert variables(session, instance) == {"costs": 200, "code": "LATE", "helped": True}


@pytest.mark.bpmn("interrupting escalation boundary event", "executes")
def test_an_escalation_may_be_handled_instead_of_the_work(session):
    deploy(
        session,
        start() + escalating() + boundary("late", "work", escalation()) + user_task("take_over")
        + end() + path("started", "work", "ended") + path("late", "take_over", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "first", {"costs": 100})

    assert open_now(session) == ["take_over"]
    assert variables(session, instance) == {"costs": 100}
    finish(session, "take_over")
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("uncaught escalation", "executes")
@pytest.mark.parametrize("thrown", ["throw event", "end event"])
def test_an_escalation_that_nobody_handles_is_noted_and_the_work_goes_on(session, thrown):
    body = {
        "throw event": throw("asked", escalation()) + user_task("after") + end() + path("started", "asked", "after", "ended"),
        "end event": gateway("parallel", "split") + end("asked", escalation()) + user_task("after") + end()
        + path("started", "split", "asked") + path("split", "after", "ended"),
    }[thrown]  # fmt: skip
    deploy(session, start() + body, extra=ESCALATIONS)
    instance = begin(session)

    assert open_now(session) == ["after"]
    assert [event.data for event in told(session, instance, "escalation_thrown")] == [
        {"code": "LATE", "caught_by": None}
    ]
    assert incidents.list_open(session) == []
    finish(session, "after")
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("escalation end event", "executes")
def test_an_escalation_at_the_end_of_a_subprocess_is_handled_and_the_subprocess_completes(session):
    deploy(
        session,
        start()
        + subprocess("work", start("in") + user_task("first") + end("given_up", escalation()) + path("in", "first", "given_up"))
        + boundary("late", "work", escalation(), interrupting=False) + user_task("help") + user_task("after") + end()
        + path("started", "work", "after", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    begin(session)

    finish(session, "first")

    assert open_now(session) == ["after", "help"]


def test_each_escalation_of_the_same_work_is_handled(session):
    deploy(
        session,
        start()
        + subprocess(
            "work", start("in") + user_task("step") + throw("asked", escalation()) + gateway("exclusive", "more", "flow_more_out")
            + end("out") + path("in", "step", "asked", "more", "out") + flow("more", "step", "more = true"),
        )
        + boundary("late", "work", escalation(), interrupting=False) + user_task("help") + end()
        + path("started", "work", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session)

    for times in (1, 2, 3):
        finish(session, "step", {"more": True})
        assert open_now(session) == ["help"] * times + ["step"]

    finish(session, "step", {"more": False})
    assert open_now(session) == ["help"] * 4
    for _ in range(4):
        finish(session, "help")
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("interrupting escalation event subprocess", "executes")
@pytest.mark.bpmn("non-interrupting escalation event subprocess", "executes")
@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("where", ["same scope", "called process"])
def test_an_escalation_starts_the_handler_of_a_scope_around_it(session, interrupting, where):
    inner = (
        start("in")
        + user_task("first")
        + throw("asked", escalation("escalation_costs"))
        + user_task("second")
        + end("out")
    )
    inner += path("in", "first", "asked", "second", "out")
    handler = event_subprocess("costly", escalation("escalation_costs", CODE), "approve", interrupting=interrupting)
    other = event_subprocess("slow", escalation(), "hurry", interrupting=False)
    deploy(
        session,
        inner + handler + other if where == "same scope"
        else start() + call() + end() + path("started", "call", "ended") + handler + other,
        processes="" if where == "same scope" else called(inner),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session)

    finish(session, "first", {"costs": 100})

    assert open_now(session) == (["approve"] if interrupting else ["approve", "second"])
    found = variables(session, instance)
    assert (found["code"], found["costs"]) == ("COSTS", 100)
    for element_id in open_now(session):
        finish(session, element_id)
    assert state(session, instance) == "completed"


def test_only_the_nearest_scope_handles_an_escalation(session):
    deploy(
        session,
        start()
        + subprocess(
            "outer", start("in") + escalating("inner") + boundary("inner_late", "inner", escalation(""), interrupting=False)
            + user_task("inner_help") + end("out") + path("in", "inner", "out") + path("inner_late", "inner_help", "out"),
        )
        + boundary("outer_late", "outer", escalation(), interrupting=False) + user_task("outer_help") + end()
        + path("started", "outer", "ended") + path("outer_late", "outer_help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    begin(session)

    finish(session, "first")

    assert open_now(session) == ["inner_help", "second"]


def test_what_a_handler_escalates_goes_outward_and_does_not_start_it_again(session):
    deploy(
        session,
        start()
        + escalating(more=event_subprocess("helping", escalation(), "try_first", interrupting=False, ending=escalation()))
        + boundary("late", "work", escalation(), interrupting=False) + user_task("help") + end()
        + path("started", "work", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    begin(session)
    finish(session, "first")
    assert open_now(session) == ["second", "try_first"]

    finish(session, "try_first")

    assert open_now(session) == ["help", "second"]


def test_an_escalation_of_one_item_leaves_the_other_items_alone(session):
    loop = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party"/>'
    deploy(
        session,
        start() + escalating(more=loop) + boundary("late", "work", escalation(), interrupting=False) + user_task("help")
        + end() + path("started", "work", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session, variables={"parties": ["Kim", "Lee"]})

    finish(session, "first")
    assert open_now(session) == ["first", "help", "second"]
    finish(session, "first")
    assert open_now(session) == ["help", "help", "second", "second"]

    for element_id in open_now(session):
        finish(session, element_id)
    assert state(session, instance) == "completed"


def test_a_timer_beside_an_escalated_subprocess_is_still_there(session):
    deploy(
        session,
        start() + escalating() + boundary("late", "work", escalation(), interrupting=False) + boundary("too_late", "work", timer("P9D"))
        + user_task("help") + user_task("stop") + end() + path("started", "work", "ended") + path("late", "help", "ended")
        + path("too_late", "stop", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    begin(session)
    finish(session, "first")
    assert waits(session) == [("timer", "too_late")]

    run_jobs(session, later(days=9))

    assert (open_now(session), waits(session)) == (["help", "stop"], [])


@pytest.mark.bpmn("escalation boundary event on a task", "refused")
@pytest.mark.bpmn("escalation without a code", "refused")
def test_escalations_that_cannot_be_are_refused(session):
    plain = start() + user_task("draft") + end() + path("started", "draft", "ended")

    assert refusals(plain + boundary("late", "draft", escalation()) + flow("late", "ended"), extra=ESCALATIONS) == {
        ("escalation_host", "late")
    }
    assert refusals(start() + throw("asked", escalation("")) + end() + path("started", "asked", "ended")) == {
        ("escalation_missing", "asked")
    }
    body = start() + f'<bpmn:intermediateCatchEvent id="c">{escalation()}</bpmn:intermediateCatchEvent>' + end()
    assert refusals(body + path("started", "c", "ended"), extra=ESCALATIONS) == {("unsupported", "c")}


def test_cancelling_takes_what_an_escalation_started(session):
    deploy(
        session,
        start() + escalating() + boundary("late", "work", escalation(), interrupting=False) + user_task("help") + end()
        + path("started", "work", "ended") + path("late", "help", "ended"),
        extra=ESCALATIONS,
    )  # fmt: skip
    instance = begin(session)
    finish(session, "first")

    process_instances.cancel(session, instance.id, reason="a mistake", by=CHIEF, now=NOON)

    assert open_now(session) == []
