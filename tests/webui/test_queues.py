"""Both queues keep the same promises: what was committed is carried out once, what was rolled back never."""

import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import clock, database, job_kinds, job_table
from engine.database import transaction
from engine.models import Job
from tests import postgres
from webui import upgrades
from webui.queues import procrastinate
from webui.queues.embedded import EmbeddedQueue
from webui.queues.procrastinate import ProcrastinateQueue

DONE: list[str] = []
MEET: dict[str, object] = {}


@job_kinds.handles("effect_for_tests")
def effect(_session, job, _now):
    DONE.append(job.payload["name"])


@job_kinds.handles("chain_for_tests")
def chain(session, job, now):
    job_table.promise(session, "effect_for_tests", due_at=now, by="system", now=now, payload={"name": "followed"})


@job_kinds.handles("slow_for_queues")
def slow(_session, job, _now):
    time.sleep(0.3)
    DONE.append(job.payload["name"])


@pytest.fixture
def postgres_engine():
    url = postgres.new_database()
    engine = database.create_engine(url)
    upgrades.metadata().create_all(engine)
    yield engine
    engine.dispose()
    postgres.drop_database(url)


def url_of(engine):
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql", "procrastinate"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        engine = database.create_engine(f"sqlite:///{tmp_path}/queue.db")
        upgrades.metadata().create_all(engine)
        yield engine
        engine.dispose()
        return
    yield request.getfixturevalue("postgres_engine")


@pytest.fixture
def make(request, engine):
    DONE.clear()
    running = []

    def make(**options):
        if "procrastinate" in request.node.callspec.id:
            procrastinate.prepare(engine)
            queue = ProcrastinateQueue(engine, url_of(engine), threads=2, lease=timedelta(seconds=3), **options)
        else:
            queue = EmbeddedQueue(engine, threads=2, **options)
        running.append(queue)
        return queue

    yield make
    for queue in running:
        queue.stop()


@contextmanager
def committing(engine, queue):
    """As a request does: what is due at once is queued in the same transaction."""
    with transaction(engine) as session:
        yield session
        queue.enqueue(session, session.info.pop(job_table.JOBS_DUE, []))


def promise(session, name, *, kind="effect_for_tests", **delay):
    now = clock.utc_now()
    return job_table.promise(session, kind, due_at=now + timedelta(**delay), by="ana", now=now, payload={"name": name})


def wait_until(holds, queue, timeout_s=20):
    ends = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends, f"it never happened; done: {DONE}"
        queue.pump()
        time.sleep(0.05)


def is_empty(engine):
    with transaction(engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_what_is_committed_is_carried_out_once_and_what_is_rolled_back_never(engine, make):
    queue = make()
    queue.start()
    for number in range(20):
        if number % 2:
            with committing(engine, queue) as session:
                promise(session, f"kept {number}")
        else:
            with pytest.raises(ZeroDivisionError), committing(engine, queue) as session:
                promise(session, f"rolled back {number}")
                queue.enqueue(session, session.info.pop(job_table.JOBS_DUE))
                raise ZeroDivisionError

    wait_until(lambda: is_empty(engine), queue)

    assert sorted(DONE) == sorted(f"kept {number}" for number in range(1, 20, 2))


def test_a_timer_waits_in_our_table_until_the_pump_moves_it(engine, make):
    queue = make()
    with committing(engine, queue) as session:
        promise(session, "then", seconds=1)
    queue.start()
    queue.pump()
    time.sleep(0.2)
    early = list(DONE)

    wait_until(lambda: is_empty(engine), queue)

    assert (early, DONE) == ([], ["then"])


def test_what_a_job_promises_for_at_once_follows(engine, make):
    queue = make()
    with committing(engine, queue) as session:
        promise(session, "", kind="chain_for_tests")
    queue.start()

    wait_until(lambda: is_empty(engine), queue)

    assert DONE == ["followed"]


def test_two_queues_on_one_database_share_the_work_and_do_none_twice(engine, make):
    first, second = make(), make()
    with transaction(engine) as session:
        for number in range(200):
            promise(session, number)
    first.start(), second.start()
    first.pump(), second.pump()

    wait_until(lambda: is_empty(engine), first)

    assert sorted(DONE) == list(range(200))


def test_stopping_lets_the_job_at_work_end_and_gives_the_others_back(engine, make):
    queue = make()
    with transaction(engine) as session:
        for number in range(8):
            promise(session, f"slow {number}", kind="slow_for_queues")
    queue.start()
    wait_until(lambda: DONE, queue)

    queue.stop()

    with transaction(engine) as session:
        left = session.scalars(sa.select(Job)).all()
        assert len(left) + len(DONE) == 8
        assert len(left) >= 1
        assert all(job.losses == 0 and job.attempts == 0 for job in left)


def test_jobs_in_procrastinates_queue_whose_worker_vanished_are_carried_out_anew(postgres_engine):
    DONE.clear()
    procrastinate.prepare(postgres_engine)
    queue = ProcrastinateQueue(postgres_engine, url_of(postgres_engine), threads=1, lease=timedelta(seconds=2))
    with committing(postgres_engine, queue) as session:
        promise(session, "lost and found")
    with postgres_engine.begin() as connection:
        # As a worker leaves it that took the entry and was killed: at work, and no sign of life for a minute.
        connection.execute(
            sa.text("INSERT INTO procrastinate_workers(last_heartbeat) VALUES (now() - interval '1 minute')")
        )
        connection.execute(
            sa.text(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        )
    queue.start()
    try:
        wait_until(lambda: is_empty(postgres_engine), queue)
    finally:
        queue.stop()

    assert DONE == ["lost and found"]
    with postgres_engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")) == 0


def test_procrastinates_tables_are_made_once_by_whoever_comes_first(postgres_engine):
    procrastinate.prepare(postgres_engine)
    procrastinate.prepare(postgres_engine)

    with postgres_engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_the_queue_of_procrastinate_stays_short_so_that_priorities_count(postgres_engine, monkeypatch):
    monkeypatch.setattr(procrastinate, "LONGEST_QUEUE", 3)
    monkeypatch.setattr(procrastinate, "MOVE", 25)
    procrastinate.prepare(postgres_engine)
    queue = ProcrastinateQueue(postgres_engine, url_of(postgres_engine), threads=1)
    with transaction(postgres_engine) as session:
        for number in range(200):
            promise(session, number)

    moved = queue.pump()

    assert moved == 75
    with postgres_engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 3
