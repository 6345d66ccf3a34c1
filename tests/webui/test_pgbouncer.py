"""Behind pgbouncer in transaction mode: a real one, with fewer connections to the server than there are threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from engine import clock, database, definitions, job_table, jobs, process_instances, user_tasks
from engine.database import transaction
from engine.models import Job, ProcessInstance, UserTask
from tests import pgbouncer, postgres
from tests.factories import ANA, NOON, begin, boundary, deploy, end, later, path, start, timer, user_task
from webui import installation, upgrades
from webui.queues import procrastinate
from webui.queues.procrastinate import ProcrastinateQueue

TWO = (
    start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + user_task("chase")
    + end("e2") + user_task("two") + end() + path("started", "one", "two", "ended") + path("late", "chase", "e2")
)  # fmt: skip


@pytest.fixture
def direct_url():
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def pooled_url(direct_url):
    try:
        with pgbouncer.in_front_of(direct_url, connections=3) as url:
            yield url
    except pgbouncer.NoPgbouncer as reason:
        pytest.skip(f"no pgbouncer: {reason}")


@pytest.fixture
def engine(pooled_url):
    definitions.forget()
    engine = database.create_engine(pooled_url)
    upgrades.upgrade(engine)
    yield engine
    engine.dispose()


def test_pgbouncer_is_what_it_is_said_to_be(pooled_url):
    """Without our setting, prepared statements of one transaction are unknown, or known already, in another."""
    plain = pooled_url.partition("?")[0]

    mixed_up = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement)
    with ThreadPoolExecutor(6) as pool, pytest.raises(mixed_up):
        list(pool.map(lambda _: _prepare_much(plain), range(6)))


def _prepare_much(url):
    with psycopg.connect(url, prepare_threshold=0) as connection:
        for number in range(40):
            connection.execute("SELECT %s::int", (number,))
            connection.commit()


def test_instances_are_started_completed_and_their_timers_fire_with_many_threads_on_few_connections(engine):
    with transaction(engine) as session:
        deploy(session, TWO)

    def live(_number):
        with transaction(engine) as session:
            instance_id = begin(session).id
        jobs.run_due(lambda: transaction(engine), now=lambda: later(days=2), worker=f"w{_number}")
        for element in ("one", "two"):
            with transaction(engine) as session:
                task = session.scalars(
                    sa.select(UserTask).where(
                        UserTask.process_instance_id == instance_id, UserTask.element_id == element
                    )
                ).one()
                user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)
        return instance_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(live, range(40)))

    with transaction(engine) as session:
        while jobs.run_due(lambda: transaction(engine), now=lambda: later(days=3), worker="last"):
            pass
        chases = session.scalar(sa.select(sa.func.count()).select_from(UserTask).where(UserTask.element_id == "chase"))
        left = session.scalar(sa.select(sa.func.count()).select_from(Job))
        assert (len(set(ids)), left) == (40, 0)
        assert 0 <= chases <= 40
        done = session.scalar(
            sa.select(sa.func.count())
            .select_from(UserTask)
            .where(UserTask.element_id == "two", UserTask.state == "completed")
        )
        assert done == 40


def test_a_database_is_set_up_through_the_pooler(pooled_url, tmp_path):
    from config.settings import from_environment

    settings = from_environment({"MATTERFLOW_DATABASE_URL": pooled_url, "MATTERFLOW_DATA_DIR": str(tmp_path / "data")})
    engine = database.create_engine(settings.database_url)

    assert installation.prepare(engine, settings) is True
    assert installation.prepare(engine, settings) is False

    engine.dispose()


def test_procrastinate_queues_through_the_pooler_and_listens_past_it(engine, direct_url):
    procrastinate.prepare(engine)
    queue = ProcrastinateQueue(engine, direct_url, threads=2, lease=timedelta(seconds=5))
    queue.start()
    try:
        _carry_one_out(engine, queue)
    finally:
        queue.stop()


def test_procrastinate_polls_when_there_is_only_the_pooler(engine, pooled_url):
    procrastinate.prepare(engine)
    queue = ProcrastinateQueue(engine, pooled_url, threads=2, lease=timedelta(seconds=5))
    queue.start()
    try:
        _carry_one_out(engine, queue)
    finally:
        queue.stop()


def _carry_one_out(engine, queue):
    from tests.webui.test_queues import is_empty, wait_until

    with transaction(engine) as session:
        deploy(session, TWO)
        instance = begin(session, now=clock.utc_now() - timedelta(days=2))
        assert process_instances.get(session, instance.id).state == "active"
    wait_until(lambda: is_empty(engine), queue)
    with transaction(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)) == 1
        assert session.scalars(sa.select(UserTask.element_id).where(UserTask.element_id == "chase")).all() == ["chase"]
        assert job_table.next_due_at(session) is None
