"""Registering, verifying, ending: two persons for fatal ones, a reason for every change, nothing ever deleted."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from engine.actor import SYSTEM
from practice.audit import queries as audit
from practice.deadlines import operations, queries, records
from practice.deadlines.errors import (
    DayOutOfRange,
    DeadlineDiffers,
    DeadlineEnded,
    DeadlineNotFound,
    DeadlineSourceMissing,
    MayNotKeepDeadlines,
    PackUnknown,
    ReasonMissing,
    RequestNotOpen,
    RequestOpen,
    RuleUnknown,
    SecondPersonNeeded,
    SourceNotSeen,
)
from practice.deadlines.models import Deadline, DeadlineChange
from practice.errors import MatterNotFound, NotAnActivePerson, VariableInvalid, VariableMissing
from tests.conftest import NOON
from tests.practice.deadlines.conftest import APPEAL, LEA, LEO, PETRA, RITA, SOURCE, STRANGER

DUE = date(2026, 9, 16)


def changes(session, deadline):
    session.flush()
    return [(one.kind, one.by) for one in deadline.changes]


def test_a_rule_gives_the_day_and_the_record_says_how(session, appeal):
    assert (appeal.due_on, appeal.state, appeal.is_fatal, appeal.persons) == (DUE, "proposed", True, 2)
    assert (appeal.responsible, appeal.calendar, appeal.time_zone) == ("lea", "cn.courts", "Asia/Shanghai")
    assert [step["code"] for step in appeal.steps] == ["anchor", "counted"]
    assert "171" in appeal.citation
    assert not appeal.pack_confirmed
    assert changes(session, appeal) == [("proposed", "lea")]
    assert [event.kind for event in audit.of(session, "deadline", appeal.id)] == ["deadline_proposed"]


def test_its_warnings_and_pre_deadlines_are_laid_down(session, appeal):
    found = {(row.key, row.warn_on) for row in appeal.warnings}

    assert {("-10", date(2026, 9, 6)), ("-1", date(2026, 9, 15)), ("-0", DUE)} <= found
    # -10 days is Sunday 6 September, so the firm decides on Friday the 4th; -3 the 13th, so Friday the 11th.
    assert {("decision", date(2026, 9, 4)), ("client_choice", date(2026, 9, 9)), ("filing", date(2026, 9, 11))} <= found


def test_nobody_verifies_their_own_fatal_deadline(session, appeal):
    with pytest.raises(SecondPersonNeeded) as refusal:
        operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=LEA, now=NOON)

    assert refusal.value.username == "lea"
    assert appeal.state == "proposed"


def test_the_system_is_no_second_person(session, appeal):
    with pytest.raises(SecondPersonNeeded):
        records.verify(session, appeal, due_on=DUE, by=SYSTEM, now=NOON)


def test_a_second_person_verifies_it_with_the_document_in_view(session, appeal):
    with pytest.raises(SourceNotSeen):
        operations.verify(session, appeal.id, due_on=DUE, document_seen=False, by=PETRA, now=NOON)

    operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)

    assert (appeal.state, appeal.verified_by) == ("verified", "petra")
    assert changes(session, appeal) == [("proposed", "lea"), ("verified", "petra")]


def test_who_comes_to_another_day_does_not_verify(session, appeal):
    with pytest.raises(DeadlineDiffers) as refusal:
        operations.verify(session, appeal.id, due_on=date(2026, 9, 17), document_seen=True, by=PETRA, now=NOON)

    assert (refusal.value.on, refusal.value.given) == (DUE, date(2026, 9, 17))
    assert appeal.state == "proposed"


def test_verifying_twice_changes_nothing(session, appeal):
    for _ in range(2):
        operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)

    assert changes(session, appeal) == [("proposed", "lea"), ("verified", "petra")]


def test_a_deadline_that_is_verified_is_not_verified_by_a_third(session, appeal):
    operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)

    with pytest.raises(DeadlineEnded):
        records.verify(session, appeal, due_on=DUE, by=LEO, now=NOON)


def test_a_rule_that_leaves_a_choice_wants_to_know_how_it_was_made(session, propose):
    evidence = propose(rule="evidence")

    with pytest.raises(ReasonMissing):
        operations.verify(session, evidence.id, due_on=evidence.due_on, document_seen=True, by=PETRA, now=NOON)
    operations.verify(
        session,
        evidence.id,
        due_on=evidence.due_on,
        document_seen=True,
        reason="The court set no longer period",
        by=PETRA,
        now=NOON,
    )

    assert evidence.state == "verified"


def test_a_second_person_may_disagree_with_a_reason(session, appeal):
    with pytest.raises(ReasonMissing):
        operations.dispute(session, appeal.id, reason="  ", by=PETRA, now=NOON)
    operations.dispute(session, appeal.id, reason="The stamp says 2 September", by=PETRA, now=NOON)

    assert appeal.state == "proposed"
    assert changes(session, appeal)[-1] == ("disputed", "petra")


def test_one_person_stands_for_a_deadline_that_is_not_fatal(session, propose):
    remarks = propose(pack="ru", rule="minutes_remarks")

    assert (remarks.state, remarks.verified_by, remarks.persons) == ("verified", "lea", 1)


def test_a_fatal_deadline_ends_by_two_persons(session, appeal):
    operations.end(session, appeal.id, "met", reason="Filed on 10 September, receipt 7741", by=LEA, now=NOON)
    assert appeal.is_open
    with pytest.raises(SecondPersonNeeded):
        operations.confirm_end(session, appeal.id, by=LEA, now=NOON)
    with pytest.raises(RequestOpen):
        operations.end(session, appeal.id, "met", reason="Filed", by=PETRA, now=NOON)

    operations.confirm_end(session, appeal.id, by=PETRA, now=NOON)

    assert (appeal.state, appeal.ended_by) == ("met", "petra")
    assert appeal.end_reason == "Filed on 10 September, receipt 7741"
    assert changes(session, appeal)[1:] == [("met_requested", "lea"), ("met", "petra")]


def test_an_end_may_be_refused_and_the_deadline_goes_on(session, appeal):
    operations.end(session, appeal.id, "waived", reason="The client does not appeal", by=LEA, now=NOON)
    operations.refuse_end(session, appeal.id, reason="There is nothing in writing", by=PETRA, now=NOON)

    assert (appeal.is_open, appeal.ending) == (True, None)
    with pytest.raises(RequestNotOpen):
        operations.confirm_end(session, appeal.id, by=PETRA, now=NOON)
    with pytest.raises(RequestNotOpen):
        operations.refuse_end(session, appeal.id, reason="Again", by=PETRA, now=NOON)


def test_a_deadline_that_is_not_fatal_ends_by_one(session, propose):
    remarks = propose(pack="ru", rule="minutes_remarks")

    operations.end(session, remarks.id, "met", reason="Remarks filed", by=LEA, now=NOON)

    assert remarks.state == "met"


def test_what_has_ended_does_not_end_again(session, propose):
    remarks = propose(pack="ru", rule="minutes_remarks")
    operations.end(session, remarks.id, "met", reason="Remarks filed", by=LEA, now=NOON)

    for outcome in ("met", "waived"):
        with pytest.raises(DeadlineEnded):
            operations.end(session, remarks.id, outcome, reason="Again", by=LEA, now=NOON)
    with pytest.raises(DeadlineEnded):
        operations.dispute(session, remarks.id, reason="No", by=PETRA, now=NOON)


@pytest.mark.parametrize(("outcome", "reason", "error"), [("met", "", ReasonMissing), ("lost", "x", VariableInvalid)])
def test_an_end_has_a_known_outcome_and_a_reason(session, appeal, outcome, reason, error):
    with pytest.raises(error):
        operations.end(session, appeal.id, outcome, reason=reason, by=LEA, now=NOON)


def test_a_day_by_hand_is_fatal_unless_somebody_says_otherwise(session, propose):
    fatal = propose(name="Answer the court", due_on="2026-10-01", citation="Order of 1 September", source=SOURCE)
    plain = propose(name="Bring copies", due_on="2026-10-01", citation="Letter", source=SOURCE, is_fatal=False)

    assert (fatal.is_fatal, fatal.state, fatal.pack) == (True, "proposed", None)
    assert (plain.is_fatal, plain.state) == (False, "verified")


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        ({"source": ""}, DeadlineSourceMissing, "source"),
        ({"pack": "atlantis"}, PackUnknown, "pack"),
        ({"rule": "flight"}, RuleUnknown, "rule"),
        ({"anchor_on": None}, VariableMissing, "anchor_on"),
        ({"anchor_on": "tomorrow"}, VariableInvalid, "anchor_on"),
        ({"anchor_on": "1066-10-14"}, DayOutOfRange, "anchor_on"),
        ({"rule": None, "name": "X", "citation": "Y", "due_on": "0001-01-01"}, DayOutOfRange, "due_on"),
        ({"rule": None, "name": "X", "due_on": "2026-10-01"}, VariableMissing, "citation"),
        ({"rule": None, "due_on": "2026-10-01", "citation": "Y"}, VariableMissing, "name"),
        ({"source": "x" * 5000}, VariableInvalid, "source"),
    ],
)
def test_what_cannot_be_registered_is_refused_by_its_field(session, ruiz, said, error, field):
    with pytest.raises(error) as refusal:
        operations.register(session, ruiz.number, {**APPEAL, **said}, by=LEA, now=NOON)

    assert refusal.value.field == field
    assert session.scalar(sa.select(sa.func.count()).select_from(Deadline)) == 0


def test_somebody_who_is_not_there_is_not_responsible(session, ruiz):
    with pytest.raises(NotAnActivePerson):
        operations.register(session, ruiz.number, {**APPEAL, "responsible": "ghost"}, by=LEA, now=NOON)


def test_who_may_keep_deadlines_is_asked_first(session, ruiz, appeal):
    from tests.practice import firm

    with pytest.raises(MayNotKeepDeadlines):
        operations.register(session, ruiz.number, APPEAL, by=firm.LEA, now=NOON)
    with pytest.raises(MayNotKeepDeadlines) as refusal:
        operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=RITA, now=NOON)

    assert refusal.value.right == "verify_deadlines"


def test_an_outsider_finds_no_deadline_whatever_they_ask(session, ruiz, appeal):
    for ask in (
        lambda: queries.get(session, appeal.id, actor=STRANGER),
        lambda: operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=STRANGER, now=NOON),
        lambda: operations.dispute(session, appeal.id, reason="No", by=STRANGER, now=NOON),
        lambda: operations.end(session, appeal.id, "met", reason="Done", by=STRANGER, now=NOON),
        lambda: operations.confirm_end(session, appeal.id, by=STRANGER, now=NOON),
        lambda: operations.refuse_end(session, appeal.id, reason="No", by=STRANGER, now=NOON),
        lambda: operations.change(session, appeal.id, {"due_on": "2026-10-01"}, reason="x", by=STRANGER, now=NOON),
    ):
        with pytest.raises(DeadlineNotFound):
            ask()
    with pytest.raises(MatterNotFound):
        operations.register(session, ruiz.number, APPEAL, by=STRANGER, now=NOON)
    assert queries.search(session, actor=STRANGER).items == []
    assert queries.count(session, actor=STRANGER) == 0
    assert queries.waiting_for_second_person(session, actor=STRANGER) == []


def test_the_list_knows_mine_the_teams_and_a_period(session, ruiz, appeal, propose):
    later = propose(anchor_on="2026-10-10", responsible="petra")

    def listed(**wanted):
        return [deadline.id for deadline, _ in queries.search(session, **wanted).items]

    assert listed(actor=LEA) == [appeal.id, later.id]
    assert listed(actor=LEA, scope="mine") == [appeal.id]
    assert listed(actor=PETRA, scope="mine") == [later.id]
    assert listed(actor=PETRA, scope="team") == [appeal.id, later.id]
    assert listed(actor=LEA, due_from=date(2026, 10, 1)) == [later.id]
    assert listed(actor=LEA, due_to=DUE) == [appeal.id]
    assert listed(actor=LEA, fatal=False) == []
    assert listed(actor=LEA, matter="2026-CV-9999") == []
    assert listed(actor=LEA, states=["met"]) == []
    assert queries.count(session, actor=LEA, scope="mine") == 1


def test_the_list_goes_on_by_its_cursor(session, propose):
    made = [propose(anchor_on=f"2026-09-{day:02d}").id for day in range(1, 6)]

    first = queries.search(session, actor=LEA, limit=2)
    second = queries.search(session, actor=LEA, limit=2, cursor=first.next_cursor)
    third = queries.search(session, actor=LEA, limit=2, cursor=second.next_cursor)

    found = [deadline.id for page in (first, second, third) for deadline, _ in page.items]
    assert sorted(found) == sorted(made)
    assert len(found) == len(set(found))
    assert third.next_cursor is None


def test_the_second_person_sees_what_waits_for_them(session, appeal):
    assert queries.waiting_for_second_person(session, actor=LEA) == []
    assert [deadline.id for deadline, _ in queries.waiting_for_second_person(session, actor=PETRA)] == [appeal.id]

    operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)
    operations.end(session, appeal.id, "met", reason="Filed", by=PETRA, now=NOON)

    assert [deadline.id for deadline, _ in queries.waiting_for_second_person(session, actor=LEA)] == [appeal.id]
    assert queries.waiting_for_second_person(session, actor=PETRA) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM deadline",
        "DELETE FROM deadline_change",
        "UPDATE deadline_change SET reason = 'nothing happened'",
        "UPDATE deadline SET verified_by = created_by, verified_at = created_at, state = 'verified'",
        "UPDATE deadline SET state = 'met'",
        "UPDATE deadline SET persons = 1",
    ],
)
def test_the_database_itself_refuses_to_forget_or_forge(session, appeal, statement):
    session.flush()

    with pytest.raises(DatabaseError), session.begin_nested():
        session.execute(sa.text(statement))

    assert session.scalar(sa.select(sa.func.count()).select_from(Deadline)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(DeadlineChange)) == 1


def test_a_chain_is_registered_as_one_and_hangs_together(session, ruiz):
    said = {"pack": "neutral", "chain": "demand", "anchor_on": "2026-09-01", "source": SOURCE}

    made = operations.register(session, ruiz.number, said, by=LEA, now=NOON)

    assert [one.due_on for one in made] == [date(2026, 9, 15), date(2026, 9, 28), date(2026, 10, 26)]
    assert len({one.chain_id for one in made}) == 1
    assert [one.after_id for one in made] == [None, made[0].id, made[1].id]


def test_a_preview_registers_nothing(session, ruiz):
    rule, found = operations.preview(session, APPEAL)

    assert (rule.key, found.on) == ("appeal_judgment", DUE)
    assert session.scalar(sa.select(sa.func.count()).select_from(Deadline)) == 0


def test_the_calendar_of_the_courts_region_may_be_chosen(session, ruiz):
    said = {"pack": "de", "rule": "appeal_judgment", "anchor_on": "2026-05-04", "source": SOURCE}

    in_bavaria = operations.register(session, ruiz.number, {**said, "calendar": "de.by"}, by=LEA, now=NOON)[0]

    assert in_bavaria.due_on == date(2026, 6, 5)
    assert in_bavaria.due_on - date(2026, 6, 4) == timedelta(days=1)
