"""Letters and hours keep what happened, on both databases, and who is kept out finds nothing."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine.actor import SYSTEM, Actor
from practice.correspondence import operations as letters
from practice.correspondence import queries as register
from practice.correspondence import scans  # noqa: F401 - documents may belong to letters
from practice.correspondence.errors import HandOverReasonMissing, LetterClosed, RecipientUnclear
from practice.correspondence.models import LetterHop
from practice.documents import operations as documents
from practice.documents import queries as filed
from practice.documents import store
from practice.documents.errors import DocumentOwnerNotFound
from practice.documents.owners import Owner
from practice.people import operations as people
from practice.time import operations as hours
from practice.time import queries as sheets
from practice.time.errors import HoursInvalid, HoursLocked, OwnHours
from practice.time.hours import minutes_of, written
from practice.time.models import TimeEntry

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
JON, ANA = Actor("jon", frozenset({"registrars"})), Actor("ana", frozenset({"lawyers"}))
PIA, OTTO = Actor("pia", frozenset({"partners"}), frozenset({"approve_hours"})), Actor("otto", frozenset({"reception"}))
LETTER = {
    "letter_direction": "incoming",
    "letter_channel": "post",
    "letter_sender": "Baltic Mutual",
    "letter_addressee": "The firm",
    "letter_subject": "Your claim",
}
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"
LINE = {"on_day": "2026-09-01", "is_internal": True, "hours": "1:30", "work": "Office"}


@pytest.fixture
def firm(session):
    people.seed_groups(session)
    for actor in (JON, ANA, PIA, OTTO):
        people.create_user(
            session, actor.username, actor.username, password=None, groups=actor.groups, by=SYSTEM, now=NOW
        )
    return session


def test_a_hop_cannot_be_changed_or_taken_away(firm):
    letter = letters.register(firm, LETTER, by=JON, now=NOW)

    for statement in (sa.update(LetterHop).values(reason="Other"), sa.delete(LetterHop)):
        with pytest.raises(DBAPIError, match="only grows"), firm.begin_nested():
            firm.execute(statement)
    assert [hop.kind for hop in letter.hops] == ["registered"]


def test_the_scans_of_a_letter_are_seen_by_who_sees_the_letter(firm, tmp_path):
    store.use(lambda: tmp_path, limit=1_000_000)
    number = letters.register(firm, LETTER, by=JON, now=NOW).number
    scan = documents.file(firm, Owner("letter", number), store.take_in(BytesIO(PDF), "scan.pdf"), by=JON, now=NOW)
    other = Owner("letter", "L-2026-9999")

    assert [one.document.id for one in filed.search(firm, actor=JON, owner=Owner("letter", number)).items] == [scan.id]
    assert filed.search(firm, actor=ANA, owner=Owner("letter", number)).items == []
    with pytest.raises(DocumentOwnerNotFound):
        documents.file(firm, Owner("letter", number), store.take_in(BytesIO(PDF), "my.pdf"), by=ANA, now=NOW)
    with pytest.raises(DocumentOwnerNotFound):
        documents.file(firm, other, store.take_in(BytesIO(PDF), "my.pdf"), by=JON, now=NOW)

    letters.hand_over(firm, number, to_department="lawyers", reason="Whose?", by=JON, now=NOW)
    assert [one.document.id for one in filed.search(firm, actor=ANA, owner=Owner("letter", number)).items] == [scan.id]


def test_a_letter_hangs_after_two_working_days_and_not_while_it_is_outside(firm):
    number = letters.register(firm, LETTER, by=JON, now=NOW).number
    friday = NOW + timedelta(days=3)
    letters.hand_over(firm, number, to_department="lawyers", reason="Whose?", by=JON, now=friday)

    def hung(at):
        return [row.letter.number for row in register.search(firm, actor=ANA, scope="hung", now=at).items]

    assert hung(friday + timedelta(days=3)) == []
    assert hung(friday + timedelta(days=4)) == [number]
    assert register.search(firm, actor=OTTO, scope="hung", now=friday + timedelta(days=9)).items == []
    assert not any(register.counts(firm, actor=OTTO, now=friday).values())


def test_who_hands_on_says_why_and_to_whom(firm):
    number = letters.register(firm, LETTER, by=JON, now=NOW).number

    with pytest.raises(HandOverReasonMissing):
        letters.hand_over(firm, number, to_person="ana", reason=" ", by=JON, now=NOW)
    with pytest.raises(RecipientUnclear):
        letters.hand_over(firm, number, to_person="ana", to_department="lawyers", reason="Both", by=JON, now=NOW)
    letters.close(firm, number, "filed", by=JON, now=NOW)
    with pytest.raises(LetterClosed):
        letters.accept(firm, number, by=ANA, now=NOW)


def test_an_approved_line_is_locked_in_the_database_too(firm):
    entry = hours.enter(firm, LINE, by=ANA, now=NOW)
    hours.submit_day(firm, date(2026, 9, 1), by=ANA, now=NOW)
    with pytest.raises(OwnHours):
        hours.settle(firm, entry.id, "approve", by=ANA, now=NOW)

    hours.decide(firm, entry.id, "approve", by=PIA, now=NOW)

    for statement in (sa.update(TimeEntry).values(minutes=1), sa.delete(TimeEntry)):
        with pytest.raises(DBAPIError, match="locked"), firm.begin_nested():
            firm.execute(statement)
    with pytest.raises(HoursLocked):
        hours.change(firm, entry.id, {"hours": "9"}, by=ANA, now=NOW)
    assert sheets.lines(firm, actor=OTTO) == []
    assert sheets.totals(firm, actor=OTTO, first=date(2026, 9, 1), last=date(2026, 9, 30)) == []
    assert [line.entry.id for line in sheets.lines(firm, actor=ANA)] == [entry.id]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("1.5", 90), ("1,25", 75), ("1:05", 65), ("90m", 90), ("2h", 120), ("1h30", 90), ("24", 1440)],
)
def test_hours_are_read_as_people_write_them(typed, minutes):
    assert minutes_of(typed) == minutes
    assert minutes_of(written(minutes)) == minutes


@pytest.mark.parametrize(
    "typed", ["", "0", "25", "-1", "1:75", "soon", "1.5.5", "\N{ARABIC-INDIC DIGIT ONE}", "h", "m"]
)
def test_what_is_no_hours_is_refused(typed):
    with pytest.raises(HoursInvalid):
        minutes_of(typed)
