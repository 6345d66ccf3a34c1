"""Timers that fire in one transaction: the same rows as one by one, in fewer statements, and none twice."""

import threading
from collections import Counter

import psycopg
import pytest
import sqlalchemy as sa

from engine import delegates, incidents, jobs, process_instances
from engine.database import transaction
from engine.models import HistoryEvent, Incident, Job, MessageSubscription, ProcessInstance, UserTask, UserTaskCandidate
from tests.factories import (
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    gateway,
    later,
    message,
    open_tasks,
    path,
    service_task,
    start,
    timer,
    user_task,
)

#: Models whose timers do different things to the database.
MODELS = {
    "looks": start() + catch("wait", timer("P1D")) + user_task("look") + end() + path("started", "wait", "look", "ended"),
    "takes_away": (
        start() + user_task("one") + boundary("late", "one", timer("P1D")) + user_task("chase") + end("e2") + end()
        + path("started", "one", "ended") + path("late", "chase", "e2")
    ),
    "beside": (
        start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + user_task("chase")
        + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2")
    ),
    "races": (
        start() + gateway("eventBased", "either") + catch("answered", message("m")) + catch("silent", timer("P1D"))
        + user_task("a") + user_task("b") + end("e1") + end("e2")
        + path("started", "either", "answered", "a", "e1") + path("either", "silent", "b", "e2")
    ),
    "works": (
        start() + catch("wait", timer("P1D")) + service_task("count", "counts_for_gathering") + end()
        + path("started", "wait", "count", "ended")
    ),
    "goes_on_waiting": (
        start() + catch("wait", timer("P1D")) + catch("again", timer("P1D")) + end()
        + path("started", "wait", "again", "ended")
    ),
    "stumbles": (
        start() + catch("wait", timer("P1D"))
        + user_task("look", attributes='camunda:dueDate="=&quot;soon&quot;"') + end()
        + path("started", "wait", "look", "ended")
    ),
}  # fmt: skip
MESSAGE = '<bpmn:message id="m" name="answer"/>'


@delegates.delegate("counts_for_gathering")
def count(session, call):
    """Read what the steps before it wrote."""
    return {"tasks": session.scalar(sa.select(sa.func.count()).select_from(UserTask))}


@pytest.fixture
def stored(fresh_engine):
    return lambda: transaction(fresh_engine)


@pytest.fixture
def work(fresh_engine):
    def run(at=NOON, worker="w1", **options):
        return jobs.run_due(lambda: transaction(fresh_engine), now=lambda: at, worker=worker, **options)

    return run


def start_some(session, *keys, each=3):
    for key in keys:
        deploy(session, MODELS[key], key=key, extra=MESSAGE if key == "races" else "")
    return [(key, begin(session, key=key).id) for _ in range(each) for key in keys]


# Together as alone --------------------------------------------------------------------------------


def rows_of(session, key, instance_id):
    """What the database says of an instance, without ids and in the order in which it happened."""
    story = sa.select(HistoryEvent.kind, HistoryEvent.element_id, HistoryEvent.actor).order_by(HistoryEvent.id)
    tasks = sa.select(UserTask.element_id, UserTask.state, UserTask.ended_by, UserTask.due_at, UserTask.urgency)
    offers = sa.select(UserTask.element_id, UserTaskCandidate.principal, UserTaskCandidate.came_at).join(
        UserTask, UserTask.id == UserTaskCandidate.user_task_id
    )
    waits = sa.select(Job.kind, Job.element_id, Job.due_at, Job.attempts)
    listens = sa.select(MessageSubscription.name, MessageSubscription.element_id)
    stuck = sa.select(Incident.kind, Incident.element_id, Incident.message)
    found = [process_instances.get(session, instance_id).state, process_instances.get(session, instance_id).revision]
    asked = (story, HistoryEvent), (tasks, UserTask), (offers, UserTask), (waits, Job), (listens, MessageSubscription)
    for query, of in (*asked, (stuck, Incident)):
        answer = [tuple(item) for item in session.execute(query.where(of.process_instance_id == instance_id))]
        found.append(answer if of is HistoryEvent else sorted(answer, key=repr))
    return key, found


def test_timers_that_fire_together_leave_the_same_rows_as_one_by_one(stored, work):
    keys = [key for key in MODELS if key != "works"]  # its delegate counts the tasks of all
    with stored() as session:
        first = start_some(session, *keys)
    assert work(later(days=1)) == len(first)
    with stored() as session:
        second = [(key, begin(session, key=key).id) for key, _ in first]
    assert sum(work(later(days=1), limit=1) for _ in second) == len(second)

    with stored() as session:
        as_one = [rows_of(session, *of) for of in first]
        one_by_one = [rows_of(session, *of) for of in second]
    assert as_one == one_by_one
    assert {state for _, (state, *_) in as_one} == {"active", "incident"}


def test_a_delegate_sees_what_the_steps_before_it_in_its_transaction_wrote(stored, work):
    with stored() as session:
        start_some(session, "looks", "works")

    assert work(later(days=1)) == 6

    with stored() as session:
        told = session.scalars(
            sa.select(HistoryEvent.data).where(HistoryEvent.element_id == "count").order_by(HistoryEvent.id)
        )
        assert [data["step"]["set"]["tasks"] for data in told] == [1, 2, 3]


def test_fifty_firings_cost_hardly_more_statements_than_two(stored, work, monkeypatch):
    sent = Counter()
    run = psycopg.Cursor.execute

    def counted(cursor, *given, **options):
        sent["statements"] += 1
        return run(cursor, *given, **options)

    def statements(count):
        with stored() as session:
            for _ in range(count):
                begin(session, key="looks")
        sent.clear()
        assert work(later(days=1)) == count
        return sent["statements"]

    with stored() as session:
        if session.get_bind().dialect.name == "sqlite":
            pytest.skip("a statement to SQLite is a call of a function")
        start_some(session, "looks", each=0)
    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    # A slow machine makes two transactions of them, or three.
    monkeypatch.setattr(jobs, "LONGEST_WAIT_S", 60)
    monkeypatch.setattr(jobs, "LONGEST_SHARE_S", 60)

    two, fifty = statements(2), statements(50)

    assert 0 < fifty <= two + 2 < 50


# When something goes wrong ------------------------------------------------------------------------


def test_one_that_cannot_be_restored_leaves_the_transaction_and_the_others_stay_in_it(
    fresh_engine, stored, work, monkeypatch
):
    monkeypatch.setattr(jobs, "LONGEST_WAIT_S", 60)
    monkeypatch.setattr(jobs, "LONGEST_SHARE_S", 60)
    with stored() as session:
        ids = [instance for _, instance in start_some(session, "looks", each=20)]
        broken = sa.update(ProcessInstance).where(ProcessInstance.id == ids[7])
        session.execute(broken.values(state_blob=b"\x09rubbish"))
    commits = Counter()
    sa.event.listen(fresh_engine, "commit", lambda _connection: commits.update(["commit"]))

    ran = work(later(days=1))

    assert ran == 20
    assert commits["commit"] < 8  # taking, the batch, the lone one's failure: not twenty
    with stored() as session:
        assert [item for item in ids if "look" not in open_tasks(session, item)] == [ids[7]]
        assert session.scalars(sa.select(Job.attempts)).all() == [1]


def test_what_only_the_database_refuses_is_found_and_the_others_go_on(stored, work, monkeypatch):
    with stored() as session:
        ids = [instance for _, instance in start_some(session, "looks", each=10)]
    tell = jobs.take_up

    def one_too_many(session, instance_id, **options):
        step = tell(session, instance_id, **options)
        if instance_id == ids[3]:
            step.events.append(_nobodys(instance_id))
        return step

    monkeypatch.setattr(jobs, "take_up", one_too_many)

    work(later(days=1))

    with stored() as session:
        assert [item for item in ids if "look" not in open_tasks(session, item)] == [ids[3]]
        fired = sa.select(HistoryEvent.process_instance_id).where(HistoryEvent.kind == "timer_fired")
        assert sorted(session.scalars(fired)) == sorted(item for item in ids if item != ids[3])


def _nobodys(instance_id):
    """An event that no table takes: nobody did it."""
    return {"process_instance_id": instance_id, "kind": "told", "element_id": None, "user_task_id": None,
            "actor": None, "at": NOON, "data": None}  # fmt: skip


def test_when_there_is_no_time_for_many_together_all_fire_in_smaller_transactions(
    fresh_engine, stored, work, monkeypatch
):
    with stored() as session:
        start_some(session, "looks", each=12)
    monkeypatch.setattr(jobs, "LONGEST_SHARE_S", 0)
    commits = Counter()
    sa.event.listen(fresh_engine, "commit", lambda _connection: commits.update(["commit"]))

    ran = work(later(days=1))

    assert (ran, commits["commit"] > 12) == (12, True)
    with stored() as session:
        assert session.scalar(sa.select(sa.func.count()).where(HistoryEvent.kind == "timer_fired")) == 12


def test_workers_side_by_side_fire_each_of_many_timers_once(fresh_engine, stored, work):
    with stored() as session:
        start_some(session, "looks", each=150)
    ran = Counter()

    def drain(worker):
        while count := work(later(days=1), worker=worker, limit=20):
            ran[worker] += count

    workers = [threading.Thread(target=drain, args=(f"w{number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while count := work(later(days=1, minutes=5)):  # what somebody was in the way of
        ran["last"] += count

    with stored() as session:
        fired = session.scalars(sa.select(HistoryEvent.process_instance_id).where(HistoryEvent.kind == "timer_fired"))
        assert (ran.total(), Counter(Counter(fired).values())) == (150, {1: 150})
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_a_worker_that_ends_between_firings_and_commit_has_fired_nothing(fresh_engine, stored, work, monkeypatch):
    with stored() as session:
        start_some(session, "looks", each=5)
    monkeypatch.setattr(jobs.job_table, "keep", _end)

    with pytest.raises(KeyboardInterrupt):
        work(later(days=1))

    monkeypatch.undo()
    with stored() as session:
        assert session.scalars(sa.select(UserTask)).all() == []
    assert sum(work(later(days=1, minutes=minutes)) for minutes in range(1, 8)) == 5


def _end(*_):
    raise KeyboardInterrupt


def test_a_message_thrown_by_a_firing_reaches_an_instance_that_the_same_transaction_moved(stored, work):
    throws = (
        start() + catch("wait", timer("P1D"))
        + f'<bpmn:intermediateThrowEvent id="shout" name="Shout">{message("m")}</bpmn:intermediateThrowEvent>' + end()
        + path("started", "wait", "shout", "ended")
    )  # fmt: skip
    listens = (
        start() + catch("wait", timer("PT23H")) + catch("hear", message("m")) + user_task("look") + end()
        + path("started", "wait", "hear", "look", "ended")
    )  # fmt: skip
    with stored() as session:
        deploy(session, listens, key="listens", extra=MESSAGE)
        deploy(session, throws, key="throws", extra=MESSAGE)
        listener = begin(session, key="listens", business_key="2026-1").id
        begin(session, key="throws", business_key="2026-1")

    while work(later(days=1)):
        pass

    with stored() as session:
        assert set(open_tasks(session, listener)) == {"look"}
        assert incidents.list_open(session) == []


def test_jobs_whose_rows_another_worker_locks_in_passing_do_not_wait_for_their_lease_to_end(fresh_engine, stored, work):
    if fresh_engine.dialect.name == "sqlite":
        pytest.skip("one transaction writes at a time")
    with stored() as session:
        start_some(session, "looks", each=4)
    with stored() as session:
        taken = [
            job_id
            for part in jobs.job_table.take(session, worker="w1", now=later(days=1), limit=9)
            for job_id in part.job_ids
        ]
    passing, opened = fresh_engine.connect(), []

    def let_go_after_the_first():
        if len(opened) == 1:
            passing.rollback()
        opened.append(1)
        return transaction(fresh_engine)

    passing.execute(sa.select(Job.id).where(Job.id.in_(taken[:2])).with_for_update())
    ran = jobs.carry_out(let_go_after_the_first, taken, worker="w1", now=lambda: later(days=1))
    passing.close()

    assert (len(taken), ran) == (4, 2)
    assert work(later(days=1, seconds=1)) == 2
    with stored() as session:
        assert session.scalar(sa.select(sa.func.count()).where(HistoryEvent.kind == "timer_fired")) == 4
