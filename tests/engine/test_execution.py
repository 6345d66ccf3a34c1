"""What the elements of a diagram do."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from engine import delegates, deployments, history, incidents, jobs, process_instances, user_tasks
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import Invalid, ProcessInstanceNotActive
from engine.models import Incident, Job, UserTask
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
    model,
    open_tasks,
    path,
    script,
    service_task,
    start,
    timer,
    user_task,
)


def finish(session, element_id, variables=None, now=NOON):
    return user_tasks.complete(session, open_tasks(session)[element_id].id, variables or {}, by=ANA, now=now)


def run_jobs(session, now):
    @contextmanager
    def same_transaction():
        yield session

    return jobs.run_due(same_transaction, now=lambda: now)


def state(session, instance):
    return process_instances.get(session, instance.id).state


def seen(session, instance):
    return process_instances.activities(session, instance.id)


@pytest.mark.bpmn("exclusive gateway", "executes")
@pytest.mark.bpmn("none start event", "executes")
@pytest.mark.bpmn("none end event", "executes")
@pytest.mark.bpmn("sequence flow", "executes")
@pytest.mark.bpmn("default flow", "executes")
@pytest.mark.bpmn("user task", "executes")
def test_the_first_condition_that_holds_chooses_the_way(session):
    deploy(
        session,
        start() + gateway("exclusive", "size", default="flow_size_small") + user_task("big") + user_task("huge")
        + user_task("small") + end() + flow("started", "size") + flow("size", "huge", "amount &gt; 100")
        + flow("size", "big", "amount &gt; 10") + flow("size", "small")
        + flow("big", "ended") + flow("huge", "ended") + flow("small", "ended"),
    )  # fmt: skip

    for amount, expected in ((500, "huge"), (50, "big"), (5, "small"), (None, "small")):
        instance = begin(session, variables={"amount": amount})

        assert set(open_tasks(session, instance.id)) == {expected}


def test_a_gateway_without_a_way_out_is_an_incident_that_a_retry_mends(session):
    deploy(
        session,
        start() + user_task("ask") + gateway("exclusive", "which") + user_task("left") + user_task("right") + end()
        + path("started", "ask", "which") + flow("which", "left", 'side = "left"') + flow("which", "right", 'side = "right"')
        + flow("left", "ended") + flow("right", "ended"),
    )  # fmt: skip
    instance = begin(session)

    finish(session, "ask", {"side": "up"})

    incident = incidents.list_open(session)[0]
    assert state(session, instance) == "incident"
    assert (incident.element_id, open_tasks(session)) == ("which", {})
    assert seen(session, instance)["incidents"] == ["which"]

    incidents.retry(session, incident.id, by=CHIEF, now=later(hours=1))

    again = incidents.list_open(session)
    assert [item.element_id for item in again] == ["which"]
    assert again[0].id != incident.id


@pytest.mark.bpmn("script task", "executes")
def test_a_failing_expression_names_the_element_and_itself(session):
    deploy(
        session,
        start() + user_task("ask") + script("compute", "count(for i in 1..amount return i)") + end() + path("started", "ask", "compute", "ended"),
    )  # fmt: skip
    instance = begin(session)

    finish(session, "ask", {"amount": 10**9})

    incident = incidents.list_open(session)[0]
    assert (incident.element_id, incident.kind, incident.expression) == (
        "compute",
        "expression",
        "count(for i in 1..amount return i)",
    )
    assert state(session, instance) == "incident"


def test_a_condition_that_is_no_condition_is_an_incident(session):
    deploy(
        session,
        start() + gateway("exclusive", "which", default="flow_which_right") + user_task("left") + user_task("right") + end()
        + flow("started", "which") + flow("which", "left", '"yes"') + flow("which", "right")
        + flow("left", "ended") + flow("right", "ended"),
    )  # fmt: skip

    begin(session)

    assert incidents.list_open(session)[0].expression == '"yes"'


@pytest.mark.bpmn("parallel gateway", "executes")
def test_a_parallel_gateway_waits_for_all_and_keeps_what_each_branch_changed(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("one") + user_task("two") + gateway("parallel", "join")
        + user_task("after") + end() + flow("started", "fork") + flow("fork", "one") + flow("fork", "two")
        + flow("one", "join") + flow("two", "join") + path("join", "after", "ended"),
    )  # fmt: skip
    begin(session, variables={"x": 1, "notes": ["a", "b"]})

    finish(session, "one", {"x": 2, "notes": ["c"], "mine": 1})
    assert "after" not in open_tasks(session)
    finish(session, "two", {"theirs": 2})

    after = open_tasks(session)["after"]
    assert user_tasks.variables(session, after) == {"x": 2, "notes": ["c"], "mine": 1, "theirs": 2}


@pytest.mark.bpmn("inclusive gateway", "executes")
def test_an_inclusive_gateway_takes_every_way_whose_condition_holds(session):
    deploy(
        session,
        start() + gateway("inclusive", "fork", default="flow_fork_three") + user_task("one") + user_task("two")
        + user_task("three") + gateway("inclusive", "join") + user_task("after") + end() + flow("started", "fork")
        + flow("fork", "one", "a") + flow("fork", "two", "b") + flow("fork", "three")
        + flow("one", "join") + flow("two", "join") + flow("three", "join") + path("join", "after", "ended"),
    )  # fmt: skip
    begin(session, variables={"a": True, "b": True})

    assert set(open_tasks(session)) == {"one", "two"}
    finish(session, "one")
    assert set(open_tasks(session)) == {"two"}
    finish(session, "two")

    assert set(open_tasks(session)) == {"after"}


LOOP = (
    start() + user_task("work") + gateway("exclusive", "again", default="flow_again_ended") + end()
    + path("started", "work", "again") + flow("again", "work", "more") + flow("again", "ended")
)  # fmt: skip


def test_a_loop_goes_on_past_the_depth_at_which_the_library_freezes():
    run = Run.start(compile_process("proc", {"proc.bpmn": model(LOOP)}, {}), {}, NOON)
    run.advance(lambda call: None)

    for more in [True] * 520 + [False]:
        (waiting,) = run.waiting().values()
        run.complete_user_task(waiting.spiff_task_id, {"more": more})
        run.advance(lambda call: None)

    assert run.is_finished


def test_a_loop_around_a_fork_keeps_the_newest_values(session):
    deploy(
        session,
        start() + user_task("work") + gateway("parallel", "fork") + script("left", "round * 10", "l")
        + script("right", "round * 100", "r") + gateway("parallel", "join")
        + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "work", "fork")
        + flow("fork", "left") + flow("fork", "right") + flow("left", "join") + flow("right", "join")
        + flow("join", "again") + flow("again", "work", "round &lt; 30") + flow("again", "ended"),
    )  # fmt: skip
    instance = begin(session)

    for number in range(1, 31):
        finish(session, "work", {"round": number})

    values = process_instances.variables(session, instance.id)
    assert state(session, instance) == "completed"
    assert (values["l"], values["r"]) == (300, 3000)


def test_a_process_that_never_waits_is_an_incident_not_a_hang(session):
    deploy(
        session,
        start() + gateway("exclusive", "enter") + script("count", "1", "n") + gateway("exclusive", "again", default="flow_again_ended")
        + end() + path("started", "enter", "count", "again") + flow("again", "enter", "n = 1") + flow("again", "ended"),
    )  # fmt: skip

    instance = begin(session)

    assert state(session, instance) == "incident"
    assert "without waiting" in incidents.list_open(session)[0].message


@pytest.mark.bpmn("embedded subprocess", "executes")
@pytest.mark.bpmn("call activity", "executes")
def test_a_subprocess_and_a_called_process_share_the_variables(session):
    called = '<bpmn:process id="child" isExecutable="true">' + start("c1") + user_task("in_child") + end("c2") + path("c1", "in_child", "c2") + "</bpmn:process>"  # fmt: skip
    body = (
        start() + '<bpmn:subProcess id="sub">' + start("s1") + user_task("in_sub") + end("s2") + path("s1", "in_sub", "s2")
        + '</bpmn:subProcess><bpmn:callActivity id="call" calledElement="child"/>' + user_task("after") + end()
        + path("started", "sub", "call", "after", "ended")
    )  # fmt: skip
    deploy(session, model(body, processes=called))
    instance = begin(session, variables={"a": 1})

    finish(session, "in_sub", {"b": 2})
    assert {"sub", "in_sub"} <= set(seen(session, instance)["completed"] + seen(session, instance)["active"])
    finish(session, "in_child", {"c": 3})

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.bpmn("interrupting timer boundary event", "executes")
def test_an_interrupting_timer_takes_the_task_away_and_a_late_answer_is_refused(session):
    deploy(
        session,
        start() + user_task("answer") + boundary("late", "answer", timer("P14D")) + user_task("chase") + end()
        + path("started", "answer", "ended") + path("late", "chase", "ended"),
    )  # fmt: skip
    begin(session)
    task = open_tasks(session)["answer"]

    assert run_jobs(session, later(days=13)) == 0
    assert run_jobs(session, later(days=14)) == 1

    assert set(open_tasks(session)) == {"chase"}
    assert session.query(Job).count() == 0
    assert user_tasks.get(session, task.id).state == "cancelled"


def test_a_timer_goes_when_its_task_is_done(session):
    deploy(
        session,
        start() + user_task("answer") + boundary("late", "answer", timer("P14D")) + user_task("chase") + end()
        + path("started", "answer", "ended") + path("late", "chase", "ended"),
    )  # fmt: skip
    instance = begin(session)

    finish(session, "answer")

    assert session.query(Job).count() == 0
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("non-interrupting timer boundary event", "executes")
def test_a_repeating_timer_rings_as_often_as_it_says_and_its_tasks_stay(session):
    deploy(
        session,
        start() + user_task("answer") + boundary("nag", "answer", timer("R3/P1D", "timeCycle"), interrupting=False)
        + user_task("remind") + end("reminded") + end() + path("started", "answer", "ended") + path("nag", "remind", "reminded"),
    )  # fmt: skip
    instance = begin(session)

    for day in range(1, 6):
        run_jobs(session, later(days=day))
    reminders = [event for event in history.for_instance(session, instance.id) if event.kind == "user_task_created"]
    assert sum(event.element_id == "remind" for event in reminders) == 3
    finish(session, "answer")

    assert state(session, instance) == "active"
    for _ in range(3):
        finish(session, "remind")
    assert state(session, instance) == "completed"


@pytest.mark.bpmn("timer catch event", "executes")
def test_a_timer_may_be_computed(session):
    deploy(
        session,
        start() + catch("waited", timer('=if urgent then "PT1H" else "P3D"')) + user_task("after") + end()
        + path("started", "waited", "after", "ended"),
    )  # fmt: skip
    begin(session, variables={"urgent": True})

    run_jobs(session, later(minutes=61))

    assert set(open_tasks(session)) == {"after"}


def test_a_timer_that_gives_no_duration_is_an_incident(session):
    deploy(session, start() + catch("waited", timer("=days")) + end() + path("started", "waited", "ended"))

    instance = begin(session, variables={"days": 3})

    assert state(session, instance) == "incident"
    assert incidents.list_open(session)[0].element_id == "waited"


@pytest.mark.bpmn("event-based gateway", "executes")
def test_the_first_of_several_timers_behind_a_gateway_wins(session):
    deploy(
        session,
        start() + gateway("eventBased", "first") + catch("slow", timer("P9D")) + catch("fast", timer("P2D"))
        + user_task("after_slow") + user_task("after_fast") + end() + flow("started", "first") + flow("first", "slow")
        + flow("first", "fast") + path("slow", "after_slow", "ended") + path("fast", "after_fast", "ended"),
    )  # fmt: skip
    instance = begin(session)
    assert session.query(Job).count() == 2

    run_jobs(session, later(days=20))

    assert set(open_tasks(session)) == {"after_fast"}
    assert session.query(Job).count() == 0
    assert set(seen(session, instance)["completed"]) == {"started", "first", "fast"}


@pytest.mark.bpmn("terminate end event", "executes")
def test_a_terminate_end_stops_every_branch(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("one") + user_task("two")
        + end("stopped", "<bpmn:terminateEventDefinition/>") + end() + flow("started", "fork") + flow("fork", "one")
        + flow("fork", "two") + flow("one", "stopped") + flow("two", "ended"),
    )  # fmt: skip
    instance = begin(session)

    finish(session, "one")

    assert (state(session, instance), open_tasks(session)) == ("completed", {})


@pytest.mark.bpmn("parallel multi-instance", "executes")
def test_a_task_for_each_item_runs_at_once_and_waits_for_all(session):
    loop = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party"/>'
    deploy(
        session,
        start()
        + user_task("write", inner=loop)
        + user_task("after")
        + end()
        + path("started", "write", "after", "ended"),
    )
    begin(session, variables={"parties": ["A", "B", "C"]})
    tasks = [t for t in session.scalars(sa.select(UserTask)) if t.state == "created"]
    assert sorted(user_tasks.variables(session, t)["party"] for t in tasks) == ["A", "B", "C"]

    for task in tasks:
        assert "after" not in open_tasks(session)
        user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)

    assert set(open_tasks(session)) == {"after"}


@delegates.delegate("tests.add_one")
def add_one(session, call):
    return {"n": call.inputs["n"] + 1, "by": call.by.username}


@delegates.delegate("tests.fail")
def fail(session, call):
    if call.variables.get("broken", True):
        raise RuntimeError("the scanner is on fire")
    return {"scanned": True}


@delegates.delegate("tests.refuse")
def refuse(session, call):
    raise Invalid


@pytest.mark.bpmn("service task", "executes")
def test_a_delegate_works_within_the_step(session):
    deploy(
        session,
        start()
        + service_task("add", "tests.add_one")
        + user_task("after")
        + end()
        + path("started", "add", "after", "ended"),
    )

    begin(session, variables={"n": 1})

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"n": 2, "by": "ana"}


@delegates.delegate("tests.name")
def name(session, call):
    process_instances.set_business_key(session, call.process_instance_id, "M-7", by=call.by, now=call.now)


def test_a_delegate_may_give_its_instance_a_business_key(session):
    deploy(
        session,
        start()
        + service_task("give", "tests.name")
        + user_task("after")
        + end()
        + path("started", "give", "after", "ended"),
    )

    instance = begin(session)

    assert (instance.business_key, open_tasks(session)["after"].business_key) == ("M-7", "M-7")
    kinds = [event.kind for event in history.for_instance(session, instance.id)]
    assert kinds[0] == "process_started"
    assert "business_key_set" in kinds


def test_mappings_say_what_goes_in_and_comes_out(session):
    mapping = (
        '<bpmn:extensionElements><camunda:inputOutput><camunda:inputParameter name="n">=price * 2</camunda:inputParameter>'
        '<camunda:outputParameter name="total">=n + 100</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements>'
    )
    deploy(
        session,
        start() + service_task("add", "tests.add_one", inner=mapping) + user_task("after") + end()
        + path("started", "add", "after", "ended"),
    )  # fmt: skip

    begin(session, variables={"price": 10})

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"price": 10, "total": 121}


def test_a_delegate_that_fails_is_an_incident_and_the_step_before_it_stays(session):
    deploy(
        session,
        start()
        + user_task("scan")
        + service_task("file", "tests.fail")
        + end()
        + path("started", "scan", "file", "ended"),
    )
    instance = begin(session)

    finish(session, "scan", {"pages": 3})

    incident = session.query(Incident).one()
    assert (incident.kind, incident.message) == ("delegate", "the scanner is on fire")
    assert state(session, instance) == "incident"


def test_a_mended_delegate_goes_on_after_a_retry(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + service_task("file", "tests.fail") + user_task("other") + gateway("parallel", "join")
        + end() + flow("started", "fork") + flow("fork", "file") + flow("fork", "other") + flow("file", "join")
        + flow("other", "join") + flow("join", "ended"),
    )  # fmt: skip
    instance = begin(session)
    finish(session, "other")
    assert state(session, instance) == "incident"

    add_one_broken = fail
    delegates._registry["tests.fail"] = lambda session, call: {"scanned": True}
    try:
        incidents.retry(session, incidents.list_open(session)[0].id, by=CHIEF, now=NOON)
    finally:
        delegates._registry["tests.fail"] = add_one_broken

    assert (state(session, instance), incidents.list_open(session)) == ("completed", [])


def test_a_delegate_may_refuse_a_persons_command(session):
    deploy(
        session,
        start()
        + user_task("ask")
        + service_task("check", "tests.refuse")
        + end()
        + path("started", "ask", "check", "ended"),
    )
    begin(session)

    with pytest.raises(Invalid):
        finish(session, "ask")


def test_an_asynchronous_delegate_is_a_job_and_is_tried_again_before_it_is_an_incident(session):
    deploy(
        session,
        start() + service_task("file", "tests.fail", 'camunda:asyncBefore="true"') + end() + path("started", "file", "ended"),
    )  # fmt: skip
    instance = begin(session)
    assert state(session, instance) == "active"

    moment = NOON
    for attempt in range(1, 6):
        moment = later(days=attempt)
        assert run_jobs(session, moment) >= 1

    assert state(session, instance) == "incident"
    assert session.query(Job).count() == 0
    delegates._registry["tests.fail"], kept = (lambda session, call: {"scanned": True}), fail
    try:
        incidents.retry(session, incidents.list_open(session)[0].id, by=CHIEF, now=moment)
        run_jobs(session, moment)
    finally:
        delegates._registry["tests.fail"] = kept
    assert state(session, instance) == "completed"


def test_instances_of_old_versions_go_on_as_they_began(session):
    deploy(session, start() + user_task("old") + end() + path("started", "old", "ended"))
    first = begin(session)
    deploy(session, start() + user_task("new") + end() + path("started", "new", "ended"))
    second = begin(session)

    assert (first.version, set(open_tasks(session, first.id))) == (1, {"old"})
    assert (second.version, set(open_tasks(session, second.id))) == (2, {"new"})
    assert begin(session, version=1).version == 1


def test_the_same_bundle_is_not_deployed_twice(session):
    deploy(session, LOOP)
    deploy(session, LOOP)

    assert deployments.latest(session, "proc").version == 1


def test_a_cancelled_instance_leaves_no_work_behind(session):
    deploy(
        session,
        start() + user_task("answer") + boundary("late", "answer", timer("P14D")) + end() + path("started", "answer", "ended")
        + flow("late", "ended"),
    )  # fmt: skip
    instance = begin(session)
    task = open_tasks(session)["answer"]

    process_instances.cancel(session, instance.id, reason="Opened twice", by=CHIEF, now=NOON)

    assert (state(session, instance), open_tasks(session), session.query(Job).count()) == ("cancelled", {}, 0)
    with pytest.raises(ProcessInstanceNotActive):
        process_instances.cancel(session, instance.id, reason="Again", by=CHIEF, now=NOON)
    assert user_tasks.get(session, task.id).ended_by == "chief"


def test_nothing_of_a_suspended_instance_moves(session):
    deploy(
        session,
        start() + user_task("answer") + boundary("late", "answer", timer("P1D")) + end() + path("started", "answer", "ended")
        + flow("late", "ended"),
    )  # fmt: skip
    instance = begin(session)

    process_instances.suspend(session, instance.id, by=CHIEF, now=NOON)

    with pytest.raises(ProcessInstanceNotActive):
        finish(session, "answer")
    assert run_jobs(session, later(days=2)) == 0
    process_instances.resume(session, instance.id, by=CHIEF, now=later(days=2))
    assert run_jobs(session, later(days=2)) == 1
    assert state(session, instance) == "completed"
