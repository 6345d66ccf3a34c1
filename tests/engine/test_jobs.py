"""Promises are kept once: leases, turns, priorities, pauses, and what happens when workers vanish."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from engine import delegates, incidents, job_kinds, job_table, jobs, process_instances
from engine.conflicts import is_conflict
from engine.database import transaction
from engine.errors import InstanceChanged
from engine.job_kinds import Policy
from engine.models import HistoryEvent, Incident, Job, ProcessInstance, UserTask
from engine.models.job import NEVER
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    later,
    open_tasks,
    path,
    service_task,
    start,
    timer,
    user_task,
)

NUDGE = (
    start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + user_task("chase")
    + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2")
)  # fmt: skip
LATER = (
    start()
    + service_task("call", "job_for_tests", attributes='camunda:asyncBefore="true"')
    + end()
    + path("started", "call", "ended")
)
DONE: list[str] = []
RAISE: list[Exception] = []
CALLS: list[str] = []


@delegates.delegate("job_for_tests")
def call(_session, asked):
    CALLS.append(str(asked.job_id))
    if RAISE:
        raise RAISE[0]
    return {"called": True}


@job_kinds.handles("note_for_tests", Policy(attempts=3, pause_s=10, factor=2, longest_pause_s=15))
def note(session, job, now):
    if "fail" in (job.payload or {}):
        raise ValueError(job.payload["fail"])
    DONE.append(job.payload["name"])


@job_kinds.handles("write_for_tests")
def write(session, job, now):
    session.add(
        Incident(
            process_instance_id=job.process_instance_id,
            element_id="x",
            kind="engine",
            message="written",
            created_at=now,
        )
    )
    session.flush()
    if RAISE:
        raise RAISE[0]


@pytest.fixture(autouse=True)
def clean():
    DONE.clear(), RAISE.clear(), CALLS.clear()
    yield
    RAISE.clear()


@pytest.fixture
def work(fresh_engine):
    """Run what is due at an instant, under a worker's name."""

    def run(at=NOON, worker="w1", **options):
        return jobs.run_due(lambda: transaction(fresh_engine), now=lambda: at, worker=worker, **options)

    return run


@pytest.fixture
def stored(fresh_engine):
    @contextmanager
    def opened():
        with transaction(fresh_engine) as session:
            yield session

    return opened


def promise(session, name, *, at=NOON, **options):
    return job_table.promise(
        session, "note_for_tests", due_at=at, by="ana", now=NOON, payload={"name": name}, **options
    )


def only_job(session):
    return session.scalars(sa.select(Job).execution_options(populate_existing=True)).one()


def take(fresh_engine, worker, at, limit=10):
    with transaction(fresh_engine) as session:
        parts = job_table.take(session, worker=worker, now=at, limit=limit)
    return [job_id for part in parts for job_id in part.job_ids]


# Leases -------------------------------------------------------------------------------------------


def test_what_a_vanished_worker_had_taken_is_carried_out_after_its_lease_and_not_before(fresh_engine, stored, work):
    with stored() as session:
        promise(session, "a")
    take(fresh_engine, "vanished", NOON)

    early = work(NOON + job_table.LEASE - timedelta(seconds=1))
    late = work(NOON + job_table.LEASE)

    assert (early, late, DONE) == (0, 1, ["a"])


def test_a_worker_that_wakes_up_after_its_lease_finds_that_another_has_the_job(fresh_engine, stored, work):
    with stored() as session:
        promise(session, "a")
    slow = take(fresh_engine, "slow", NOON)
    work(NOON + job_table.LEASE, worker="quick")

    ran = jobs.carry_out(lambda: transaction(fresh_engine), slow, worker="slow", now=lambda: later(minutes=2))

    assert (ran, DONE) == (0, ["a"])


def test_the_effect_and_the_end_of_the_promise_are_one(stored, work):
    with stored() as session:
        deploy(session, NUDGE)
        instance = begin(session)
        session.execute(sa.delete(Job))
        job_table.promise(session, "write_for_tests", due_at=NOON, by="ana", now=NOON, process_instance_id=instance.id)
    RAISE.append(RuntimeError("after the effect"))
    work()
    with stored() as session:
        before = (session.scalars(sa.select(Incident.message)).all(), only_job(session).attempts)

    RAISE.clear()
    work(later(hours=1))

    with stored() as session:
        after = (session.scalars(sa.select(Incident.message)).all(), session.scalars(sa.select(Job)).all())
    assert (before, after) == (([], 1), (["written"], []))


def test_a_job_that_ends_its_workers_becomes_an_incident_and_not_their_fate_for_ever(fresh_engine, stored, work):
    with stored() as session:
        deploy(session, LATER)
        instance_id = begin(session).id
    losses = job_kinds.policy("delegate").losses
    for number in range(losses):
        assert take(fresh_engine, f"w{number}", later(minutes=number)), number

    work(later(minutes=losses + 1))

    assert CALLS == []
    with stored() as session:
        assert "vanished" in incidents.list_open(session)[0].message
        assert process_instances.get(session, instance_id).state == "incident"


def test_a_job_whose_worker_vanished_comes_alone(fresh_engine, stored):
    with stored() as session:
        for name in "abc":
            promise(session, name)
    assert len(take(fresh_engine, "vanished", NOON)) == 3

    batches = [len(take(fresh_engine, f"w{number}", NOON + job_table.LEASE)) for number in range(4)]

    assert batches == [1, 1, 1, 0]


def test_jobs_at_work_when_the_only_process_ended_are_free_when_it_starts_again(fresh_engine, stored, work):
    with stored() as session:
        promise(session, "a")
    take(fresh_engine, "ended", NOON)
    with stored() as session:
        freed = job_table.take_back_all(session, now=NOON)

    ran = work(NOON)

    assert (freed, ran, DONE) == (1, 1, ["a"])


def test_a_lease_from_a_clock_that_was_ahead_is_mended(fresh_engine, stored, work):
    with stored() as session:
        promise(session, "a")
    take(fresh_engine, "ahead", later(days=14))
    with stored() as session:
        freed = job_table.mend_leases(session, now=NOON)

    assert (freed, work(NOON), DONE) == (1, 1, ["a"])


def test_what_is_not_begun_when_the_worker_stops_is_given_back_at_once(fresh_engine, stored, work):
    with stored() as session:
        promise(session, "a")
    taken = take(fresh_engine, "stopping", NOON)

    jobs.carry_out(
        lambda: transaction(fresh_engine), taken, worker="stopping", now=lambda: NOON, is_stopping=lambda: True
    )

    with stored() as session:
        job = only_job(session)
        assert (job.due_at, job.taken_by, job.losses) == (NOON, None, 0)


# Order --------------------------------------------------------------------------------------------


def test_a_higher_priority_goes_first_then_what_is_most_overdue(stored, work):
    with stored() as session:
        promise(session, "late", at=NOON - timedelta(minutes=1))
        promise(session, "later", at=NOON - timedelta(minutes=2))
        urgent = promise(session, "urgent")
        session.execute(sa.update(Job).where(Job.id == urgent).values(priority=90))

    work()

    assert DONE == ["urgent", "later", "late"]


def test_an_instance_with_hundreds_of_due_jobs_does_not_keep_the_others_waiting(stored, work):
    with stored() as session:
        deploy(session, NUDGE)
        crowd, lone = begin(session).id, begin(session).id
        session.execute(sa.delete(Job))
        for number in range(300):
            promise(session, f"crowd {number}", at=NOON - timedelta(hours=1), process_instance_id=crowd)
        promise(session, "lone", at=NOON - timedelta(minutes=1), process_instance_id=lone)

    ran = work(limit=150)

    assert (ran, "lone" in DONE) == (150, True)
    assert work(limit=1000) == 151
    assert len(set(DONE)) == 301


def test_a_kind_of_a_newer_release_is_left_alone(stored, work):
    with stored() as session:
        job_table.promise(session, "from_the_future", due_at=NOON, by="ana", now=NOON)
        promise(session, "ours")

    ran = work()

    assert (ran, DONE) == (1, ["ours"])
    with stored() as session:
        assert (only_job(session).attempts, only_job(session).taken_by) == (0, None)


# Failures -----------------------------------------------------------------------------------------


def test_pauses_grow_by_the_kinds_policy_and_a_spent_job_waits_for_a_person(stored, work):
    with stored() as session:
        job_id = job_table.promise(
            session, "note_for_tests", due_at=NOON, by="ana", now=NOON, payload={"fail": "bad\0luck"}
        )
    pauses = []
    at = NOON
    for _ in range(2):
        work(at)
        with stored() as session:
            pauses.append((only_job(session).due_at - at).total_seconds())
            at = only_job(session).due_at

    work(at)

    with stored() as session:
        job = only_job(session)
        assert (pauses, job.attempts, job.due_at, job.failed_at) == ([10, 15], 3, NEVER, at)
        assert job.last_error == "ValueError: badluck"
        assert job_table.counts(session, now=at) == {("note_for_tests", "failed"): 1}
        assert job_table.next_due_at(session) is None
        assert job_table.retry(session, job_id, now=at)
        assert (only_job(session).attempts, only_job(session).failed_at) == (0, None)


def test_a_delegate_is_tried_as_often_as_its_policy_says_and_then_an_incident_says_why(stored, work):
    with stored() as session:
        deploy(session, LATER)
        begin(session)
    RAISE.append(ConnectionError("the court does not answer"))

    at, seen = NOON, []
    while work(at):
        with stored() as session:
            job = session.scalars(sa.select(Job)).one_or_none()
            if job is None:
                break
            seen.append((job.due_at - at).total_seconds())
            at = job.due_at

    assert seen == [5, 20, 80, 320]
    assert len(CALLS) == 5
    assert len(set(CALLS)) == 1
    with stored() as session:
        open_incident = incidents.list_open(session)[0]
        assert (open_incident.kind, open_incident.message) == ("delegate", "the court does not answer")
        RAISE.clear()
        incidents.retry(session, open_incident.id, by=CHIEF, now=at)
    work(at)
    with stored() as session:
        assert session.scalars(sa.select(ProcessInstance.state)).all() == ["completed"]


@pytest.mark.parametrize(
    "conflict",
    [
        InstanceChanged(None),  # type: ignore[arg-type]
        OperationalError("UPDATE", {}, Exception("database is locked")),
    ],
    ids=["changed", "locked"],
)
def test_a_conflict_spends_no_attempt_and_is_tried_again_soon(stored, work, conflict):
    with stored() as session:
        deploy(session, NUDGE)
        instance = begin(session)
        session.execute(sa.delete(Job))
        job_table.promise(session, "write_for_tests", due_at=NOON, by="ana", now=NOON, process_instance_id=instance.id)
    RAISE.append(conflict)

    for _ in range(20):
        work(NOON)
        with stored() as session:
            session.execute(sa.update(Job).values(due_at=NOON))
    with stored() as session:
        job = only_job(session)
        assert (job.attempts, job.losses, job.taken_by, job.last_error) == (0, 0, None, None)

    RAISE.clear()
    assert work(NOON) == 1


def test_sql_states_that_mean_bad_luck_are_conflicts_and_others_are_not():
    class Refusal(Exception):
        def __init__(self, state):
            super().__init__("x")
            self.sqlstate = state

    found = {
        state: is_conflict(OperationalError("x", {}, Refusal(state)))
        for state in ("40001", "40P01", "55P03", "08006", "57P01", "23505", "22001", None)
    }

    assert found == {
        "40001": True,
        "40P01": True,
        "55P03": True,
        "08006": True,
        "57P01": True,
        "23505": False,
        "22001": False,
        None: False,
    }


def test_a_poisoned_job_in_a_batch_fails_alone(stored, work):
    with stored() as session:
        for number in range(30):
            job_table.promise(
                session,
                "note_for_tests",
                due_at=NOON,
                by="ana",
                now=NOON,
                payload={"name": number} | ({"fail": "x"} if number == 7 else {}),
            )

    work()

    assert sorted(set(DONE)) == [number for number in range(30) if number != 7]
    with stored() as session:
        assert only_job(session).attempts == 1


def test_an_instance_that_cannot_be_restored_keeps_nobody_else_waiting_and_says_so(stored, work):
    with stored() as session:
        deploy(session, NUDGE)
        broken, fine = begin(session).id, begin(session).id
        session.execute(
            sa.update(ProcessInstance).where(ProcessInstance.id == broken).values(state_blob=b"\x09rubbish")
        )
    at = later(days=1)
    for _ in range(job_kinds.policy("timer").attempts):
        work(at)
        at += timedelta(hours=1)

    with stored() as session:
        assert "chase" in open_tasks(session, fine)
        found = incidents.list_open(session)
        assert [(item.process_instance_id, item.kind) for item in found] == [(broken, "engine")]
        assert (
            session.scalars(sa.select(HistoryEvent.kind).where(HistoryEvent.process_instance_id == broken)).all()[-1]
            == "incident_raised"
        )
        assert only_job(session).failed_at is not None


# Instances ----------------------------------------------------------------------------------------


def test_the_jobs_of_a_suspended_instance_wait_without_being_looked_at_and_go_on_when_it_is_resumed(stored, work):
    with stored() as session:
        deploy(session, NUDGE)
        instance_id = begin(session).id
        process_instances.suspend(session, instance_id, by=CHIEF, now=NOON)

    assert work(later(days=2)) == 0
    with stored() as session:
        assert job_table.next_due_at(session) == later(days=2) + job_table.HOLD
        assert only_job(session).attempts == 0
        process_instances.resume(session, instance_id, by=CHIEF, now=later(days=2))

    assert work(later(days=2)) == 1
    with stored() as session:
        assert "chase" in open_tasks(session)


def test_a_cancelled_instances_jobs_are_gone(stored, work):
    with stored() as session:
        deploy(session, NUDGE)
        process_instances.cancel(session, begin(session).id, reason="mistake", by=CHIEF, now=NOON)

        assert session.scalars(sa.select(Job)).all() == []


def test_a_promise_can_be_taken_back(stored, work):
    with stored() as session:
        kept, dropped = promise(session, "kept"), promise(session, "dropped")
        assert job_table.cancel(session, [dropped]) == 1

    work()

    assert (kept is not None, DONE) == (True, ["kept"])


def test_a_rolled_back_step_leaves_no_promise(fresh_engine, stored, work):
    with pytest.raises(ZeroDivisionError), stored() as session:
        promise(session, "never")
        raise ZeroDivisionError

    assert (work(), DONE) == (0, [])


def test_many_due_timers_of_one_moment_are_carried_out_together_and_each_once(stored, work):
    with stored() as session:
        deploy(
            session,
            start()
            + catch("wait", timer("P1D"))
            + user_task("look")
            + end()
            + path("started", "wait", "look", "ended"),
        )
        for _ in range(60):
            begin(session)

    ran = work(later(days=1), limit=1000)

    with stored() as session:
        fired = session.scalar(sa.select(sa.func.count()).where(HistoryEvent.kind == "timer_fired"))
        opened = session.scalar(sa.select(sa.func.count()).select_from(UserTask))
        assert (ran, fired, opened, session.scalars(sa.select(Job)).all()) == (60, 60, 60, [])


def test_two_timers_of_one_instance_in_one_batch_both_fire(stored, work):
    with stored() as session:
        deploy(
            session,
            start() + user_task("one") + boundary("b1", "one", timer("P1D"), interrupting=False) + boundary("b2", "one", timer("P1D"), interrupting=False)
            + user_task("c1") + user_task("c2") + end() + end("e1") + end("e2")
            + path("started", "one", "ended") + path("b1", "c1", "e1") + path("b2", "c2", "e2"),
        )  # fmt: skip
        begin(session)

    ran = work(later(days=1))

    with stored() as session:
        assert (ran, set(open_tasks(session))) == (2, {"one", "c1", "c2"})


def test_what_a_transaction_made_due_at_once_is_told_to_whoever_commits(stored):
    with stored() as session:
        first, second = promise(session, "now"), promise(session, "then", at=later(days=1))

        assert session.info[job_table.JOBS_DUE] == [first]
        assert second not in session.info[job_table.JOBS_DUE]


def test_the_person_on_whose_behalf_it_runs_is_kept(stored, work):
    with stored() as session:
        deploy(session, LATER)
        begin(session, by=ANA)
        assert only_job(session).by == "ana"
    work()

    with stored() as session:
        assert session.scalars(sa.select(HistoryEvent.actor).where(HistoryEvent.kind == "process_completed")).all() == [
            "ana"
        ]
