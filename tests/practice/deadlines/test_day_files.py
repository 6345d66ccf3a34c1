"""Days of a calendar from a file, and packs that are followed after a start."""

from datetime import date

import pytest
import sqlalchemy as sa

from engine.models import Job
from practice.deadlines import day_files, following, queries, recomputation
from practice.deadlines.errors import CalendarFileInvalid, CalendarUnknown, MayNotKeepDeadlines
from tests.conftest import NOON
from tests.practice.deadlines.conftest import LEA, PETRA

HEAD = "day,works,name,citation\n"
GOOD = HEAD + '2027-02-11,no,"Lunar, New Year",Notice 12\n2027-02-13,YES,Make-up day,Notice 12\n'


def take_in(session, text, by=PETRA):
    data = text if isinstance(text, bytes) else text.encode()
    return day_files.take_in(session, "tw.courts", data, by=by, now=NOON)


def test_every_day_of_a_file_is_in_the_calendar_afterwards(session, firm):
    assert take_in(session, "\ufeff" + GOOD).days == 2

    calendar = queries.library(session).calendar("tw.courts")
    assert calendar.why_closed(date(2027, 2, 11)) == "Lunar, New Year"
    assert calendar.is_working(date(2027, 2, 13))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        (HEAD, 1),
        ("on,works,name,citation\n", 1),
        (HEAD + "2027-02-30,no,New Year,Notice\n", 2),
        (GOOD + "2027-02-12,perhaps,New Year,Notice\n", 4),
        (GOOD + "2027-02-12,no,,Notice\n", 4),
        (GOOD + "2027-02-12,no,a,b,c\n", 4),
        (GOOD + "2027-02-11,no,New Year,Notice\n", 4),
        (GOOD + f"2027-02-12,no,{'x' * 201},Notice\n", 4),
        (b"\xff\xfeday", 0),
        (b"x" * 1_000_001, 0),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_adds_nothing(session, firm, text, line):
    with pytest.raises(CalendarFileInvalid) as refusal, session.begin_nested():
        take_in(session, text)

    assert refusal.value.line == line
    assert queries.calendar_days(session) == []


def test_files_are_taken_in_by_who_keeps_calendars_and_into_known_ones(session, firm):
    with pytest.raises(MayNotKeepDeadlines):
        take_in(session, GOOD, by=LEA)
    with pytest.raises(CalendarUnknown):
        day_files.take_in(session, "julian", GOOD.encode(), by=PETRA, now=NOON)


def test_without_a_deadline_by_rule_a_start_promises_nothing(session, ruiz):
    assert not following.promise(session, now=NOON)


def test_the_job_of_a_start_calculates_anew_what_an_older_pack_calculated(session, appeal, monkeypatch):
    followed = []
    monkeypatch.setattr(recomputation, "follow_packs", lambda *_, by, now: followed.append((by.username, now)))

    assert following.promise(session, now=NOON)
    assert session.scalar(sa.select(Job.due_at).where(Job.kind == following.KIND)) == NOON
    following.follow(session, None, NOON)

    assert followed == [("system", NOON)]
