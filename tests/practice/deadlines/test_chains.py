"""Chains of deadlines, stays and properties of the arithmetic."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.deadlines import chains, periods
from practice.deadlines.calendars import CalendarRule, Recess, WorkingCalendar
from practice.deadlines.rules import Offset, Rule

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
WEEK = WorkingCalendar(CalendarRule("week", "Week"))


def rule(n: int, unit: str, **more) -> Rule:
    return Rule("period", "Period", "event", "event", Offset(n, unit), "week", "the test", **more)


def test_a_chain_forward_hangs_each_deadline_on_the_one_before(library):
    pack = library.pack("neutral")

    plan = chains.plan(library, pack, library.chain("neutral", "demand"), date(2026, 9, 1))

    # 14 days to Tuesday the 15th; 11 to Saturday the 26th, so Monday; 28 to Monday 26 October.
    assert [(one.rule.key, one.after, one.on) for one in plan] == [
        ("demand_reply", None, date(2026, 9, 15)),
        ("demand_follow_up", "demand_reply", date(2026, 9, 28)),
        ("suit_after_demand", "demand_follow_up", date(2026, 10, 26)),
    ]


def test_a_chain_backward_counts_from_the_hearing(library):
    pack = library.pack("neutral")

    plan = chains.plan(library, pack, library.chain("neutral", "hearing"), date(2026, 11, 23))

    # -3 is a Friday; -1 a Sunday, so the Friday before.
    assert [one.on for one in plan] == [
        date(2026, 11, 9),
        date(2026, 11, 16),
        date(2026, 11, 20),
        date(2026, 11, 20),
    ]


def test_a_chain_may_go_forward_and_then_back(library):
    plan = chains.plan(library, library.pack("neutral"), library.chain("neutral", "evidence"), date(2026, 9, 1))

    assert [one.on for one in plan] == [date(2026, 9, 16), date(2026, 9, 9)]


def test_a_chain_waits_behind_a_stay_that_has_no_end(library):
    pack = library.pack("neutral")
    stays = [periods.Stay(date(2026, 9, 5))]

    plan = chains.plan(library, pack, library.chain("neutral", "judgment"), date(2026, 9, 1), stays=stays)

    assert [(one.rule.key, one.on) for one in plan] == [("advice", date(2026, 9, 4)), ("appeal_judgment", None)]


def test_what_a_link_hangs_on_without_a_day_has_no_day_either(library):
    from dataclasses import replace

    first = replace(library.rule("neutral", "demand_reply", on=date(2026, 9, 1)), stays="stop")
    pack = library.pack("neutral")
    own = replace(pack, rules=tuple(first if one.key == first.key else one for one in pack.rules))
    changed = replace(library, packs={**library.packs, "neutral": own})

    plan = chains.plan(
        changed, own, library.chain("neutral", "demand"), date(2026, 9, 1), stays=[periods.Stay(date(2026, 9, 5))]
    )

    assert [one.on for one in plan] == [None, None, None]


def test_a_stay_that_stops_adds_its_days_and_one_that_restarts_begins_anew():
    stay = [periods.Stay(date(2026, 9, 7), date(2026, 9, 16))]

    stopped = periods.compute(rule(15, "days", stays="stop"), date(2026, 9, 1), calendar=WEEK, stays=stay)
    restarted = periods.compute(rule(15, "days", stays="restart"), date(2026, 9, 1), calendar=WEEK, stays=stay)
    ignored = periods.compute(rule(15, "days"), date(2026, 9, 1), calendar=WEEK, stays=stay)

    # The 26th is a Saturday.
    assert (stopped.on, restarted.on, ignored.on) == (date(2026, 9, 28), date(2026, 10, 1), date(2026, 9, 16))


def test_a_stay_before_or_after_the_period_changes_nothing():
    stays = [periods.Stay(date(2026, 8, 1), date(2026, 8, 20)), periods.Stay(date(2026, 12, 1))]

    for effect in ("stop", "restart"):
        found = periods.compute(rule(15, "days", stays=effect), date(2026, 9, 1), calendar=WEEK, stays=stays)
        assert found.on == date(2026, 9, 16)


def test_a_recess_may_run_over_the_new_year():
    recess = Recess("Christmas recess", (12, 24), (1, 6), "suspends")
    calendar = WorkingCalendar(CalendarRule("r", "R", recesses=(recess,)))

    found = periods.compute(rule(10, "days", honours_recess=True), date(2026, 12, 21), calendar=calendar)

    # 22 and 23 December, then 7 to 14 January.
    assert found.on == date(2027, 1, 14)


def test_a_recess_may_close_the_office_instead():
    recess = Recess("Office closed", (12, 24), (1, 1), "closes")
    calendar = WorkingCalendar(CalendarRule("r", "R", recesses=(recess,)))

    found = periods.compute(rule(5, "days"), date(2026, 12, 21), calendar=calendar)

    assert found.on == date(2027, 1, 4)


def test_warnings_are_days_before_the_earliest_first():
    assert periods.warning_days(date(2026, 9, 16), [1, 7, 1]) == [(7, date(2026, 9, 9)), (1, date(2026, 9, 15))]


def test_every_step_says_what_it_did(library):
    appeal = library.rule("cn", "appeal_judgment", on=date(2025, 9, 16))

    steps = [step.as_dict() for step in library.compute(appeal, date(2025, 9, 16)).steps]

    assert steps == [
        {"code": "anchor", "kind": "served", "on": "2025-09-16"},
        {"code": "counted", "on": "2025-10-01", "n": 15, "unit": "days", "direction": "after"},
        {"code": "rolled", "day": "2025-10-01", "because": "National Day", "on": "2025-10-09"},
    ]


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(1, 60))
def test_months_never_skip_one_and_never_pass_the_day_of_the_month(day, count):
    end, is_missing = periods.add_months(day, count)

    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == count
    assert end.day <= day.day
    assert is_missing == (end.day < day.day)
    assert not is_missing or (end + timedelta(days=1)).day == 1


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(-90, 90).filter(bool))
def test_working_days_are_counted_one_by_one(day, count):
    end = WEEK.add_working_days(day, count)
    low, high = min(day, end), max(day, end)
    between = [low + timedelta(days=at) for at in range((high - low).days + 1)]

    assert WEEK.is_working(end)
    assert sum(WEEK.is_working(one) for one in between if one != day) == abs(count)


@settings(max_examples=200, deadline=None)
@given(DAYS, st.integers(1, 400), st.sampled_from(["days", "weeks", "working_days"]))
def test_a_later_start_never_gives_an_earlier_end(day, count, unit):
    later = day + timedelta(days=1)
    said = rule(count, unit)

    first = periods.compute(said, day, calendar=WEEK).on
    second = periods.compute(said, later, calendar=WEEK).on

    assert first is not None
    assert second is not None
    assert first <= second


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(1, 60), st.integers(0, 40), st.integers(0, 30))
def test_a_stop_within_a_period_adds_exactly_its_days(day, count, after, length):
    stay = periods.Stay(day + timedelta(days=1 + after % count), day + timedelta(days=1 + after % count + length))
    said = rule(count, "days", stays="stop", roll="none")

    found = periods.compute(said, day, calendar=WEEK, stays=[stay]).on

    assert found == day + timedelta(days=count + length + 1)


@pytest.mark.parametrize("unit", ["days", "weeks", "months", "years", "working_days"])
def test_an_offset_counts_back_as_it_counts_forward(unit):
    there = periods.add(date(2026, 9, 15), Offset(3, unit), calendar=WEEK)

    assert periods.add(there, Offset(-3, unit), calendar=WEEK) == date(2026, 9, 15)
