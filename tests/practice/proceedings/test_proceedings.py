"""Proceedings, each linked to the one before it, with hearings, decisions and the money they bring."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from config import directories as shipped
from engine.actor import SYSTEM
from engine.errors import RightMissing
from engine.models.base import new_id
from practice.audit import queries as audit
from practice.directories import operations as directories
from practice.directories.errors import EntryUnknown
from practice.errors import (
    AmountInvalid,
    CurrencyUnknown,
    MatterNotFound,
    NotAnActivePerson,
    VariableInvalid,
    VariableMissing,
)
from practice.proceedings import operations, queries, recoveries
from practice.proceedings.errors import (
    DecisionNotFound,
    DecisionServedBefore,
    HearingNotFound,
    HearingOver,
    PreviousDecisionMissing,
    ProceedingClosed,
    ProceedingHasPlannedHearings,
    ProceedingNotFound,
    RecoveryBelowZero,
    RecoveryNotFound,
)
from tests.conftest import NOON
from tests.practice.firm import LEA as READER
from tests.practice.firm import LEO, STRANGER

LEA = replace(READER, rights=frozenset({"edit_recoveries"}))


@pytest.fixture
def opened(session, matter):
    directories.seed(session, shipped.load(), by=SYSTEM, now=NOON)
    directories.add_entry(session, "court", {"key": "district", "name": "District Court"}, by=SYSTEM, now=NOON)
    return matter()


@pytest.fixture
def number(opened):
    return opened.number


@pytest.fixture
def first(session, number):
    facts = {"level": "first_instance", "court": "district", "court_number": "12 C 34/26", "judge": "A. Judge"}
    return operations.open_proceeding(session, number, facts, by=LEA, now=NOON)


@pytest.fixture
def decided(session, number, first):
    return recoveries.record_decision(session, number, 1, {"pronounced_on": "2026-09-10"}, by=LEA, now=NOON)


def hearing(session, number, **facts):
    values = {"starts_at": "2026-10-01T09:00:00Z", "room": "3", "representative": "leo", **facts}
    return operations.plan_hearing(session, number, 1, values, by=LEA, now=NOON)


def test_the_first_proceeding_puts_the_matter_before_its_court(session, opened, first):
    assert (first.number, first.court, first.opened_on) == (1, "District Court", NOON.date())
    assert first.court_id is not None
    assert (opened.court, opened.court_number) == ("District Court", "12 C 34/26")
    assert "12 c 34" in opened.search_text
    assert audit.of(session, "proceeding", f"{opened.number}/1")[0].kind == "proceeding_opened"


def test_a_court_that_no_directory_knows_is_kept_as_written(session, number):
    row = operations.open_proceeding(
        session, number, {"level": "arbitration", "court": "Ad hoc tribunal"}, by=LEA, now=NOON
    )

    assert (row.court, row.court_id) == ("Ad hoc tribunal", None)


def test_an_appeal_names_the_proceeding_it_comes_from_and_needs_its_decision(session, number, first):
    appeal = {"level": "appeal", "previous": 1, "link": "appeal", "court": "Court of Appeal"}
    with pytest.raises(PreviousDecisionMissing) as refusal:
        operations.open_proceeding(session, number, appeal, by=LEA, now=NOON)
    recoveries.record_decision(session, number, 1, {"pronounced_on": "2026-09-10"}, by=LEA, now=NOON)

    second = operations.open_proceeding(session, number, appeal, by=LEA, now=NOON)

    assert refusal.value.proceeding == 1
    assert (second.number, second.previous_id, second.link) == (2, first.id, "appeal")


def test_a_remand_goes_back_as_a_proceeding_of_its_own(session, number, first, decided):
    back = {"level": "first_instance", "previous": 1, "link": "remand"}

    assert operations.open_proceeding(session, number, back, by=LEA, now=NOON).number == 2


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"level": None}, VariableMissing, "level"),
        ({"level": "moon"}, VariableInvalid, "level"),
        ({"link": "appeal"}, VariableMissing, "previous"),
        ({"previous": 1, "link": "cousin"}, VariableInvalid, "link"),
        ({"previous": 1}, VariableMissing, "link"),
        ({"previous": "one"}, VariableInvalid, "previous"),
        ({"value": "10"}, VariableMissing, "currency"),
        ({"value": "1.234", "currency": "EUR"}, AmountInvalid, "claim_value"),
        ({"opened_on": "soon"}, VariableInvalid, "opened_on"),
        ({"court": "x" * 301}, VariableInvalid, "court"),
    ],
)
def test_a_proceeding_that_cannot_be_is_refused_by_name(session, number, first, facts, error, field):
    with pytest.raises(error) as refusal:
        operations.open_proceeding(session, number, {"level": "appeal", **facts}, by=LEA, now=NOON)

    assert refusal.value.field == field
    assert len(queries.of_matter(session, number, actor=LEA)) == 1


def test_a_proceeding_of_another_matter_is_no_previous_one(session, number, first):
    with pytest.raises(ProceedingNotFound):
        operations.open_proceeding(
            session, number, {"level": "appeal", "previous": 7, "link": "transfer"}, by=LEA, now=NOON
        )


def test_a_proceeding_is_changed_stayed_and_closed_and_then_left_alone(session, number, first):
    facts = {"court": "High Court", "court_number": "9", "judge": "", "value": "500.5", "currency": "EUR"}
    operations.change_proceeding(session, number, 1, {**facts, "state": "stayed"}, by=LEA, now=NOON)
    operations.change_proceeding(session, number, 1, {**facts, "state": "stayed"}, by=LEA, now=NOON)
    operations.close_proceeding(session, number, 1, {"outcome": "won"}, by=LEA, now=NOON)

    kinds = [event.kind for event in audit.of(session, "proceeding", f"{number}/1")]
    assert kinds == ["proceeding_opened", "proceeding_changed", "proceeding_closed"]
    assert (first.value_minor, first.judge, first.state, first.outcome) == (50050, None, "closed", "won")
    with pytest.raises(ProceedingClosed):
        operations.change_proceeding(session, number, 1, {}, by=LEA, now=NOON)
    with pytest.raises(ProceedingClosed):
        hearing(session, number)


def test_a_proceeding_is_not_closed_before_it_began_or_while_a_hearing_is_planned(session, number, first):
    with pytest.raises(VariableInvalid):
        operations.close_proceeding(session, number, 1, {"outcome": "x", "closed_on": "2020-01-01"}, by=LEA, now=NOON)
    hearing(session, number)

    with pytest.raises(ProceedingHasPlannedHearings):
        operations.close_proceeding(session, number, 1, {"outcome": "x"}, by=LEA, now=NOON)


def test_a_hearing_is_held_with_its_result_and_the_next_date(session, number, first):
    planned = hearing(session, number, ends_at="2026-10-01T10:30:00Z")

    facts = {"state": "adjourned", "result": "Witness ill", "next_starts_at": "2026-11-05T09:00:00Z"}
    ended = operations.end_hearing(session, planned.id, facts, by=LEA, now=NOON)

    following = queries.get_hearing(session, ended.next_hearing_id, actor=LEA)
    assert (following.room, following.representative, following.state) == ("3", "leo", "planned")
    assert [one.id for one in queries.hearings_of(session, [first.id])[first.id]] == [planned.id, following.id]
    with pytest.raises(HearingOver):
        operations.end_hearing(session, planned.id, facts, by=LEA, now=NOON)


def test_a_hearing_that_was_held_says_what_came_of_it(session, number, first):
    planned = hearing(session, number)

    with pytest.raises(VariableMissing):
        operations.end_hearing(session, planned.id, {"state": "held"}, by=LEA, now=NOON)
    assert operations.end_hearing(session, planned.id, {"state": "held", "result": "Heard"}, by=LEA, now=NOON).state


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"starts_at": None}, VariableMissing, "starts_at"),
        ({"starts_at": "noon"}, VariableInvalid, "starts_at"),
        ({"starts_at": 7}, VariableInvalid, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, VariableInvalid, "starts_at"),
        ({"ends_at": "2026-10-01T09:00:00Z"}, VariableInvalid, "ends_at"),
        ({"representative": "ghost"}, NotAnActivePerson, "representative"),
    ],
)
def test_a_hearing_that_cannot_be_is_refused_by_name(session, number, first, facts, error, field):
    with pytest.raises(error) as refusal:
        hearing(session, number, **facts)

    assert refusal.value.field == field


def test_the_day_of_service_starts_the_clock_on_the_matter_once(session, opened, number, decided):
    assert opened.judgment_served_on is None

    recoveries.serve_decision(session, decided.id, {"served_on": "2026-09-20"}, by=LEA, now=NOON)

    assert opened.judgment_served_on == date(2026, 9, 20)
    with pytest.raises(DecisionServedBefore):
        recoveries.serve_decision(session, decided.id, {"served_on": "2026-09-21"}, by=LEA, now=NOON)


def test_a_decision_is_not_served_before_it_was_pronounced(session, opened, number, decided):
    with pytest.raises(VariableInvalid):
        recoveries.serve_decision(session, decided.id, {"served_on": "2026-09-01"}, by=LEA, now=NOON)
    with pytest.raises(VariableMissing):
        recoveries.serve_decision(session, decided.id, {}, by=LEA, now=NOON)
    with pytest.raises(VariableInvalid):
        recoveries.record_decision(
            session, number, 1, {"pronounced_on": "2026-09-10", "served_on": "2026-09-09"}, by=LEA, now=NOON
        )
    with pytest.raises(VariableMissing):
        recoveries.record_decision(session, number, 1, {}, by=LEA, now=NOON)
    served = {"pronounced_on": "2026-09-10", "served_on": "2026-09-12", "result": "granted"}
    recoveries.record_decision(session, number, 1, served, by=LEA, now=NOON)
    assert opened.judgment_served_on == date(2026, 9, 12)


def line(**facts):
    return {"recovery_kind": "treatment", "awarded": "800", "currency": "EUR", **facts}


def test_what_counts_is_the_latest_award_and_receipts_add_up(session, number, first):
    claims = [
        {"recovery_kind": "treatment", "amount": "1000", "currency": "EUR"},
        {"recovery_kind": "moral_harm", "amount": "5000", "currency": "EUR"},
    ]
    recoveries.set_claims(session, number, 1, claims, by=LEA, now=NOON)
    lower = {"pronounced_on": "2026-09-10", "lines": [line(), line(recovery_kind="burial", claimed="70", awarded="60")]}
    recoveries.record_decision(session, number, 1, lower, by=LEA, now=NOON)
    appeal = {"level": "appeal", "previous": 1, "link": "appeal"}
    operations.open_proceeding(session, number, appeal, by=LEA, now=NOON)
    higher = {"pronounced_on": "2026-12-10", "lines": [line(awarded="500"), line(awarded="50.5", basis="art. 1085")]}
    decision = recoveries.record_decision(session, number, 2, higher, by=LEA, now=NOON)
    due = {"recovery_kind": "treatment", "amount": "550.50", "currency": "EUR", "payer": "Beton AG", "repeats": "R/P1M"}
    recovery = recoveries.expect(session, number, {**due, "decision_line": str(decision.lines[0].id)}, by=LEA, now=NOON)
    recoveries.receive(session, recovery.id, {"amount": "300"}, by=LEA, now=NOON)
    recoveries.receive(session, recovery.id, {"amount": "250.50"}, by=LEA, now=NOON)

    found = {
        total.kind.key: (total.claimed, total.awarded, total.received)
        for total in queries.totals(session, number, actor=LEA)
    }

    assert found == {
        "treatment": (Decimal("1000.00"), Decimal("550.50"), Decimal("550.50")),
        "moral_harm": (Decimal("5000.00"), Decimal("0.00"), Decimal("0.00")),
        "burial": (Decimal("70.00"), Decimal("60.00"), Decimal("0.00")),
    }
    assert recovery.state == "received"


def test_claims_are_exactly_those_named_last(session, number, first):
    one = {"recovery_kind": "treatment", "amount": "1000", "currency": "EUR"}
    recoveries.set_claims(session, number, 1, [one, {**one, "recovery_kind": "burial"}], by=LEA, now=NOON)

    recoveries.set_claims(session, number, 1, [{**one, "amount": "900"}], by=LEA, now=NOON)

    assert [row.amount_minor for row in queries.claims_of(session, [first.id])[first.id]] == [90000]
    told = audit.of(session, "proceeding", f"{number}/1")[-1]
    assert len(told.before["claims"]) == 2
    assert told.after["claims"] == [{"recovery_kind": "treatment", "amount_minor": 90000, "currency": "EUR"}]


def test_a_mistaken_receipt_is_taken_back_with_a_reason_and_never_below_zero(session, number):
    due = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR"}
    recovery = recoveries.expect(session, number, due, by=LEA, now=NOON)
    recoveries.receive(session, recovery.id, {"amount": "40", "received_on": "2026-09-02"}, by=LEA, now=NOON)
    assert recovery.state == "part_received"

    with pytest.raises(VariableMissing):
        recoveries.receive(session, recovery.id, {"amount": "-40"}, by=LEA, now=NOON)
    with pytest.raises(RecoveryBelowZero):
        recoveries.receive(session, recovery.id, {"amount": "-41", "note": "x"}, by=LEA, now=NOON)
    recoveries.receive(session, recovery.id, {"amount": "-40", "note": "wrong matter"}, by=LEA, now=NOON)

    assert (recovery.state, recovery.received_minor) == ("expected", 0)
    assert sum(one.amount_minor for one in queries.receipts_of(session, recovery)) == 0
    recoveries.write_off(session, recovery.id, {"reason": "insolvent"}, by=LEA, now=NOON)
    assert [one.state for one in queries.recoveries_of(session, number, actor=LEA)] == ["written_off"]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"recovery_kind": ""}, VariableMissing),
        ({"recovery_kind": "gold"}, EntryUnknown),
        ({"amount": ""}, VariableMissing),
        ({"amount": "0"}, AmountInvalid),
        ({"amount": "-1"}, AmountInvalid),
        ({"currency": "GOLD"}, CurrencyUnknown),
        ({"repeats": "monthly"}, VariableInvalid),
        ({"decision_line": "x"}, VariableInvalid),
        ({"decision_line": str(new_id())}, VariableInvalid),
        ({"due_on": "x"}, VariableInvalid),
    ],
)
def test_a_recovery_that_cannot_be_is_refused(session, number, facts, error):
    due = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR", **facts}

    with pytest.raises(error):
        recoveries.expect(session, number, due, by=LEA, now=NOON)


@pytest.mark.parametrize("lines", ["treatment", ["treatment"], [{}] * 101])
def test_lines_that_are_none_are_refused(session, number, first, lines):
    with pytest.raises(VariableInvalid):
        recoveries.record_decision(
            session, number, 1, {"pronounced_on": "2026-09-10", "lines": lines}, by=LEA, now=NOON
        )


def test_the_same_kind_is_claimed_once(session, number, first):
    one = {"recovery_kind": "treatment", "amount": "1000", "currency": "EUR"}

    with pytest.raises(VariableInvalid):
        recoveries.set_claims(session, number, 1, [one, one], by=LEA, now=NOON)


def test_without_the_right_amounts_are_read_only(session, number, first):
    due = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR"}
    recovery = recoveries.expect(session, number, due, by=LEA, now=NOON)

    for refused in (
        lambda: recoveries.set_claims(session, number, 1, [], by=READER, now=NOON),
        lambda: recoveries.expect(session, number, due, by=READER, now=NOON),
        lambda: recoveries.receive(session, recovery.id, {"amount": "1"}, by=READER, now=NOON),
        lambda: recoveries.write_off(session, recovery.id, {"reason": "x"}, by=READER, now=NOON),
        lambda: recoveries.record_decision(
            session, number, 1, {"pronounced_on": "2026-09-10", "lines": [line()]}, by=READER, now=NOON
        ),
    ):
        with pytest.raises(RightMissing):
            refused()
    assert recoveries.record_decision(session, number, 1, {"pronounced_on": "2026-09-10"}, by=READER, now=NOON)


def test_an_outsider_finds_nothing_of_a_matter_s_proceedings(session, number, first, decided):
    planned = hearing(session, number)
    due = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR"}
    recovery = recoveries.expect(session, number, due, by=LEA, now=NOON)

    for error, refused in (
        (MatterNotFound, lambda: queries.of_matter(session, number, actor=STRANGER)),
        (MatterNotFound, lambda: queries.get(session, number, 1, actor=STRANGER)),
        (MatterNotFound, lambda: queries.totals(session, number, actor=STRANGER)),
        (MatterNotFound, lambda: queries.recoveries_of(session, number, actor=STRANGER)),
        (HearingNotFound, lambda: queries.get_hearing(session, planned.id, actor=STRANGER)),
        (DecisionNotFound, lambda: queries.get_decision(session, decided.id, actor=STRANGER)),
        (RecoveryNotFound, lambda: queries.get_recovery(session, recovery.id, actor=STRANGER)),
        (MatterNotFound, lambda: operations.open_proceeding(session, number, {}, by=STRANGER, now=NOON)),
        (HearingNotFound, lambda: operations.end_hearing(session, planned.id, {}, by=STRANGER, now=NOON)),
        (ProceedingNotFound, lambda: queries.get(session, number, 9, actor=LEA)),
    ):
        with pytest.raises(error):
            refused()
    assert queries.decisions_of(session, [first.id])[first.id] == [decided]
    assert timedelta(0) <= planned.starts_at - NOON
    assert LEO.username == planned.representative
