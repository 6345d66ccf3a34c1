"""Processes that start by messages, signals and time."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine import clock, delegates, deployments, history, incidents, job_table, jobs, messages, process_instances
from engine.bpmn import schedules
from engine.database import transaction
from engine.errors import DeploymentRefused, Invalid, VariablesInvalid
from engine.models import Incident, Job, ProcessInstance
from tests.engine.crossing import EVENTS, run_jobs, signal
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
    later,
    message,
    model,
    open_tasks,
    path,
    service_task,
    start,
    timer,
    user_task,
)


def timed(text, kind="timeCycle", key="proc", task="review"):
    body = start("at_times", timer(text, kind)) + user_task(task) + end() + path("at_times", task, "ended")
    return model(body, key=key, extra=EVENTS)


def begun(session, key="proc"):
    """What started: (when, how many times were missed)."""
    wanted = sa.select(ProcessInstance).where(ProcessInstance.process_key == key).order_by(ProcessInstance.id)
    events = [history.for_instance(session, item.id)[0] for item in session.scalars(wanted)]
    return [(event.data["due_at"], event.data["missed"]) for event in events]


def promised(session):
    return list(session.scalars(sa.select(Job.due_at).where(Job.kind == "timer_start").order_by(Job.due_at)))


@pytest.fixture
def berlin():
    before = clock.zone()
    clock.set_zone(ZoneInfo("Europe/Berlin"))
    yield
    clock.set_zone(before)


@pytest.mark.bpmn("timer start event", "executes")
@pytest.mark.parametrize(
    ("kind", "text", "times"),
    [
        ("timeDate", "2026-09-02T08:00:00Z", [datetime(2026, 9, 2, 8, tzinfo=UTC)]),
        ("timeDuration", "P1D", [NOON + timedelta(days=1)]),
        ("timeDuration", '= "PT" + string(2 * 12) + "H"', [NOON + timedelta(days=1)]),
        ("timeCycle", "R2/P1D", [NOON + timedelta(days=1), NOON + timedelta(days=2)]),
        ("timeCycle", "R2/2026-09-01T18:00:00Z/P1D", [datetime(2026, 9, day, 18, tzinfo=UTC) for day in (1, 2)]),
        ("timeCycle", "R/P1D/2026-09-03T13:00:00Z", [NOON + timedelta(days=day) for day in (1, 2)]),
        ("timeCycle", "R2/2026-09-02T00:00:00Z/2026-09-04T00:00:00Z", [datetime(2026, 9, day, tzinfo=UTC) for day in (2, 4)]),
        ("timeCycle", "R3/2026-10-31T09:00:00Z/P1M", [datetime(2026, 10, 31, 9, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 31, 9, tzinfo=UTC)]),
    ],
)  # fmt: skip
def test_a_process_starts_at_its_times_and_at_no_others(session, kind, text, times):
    deploy(session, timed(text, kind))

    started = []
    for _ in range(5):
        due = job_table.next_due_at(session)
        if due is None:
            break
        assert run_jobs(session, due - timedelta(seconds=1)) == 0
        run_jobs(session, due)
        started.append(due)

    assert started == times
    assert begun(session) == [(at.isoformat(), 0) for at in times]


def test_a_calendar_goes_by_the_firms_wall_clock_through_summer_time(session, berlin):
    deploy(session, timed("30 9 * * 1-5"), now=datetime(2026, 10, 22, 12, tzinfo=UTC))

    for _ in range(3):
        run_jobs(session, job_table.next_due_at(session))

    friday, monday = datetime(2026, 10, 23, 7, 30, tzinfo=UTC), datetime(2026, 10, 26, 8, 30, tzinfo=UTC)
    assert [at for at, _ in begun(session)] == [at.isoformat() for at in (friday, monday, monday + timedelta(days=1))]


@pytest.mark.parametrize(
    ("begins", "times"),
    [
        # The hour that summer time skips: right after it. The hour that comes twice: once.
        (datetime(2026, 3, 28, 12, tzinfo=UTC), ["2026-03-29T01:00:00+00:00", "2026-03-30T00:30:00+00:00"]),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"]),
        (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), ["2026-10-26T01:30:00+00:00", "2026-10-27T01:30:00+00:00"]),
    ],
)
def test_the_hours_that_summer_time_skips_and_repeats_happen_once(begins, times):
    calendar = schedules.parse("timeCycle", "30 2 * * *", now=begins, zone=ZoneInfo("Europe/Berlin"))

    first = calendar.after(begins)
    second = calendar.after(first.at)

    assert [first.at.isoformat(), second.at.isoformat()] == times


@pytest.mark.parametrize(
    ("text", "missed", "following"),
    [
        ("R/PT1H", 47, NOON + timedelta(hours=49)),
        ("R5/PT1H", 4, None),
        ("0 * * * *", 47, NOON + timedelta(hours=49)),
        ("R/P1M", 0, NOON + timedelta(days=30)),
    ],
)
def test_when_the_clock_jumps_over_several_times_the_process_starts_once_and_says_how_many_it_missed(
    session, text, missed, following
):
    deploy(session, timed(text))
    due = job_table.next_due_at(session)
    jump = max(due, later(hours=48)) if text != "R/P1M" else due

    ran = run_jobs(session, jump)

    assert ran == 1
    assert begun(session) == [(due.isoformat(), missed)]
    if text != "R/P1M":
        assert promised(session) == ([following] if following else [])


def test_only_the_newest_version_starts_and_a_version_without_times_takes_them_back(session):
    deploy(session, timed("R/P1D"))
    deploy(session, timed("R/PT12H", task="review_well"), now=later(hours=1))
    after_second = promised(session)
    run_jobs(session, later(hours=13))
    deploy(session, start() + user_task("by_hand") + end() + path("started", "by_hand", "ended"), now=later(hours=14))

    assert after_second == [later(hours=13)]
    assert set(open_tasks(session)) == {"review_well"}
    assert promised(session) == []


def test_the_same_content_deployed_again_moves_no_timer(session):
    deploy(session, timed("P2D", "timeDuration"))
    deploy(session, timed("P2D", "timeDuration"), now=later(days=1))

    assert promised(session) == [later(days=2)]


def test_a_date_that_has_passed_starts_nothing(session):
    deploy(session, timed("2026-08-01T00:00:00Z", "timeDate"))

    assert promised(session) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeCycle", "R/PT10S"),
        ("timeCycle", "R0/P1D"),
        ("timeCycle", "R/P1D/P2D"),
        ("timeCycle", "R/-P1D"),
        ("timeCycle", "every day"),
        ("timeCycle", "0 0 9 * * 1"),
        ("timeCycle", "0 0 31 2 *"),
        ("timeCycle", "61 * * * *"),
        ("timeCycle", '= "R/" +'),
        ("timeCycle", "= 7"),
        ("timeDuration", "a week"),
        ("timeDate", "= unknown_variable"),
    ],
)
def test_times_that_never_come_or_never_end_are_refused_with_their_element(session, kind, text):
    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, timed(text, kind))

    assert {found.element_id for found in refusal.value.findings if found.severity == "error"} == {"at_times"}
    assert promised(session) == []


def test_one_time_starts_one_instance_whatever_number_of_workers_look(fresh_engine):
    import threading

    with transaction(fresh_engine) as session:
        deploy(session, timed("R/PT1H"))
    every = threading.Barrier(4)

    def work(name):
        every.wait()
        jobs.run_due(partial(transaction, fresh_engine), now=lambda: later(hours=1), worker=name)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    # Where each was in another's way, the next look a moment later starts it: never two, and none is lost.
    jobs.run_due(partial(transaction, fresh_engine), now=lambda: later(hours=1, minutes=1), worker="next")

    with transaction(fresh_engine) as session:
        assert len(begun(session)) == 1
        assert promised(session) == [later(hours=2)]


class CourtClosed(Invalid):
    """The court is closed."""

    code = "court_closed"


OPEN = {"court": False}


@delegates.delegate("file_at_court_for_tests")
def _file(_session, _call):
    if not OPEN["court"]:
        raise CourtClosed
    return {}


def test_a_start_that_fails_is_tried_again_beside_the_next_ones_and_then_told(session):
    OPEN["court"] = False
    body = (
        start("at_times", timer("R/P1D", "timeCycle"))
        + service_task("file", "file_at_court_for_tests")
        + user_task("review")
        + end()
    )
    deploy(session, body + path("at_times", "file", "review", "ended"))
    first = later(days=1)

    run_jobs(session, first)
    after_first_failure = promised(session)
    now = first
    while not incidents.list_open(session):
        now = job_table.next_due_at(session)
        run_jobs(session, now)
    incident = incidents.list_open(session)[0]
    definition = deployments.latest(session, "proc")
    OPEN["court"] = True
    incidents.retry(session, incident.id, by=CHIEF, now=now)
    run_jobs(session, now)

    assert after_first_failure == [first + timedelta(minutes=1), first + timedelta(days=1)]
    assert (incident.process_instance_id, incident.process_definition_id) == (None, definition.id)
    assert (incident.kind, incident.element_id) == ("timer_start", "at_times")
    assert (first.isoformat(), 0) in begun(session)
    assert session.get_one(Incident, incident.id).resolved_by == CHIEF.username


# -- several start events, receive tasks, messages ---------------------------------------------------------

FOUR_WAYS = (
    start("by_hand") + start("by_letter", message("letter")) + start("by_time", timer("P1D", "timeDuration"))
    + start("by_signal", signal()) + user_task("hand") + user_task("letters") + user_task("times") + user_task("signals")
    + end() + "".join(path(a, b, "ended") for a, b in (("by_hand", "hand"), ("by_letter", "letters"), ("by_time", "times"), ("by_signal", "signals")))
)  # fmt: skip


@pytest.mark.bpmn("message start event", "executes")
@pytest.mark.bpmn("several start events", "executes")
def test_each_of_several_start_events_starts_by_its_own_event(session):
    from engine import signals

    deploy(session, FOUR_WAYS, extra=EVENTS)

    by_hand = begin(session)
    by_letter = messages.correlate(session, "letter_received", "L-1", variables={"from": "court"}, by=ANA, now=NOON)
    signals.broadcast(session, "office_closes", by=ANA, now=NOON)
    run_jobs(session, later(days=1))

    assert set(open_tasks(session, by_hand.id)) == {"hand"}
    assert set(open_tasks(session, by_letter.delivered_to)) == {"letters"}
    assert set(open_tasks(session)) == {"hand", "letters", "times", "signals"}
    for task in open_tasks(session).values():
        shown = process_instances.activities(session, task.process_instance_id)
        assert (len(shown["completed"]), shown["active"]) == (1, [task.element_id])


def test_an_instance_of_several_starts_goes_on_to_its_end_after_it_was_stored(session):
    from tests.engine.crossing import complete

    deploy(session, FOUR_WAYS, extra=EVENTS)
    outcome = messages.correlate(session, "letter_received", "L-1", by=ANA, now=NOON)

    complete(session, "letters")

    assert process_instances.get(session, outcome.delivered_to).state == "completed"


@pytest.mark.bpmn("instantiating receive task", "executes")
def test_a_receive_task_may_start_the_process(session):
    body = (
        '<bpmn:receiveTask id="letter_came" name="Letter" messageRef="letter" instantiate="true"/>'
        + user_task("read")
        + end()
    )
    deploy(session, body + path("letter_came", "read", "ended"), extra=EVENTS)

    outcome = messages.correlate(session, "letter_received", "L-1", variables={"from": "court"}, by=ANA, now=NOON)
    again = messages.correlate(session, "letter_received", "L-1", by=ANA, now=NOON)

    assert (outcome.started, again.started) == (True, True)
    assert outcome.delivered_to != again.delivered_to
    assert process_instances.activities(session, outcome.delivered_to)["completed"] == ["letter_came"]
    assert process_instances.get(session, outcome.delivered_to).business_key == "L-1"


@pytest.mark.parametrize(
    "body",
    [
        start() + '<bpmn:receiveTask id="x" messageRef="letter" instantiate="true"/>' + end() + path("started", "x", "ended"),
        '<bpmn:receiveTask id="x" messageRef="letter" instantiate="true"/>' + boundary("b", "x", timer("P1D")) + end() + path("x", "ended") + flow("b", "ended"),
        '<bpmn:receiveTask id="x" instantiate="true"/>' + end() + path("x", "ended"),
        start("a", message("letter")) + start("x", message("letter")) + end() + flow("a", "ended") + flow("x", "ended"),
    ],
)  # fmt: skip
def test_a_start_that_could_not_be_told_from_others_or_never_comes_is_refused(session, body):
    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, body, extra=EVENTS)

    assert "x" in {found.element_id for found in refusal.value.findings if found.severity == "error"}


def test_an_instance_that_waits_goes_before_a_process_that_starts(session):
    starts = start("s", message("letter")) + user_task("read") + end() + path("s", "read", "ended")
    deploy(session, model(starts, key="letters", extra=EVENTS))
    deploy(
        session,
        start() + catch("c", message("letter")) + user_task("go_on") + end() + path("started", "c", "go_on", "ended"),
        extra=EVENTS,
    )
    waiting = begin(session, business_key="L-1")

    first = messages.correlate(session, "letter_received", "L-1", by=ANA, now=NOON)
    second = messages.correlate(session, "letter_received", "L-1", by=ANA, now=NOON)

    assert (first.delivered_to, first.started) == (waiting.id, False)
    assert second.started


def test_a_message_that_starts_one_process_may_not_start_another(session):
    body = start("s", message("letter")) + user_task("read") + end() + path("s", "read", "ended")
    deploy(session, model(body, key="letters", extra=EVENTS))

    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, model(body, key="mail", extra=EVENTS))

    errors = [found for found in refusal.value.findings if found.severity == "error"]
    assert [(found.rule, found.element_id) for found in errors] == [("message_starts_two", "s")]
    deploy(session, model(body.replace("read", "read_well"), key="letters", extra=EVENTS))


def test_a_kept_message_starts_the_process_that_is_deployed_later(session):
    deploy(session, start() + catch("c", message("letter")) + end() + path("started", "c", "ended"), extra=EVENTS)
    messages.correlate(session, "letter_received", "L-1", by=ANA, now=NOON)
    run_jobs(session)

    body = start("s", message("letter")) + user_task("read") + end() + path("s", "read", "ended")
    deploy(session, model(body, key="letters", extra=EVENTS))
    run_jobs(session)

    assert set(open_tasks(session)) == {"read"}


def test_what_starts_by_its_events_alone_is_not_started_by_hand(session):
    deploy(session, timed("R/P1D"))

    with pytest.raises(VariablesInvalid) as refusal:
        begin(session)

    assert "timer at_times" in refusal.value.fields["process_key"]
    assert not deployments.may_start(session, deployments.latest(session, "proc"), ANA)


def test_a_process_without_a_plain_start_is_not_called(session):
    called = (
        '<bpmn:process id="other" isExecutable="true">'
        + start("s", timer("R/P1D", "timeCycle"))
        + end("e")
        + flow("s", "e")
        + "</bpmn:process>"
    )
    body = start() + '<bpmn:callActivity id="call" calledElement="other"/>' + end() + path("started", "call", "ended")

    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, body, processes=called)

    assert [(found.rule, found.element_id) for found in refusal.value.findings if found.severity == "error"] == [
        ("no_start", "call")
    ]


def test_a_called_process_begins_at_its_plain_start_whatever_else_starts_it(session):
    called = (
        '<bpmn:process id="other" isExecutable="true">'
        + start("s")
        + start("t", timer("R/P1D", "timeCycle"))
        + user_task("inside")
        + user_task("at_night")
        + end("e")
        + path("s", "inside", "e")
        + path("t", "at_night", "e")
        + "</bpmn:process>"
    )
    body = (
        start()
        + '<bpmn:callActivity id="call" calledElement="other"/>'
        + user_task("after")
        + end()
        + path("started", "call", "after", "ended")
    )
    deploy(session, body, processes=called)
    instance = begin(session)
    from tests.engine.crossing import complete

    inside = set(open_tasks(session, instance.id))
    complete(session, "inside")

    assert inside == {"inside"}
    assert set(open_tasks(session, instance.id)) == {"after"}
