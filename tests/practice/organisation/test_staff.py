"""What the firm knows of its people."""

from datetime import date

import pytest

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.errors import UserNotFound
from practice.organisation import operations, queries
from practice.organisation.errors import FactInvalid, LeftBeforeJoining
from practice.organisation.models import StaffRecord
from practice.organisation.operations import StaffFacts
from practice.people import identity
from practice.people import queries as people
from practice.rights.errors import TwoPersonsNeeded
from tests.conftest import NOON
from tests.practice.firm import LEA

KEEPER = Actor("keeper", rights=frozenset({"manage_users", "manage_organisation"}))
FACTS = StaffFacts(
    staff_class="senior",
    qualification="Advocate",
    experience="Ten years of railway cases, no degree",
    languages=("zh-TW", "en", "zh-TW"),
    calendar="TW",
    phone_extension="214",
    joined_on=date(2020, 3, 1),
)


def test_a_record_is_kept_as_a_whole_and_every_change_is_on_record(session, firm):
    operations.keep_staff_facts(session, "lea", FACTS, by=KEEPER, now=NOON)
    operations.keep_staff_facts(session, "lea", FACTS, by=KEEPER, now=NOON)
    operations.keep_staff_facts(session, "lea", StaffFacts(staff_class="partner"), by=KEEPER, now=NOON)

    record = session.get_one(StaffRecord, "lea")
    assert (record.staff_class, record.languages, record.experience) == ("partner", [], None)
    changes = [change for change in audit.of(session, "user", "lea") if change.kind == "staff_record_changed"]
    assert [change.after["staff_class"] for change in changes] == ["senior", "partner"]
    assert changes[1].before["languages"] == ["zh-TW", "en"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (StaffFacts(staff_class="x" * 61), "staff_class"),
        (StaffFacts(languages=("klingon!",)), "languages"),
        (StaffFacts(languages=tuple(["en"] * 21)), "languages"),
        (StaffFacts(calendar="../etc passwd"), "calendar"),
        (StaffFacts(experience="x" * 10_001), "experience"),
    ],
)
def test_what_is_no_fact_is_refused_by_name(session, firm, facts, field):
    with pytest.raises(FactInvalid) as refusal:
        operations.keep_staff_facts(session, "lea", facts, by=KEEPER, now=NOON)

    assert refusal.value.field == field
    assert session.get(StaffRecord, "lea") is None


def test_nobody_leaves_before_they_came(session, firm):
    with pytest.raises(LeftBeforeJoining):
        operations.keep_staff_facts(
            session, "lea", StaffFacts(joined_on=date(2026, 2, 1), left_on=date(2026, 1, 31)), by=KEEPER, now=NOON
        )


def test_who_may_not_manage_people_keeps_no_record_not_even_their_own(session, firm):
    with pytest.raises(RightMissing):
        operations.keep_staff_facts(session, "lea", FACTS, by=LEA, now=NOON)
    with pytest.raises(UserNotFound):
        operations.keep_staff_facts(session, "ghost", FACTS, by=KEEPER, now=NOON)


def test_nobody_is_placed_by_one_person(session, firm):
    with pytest.raises(TwoPersonsNeeded):
        operations.place(session, "lea", None, "Head", by=KEEPER, now=NOON)


def test_people_are_found_by_words_unit_and_group(session, firm):
    for code, parent in (("firm", None), ("taipei", "firm"), ("athens", "firm")):
        operations.found_unit(session, code, code.title(), "branch", parent=parent, by=KEEPER, now=NOON)
    operations.place(session, "lea", "taipei", "Head of litigation", by=SYSTEM, now=NOON)
    operations.place(session, "leo", "athens", None, by=SYSTEM, now=NOON)

    def found(**filters):
        return [colleague.user.username for colleague in queries.colleagues(session, actor=LEA, **filters)]

    assert found(unit="firm") == ["lea", "leo"]
    assert found(unit="taipei") == ["lea"]
    assert found(group="lawyers") == ["lea", "leo"]
    assert found(text="HEAD litig") == found(text="taipei lea") == ["lea"]
    assert found(text="nobody like this") == []
    assert found(active=False) == []
    assert queries.unit_of(session, "lea").code == "taipei"
    assert queries.unit_of(session, "rita") is None


def test_a_working_calendar_is_the_persons_own_or_the_nearest_units(session, firm):
    for code, parent, calendar in (("firm", None, "GB"), ("taipei", "firm", "TW"), ("team", "taipei", None)):
        operations.found_unit(session, code, code, "branch", parent=parent, calendar=calendar, by=KEEPER, now=NOON)
    assert queries.calendar_of(session, "lea") is None
    operations.place(session, "lea", "team", None, by=SYSTEM, now=NOON)

    assert queries.calendar_of(session, "lea") == "TW"
    operations.place(session, "lea", "firm", None, by=SYSTEM, now=NOON)
    assert queries.calendar_of(session, "lea") == "GB"
    operations.keep_staff_facts(session, "lea", StaffFacts(calendar="RU"), by=KEEPER, now=NOON)
    assert queries.calendar_of(session, "lea") == "RU"
    assert queries.calendar_of(session, "ghost") is None


def test_the_last_day_of_work_is_a_day_of_work(session, firm):
    operations.keep_staff_facts(session, "lea", StaffFacts(left_on=date(2026, 9, 1)), by=KEEPER, now=NOON)

    known = identity.by_id(session, people.get(session, "lea").id)

    assert not known.has_left(date(2026, 9, 1))
    assert known.has_left(date(2026, 9, 2))
    assert queries.has_left(session, "lea", date(2026, 9, 2))
    assert not identity.by_id(session, people.get(session, "leo").id).has_left(date(2026, 9, 2))
