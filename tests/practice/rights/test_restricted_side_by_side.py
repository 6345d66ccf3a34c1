"""On PostgreSQL, work that comes and a matter that is restricted at the same moment do not miss each other."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask, UserTaskCandidate
from engine.models.base import new_id
from practice.matters.models import Matter
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import PETRA

WAIT_S = 20


@pytest.fixture
def session(fresh_engine):
    """A session whose commits others see."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        if session.connection().dialect.name != "postgresql":
            pytest.skip("SQLite has one writer")
        yield session


@pytest.fixture
def task(session, matter):
    """One open task of a matter, as a row to copy, and that matter."""
    deploy(session, start() + user_task("scan", groups="lawyers") + end() + path("started", "scan", "ended"))
    opened = matter()
    run = begin(session, business_key=opened.number, by=PETRA)
    known = open_tasks(session, run.id)["scan"]
    row = {column.name: getattr(known, column.name) for column in UserTask.__table__.columns}
    session.commit()
    return row, opened


def offer(connection, row, key, principal="group:lawyers"):
    """Write a task as any program might."""
    made = row | {"id": new_id(), "business_key": key, "is_restricted": None}
    connection.execute(sa.insert(UserTask.__table__).values(**made))
    place = {"principal": principal, "due_at": NOON, "user_task_id": made["id"]}
    connection.execute(sa.insert(UserTaskCandidate.__table__).values(**place))
    return made["id"]


def restrict(connection, matter):
    values = {"confidentiality": "restricted"}
    connection.execute(sa.update(Matter).where(Matter.id == matter.id).values(**values))


def mark(engine, task_id):
    query = sa.select(UserTask.is_restricted, UserTaskCandidate.is_restricted.label("offered"))
    query = query.join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
    with engine.connect() as connection:
        return tuple(connection.execute(query.where(UserTask.id == task_id)).one())


@pytest.mark.parametrize("key", ["number", "enquiry_number"])
def test_who_restricts_waits_for_work_that_is_coming(fresh_engine, task, key):
    row, matter = task
    done = threading.Event()

    def other():
        with fresh_engine.begin() as connection:
            restrict(connection, matter)
        done.set()

    with fresh_engine.begin() as connection:
        came = offer(connection, row, getattr(matter, key))
        thread = threading.Thread(target=other)
        thread.start()
        assert not done.wait(0.3)
    thread.join(WAIT_S)

    assert done.is_set()
    assert mark(fresh_engine, came) == (True, True)


@pytest.mark.parametrize("key", ["number", "enquiry_number"])
@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_work_that_comes_meanwhile_is_marked_and_waits_for_nobody(fresh_engine, task, key, ends):
    row, matter = task
    with fresh_engine.connect() as changing:
        restrict(changing, matter)
        with fresh_engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            came = offer(connection, row, getattr(matter, key))
        getattr(changing, ends)()

    # In doubt: then the matter is asked.
    assert mark(fresh_engine, came) == (False, False)


def test_two_that_come_at_once_do_not_wait_for_each_other(fresh_engine, task):
    row, matter = task
    with fresh_engine.begin() as first, fresh_engine.begin() as second:
        second.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        came = [offer(first, row, matter.number), offer(second, row, matter.number, "group:partners")]

    assert [mark(fresh_engine, one) for one in came] == [(None, None), (None, None)]
