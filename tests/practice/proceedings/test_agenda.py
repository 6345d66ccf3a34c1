"""The calendar of hearings, and changes of planned ones."""

from datetime import UTC, datetime, timedelta

import pytest

from practice.audit import queries as audit
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.proceedings import agenda, operations
from practice.proceedings.errors import HearingNotFound, HearingOver
from tests.conftest import NOON
from tests.practice.firm import LEA, LEO, STRANGER

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def planned(session, matter):
    number = matter().number
    facts = {"level": "first_instance", "court": "District Court", "court_number": "12 C 34/26"}
    operations.open_proceeding(session, number, facts, by=LEA, now=NOON)
    said = {"starts_at": "2026-10-01T09:00:00Z", "room": "3", "representative": "leo"}
    return operations.plan_hearing(session, number, 1, said, by=LEA, now=NOON)


def found(session, actor, **wanted):
    first = wanted.pop("first", OCTOBER)
    last = wanted.pop("last", OCTOBER + YEAR)
    return [one.hearing.id for one in agenda.between(session, first, last, actor=actor, **wanted)]


def test_the_calendar_shows_what_somebody_may_see_in_its_days_only(session, planned):
    (shown,) = agenda.between(session, OCTOBER, OCTOBER + YEAR, actor=LEA)

    assert (shown.court, shown.court_number, shown.proceeding) == ("District Court", "12 C 34/26", 1)
    assert shown.matter == planned.proceeding.matter.number
    assert found(session, STRANGER) == []
    assert found(session, LEA, first=planned.starts_at) == [planned.id]
    assert found(session, LEA, last=planned.starts_at) == []


def test_the_calendar_is_narrowed_by_scope_person_and_state(session, planned):
    assert found(session, LEA, scope="team") == [planned.id]
    assert found(session, LEA, scope="mine") == []
    assert found(session, LEA, representative="leo", states=("planned",)) == [planned.id]
    assert found(session, LEA, states=("held",)) == found(session, LEA, representative="lea") == []
    assert found(session, LEO) == []  # who appears but is not on the team does not see the matter


def test_a_planned_hearing_changes_and_the_change_is_on_record(session, planned):
    moved = {
        "starts_at": "2026-10-02T08:00:00Z",
        "ends_at": "2026-10-02T09:30:00Z",
        "room": "",
        "representative": "lea",
    }
    operations.change_hearing(session, planned.id, moved, by=LEA, now=NOON)
    operations.change_hearing(session, planned.id, moved, by=LEA, now=NOON)
    operations.change_hearing(session, planned.id, {}, by=LEA, now=NOON)

    assert (planned.room, planned.representative, planned.starts_at.day) == (None, "lea", 2)
    changes = [one for one in audit.of(session, "hearing", str(planned.id)) if one.kind == "hearing_changed"]
    assert [(one.before["room"], one.after["room"]) for one in changes] == [("3", None)]


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"starts_at": ""}, VariableMissing, "starts_at"),
        ({"starts_at": "soon"}, VariableInvalid, "starts_at"),
        ({"ends_at": "2026-10-01T09:00:00Z"}, VariableInvalid, "ends_at"),
        ({"room": "x" * 101}, VariableInvalid, "room"),
        ({"representative": "ghost"}, NotAnActivePerson, "representative"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_name(session, planned, facts, error, field):
    with pytest.raises(error) as refusal, session.begin_nested():
        operations.change_hearing(session, planned.id, facts, by=LEA, now=NOON)

    assert refusal.value.field == field
    assert (planned.room, planned.representative) == ("3", "leo")


def test_a_hearing_that_is_over_or_closed_to_somebody_does_not_change(session, planned):
    with pytest.raises(HearingNotFound):
        operations.change_hearing(session, planned.id, {"room": "4"}, by=STRANGER, now=NOON)
    operations.end_hearing(session, planned.id, {"state": "cancelled"}, by=LEA, now=NOON)

    with pytest.raises(HearingOver):
        operations.change_hearing(session, planned.id, {"room": "4"}, by=LEA, now=NOON)
