"""The marks of restricted work follow matters and tasks, whoever writes those."""

import pytest
import sqlalchemy as sa

from engine import process_instances, user_tasks
from engine.actor import SYSTEM
from engine.models import UserTask, UserTaskCandidate
from engine.models.base import new_id
from practice.matters import restricted
from practice.matters.models import Matter
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import LEA, PETRA

IS_OPEN = UserTask.state == "created"


@pytest.fixture
def work(session, register, matter):
    """Work of an enquiry, of two matters of which one came of it, and of none; in front of two groups."""
    body = start() + user_task("scan", groups="lawyers,partners") + user_task("file", groups="lawyers") + end()
    deploy(session, body + path("started", "scan", "file", "ended"))
    first, second = matter("Plain", "Nobody"), matter("Other", "Nobody")
    keys = (first.number, second.number, first.enquiry_number, "X-1", None)
    runs = [begin(session, business_key=key, by=PETRA) for key in keys]
    session.flush()
    return first, second, runs


def change(session, matter, **facts):
    session.flush()
    session.execute(sa.update(Matter).where(Matter.id == matter.id).values(**facts))


def wanted(session):
    """What has to be marked, worked out from matters and tasks."""
    secret = Matter.confidentiality != "ordinary"
    keys = {
        key
        for row in session.execute(sa.select(Matter.number, Matter.enquiry_number).where(secret))
        for key in row
        if key is not None
    }
    tasks = session.execute(sa.select(UserTask.id, UserTask.business_key).where(IS_OPEN))
    return {row.id for row in tasks if row.business_key in keys}


def marked(session):
    """What is marked; the rows of the inbox index have to agree."""
    session.flush()
    tasks = set(session.scalars(sa.select(UserTask.id).where(IS_OPEN, UserTask.is_restricted.is_not(None))))
    rows = session.execute(sa.select(UserTaskCandidate.user_task_id, UserTaskCandidate.is_restricted)).all()
    assert {row.user_task_id for row in rows if row.is_restricted is not None} == {
        row.user_task_id for row in rows if row.user_task_id in tasks
    }
    return tasks


def test_what_is_ordinary_is_not_marked(session, work):
    assert marked(session) == wanted(session) == set()


@pytest.mark.parametrize("kind", ["restricted", "secret"])
def test_a_matter_takes_its_work_and_that_of_its_enquiry_along_and_back(session, work, kind):
    first, _, runs = work
    change(session, first, confidentiality=kind)
    theirs = {open_tasks(session, run.id)["scan"].id for run in (runs[0], runs[2])}
    assert theirs < marked(session) == wanted(session)

    change(session, first, confidentiality="ordinary")
    assert marked(session) == wanted(session) == set()


def test_work_that_comes_is_taken_and_is_given_back_is_marked(session, work):
    first, _, runs = work
    change(session, first, confidentiality="restricted")
    begin(session, business_key=first.number, by=PETRA)
    assert marked(session) == wanted(session)

    task = open_tasks(session, runs[0].id)["scan"]
    for step in (user_tasks.claim, user_tasks.unclaim, user_tasks.claim):
        step(session, task.id, by=LEA, now=NOON)
        assert marked(session) == wanted(session)
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    assert open_tasks(session, runs[0].id)["file"].id in marked(session) == wanted(session)

    user_tasks.assign(session, open_tasks(session, runs[0].id)["file"].id, "lea", by=SYSTEM, now=NOON)
    assert marked(session) == wanted(session)


def test_work_follows_the_number_it_is_given(session, work):
    first, second, runs = work
    change(session, first, confidentiality="restricted")

    for run in (runs[1], runs[3]):
        for number in (first.number, second.number, first.enquiry_number, "E-2026-9999"):
            process_instances.set_business_key(session, run.id, number, by=PETRA, now=NOON)
            assert marked(session) == wanted(session)


def test_a_matter_that_is_renumbered_takes_its_marks_along(session, work):
    first, second, _ = work
    change(session, first, confidentiality="restricted")
    before, old = len(marked(session)), second.number

    change(session, second, number="2026-CV-9999")
    change(session, first, number=old)
    assert marked(session) == wanted(session) != set()
    change(session, first, enquiry_number=None)
    assert len(marked(session)) < before
    assert marked(session) == wanted(session)


def test_a_matter_that_opens_restricted_marks_what_its_enquiry_left(session, work):
    _, second, _ = work
    enquiry, facts = second.enquiry_number, {column.key: getattr(second, column.key) for column in Matter.__table__.c}
    begin(session, business_key=enquiry, by=PETRA)
    change(session, second, enquiry_number=None)

    row = facts | {"id": new_id(), "number": "2026-CV-7777", "confidentiality": "secret"}
    row |= {"process_instance_id": None, "source_reference": None}
    session.execute(sa.insert(Matter.__table__).values(**row))
    assert marked(session) == wanted(session) != set()

    session.execute(sa.delete(Matter).where(Matter.number == "2026-CV-7777"))
    assert marked(session) == wanted(session) == set()


def test_work_that_is_open_again_is_marked(session, work):
    first, _, runs = work
    task = open_tasks(session, runs[0].id)["scan"]
    ended = {"state": "cancelled", "ended_at": NOON}
    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(**ended))
    change(session, first, confidentiality="restricted")
    assert task.id not in marked(session)

    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(state="created", ended_at=None))
    assert task.id in marked(session) == wanted(session)


def test_a_database_that_is_marked_later_says_the_same(session, work):
    first, *_ = work
    change(session, first, confidentiality="restricted")
    before = marked(session)
    session.execute(sa.update(UserTask).values(is_restricted=None))
    assert marked(session) == set()

    session.connection().exec_driver_sql(restricted.FILL)

    assert marked(session) == before == wanted(session) != set()
