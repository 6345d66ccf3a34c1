"""Anchors move, holidays are announced, proceedings stand still: what was calculated is superseded, never overwritten."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from practice.deadlines import library as libraries
from practice.deadlines import operations, queries, recomputation
from practice.deadlines.errors import (
    CalendarUnknown,
    DeadlineEnded,
    MayNotKeepDeadlines,
    ReasonMissing,
    StayInvalid,
    StayNotFound,
)
from practice.deadlines.models import Deadline
from practice.errors import MatterNotFound, VariableMissing
from tests.conftest import NOON
from tests.practice.deadlines.conftest import LEA, LEO, PETRA, SOURCE, STRANGER

DUE = date(2026, 9, 16)
ORDER = {"name": "Court moved", "citation": "Order of the president of the court"}


@pytest.fixture
def verified(session, appeal):
    """The appeal, verified by Petra."""
    return operations.verify(session, appeal.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)


def change(session, deadline, by=LEA, reason="The stamp says the 3rd", **said):
    return operations.change(session, deadline.id, said, reason=reason, by=by, now=NOON)


def test_another_anchor_supersedes_and_asks_for_verification_again(session, verified):
    replacement = change(session, verified, anchor_on="2026-09-03")

    # 15 days from 3 September: Friday the 18th. The verified one counts on until somebody has verified that.
    assert (replacement.state, replacement.due_on, replacement.supersedes_id) == (
        "proposed",
        date(2026, 9, 18),
        verified.id,
    )
    assert verified.state == "verified"
    assert [one.kind for one in verified.changes][-1] == "replacement_proposed"

    operations.verify(session, replacement.id, due_on=date(2026, 9, 18), document_seen=True, by=PETRA, now=NOON)

    assert (verified.state, replacement.state) == ("superseded", "verified")
    assert "2026-09-18" in verified.end_reason


def test_what_nobody_has_verified_is_superseded_at_once(session, appeal):
    replacement = change(session, appeal, anchor_on="2026-09-03")

    assert (appeal.state, appeal.end_reason, replacement.state) == (
        "superseded",
        "The stamp says the 3rd",
        "proposed",
    )


def test_a_second_change_takes_the_place_of_the_first_one(session, verified):
    first = change(session, verified, anchor_on="2026-09-03")
    second = change(session, first, anchor_on="2026-09-04")

    assert (verified.state, first.state, second.state) == ("verified", "superseded", "proposed")
    assert second.supersedes_id == verified.id


def test_a_day_by_hand_takes_the_place_of_the_calculated_one(session, verified):
    replacement = change(session, verified, by=PETRA, due_on="2026-09-14", reason="The judge said so")

    assert (replacement.due_on, replacement.computed_on, replacement.created_by) == (date(2026, 9, 14), DUE, "petra")
    assert replacement.state == "proposed"


def test_a_change_needs_a_reason_and_an_open_deadline(session, propose):
    remarks = propose(pack="ru", rule="minutes_remarks")
    with pytest.raises(ReasonMissing):
        change(session, remarks, reason=" ", anchor_on="2026-09-03")
    operations.end(session, remarks.id, "met", reason="Filed", by=LEA, now=NOON)

    with pytest.raises(DeadlineEnded):
        change(session, remarks, anchor_on="2026-09-03")


def test_what_no_rule_calculated_is_changed_by_hand_only(session, propose):
    order = propose(name="Answer the court", due_on="2026-10-01", citation="Order of 1 September", source=SOURCE)

    with pytest.raises(VariableMissing) as refusal:
        change(session, order, anchor_on="2026-09-03")

    assert refusal.value.field == "due_on"
    assert change(session, order, due_on="2026-10-08").due_on == date(2026, 10, 8)


def test_links_of_a_chain_follow_the_one_they_hang_on(session, ruiz):
    said = {"pack": "neutral", "chain": "demand", "anchor_on": "2026-09-01", "source": SOURCE}
    first, second, third = operations.register(session, ruiz.number, said, by=LEA, now=NOON)

    change(session, first, anchor_on="2026-09-08")

    assert {one.state for one in (first, second, third)} == {"superseded"}
    open_ones = queries.of_read_matter(session, ruiz)[:3]
    assert [one.due_on for one in open_ones] == [date(2026, 9, 22), date(2026, 10, 5), date(2026, 11, 2)]
    assert [one.after_id for one in open_ones] == [None, open_ones[0].id, open_ones[1].id]


def test_a_holiday_announced_late_moves_what_ends_on_it(session, verified, propose):
    other = propose(anchor_on="2026-09-02")

    _, replaced = recomputation.add_calendar_day(session, "cn.courts", DUE, ORDER, is_working=False, by=PETRA, now=NOON)

    assert [(one.supersedes_id, one.due_on) for one in replaced] == [(verified.id, date(2026, 9, 17))]
    assert (verified.state, replaced[0].state, other.state) == ("verified", "proposed", "proposed")


def test_a_holiday_taken_back_withdraws_what_was_proposed_for_it(session, verified):
    _, replaced = recomputation.add_calendar_day(session, "cn.courts", DUE, ORDER, is_working=False, by=PETRA, now=NOON)

    recomputation.add_calendar_day(session, "cn.courts", DUE, ORDER, is_working=True, by=PETRA, now=NOON)

    assert (verified.state, replaced[0].state) == ("verified", "superseded")
    assert session.scalar(sa.select(sa.func.count()).select_from(Deadline)) == 2


def test_a_day_by_hand_is_not_moved_by_a_calendar_but_told_of_it(session, appeal):
    by_hand = change(session, appeal, due_on="2026-09-14")

    _, replaced = recomputation.add_calendar_day(session, "cn.courts", DUE, ORDER, is_working=False, by=PETRA, now=NOON)

    assert replaced == []
    assert (by_hand.state, by_hand.due_on) == ("proposed", date(2026, 9, 14))
    assert [one.kind for one in by_hand.changes][-1] == "recompute_asked"


def test_calendars_are_kept_by_those_who_may(session, ruiz):
    with pytest.raises(MayNotKeepDeadlines):
        recomputation.add_calendar_day(session, "cn.courts", DUE, ORDER, is_working=False, by=LEA, now=NOON)
    with pytest.raises(CalendarUnknown):
        recomputation.add_calendar_day(session, "julian", DUE, ORDER, is_working=False, by=PETRA, now=NOON)
    with pytest.raises(VariableMissing):
        recomputation.add_calendar_day(session, "cn.courts", DUE, {}, is_working=False, by=PETRA, now=NOON)


def test_another_version_of_a_pack_calculates_anew(session, verified):
    shipped = libraries.current()
    pack = shipped.pack("cn")
    rules = tuple(
        replace(rule, offset=rule.offset._replace(n=20)) if rule.key == "appeal_judgment" else rule
        for rule in pack.rules
    )
    newer = replace(shipped, packs={**shipped.packs, "cn": replace(pack, version="2027.1", rules=rules)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libraries, "current", lambda: newer)
        replaced = recomputation.follow_packs(session, by=PETRA, now=NOON)

    # Monday 21 September.
    assert [(one.due_on, one.pack_version, one.state) for one in replaced] == [
        (date(2026, 9, 21), "2027.1", "proposed")
    ]


def test_a_rule_that_is_gone_leaves_its_deadlines_and_says_so(session, verified):
    shipped = libraries.current()
    newer = replace(
        shipped, packs={**shipped.packs, "cn": replace(shipped.pack("cn"), version="2027.1", rules=(), chains=())}
    )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libraries, "current", lambda: newer)
        assert recomputation.follow_packs(session, by=PETRA, now=NOON) == []

    assert verified.state == "verified"
    assert [one.kind for one in verified.changes][-1] == "rule_gone"


# -- stays ------------------------------------------------------------------------------------------------


@pytest.fixture
def neutral(session, propose):
    """An appeal that a stay stops: from 1 September to Wednesday the 16th."""
    made = propose(pack="neutral")
    return operations.verify(session, made.id, due_on=DUE, document_seen=True, by=PETRA, now=NOON)


def test_a_stay_stops_the_deadline_and_its_end_lets_it_run_on(session, ruiz, neutral):
    first = date(2026, 9, 7)
    row, stopped = recomputation.stay(
        session, ruiz.number, first_on=first, last_on=None, reason="Insolvency", by=LEA, now=NOON
    )

    assert [one.due_on for one in stopped] == [None]
    operations.verify(session, stopped[0].id, due_on=None, document_seen=True, by=PETRA, now=NOON)
    assert neutral.state == "superseded"

    _, running = recomputation.resume(session, row.id, last_on=first + timedelta(days=9), by=LEO_MAY, now=NOON)

    assert [(one.due_on, one.state) for one in running] == [(date(2026, 9, 26), "proposed")]


LEO_MAY = replace(LEO, rights=LEO.rights | {"see_all_matters"})


def test_a_stay_does_not_touch_what_its_rule_leaves_running(session, ruiz, verified):
    _, moved = recomputation.stay(
        session, ruiz.number, first_on=date(2026, 9, 7), last_on=None, reason="Talks", by=LEA, now=NOON
    )

    assert moved == []


def test_stays_are_refused_by_name(session, ruiz):
    def begin(first, last, **more):
        return recomputation.stay(
            session,
            ruiz.number,
            **{"first_on": first, "last_on": last, "reason": "Talks", "by": LEA, "now": NOON, **more},
        )

    row, _ = begin(date(2026, 9, 7), None)
    with pytest.raises(StayInvalid):
        begin(date(2026, 9, 10), date(2026, 9, 9))
    with pytest.raises(StayInvalid):
        begin(date(2026, 9, 1), date(2026, 9, 7))
    with pytest.raises(VariableMissing):
        begin(date(2026, 1, 1), date(2026, 1, 2), reason=" ")
    with pytest.raises(MatterNotFound):
        begin(date(2026, 1, 1), None, by=STRANGER)
    with pytest.raises(StayNotFound):
        recomputation.resume(session, row.id, last_on=date(2026, 9, 8), by=STRANGER, now=NOON)
    with pytest.raises(StayInvalid):
        recomputation.resume(session, row.id, last_on=date(2026, 9, 6), by=LEA, now=NOON)
    recomputation.resume(session, row.id, last_on=date(2026, 9, 8), by=LEA, now=NOON)
    with pytest.raises(StayInvalid):
        recomputation.resume(session, row.id, last_on=date(2026, 9, 9), by=LEA, now=NOON)
