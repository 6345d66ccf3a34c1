"""Putting work aside: it is off one's own lists until an instant, and everybody else's stay as they are."""

from datetime import timedelta

import pytest

from engine import user_tasks
from engine.actor import Actor
from engine.errors import UserTaskNotFound, UserTaskNotOpen
from tasks.inbox import queries as inbox
from tasks.snoozes import operations, queries
from tasks.snoozes.errors import SnoozeInvalid
from tasks.watching import operations as watching
from tests.conftest import NOON
from tests.factories import open_tasks
from tests.practice.firm import AUDITOR, LEA, PETRA, STRANGER

DAY = timedelta(days=1)
CASHIER = Actor("cora", frozenset({"cashiers"}))
BOSS = Actor("petra", frozenset({"partners"}), frozenset({"assign_user_tasks"}))


@pytest.fixture
def task(session, matter):
    """Lea's task, due in five days."""
    matter()
    return open_tasks(session)["assess"]


def ids(session, actor, scope="mine", *, now=NOON, **more):
    return [task.id for task in inbox.page(session, actor, scope=scope, now=now, **more).items]


def test_what_is_put_aside_is_off_ones_list_until_its_time(session, task):
    operations.put_aside(session, task.id, until=NOON + DAY, by=LEA, now=NOON)

    assert ids(session, LEA) == []
    assert ids(session, LEA, now=NOON + DAY) == [task.id]
    assert ids(session, LEA, "all") == ids(session, LEA, asleep=True) == ids(session, AUDITOR, "all") == [task.id]
    counts = inbox.counts(session, LEA, now=NOON)
    assert (counts["mine"], counts["all"], counts["asleep"]) == (0, 1, 1)
    assert queries.until(session, [task], actor=LEA, now=NOON) == {task.id: NOON + DAY}
    assert queries.until(session, [task], actor=AUDITOR, now=NOON) == queries.until(session, [], actor=LEA, now=NOON)
    assert inbox.arrived(session, LEA, since=NOON - DAY, now=NOON) == 0
    assert inbox.counts_of_list(session, LEA, scope="mine", now=NOON, bounds=(), asleep=True).parts == (1, 0)


def test_it_can_be_woken_and_put_aside_anew(session, task):
    operations.put_aside(session, task.id, until=NOON + DAY, by=LEA, now=NOON)
    operations.put_aside(session, task.id, until=NOON + 2 * DAY, by=LEA, now=NOON)
    assert ids(session, LEA, now=NOON + DAY) == []

    operations.wake(session, task.id, by=LEA, now=NOON)
    operations.wake(session, task.id, by=LEA, now=NOON)

    assert ids(session, LEA) == [task.id]
    assert ids(session, LEA, asleep=True) == []


def test_what_comes_to_one_in_another_way_is_awake(session, task):
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    user_tasks.complete(session, open_tasks(session)["pay"].id, {}, by=CASHIER, now=NOON)
    offered = open_tasks(session)["file_away"]
    operations.put_aside(session, offered.id, until=NOON + DAY, by=LEA, now=NOON)
    assert ids(session, LEA, "group") == []

    user_tasks.assign(session, offered.id, "lea", by=BOSS, now=NOON)

    assert ids(session, LEA) == [offered.id]
    assert ids(session, LEA, asleep=True) == []


def test_what_is_watched_can_be_put_aside_too(session, task):
    watching.watch_task(session, task.id, by=AUDITOR, now=NOON)

    operations.put_aside(session, task.id, until=NOON + DAY, by=AUDITOR, now=NOON)

    assert ids(session, AUDITOR, "watched") == []
    assert inbox.counts(session, AUDITOR, now=NOON)["watched"] == 0
    assert ids(session, AUDITOR, "watched", now=NOON + DAY) == ids(session, LEA) == [task.id]


@pytest.mark.parametrize("days", [-1, 0, 6, 400])
def test_nobody_puts_it_aside_into_the_past_for_ever_or_beyond_its_date(session, task, days):
    with pytest.raises(SnoozeInvalid) as refused:
        operations.put_aside(session, task.id, until=NOON + days * DAY, by=LEA, now=NOON)

    assert refused.value.field == "until"
    assert ids(session, LEA) == [task.id]


def test_what_is_late_can_wait_another_day_and_what_is_over_is_forgotten(session, task):
    operations.put_aside(session, task.id, until=NOON + DAY, by=LEA, now=NOON)
    late = task.due_at + DAY

    operations.put_aside(session, task.id, until=late + DAY, by=LEA, now=late)

    assert ids(session, LEA, now=late) == []
    assert queries.until(session, [task], actor=LEA, now=late) == {task.id: late + DAY}


def test_who_may_not_see_it_cannot_put_it_aside_and_what_is_done_stays_done(session, task):
    with pytest.raises(UserTaskNotFound):
        operations.put_aside(session, task.id, until=NOON + DAY, by=STRANGER, now=NOON)
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)

    with pytest.raises(UserTaskNotOpen):
        operations.put_aside(session, task.id, until=NOON + DAY, by=LEA, now=NOON)
    assert ids(session, PETRA, asleep=True) == []
