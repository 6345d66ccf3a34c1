"""The copies beside the key of the inbox index are those of the task, whoever writes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import urgency, user_tasks
from engine.models import UserTask, UserTaskCandidate
from engine.models.base import new_id
from engine.models.user_task_candidate import NO_DUE_DATE
from tests.conftest import NOON
from tests.factories import ANA, begin, deploy, end, open_tasks, path, start, user_task

COPIED = ("urgency", "process_key", "kind", "priority", "business_key")


@pytest.fixture
def waiting(session):
    """Deploy a process with one task for lawyers, due in a day, and start it."""
    attributes = 'camunda:dueDate="P1D" camunda:priority="80"'
    deploy(session, start() + user_task("review", groups="lawyers", attributes=attributes) + end()
           + path("started", "review", "ended"))  # fmt: skip
    return begin(session, business_key="X-1", now=NOON)


def rows(session, task_id):
    session.flush()
    query = sa.select(UserTaskCandidate).where(UserTaskCandidate.user_task_id == task_id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_a_task_that_comes_is_filed_with_what_lists_ask(session, waiting):
    task = open_tasks(session, waiting.id)["review"]

    (row,) = rows(session, task.id)

    assert row.urgency == task.urgency == urgency.of(due_at=task.due_at, created_at=NOON, priority=80)
    assert (row.process_key, row.priority, row.business_key, row.came_at) == ("proc", 80, "X-1", NOON)


def test_who_takes_it_sees_it_as_come_at_that_instant(session, waiting):
    task = open_tasks(session, waiting.id)["review"]
    later = NOON + timedelta(hours=2)

    user_tasks.claim(session, task.id, by=ANA, now=later)

    (row,) = rows(session, task.id)
    assert (row.principal, row.came_at, row.urgency) == ("user:ana", later, task.urgency)


def test_rows_of_a_program_that_knows_nothing_of_the_copies_get_them(session, waiting):
    known = open_tasks(session, waiting.id)["review"]
    facts = {column.name: getattr(known, column.name) for column in UserTask.__table__.columns}
    for due_at, priority in ((None, 50), (NOON, 999_999), (NOON + timedelta(days=40), 0)):
        number = urgency.of(due_at=due_at, created_at=NOON, priority=priority)
        task_id = new_id()
        row = facts | {"id": task_id, "due_at": due_at, "priority": priority, "kind": "approval", "urgency": None}

        session.execute(sa.insert(UserTask.__table__).values(**row))
        offer = {"principal": "group:lawyers", "due_at": due_at or NO_DUE_DATE, "user_task_id": task_id}
        session.execute(sa.insert(UserTaskCandidate.__table__).values(**offer))

        (filed,) = rows(session, task_id)
        assert (filed.urgency, filed.kind, filed.priority, filed.came_at) == (number, "approval", priority, NOON)
        assert session.scalar(sa.select(UserTask.urgency).where(UserTask.id == task_id)) == number


@pytest.mark.parametrize(
    "change", [{"business_key": "X-2"}, {"kind": "approval"}, {"priority": 10}, {"due_at": NOON + timedelta(days=9)}]
)
def test_what_changes_on_the_task_changes_beside_the_key(session, waiting, change):
    task = open_tasks(session, waiting.id)["review"]

    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(**change))

    session.refresh(task)
    (row,) = rows(session, task.id)
    assert [getattr(row, name) for name in COPIED] == [getattr(task, name) for name in COPIED]
    assert task.urgency == urgency.of(due_at=task.due_at, created_at=NOON, priority=task.priority)


def test_ten_points_of_priority_count_like_a_day_and_what_has_no_date_is_not_forgotten():
    def of(days, priority=50):
        return urgency.of(due_at=NOON + timedelta(days=days), created_at=NOON, priority=priority)

    assert of(2, 60) == of(1)
    assert of(1, 40) == of(2)
    assert urgency.of(due_at=None, created_at=NOON, priority=50) == of(30)
    assert of(1, 10**9) == of(1, 50 + urgency.MOST_POINTS)
