"""Processes fill the calendar of hearings: a step plans one, an adjournment leads to the next, by hand stays by hand."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine import delegates
from engine.actor import Actor
from engine.models.base import new_id
from practice.errors import VariableInvalid, VariableMissing
from practice.proceedings import agenda, operations
from practice.proceedings.models import Hearing, Proceeding
from tests.conftest import NOON
from tests.practice.firm import LEA, STRANGER, call

#: Enters the day and is on no team.
SARA = Actor("rita", frozenset({"reception"}))
SAID = {
    "hearing_on": "2026-11-20",
    "hearing_time": "09:30",
    "hearing_room": "Room 3",
    "hearing_representative": "Leo",
    "court": "District Court",
    "court_number": "12 C 34/26",
}
FIRST = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def plan(session, number, job_id=None, **said):
    wanted = call(business_key=number, variables={**SAID, **said}, by=SARA, job_id=job_id)
    return delegates.find("plan_hearing")(session, wanted)["hearing_id"]


def end(session, number, hearing_id, result="adjourned", note="The witness did not come."):
    said = {"hearing_id": hearing_id, "hearing_result": result, "hearing_note": note}
    return delegates.find("end_hearing")(session, call(business_key=number, variables=said, by=SARA))


def shown(session, actor):
    year = timedelta(days=365)
    return agenda.between(session, FIRST - year, FIRST + year, actor=actor)


def test_the_step_of_a_process_puts_the_hearing_into_the_calendar_of_who_sees_the_matter(session, matter):
    number = matter().number
    plan(session, number)

    [one] = shown(session, LEA)

    assert (one.matter, one.court, one.court_number) == (number, "District Court", "12 C 34/26")
    assert (one.hearing.starts_at, one.hearing.room) == (FIRST, "Room 3")
    assert (one.hearing.representative, one.hearing.created_by) == ("leo", "rita")
    assert shown(session, STRANGER) == []


def test_an_adjourned_hearing_stays_on_record_and_names_the_next(session, matter):
    number = matter().number
    first = plan(session, number)
    end(session, number, first)
    second = plan(session, number, hearing_on="2027-01-15", hearing_time="11:00")
    end(session, number, second, "settled", "Settled on the judge's proposal.")

    before, after = (one.hearing for one in shown(session, LEA))

    assert (before.state, before.result, str(before.next_hearing_id)) == (
        "adjourned",
        "The witness did not come.",
        second,
    )
    assert (after.state, after.result) == ("held", "Settled on the judge's proposal.")
    assert session.scalar(sa.select(sa.func.count()).select_from(Proceeding)) == 1


def test_a_delivery_that_is_repeated_plans_once_and_by_hand_is_not_planned_twice(session, matter):
    number, job_id = matter().number, new_id()
    operations.open_proceeding(session, number, {"level": "appeal"}, by=LEA, now=NOON)
    by_hand = operations.plan_hearing(session, number, 1, {"starts_at": FIRST, "room": "7"}, by=LEA, now=NOON)

    assert plan(session, number, job_id) == plan(session, number, job_id) == str(by_hand.id)
    [one] = shown(session, LEA)
    assert (one.hearing.room, one.proceeding) == ("7", 1)


def test_what_somebody_said_by_hand_of_the_hearing_stands(session, matter):
    number = matter().number
    hearing_id = plan(session, number)
    hearing = session.scalars(sa.select(Hearing)).one()
    operations.end_hearing(session, hearing.id, {"state": "cancelled", "result": "The judge is ill."}, by=LEA, now=NOON)

    end(session, number, hearing_id, "judgment")

    assert (hearing.state, hearing.result) == ("cancelled", "The judge is ill.")


def test_a_process_from_before_has_no_hearing_to_end(session, matter):
    end(session, matter().number, None)
    assert shown(session, LEA) == []


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        ({"hearing_on": None}, VariableMissing, "hearing_on"),
        ({"hearing_on": "soon"}, VariableInvalid, "hearing_on"),
        ({"hearing_time": "25:99"}, VariableInvalid, "hearing_time"),
        ({"hearing_time": "<b>nine</b>"}, VariableInvalid, "hearing_time"),
    ],
)
def test_a_day_or_an_hour_that_cannot_be_is_refused_by_name(session, matter, said, error, field):
    with pytest.raises(error) as refusal:
        plan(session, matter().number, **said)

    assert refusal.value.field == field
    assert session.scalar(sa.select(sa.func.count()).select_from(Hearing)) == 0


def test_a_hearing_of_another_matter_is_not_ended(session, matter):
    first, second = matter().number, matter("Omar Haddad", "Kran GmbH").number
    hearing_id = plan(session, first)

    with pytest.raises(VariableInvalid):
        end(session, second, hearing_id)


@pytest.mark.parametrize("named", ["Dr. Mallory of Mallory & Co", "", "😀"])
def test_whoever_is_not_of_the_firm_goes_with_the_responsible_lawyer(session, matter, named):
    plan(session, matter().number, hearing_representative=named)

    assert shown(session, LEA)[0].hearing.representative == "lea"
