"""Whoever is told something hears that there is something; what it is they read with their own rights."""

from datetime import timedelta

import pytest

from practice.notices import operations as notices
from tasks.feed.bell import PAUSE, Bell
from tests.conftest import NOON
from tests.tasks.reminding import DEPARTMENT, department, hand_over, run

HALF_PAST = NOON + timedelta(minutes=30)


@pytest.fixture
def bell(session):
    department(session)
    listening = Bell()
    assert listening.listen(session, now=NOON) == frozenset()
    return listening


def test_a_notice_rings_once_for_whom_it_is_for_and_for_nobody_else(session, bell):
    notices.tell(session, ["dan"], "standing_in", "AB-2026-0001", {}, now=NOON)

    assert bell.listen(session, now=NOON + PAUSE) == {"user:dan"}
    assert bell.listen(session, now=NOON + 2 * PAUSE) == frozenset()


def test_each_round_of_a_reminder_rings_for_those_in_front_of_whom_the_task_stands(session, bell):
    hand_over(session, reminder="R/PT30M", reminderCalendar="always")
    run(session, HALF_PAST)
    first = bell.listen(session, now=HALF_PAST)
    run(session, HALF_PAST + timedelta(minutes=30))

    assert first == {"group:secretaries"}
    assert bell.listen(session, now=HALF_PAST + timedelta(minutes=30)) == {"group:secretaries"}


def test_what_comes_to_light_late_rings_all_the_same(session, bell):
    assert bell.listen(session, now=NOON + timedelta(seconds=3)) == frozenset()
    notices.tell(session, list(DEPARTMENT[:2]), "standing_in", "AB-2026-0002", {}, now=NOON + timedelta(seconds=1))

    assert bell.listen(session, now=NOON + timedelta(seconds=4)) == {"user:dan", "user:dee"}


def test_it_is_not_looked_at_all_the_time(session, bell):
    notices.tell(session, ["dan"], "standing_in", "AB-2026-0001", {}, now=NOON)

    assert bell.listen(session, now=NOON + PAUSE / 2) == frozenset()
    assert bell.listen(session, now=NOON + PAUSE) == {"user:dan"}
