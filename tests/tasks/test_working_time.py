"""Durations in working time: office hours on working days, and what begins outside them begins when the office opens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from practice.organisation.models import StaffRecord
from tasks.reminders.working_time import WorkingTime
from tests.factories import NOON, later
from tests.tasks.reminding import actor, department, hand_over, next_at, run

HALF_AN_HOUR = timedelta(minutes=30)


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-09-01T12:00", HALF_AN_HOUR, "2026-09-01T12:30"),
        ("2026-09-01T17:50", HALF_AN_HOUR, "2026-09-02T09:20"),
        ("2026-09-01T17:30", HALF_AN_HOUR, "2026-09-02T09:00"),
        ("2026-09-04T17:50", HALF_AN_HOUR, "2026-09-07T09:20"),  # Friday to Monday
        ("2026-09-05T12:00", HALF_AN_HOUR, "2026-09-07T09:30"),
        ("2026-09-01T03:00", HALF_AN_HOUR, "2026-09-01T09:30"),
        ("2026-09-01T12:00", timedelta(hours=20), "2026-09-03T14:00"),
        ("2026-09-03T12:00", timedelta(days=3), "2026-09-08T12:00"),
        ("2026-09-05T12:00", timedelta(days=1), "2026-09-08T09:00"),
        ("2026-09-04T17:00", timedelta(days=1, hours=2), "2026-09-08T10:00"),
    ],
)
def test_a_duration_of_working_time(start, duration, expected):
    assert WorkingTime(None, UTC).add(at(start), duration) == at(expected)


def test_the_office_opens_by_the_wall_clock_when_summer_time_ends():
    vienna = ZoneInfo("Europe/Vienna")

    found = WorkingTime(None, vienna).add(at("2026-10-23T17:50", vienna), HALF_AN_HOUR)

    assert found == at("2026-10-26T09:20", vienna)


class Never:
    def is_working(self, _day):
        return False


def test_a_calendar_without_a_working_day_does_not_keep_anybody_waiting_for_ever():
    assert WorkingTime(Never(), UTC).add(NOON, HALF_AN_HOUR) < NOON + timedelta(days=3)


def test_a_reminder_in_working_time_leaves_the_night_and_the_weekend_out(session):
    department(session)
    friday = NOON.replace(day=4, hour=17, minute=20)
    hand_over(session, reminder="R/PT30M", reminderCalendar="working", now=friday)

    run(session, friday)
    instants = []
    for _ in range(4):
        instants.append(next_at(session))
        run(session, instants[-1])

    assert instants == [
        at("2026-09-04T17:50"), at("2026-09-07T09:20"), at("2026-09-07T09:50"), at("2026-09-07T10:20"),
    ]  # fmt: skip


def test_each_addressee_is_reminded_in_their_own_working_time(session, monkeypatch):
    from tasks.reminders import addressees
    from tests.tasks.posts import Outbox, installed

    department(session, ("dan", "dot"))
    session.add(StaffRecord(username="dot", languages=[], calendar="elsewhere"))
    session.flush()
    known = addressees.working_times

    def with_a_holiday(session, usernames):
        found = known(session, usernames)
        return {name: WorkingTime(Never(), UTC) if name == "dot" else time for name, time in found.items()}

    monkeypatch.setattr(addressees, "working_times", with_a_holiday)
    box = Outbox()
    with installed(email=box):
        hand_over(session, reminder="R/PT30M", reminderCalendar="working")
        run(session, later(minutes=31), kinds=("reminder", "notification"))

    assert [name for name, *_ in box.mails] == ["dan"]


def test_an_answer_in_time_is_reckoned_in_working_time(session):
    department(session)
    department(session, ("hal",), "unit_heads")
    friday = NOON.replace(day=4, hour=16)
    hand_over(session, sla="PT4H", escalateTo="unit_heads", reminderCalendar="working", now=friday)

    run(session, friday)

    assert next_at(session) == at("2026-09-07T11:00")
    assert actor("hal", "unit_heads").groups == {"unit_heads"}
