"""Several people at once, commits and roll-backs: on a database of the test's own."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from engine import history, jobs, process_instances, user_tasks
from engine.actor import Actor
from engine.bpmn.codec import StateUnreadable
from engine.database import FairLock, read_only, transaction
from engine.errors import Conflict
from engine.models import HistoryEvent, ProcessInstance, UserTask
from tests.factories import (
    ANA,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    flow,
    gateway,
    later,
    open_tasks,
    path,
    start,
    timer,
    user_task,
)

TWO = start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended")


def test_of_two_who_complete_at_once_one_wins_and_the_other_learns_who(fresh_engine):
    people = [Actor(name, frozenset({"lawyers"})) for name in ("ana", "bo", "cy", "di")]
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        task_id = open_tasks(session, begin(session).id)["one"].id
    gate = threading.Barrier(len(people))

    def attempt(person):
        gate.wait()
        try:
            with transaction(fresh_engine) as session:
                user_tasks.complete(session, task_id, {"by": person.username}, by=person, now=NOON)
        except Conflict as refusal:
            return refusal
        return person.username

    with ThreadPoolExecutor(len(people)) as pool:
        outcomes = list(pool.map(attempt, people))

    winners = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(winners) == 1
    assert {refusal.ended_by for refusal in outcomes if not isinstance(refusal, str)} == {winners[0]}
    with transaction(fresh_engine) as session:
        assert user_tasks.variables(session, open_tasks(session)["two"]) == {"by": winners[0]}


def test_branches_of_one_instance_completed_at_once_are_all_kept(fresh_engine):
    names = [f"t{number}" for number in range(6)]
    with transaction(fresh_engine) as session:
        deploy(
            session,
            start() + gateway("parallel", "fork") + "".join(user_task(name) for name in names) + gateway("parallel", "join")
            + user_task("after") + end() + flow("started", "fork") + "".join(flow("fork", name) + flow(name, "join") for name in names)
            + path("join", "after", "ended"),
        )  # fmt: skip
        instance = begin(session)
        ids = {name: task.id for name, task in open_tasks(session).items()}

    def attempt(name):
        with transaction(fresh_engine) as session:
            user_tasks.complete(session, ids[name], {name: True}, by=ANA, now=NOON)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(attempt, names))

    with transaction(fresh_engine) as session:
        assert set(user_tasks.variables(session, open_tasks(session)["after"])) == set(names)
        assert process_instances.get(session, instance.id).revision == 7


def test_a_step_that_is_rolled_back_leaves_nothing(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        task_id = open_tasks(session, begin(session).id)["one"].id

    with pytest.raises(ZeroDivisionError), transaction(fresh_engine) as session:
        user_tasks.complete(session, task_id, {}, by=ANA, now=NOON)
        raise ZeroDivisionError

    with transaction(fresh_engine) as session:
        assert set(open_tasks(session)) == {"one"}
        assert "user_task_completed" not in session.scalars(sa.select(HistoryEvent.kind)).all()


def test_what_is_refused_in_a_savepoint_leaves_nothing_whoever_asked_for_the_connection_before(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        task_id = open_tasks(session, begin(session).id)["one"].id

    with transaction(fresh_engine) as session:
        session.connection()
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            user_tasks.complete(session, task_id, {}, by=ANA, now=NOON)
            raise ZeroDivisionError

    with transaction(fresh_engine) as session:
        assert set(open_tasks(session)) == {"one"}


def test_several_workers_fire_each_timer_once(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(
            session,
            start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + user_task("chase") + end("e2")
            + end() + path("started", "one", "ended") + path("late", "chase", "e2"),
        )  # fmt: skip
        for _ in range(20):
            begin(session)

    def work(_):
        return jobs.run_due(lambda: transaction(fresh_engine), now=lambda: later(days=2), limit=50)

    with ThreadPoolExecutor(4) as pool:
        ran = sum(pool.map(work, range(4)))

    with transaction(fresh_engine) as session:
        chases = session.scalar(sa.select(sa.func.count()).select_from(UserTask).where(UserTask.element_id == "chase"))
        assert (ran, chases) == (20, 20)
        assert jobs.next_due_at(session) is None


def test_a_job_whose_instance_cannot_be_read_is_put_off_and_the_others_run(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, start() + user_task("one") + boundary("late", "one", timer("P1D")) + end() + path("started", "one", "ended") + flow("late", "ended"))  # fmt: skip
        broken, sound = begin(session), begin(session)
        session.execute(sa.update(ProcessInstance).where(ProcessInstance.id == broken.id).values(state_blob=b"\xff"))

    ran = jobs.run_due(lambda: transaction(fresh_engine), now=lambda: later(days=2), limit=10)

    with transaction(fresh_engine) as session:
        assert ran == 2
        assert process_instances.get(session, sound.id).state == "completed"
        assert jobs.next_due_at(session) > later(days=2)
        with pytest.raises(StateUnreadable):
            process_instances.variables(session, broken.id)


def test_a_reader_does_not_wait_for_a_writer(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        instance = begin(session)

    with transaction(fresh_engine) as writer:
        writer.execute(sa.update(ProcessInstance).values(business_key="unseen"))
        with transaction(read_only(fresh_engine)) as reader:
            seen = reader.get(ProcessInstance, instance.id)

    assert seen.business_key is None


def test_what_a_transaction_knew_goes_with_it_and_not_when_the_collector_comes(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        begin(session)
    gone = weakref.ref(session)
    gc.disable()
    try:
        del session
        assert gone() is None
    finally:
        gc.enable()


def test_history_is_kept_in_the_order_it_happened(fresh_engine):
    with transaction(fresh_engine) as session:
        deploy(session, TWO)
        instance = begin(session)
        user_tasks.complete(session, open_tasks(session)["one"].id, {}, by=ANA, now=later(hours=1))

    with transaction(fresh_engine) as session:
        events = history.for_instance(session, instance.id)

    assert [event.kind for event in events] == [
        "process_started",
        "activity_completed",
        "user_task_created",
        "user_task_completed",
        "user_task_created",
    ]
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_the_writer_lock_is_granted_in_the_order_it_was_asked_for():
    lock, order = FairLock(), []
    lock.acquire()

    def wait(number):
        lock.acquire()
        order.append(number)
        lock.release()

    threads = []
    for number in range(8):
        thread = threading.Thread(target=wait, args=(number,))
        thread.start()
        while len(lock._queue) <= number:
            pass
        threads.append(thread)
    lock.release()
    for thread in threads:
        thread.join()

    assert order == list(range(8))


def test_who_gives_up_waiting_for_the_lock_does_not_keep_it():
    lock = FairLock()
    lock.acquire()

    assert not lock.acquire(timeout=0.01)
    lock.release()

    assert lock.acquire(timeout=0.01)
