"""Signals: whoever listens hears them, each in a step of its own."""

import pytest
import sqlalchemy as sa

from engine import history, job_table, process_instances, signals, user_tasks
from engine.errors import DeploymentRefused, SignalUnknown
from engine.models import Incident, Job, ProcessInstance, Signal, SignalSubscription
from tests.engine.crossing import EVENTS, complete, mapping, run_jobs, signal, throw
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
    start,
    timer,
    user_task,
)

LISTENER = (
    start() + catch("closes", signal()) + user_task("lock_up") + end() + path("started", "closes", "lock_up", "ended")
)


def send(session, name="office_closes", **variables):
    return signals.broadcast(session, name, variables=variables, by=ANA, now=NOON)


def kinds(session, instance):
    return [event.kind for event in history.for_instance(session, instance.id)]


@pytest.mark.bpmn("signal catch event", "executes")
def test_every_instance_that_listens_hears_a_signal_with_its_variables(session):
    deploy(session, LISTENER, extra=EVENTS)
    first, second = begin(session), begin(session)

    outcome = send(session, hour=18)
    before = len(open_tasks(session))
    ran = run_jobs(session)

    assert (outcome.receivers, outcome.starts, before, ran) == (2, 0, 0, 2)
    for instance in (first, second):
        assert user_tasks.variables(session, open_tasks(session, instance.id)["lock_up"]) == {"hour": 18}
    assert session.scalars(sa.select(SignalSubscription)).all() == []
    heard = next(event for event in history.for_instance(session, first.id) if event.kind == "signal_received")
    assert (heard.element_id, heard.data["signal_id"], heard.actor) == ("closes", str(outcome.id), "ana")


def test_a_signal_is_not_kept_for_those_that_listen_later(session):
    deploy(session, LISTENER, extra=EVENTS)

    outcome = send(session)
    run_jobs(session)
    begin(session)

    assert outcome.receivers == 0
    assert open_tasks(session) == {}
    assert session.get(Signal, outcome.id).actor == "ana"


def test_a_signal_that_no_process_knows_is_refused(session):
    with pytest.raises(SignalUnknown):
        send(session, "no_such_signal")


@pytest.mark.bpmn("signal throw event", "executes")
def test_an_instance_throws_a_signal_with_its_input_parameters_only(session):
    deploy(session, LISTENER, extra=EVENTS)
    thrower = (
        start("s") + throw("tell", mapping({"hour": "= 12 + wait"}) + signal()) + end("e") + path("s", "tell", "e")
    )
    deploy(session, model(thrower, key="thrower", extra=EVENTS))
    listening = begin(session)

    telling = begin(session, key="thrower", variables={"wait": 6, "client": "secret"})
    run_jobs(session)

    assert user_tasks.variables(session, open_tasks(session, listening.id)["lock_up"]) == {"hour": 18}
    thrown = next(event for event in history.for_instance(session, telling.id) if event.kind == "signal_thrown")
    assert (thrown.element_id, thrown.data["receivers"]) == ("tell", 1)


@pytest.mark.bpmn("signal end event", "executes")
def test_a_process_ends_with_a_signal(session):
    deploy(session, LISTENER, extra=EVENTS)
    deploy(session, model(start("s") + end("e", signal()) + path("s", "e"), key="thrower", extra=EVENTS))
    begin(session)

    thrower = begin(session, key="thrower")
    run_jobs(session)

    assert process_instances.get(session, thrower.id).state == "completed"
    assert set(open_tasks(session)) == {"lock_up"}


def test_an_instance_hears_its_own_signal_where_it_listened_before_and_not_after(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + catch("before", signal()) + user_task("heard") + user_task("wait")
        + throw("tell", signal()) + catch("after", signal()) + user_task("heard_later") + end() + end("e2")
        + path("started", "fork", "before", "heard", "ended") + path("fork", "wait", "tell", "after", "heard_later", "e2"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)

    complete(session, "wait")
    run_jobs(session)

    assert set(open_tasks(session, instance.id)) == {"heard"}
    assert set(process_instances.activities(session, instance.id)["active"]) == {"after", "heard"}


@pytest.mark.bpmn("interrupting signal boundary event", "executes")
@pytest.mark.bpmn("non-interrupting signal boundary event", "executes")
def test_a_signal_on_the_border_interrupts_or_comes_again_and_again(session):
    deploy(
        session,
        start() + user_task("work") + boundary("warned", "work", signal("storm"), interrupting=False)
        + boundary("closed", "work", signal()) + user_task("note") + user_task("go_home") + end() + end("e2") + end("e3")
        + path("started", "work", "ended") + path("warned", "note", "e2") + path("closed", "go_home", "e3"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)

    send(session, "storm")
    run_jobs(session)
    send(session, "storm")
    run_jobs(session)
    notes = [task for task in user_tasks_of(session, instance) if task == "note"]
    send(session)
    run_jobs(session)

    assert len(notes) == 2
    assert sorted(user_tasks_of(session, instance)) == ["go_home", "note", "note"]


def user_tasks_of(session, instance):
    from engine.models import UserTask

    wanted = sa.select(UserTask.element_id).where(
        UserTask.state == "created", UserTask.process_instance_id == instance.id
    )
    return list(session.scalars(wanted))


@pytest.mark.bpmn("event-based gateway", "executes")
def test_a_signal_may_be_the_first_event_behind_a_gateway(session):
    deploy(
        session,
        start() + gateway("eventBased", "first") + catch("closes", signal()) + catch("silence", timer("P1D"))
        + user_task("lock_up") + end() + flow("started", "first") + flow("first", "closes") + flow("first", "silence")
        + path("closes", "lock_up", "ended") + path("silence", "ended"),
        extra=EVENTS,
    )  # fmt: skip
    begin(session)

    send(session, hour=18)
    run_jobs(session)

    assert user_tasks.variables(session, open_tasks(session)["lock_up"]) == {"hour": 18}
    assert session.scalars(sa.select(Job)).all() == []


@pytest.mark.bpmn("interrupting signal event subprocess", "executes")
@pytest.mark.bpmn("non-interrupting signal event subprocess", "executes")
@pytest.mark.parametrize(("interrupting", "left"), [("true", {"lock_up"}), ("false", {"lock_up", "work"})])
def test_a_signal_starts_an_event_subprocess(session, interrupting, left):
    inner = start("heard", mapping(outputs={"closing_at": "= hour"}) + signal(), f'isInterrupting="{interrupting}"')
    deploy(
        session,
        start() + user_task("work") + end() + path("started", "work", "ended")
        + '<bpmn:subProcess id="es" triggeredByEvent="true">' + inner + user_task("lock_up") + end("inner_end")
        + path("heard", "lock_up", "inner_end") + "</bpmn:subProcess>",
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)

    send(session, hour=18)
    run_jobs(session)

    assert set(open_tasks(session, instance.id)) == left
    assert user_tasks.variables(session, open_tasks(session, instance.id)["lock_up"]) == {"closing_at": 18}


@pytest.mark.bpmn("signal start event", "executes")
def test_a_signal_starts_the_newest_version_of_every_process_that_starts_on_it(session):
    body = start("closes", signal()) + user_task("lock_up") + end() + path("closes", "lock_up", "ended")
    deploy(session, model(body, key="doors", extra=EVENTS))
    deploy(session, model(body.replace("lock_up", "lock_up_well"), key="doors", extra=EVENTS))
    deploy(session, model(body.replace("lock_up", "close"), key="windows", extra=EVENTS))

    outcome = send(session, hour=18)
    run_jobs(session)

    assert (outcome.receivers, outcome.starts) == (0, 2)
    assert set(open_tasks(session)) == {"lock_up_well", "close"}
    begun = history.for_instance(session, open_tasks(session)["close"].process_instance_id)[0]
    assert (begun.data["signal"], begun.data["start_event"], begun.data["variables"]) == (
        "office_closes",
        "closes",
        {"hour": 18},
    )


def test_a_suspended_instance_hears_what_was_sent_meanwhile_when_it_is_resumed(session):
    deploy(session, LISTENER, extra=EVENTS)
    instance = begin(session)
    process_instances.suspend(session, instance.id, by=CHIEF, now=NOON)

    outcome = send(session)
    run_jobs(session)
    while_suspended = set(open_tasks(session))
    process_instances.resume(session, instance.id, by=CHIEF, now=later(hours=1))
    run_jobs(session, later(hours=1))

    assert (outcome.receivers, while_suspended) == (1, set())
    assert set(open_tasks(session)) == {"lock_up"}


def test_what_a_signal_takes_away_no_longer_hears_it(session):
    deploy(
        session,
        start() + '<bpmn:subProcess id="sub">' + start("s") + catch("inner", signal()) + user_task("inside") + end("e")
        + path("s", "inner", "inside", "e") + "</bpmn:subProcess>" + boundary("closed", "sub", signal()) + user_task("outside")
        + end() + end("e2") + path("started", "sub", "ended") + path("closed", "outside", "e2"),
        extra=EVENTS,
    )  # fmt: skip
    instance = begin(session)

    send(session)
    run_jobs(session)

    # Both hear it at once; whichever heard it first, the activity is interrupted and only its border goes on.
    assert set(open_tasks(session)) == {"outside"}
    assert process_instances.get(session, instance.id).state == "active"


def test_a_step_that_is_rolled_back_sends_no_signal(session):
    deploy(session, LISTENER, extra=EVENTS)
    begin(session)

    with pytest.raises(RuntimeError), session.begin_nested():
        send(session)
        raise RuntimeError
    run_jobs(session)

    assert open_tasks(session) == {}


def test_a_signal_that_cannot_be_told_is_an_incident_that_can_be_mended(session, monkeypatch):
    deploy(session, LISTENER, extra=EVENTS)
    instance = begin(session)
    send(session)
    good = session.scalar(sa.select(ProcessInstance.state_blob).where(ProcessInstance.id == instance.id))
    set_state(session, instance, b"\xff broken")

    now = NOON
    for _ in range(8):
        run_jobs(session, now)
        now = max(now, job_table.next_due_at(session) or now)
    incident = session.scalar(sa.select(Incident))
    set_state(session, instance, good)
    from engine import incidents

    incidents.retry(session, incident.id, by=CHIEF, now=now)
    run_jobs(session, now)

    assert (incident.process_instance_id, incident.kind) == (instance.id, "signal")
    assert set(open_tasks(session)) == {"lock_up"}
    assert kinds(session, instance).count("incident_raised") == kinds(session, instance).count("incident_resolved") == 1


def set_state(session, instance, blob):
    session.execute(sa.update(ProcessInstance).where(ProcessInstance.id == instance.id).values(state_blob=blob))


@pytest.mark.parametrize(
    "body",
    [
        LISTENER.replace('signalRef="closing"', ""),
        LISTENER.replace('signalRef="closing"', 'signalRef="nothing"'),
    ],
)
def test_a_signal_event_names_its_signal(session, body):
    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, body, extra=EVENTS)

    assert {finding.element_id for finding in refusal.value.findings if finding.severity == "error"} == {"closes"}
