"""On PostgreSQL, work that comes and a matter that is restricted or walled off meanwhile do not miss each other."""

import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask, UserTaskCandidate
from engine.models.base import new_id
from practice.matters.models import Matter
from practice.walls.models import WallScope
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


class Another:
    """A change in a transaction of its own, at the same time."""

    def __init__(self, engine, change, *given, **facts):
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[engine, change, given, facts])
        self._thread.start()

    def _run(self, engine, change, given, facts):
        with engine.begin() as connection:
            change(connection, *given, **facts)
        self._done.set()

    def waits(self):
        return not self._done.wait(0.3)

    def ends(self):
        self._thread.join(WAIT_S)
        return self._done.is_set()


def mark(engine, task_id):
    query = sa.select(UserTask.is_restricted, UserTaskCandidate.is_restricted.label("offered"))
    query = query.join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
    with engine.connect() as connection:
        return tuple(connection.execute(query.where(UserTask.id == task_id)).one())


@pytest.mark.parametrize("key", ["number", "enquiry_number"])
def test_who_restricts_waits_for_work_that_is_coming(fresh_engine, task, key):
    row, matter = task
    with fresh_engine.begin() as connection:
        came = offer(connection, row, getattr(matter, key))
        restricting = Another(fresh_engine, restrict, matter)
        assert restricting.waits()

    assert restricting.ends()
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


@pytest.fixture
def raised(session, task, wall):
    """A wall around nothing yet."""
    made = wall(out=["lea"])
    session.commit()
    return made


def wall_off(connection, wall, **scope):
    connection.execute(sa.insert(WallScope.__table__).values(id=new_id(), wall_id=wall.id, **scope))


def scopes_of(matter):
    return {
        "matter": {"matter_id": matter.id},
        "client": {"client_party_id": matter.client_party_id},
        "enquiry": {"enquiry_number": matter.enquiry_number},
    }


@pytest.mark.parametrize("around", ["matter", "client", "enquiry"])
def test_who_raises_a_wall_waits_for_work_that_is_coming(fresh_engine, task, raised, around):
    row, matter = task
    with fresh_engine.begin() as connection:
        came = [offer(connection, row, key) for key in (matter.number, matter.enquiry_number)]
        raising = Another(fresh_engine, wall_off, raised, **scopes_of(matter)[around])
        assert raising.waits()

    assert raising.ends()
    assert [mark(fresh_engine, one) for one in came] == [(False, False), (False, False)]


def test_work_that_comes_while_a_wall_is_raised_is_in_doubt_and_waits_for_nobody(fresh_engine, task, raised):
    row, matter = task
    with fresh_engine.begin() as raising:
        wall_off(raising, raised, client_party_id=matter.client_party_id)
        with fresh_engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            came = [offer(connection, row, key) for key in (matter.number, matter.enquiry_number)]

    assert [mark(fresh_engine, one) for one in came] == [(False, False), (False, False)]


def another(connection, matter, work_of):
    """Open a matter of the same client, out of whose enquiry work is left."""
    facts = {column.key: getattr(matter, column.key) for column in Matter.__table__.c}
    row = facts | {"id": new_id(), "number": "2026-CV-7777", "enquiry_number": work_of}
    row |= {"process_instance_id": None, "source_reference": None}
    connection.execute(sa.insert(Matter.__table__).values(**row))


@pytest.fixture
def left(session, task, register):
    """Work of an enquiry of which no matter came yet."""
    asked = register("Somebody Else", "Nobody")
    made = offer(session.connection(), task[0], asked.number)
    session.commit()
    return asked.number, made


def test_who_raises_a_wall_waits_for_a_matter_that_is_being_opened(fresh_engine, task, raised, left):
    _, matter = task
    enquiry, work = left
    with fresh_engine.begin() as connection:
        another(connection, matter, enquiry)
        raising = Another(fresh_engine, wall_off, raised, client_party_id=matter.client_party_id)
        assert raising.waits()

    assert raising.ends()
    assert mark(fresh_engine, work) == (False, False)


def test_a_matter_that_opens_while_a_wall_is_raised_waits_for_nobody(fresh_engine, task, raised, left):
    _, matter = task
    enquiry, work = left
    with fresh_engine.begin() as raising:
        wall_off(raising, raised, client_party_id=matter.client_party_id)
        with fresh_engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            another(connection, matter, enquiry)

    assert mark(fresh_engine, work) == (False, False)


def test_two_that_raise_walls_wait_in_one_order(fresh_engine, task, raised):
    _, matter = task
    raising = [
        Another(fresh_engine, wall_off, raised, **scope) for scope in scopes_of(matter).values() for _ in range(3)
    ]

    assert all(one.ends() for one in raising)


def move(connection, matter, client_party_id):
    connection.execute(sa.update(Matter).where(Matter.id == matter.id).values(client_party_id=client_party_id))


@pytest.fixture
def other_client(session, matter):
    made = matter("Somebody Else", "Nobody").client_party_id
    session.commit()
    return made


def test_who_raises_a_wall_waits_for_a_matter_that_is_moving_to_the_client(fresh_engine, task, raised, other_client):
    row, matter = task
    with fresh_engine.begin() as connection:
        came = offer(connection, row, matter.number)
    with fresh_engine.begin() as connection:
        move(connection, matter, other_client)
        raising = Another(fresh_engine, wall_off, raised, client_party_id=other_client)
        assert raising.waits()

    assert raising.ends()
    assert mark(fresh_engine, came) == (False, False)


def test_a_matter_that_moves_to_a_client_while_a_wall_is_raised_waits_for_nobody(
    fresh_engine, task, raised, other_client
):
    row, matter = task
    with fresh_engine.begin() as connection:
        came = offer(connection, row, matter.number)
    with fresh_engine.begin() as raising:
        wall_off(raising, raised, client_party_id=other_client)
        with fresh_engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            move(connection, matter, other_client)

    assert mark(fresh_engine, came) == (False, False)
