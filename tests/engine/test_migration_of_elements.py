"""Timers, messages, joins, scopes and repeated work go along to another version, or refuse by name."""

import pytest
import sqlalchemy as sa

from engine import messages, migrations, process_instances, user_tasks
from engine.models import Job, MessageSubscription, UserTask
from tests.engine.migrating import (
    MESSAGES,
    TIMED,
    TIMED_AGAIN,
    complete,
    migrate,
    obstacles,
    old,
    plan,
    run_jobs,
    two_versions,
)
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
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
    start,
    timer,
    user_task,
)


def test_timers_keep_their_due_dates_new_ones_begin_and_gone_ones_go(session):
    two_versions(session, TIMED, TIMED_AGAIN)
    instance = old(session)
    kept = session.scalar(sa.select(Job.id).where(Job.element_id == "late"))

    report = migrate(session, instance, now=later(days=1))

    assert {job.element_id: job.due_at for job in session.scalars(sa.select(Job))} == {
        "late": later(days=5),
        "fresh": later(days=3),
    }
    assert session.scalar(sa.select(Job.id).where(Job.element_id == "late")) == kept
    assert (report.dropped, report.added) == (["gone"], ["fresh"])
    assert (run_jobs(session, later(days=4)), set(open_tasks(session))) == (1, {"one", "nudge"})
    assert (run_jobs(session, later(days=6)), set(open_tasks(session))) == (1, {"one", "nudge", "chase"})
    for element_id in ("one", "nudge", "chase"):
        complete(session, element_id)
    assert process_instances.get(session, instance.id).state == "completed"


@pytest.mark.parametrize("way", ["to", "from"])
def test_an_activity_gets_its_first_boundary_event_or_loses_its_last(session, way):
    with_event = (
        start()
        + user_task("before")
        + user_task("one")
        + boundary("late", "one", timer("P2D"))
        + end()
        + end("e2")
        + path("started", "before", "one", "ended")
        + path("late", "e2")
    )
    without = start() + user_task("before") + user_task("one") + end() + path("started", "before", "one", "ended")
    two_versions(session, *((without, with_event) if way == "to" else (with_event, without)))
    instance = old(session, variables={"n": 1})
    complete(session, "before", n=2)

    migrate(session, instance, now=later(days=1))

    due = {job.element_id: job.due_at for job in session.scalars(sa.select(Job))}
    assert due == ({"late": later(days=3)} if way == "to" else {})
    assert user_tasks.variables(session, open_tasks(session)["one"]) == {"n": 2}
    complete(session, "one")
    assert process_instances.get(session, instance.id).state == "completed"
    assert session.scalars(sa.select(Job)).all() == []


def test_messages_are_awaited_by_their_new_names(session):
    two_versions(
        session,
        start() + catch("hear", message("m")) + user_task("one") + end() + path("started", "hear", "one", "ended"),
        start() + catch("listen", message("n")) + user_task("one") + end() + path("started", "listen", "one", "ended"),
    )  # fmt: skip
    instance = old(session, business_key="K")

    migrate(session, instance, {"hear": "listen"})

    assert [
        (row.name, row.element_id, row.correlation_key) for row in session.scalars(sa.select(MessageSubscription))
    ] == [("reply", "listen", "K")]
    messages.correlate(session, "reply", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"one"}


def test_events_behind_a_gateway_change_places_and_keep_their_due_dates(session):
    def drawn(*events):
        kinds = {"soon": timer("P2D"), "late": timer("P9D"), "came": message("m"), "later": timer("P30D")}
        return (
            start() + gateway("eventBased", "first") + "".join(catch(name, kinds[name]) + user_task(f"after_{name}") for name in events)
            + end() + flow("started", "first") + "".join(path("first", name, f"after_{name}", "ended") for name in events)
        )  # fmt: skip

    two_versions(session, drawn("soon", "late", "came"), drawn("later", "late", "soon"))
    instance = old(session, business_key="K")

    report = migrate(session, instance, now=later(days=1))

    due = {job.element_id: job.due_at for job in session.scalars(sa.select(Job))}
    assert due == {"soon": later(days=2), "late": later(days=9), "later": later(days=31)}
    assert report.dropped == ["came"]
    assert session.scalars(sa.select(MessageSubscription)).all() == []
    assert run_jobs(session, later(days=3)) == 1
    assert set(open_tasks(session)) == {"after_soon"}
    assert session.scalars(sa.select(Job)).all() == []


FORK = (
    start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "fork", "a", "join", "after", "ended") + path("fork", "b", "join")
)  # fmt: skip


def test_a_branch_that_waits_at_its_join_is_still_counted(session):
    two_versions(session, FORK, FORK.replace('name="after"', 'name="Afterwards"'))
    instance = old(session)
    complete(session, "b", b=1)

    migrate(session, instance)
    complete(session, "a", a=1)

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"a": 1, "b": 1}


def test_a_join_that_gets_a_branch_nobody_is_on_refuses_by_its_name(session):
    three = FORK + user_task("c") + path("fork", "c", "join")
    two_versions(session, FORK, three)
    instance, fresh = old(session), old(session)
    complete(session, "b", instance)

    assert set(obstacles(session, instance)) == {"join"}
    assert set(obstacles(session, fresh)) == {"join"}


def test_a_join_that_loses_the_branch_it_waited_for_is_passed(session):
    two_versions(
        session,
        start() + user_task("zero") + gateway("parallel", "fork") + user_task("a") + catch("b", message("m")) + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "zero", "fork", "a", "join", "after", "ended") + path("fork", "b", "join"),
        start() + user_task("zero") + gateway("parallel", "fork") + user_task("a") + gateway("parallel", "join") + user_task("after") + end()
        + path("started", "zero", "fork", "a", "join", "after", "ended"),
    )  # fmt: skip
    waiting, fresh = old(session), old(session)
    complete(session, "zero", waiting)

    assert set(obstacles(session, waiting)) == {"b"}
    migrate(session, fresh)
    complete(session, "zero", fresh)
    complete(session, "a", fresh)
    assert set(open_tasks(session, fresh.id)) == {"after"}


def inside(*names, extra=""):
    return (
        start() + '<bpmn:subProcess id="inside" name="inside">' + start("s") + "".join(user_task(name) for name in names) + end("e")
        + path("s", *names, "e") + extra + "</bpmn:subProcess>" + user_task("last") + end() + path("started", "inside", "last", "ended")
    )  # fmt: skip


def test_inside_a_subprocess_and_around_it_tokens_go_along(session):
    two_versions(
        session,
        inside("one", "two"),
        inside("one", "check", "two") + boundary("late", "inside", timer("P2D")) + flow("late", "ended"),
    )
    instance = old(session)
    task_id = open_tasks(session)["one"].id

    migrate(session, instance)

    assert open_tasks(session)["one"].id == task_id
    assert [job.element_id for job in session.scalars(sa.select(Job))] == ["late"]
    complete(session, "one", n=1)
    complete(session, "check")
    complete(session, "two")
    assert user_tasks.variables(session, open_tasks(session)["last"]) == {"n": 1}
    assert session.scalars(sa.select(Job)).all() == []


def test_a_token_does_not_change_its_scope(session):
    two_versions(
        session,
        inside("one", "two"),
        start()
        + user_task("one")
        + inside("two").replace(start(), "").replace(flow("started", "inside"), flow("one", "inside"))
        + path("started", "one"),
    )
    instance = old(session)

    found = obstacles(session, instance)

    assert set(found) == {"one"} or set(found) == {"one", "inside"}


def test_a_called_process_goes_along(session):
    def drawn(*names):
        called = (
            '<bpmn:process id="part" isExecutable="true">'
            + start("p_started")
            + "".join(user_task(n) for n in names)
            + end("p_ended")
            + path("p_started", *names, "p_ended")
            + "</bpmn:process>"
        )
        return {"processes": called}

    body = (
        start()
        + '<bpmn:callActivity id="call" name="call" calledElement="part"/>'
        + end()
        + path("started", "call", "ended")
    )
    deploy(session, body, **drawn("p1"))
    deploy(session, body, **drawn("p1", "p2"))
    instance = old(session)

    migrate(session, instance)
    complete(session, "p1")

    assert set(open_tasks(session)) == {"p2"}


def items(sequential):
    return (
        start() + '<bpmn:userTask id="ask" name="ask" camunda:candidateGroups="lawyers"><bpmn:multiInstanceLoopCharacteristics '
        f'isSequential="{str(sequential).lower()}" camunda:collection="people" camunda:elementVariable="person"/></bpmn:userTask>'
        + user_task("after") + end() + path("started", "ask", "after", "ended")
    )  # fmt: skip


@pytest.mark.parametrize("sequential", [False, True])
def test_items_that_are_done_stay_done(session, sequential):
    two_versions(session, items(sequential), items(sequential).replace('name="ask"', 'name="Ask them"'))
    instance = old(session, variables={"people": ["a", "b", "c"]})
    complete(session, "ask")

    migrate(session, instance)

    open_items = session.scalars(sa.select(UserTask.name).where(UserTask.state == "created")).all()
    assert open_items == ["Ask them"] * (1 if sequential else 2)
    complete(session, "ask")
    complete(session, "ask")
    assert set(open_tasks(session)) == {"after"}


def test_work_that_becomes_repeated_or_stops_being_so_refuses(session):
    two_versions(session, items(False), items(True))
    instance = old(session, variables={"people": ["a", "b"]})

    assert set(obstacles(session, instance)) == {"ask"}


SCOPED = (
    start() + user_task("one") + end() + path("started", "one", "ended") + '<bpmn:subProcess id="withdrawn" name="withdrawn" triggeredByEvent="true">'
    + start("w_started", message("m"), attributes='isInterrupting="true"') + user_task("close") + end("w_ended") + path("w_started", "close", "w_ended")
    + "</bpmn:subProcess>"
)  # fmt: skip


PLAIN = start() + user_task("one") + end() + path("started", "one", "ended")


def test_event_subprocesses_come_stay_and_go_with_the_version(session):
    for body in (
        PLAIN,
        SCOPED,
        SCOPED.replace('name="close"', 'name="Close it"'),
        PLAIN.replace('name="one"', 'name="One"'),
    ):
        deploy(session, body, extra=MESSAGES)
    instance = old(session, business_key="K")

    reports = [
        migrations.migrate(session, plan(session, source=version, target=version + 1), instance.id, by=CHIEF, now=NOON)
        for version in (1, 2)
    ]
    assert [(report.added, report.dropped) for report in reports] == [(["w_started"], []), ([], [])]
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    assert {task.name for task in open_tasks(session).values()} == {"Close it"}

    other = old(session, business_key="L")
    migrations.migrate(session, plan(session, target=2), other.id, by=CHIEF, now=NOON)
    last = migrations.migrate(session, plan(session, source=2, target=4), other.id, by=CHIEF, now=NOON)

    assert last.dropped == ["w_started"]
    assert session.scalars(sa.select(MessageSubscription)).all() == []
