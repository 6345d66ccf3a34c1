"""What the rules themselves say in their examples, and what their words lead to; each test cites its source."""

from datetime import date

import pytest

from practice.deadlines import periods
from practice.deadlines.calendars import CalendarRule, WorkingCalendar
from practice.deadlines.rules import Offset, Rule


def rule(n: int, unit: str, **more) -> Rule:
    """A rule made of nothing but a period."""
    return Rule(
        "period", "Period", "event", more.pop("anchor", "event"), Offset(n, unit), "weekdays", "the test", **more
    )


def last_day(library, said: Rule, anchor: date, calendar: str, **more) -> date | None:
    return periods.compute(said, anchor, calendar=library.calendar(calendar), **more).on


# -- England: CPR 2.8 -------------------------------------------------------------------------------------


def test_cpr_2_8_3_example_i_three_clear_days_before_a_hearing_on_a_friday(library):
    """CPR 2.8(3), example (i): heard on Friday 20 October (2023), the last date for service is Monday 16 October."""
    notice = library.rule("en", "application_notice", on=date(2023, 10, 20))

    assert library.compute(notice, date(2023, 10, 20)).on == date(2023, 10, 16)


def test_cpr_2_8_3_example_ii_a_hearing_at_least_28_days_after_notice(library):
    """CPR 2.8(3), example (ii): notice on 1 October, the earliest date for the hearing is 30 October."""
    at_least = rule(28, "days", clear=True, roll="none")

    assert last_day(library, at_least, date(2024, 10, 1), "en.courts") == date(2024, 10, 30)


def test_cpr_2_8_3_example_iii_particulars_within_14_days_of_the_claim_form(library):
    """CPR 2.8(3), example (iii): served on 2 October, the last day for the particulars is 16 October."""
    particulars = library.rule("en", "particulars", on=date(2024, 10, 2))

    assert library.compute(particulars, date(2024, 10, 2)).on == date(2024, 10, 16)


def test_cpr_2_8_4_example_short_periods_leave_weekends_out(library):
    """CPR 2.8(4), example: heard on Monday 20 October (2025), the last date for service is Tuesday 14 October."""
    notice = library.rule("en", "application_notice", on=date(2025, 10, 20))

    assert library.compute(notice, date(2025, 10, 20)).on == date(2025, 10, 14)


def test_cpr_2_8_4_leaves_christmas_and_boxing_day_out(library):
    """CPR 2.8(4)(b)(ii): before Tuesday 29 December 2026 the 28th is Boxing Day in lieu, the 25th Christmas."""
    notice = library.rule("en", "application_notice", on=date(2026, 12, 29))

    # 24, 23 and 22 December count; service is on the day before them.
    assert library.compute(notice, date(2026, 12, 29)).on == date(2026, 12, 21)


def test_a_skeleton_one_clear_day_before_a_monday_is_due_on_thursday(library):
    """Corfield v Howard [2024] EWHC 2727 (Comm): hearing on Monday 30 September 2024, due on Thursday the 26th."""
    skeleton = rule(-1, "days", clear=True, working_days_up_to=5, roll="previous", anchor="hearing")

    assert last_day(library, skeleton, date(2024, 9, 30), "en.courts") == date(2024, 9, 26)


def test_cpr_2_8_5_an_act_at_the_court_office_waits_until_it_opens(library):
    """CPR 2.8(5): 21 days from Friday 28 March 2025 end on Good Friday, 18 April; Monday is Easter Monday."""
    notice = library.rule("en", "appeal_judgment", on=date(2025, 3, 28))

    assert library.compute(notice, date(2025, 3, 28)).on == date(2025, 4, 22)


def test_cpr_7_5_the_claim_form_is_served_within_four_calendar_months_and_no_office_is_asked(library):
    """CPR 7.5(1): midnight on the calendar day four months after issue; CPR 2.10: a month is a calendar month."""
    service = library.rule("en", "claim_form_service", on=date(2025, 10, 31))

    assert library.compute(service, date(2025, 10, 31)).on == date(2026, 2, 28)


def test_cpr_6_26_first_class_post_is_served_on_the_second_day_or_the_next_business_day(library):
    """CPR 6.26: posted on Thursday 2 October 2025, the second day is a Saturday, so served on Monday 6 October."""
    defence = library.rule("en", "defence", on=date(2025, 10, 2))

    found = library.compute(defence, date(2025, 10, 2), service_method="first_class_post")

    assert [step.data["on"] for step in found.steps if step.code == "rolled"] == [date(2025, 10, 6)]
    assert found.on == date(2025, 10, 20)


# -- United States: Rule 6 --------------------------------------------------------------------------------


def test_frcp_6_a_5_a_forward_period_ending_on_a_saturday_runs_over_labor_day(library):
    """Rule 6(a)(5), committee note of 2009: the 30th day is Saturday, September 1, 2007; due Tuesday, September 4."""
    thirty = rule(30, "days", roll="onward")

    assert last_day(library, thirty, date(2007, 8, 2), "us.federal") == date(2007, 9, 4)


def test_frcp_6_a_5_a_backward_period_ending_on_a_saturday_goes_back_to_friday(library):
    """Rule 6(a)(5), committee note of 2009: the 21st day before is Saturday, September 1; due Friday, August 31."""
    before = rule(-21, "days", roll="onward", anchor="hearing")

    assert last_day(library, before, date(2007, 9, 22), "us.federal") == date(2007, 8, 31)


def test_frcp_6_d_three_days_follow_the_day_on_which_the_period_would_expire(library):
    """Rule 6(d), committee note of 2005: intermediate weekend days count among the three; the third, if none, is last.

    30 days from Wednesday 31 March 2010 expire on Friday 30 April; Saturday, Sunday and Monday 3 May follow.
    """
    answer = library.rule("us", "discovery_response", on=date(2010, 3, 31))

    found = library.compute(answer, date(2010, 3, 31), service_method="mail")

    assert found.on == date(2010, 5, 3)


def test_frcp_6_d_the_three_days_come_after_rule_6_a_has_moved_the_last_day(library):
    """Rule 6(d): "after the period would otherwise expire under Rule 6(a)".

    30 days from Thursday 2 August 2007 would expire on Tuesday 4 September; three days later is Friday the 7th.
    """
    answer = library.rule("us", "discovery_response", on=date(2007, 8, 2))

    assert library.compute(answer, date(2007, 8, 2), service_method="mail").on == date(2007, 9, 7)


def test_frcp_6_a_1_counts_every_day_and_excludes_the_day_of_the_event(library):
    """Rule 6(a)(1): a complaint served on 1 June 2026 is answered by 22 June."""
    answer = library.rule("us", "answer", on=date(2026, 6, 1))

    assert library.compute(answer, date(2026, 6, 1)).on == date(2026, 6, 22)


def test_frcp_12_a_period_that_ends_on_independence_day_observed_runs_on(library):
    """Rule 6(a)(1)(C) and (6)(A): the 21st day after 12 June 2026 is Friday 3 July, kept for 4 July."""
    answer = library.rule("us", "answer", on=date(2026, 6, 12))

    assert library.compute(answer, date(2026, 6, 12)).on == date(2026, 7, 6)


# -- European Union: Regulation 1182/71 -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # EDPB Guidelines 01/2022 on the right of access, section 5.3: from 5 March to 5 April at the latest.
        (date(2022, 3, 5), date(2022, 4, 5)),
        # The same: received on 31 August, September has no such day, so its last.
        (date(2022, 8, 31), date(2022, 9, 30)),
        # Article 3(2)(c), last sentence: in February, in a year that is none and one that is a leap year.
        (date(2023, 1, 31), date(2023, 2, 28)),
        (date(2024, 1, 30), date(2024, 2, 29)),
        # Article 3(4): 7 November 2026 is a Saturday.
        (date(2026, 10, 7), date(2026, 11, 9)),
    ],
)
def test_regulation_1182_71_months_end_on_the_same_date_or_the_months_last_day(library, received, due):
    """Regulation 1182/71, article 3(1), (2)(c) and (4)."""
    request = library.rule("eu", "access_request", on=received)

    assert library.compute(request, received).on == due


def test_regulation_1182_71_article_3_1_the_day_of_the_event_does_not_count(library):
    """Article 3(1) and (2)(b): 14 days from Monday 2 March 2026 end with Monday 16 March."""
    withdrawal = library.rule("eu", "consumer_withdrawal", on=date(2026, 3, 2))

    assert library.compute(withdrawal, date(2026, 3, 2)).on == date(2026, 3, 16)


def test_regulation_1182_71_article_3_4_moves_the_end_over_a_public_holiday(library):
    """Article 3(4): in Belgium 14 days from 17 April 2026 would end on Labour Day, a Friday; Monday is 4 May."""
    withdrawal = library.rule("eu", "consumer_withdrawal", on=date(2026, 4, 17))

    found = periods.compute(withdrawal, date(2026, 4, 17), calendar=library.calendar("eu.belgium"))

    assert found.on == date(2026, 5, 4)


def test_regulation_1182_71_article_3_4_does_not_apply_to_periods_counted_back(library):
    """Article 3(4), last sentence: eight days before Monday 12 October 2026 stay a Sunday."""
    before = rule(-8, "days", roll="none", anchor="hearing")

    assert last_day(library, before, date(2026, 10, 12), "eu.weekdays") == date(2026, 10, 4)


def test_regulation_1182_71_article_3_5_a_period_holds_two_working_days(library):
    """Article 3(5): two days from Thursday 30 April 2026 would hold Labour Day, Saturday and Monday only."""
    two_days = rule(2, "days", least_working_days=2)

    found = periods.compute(two_days, date(2026, 4, 30), calendar=library.calendar("eu.belgium"))

    assert found.on == date(2026, 5, 5)


def test_regulation_1182_71_article_3_2_weeks_end_on_the_same_weekday(library):
    """Article 3(2)(c): two weeks from a Wednesday end with a Wednesday."""
    assert last_day(library, rule(2, "weeks"), date(2026, 9, 2), "eu.weekdays") == date(2026, 9, 16)


# -- Germany: BGB 187, 188, 193 ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "said", "end"),
    [
        # 187(1), 188(1): the day of the event is not counted.
        (date(2026, 9, 1), rule(10, "days", roll="none"), date(2026, 9, 11)),
        # 187(2), 188(1): the day itself is counted.
        (date(2026, 9, 1), rule(10, "days", roll="none", start="included"), date(2026, 9, 10)),
        # 188(2), first case: the day of the same name, of the same number.
        (date(2026, 9, 2), rule(2, "weeks", roll="none"), date(2026, 9, 16)),
        (date(2026, 9, 2), rule(1, "months", roll="none"), date(2026, 10, 2)),
        # 188(2), second case: the day before it.
        (date(2026, 9, 1), rule(1, "months", roll="none", start="included"), date(2026, 9, 30)),
        (date(2026, 9, 2), rule(2, "weeks", roll="none", start="included"), date(2026, 9, 15)),
        (date(2026, 1, 1), rule(1, "years", roll="none", start="included"), date(2026, 12, 31)),
        # 188(3): the month has no such day.
        (date(2026, 1, 31), rule(1, "months", roll="none"), date(2026, 2, 28)),
        (date(2028, 1, 31), rule(1, "months", roll="none"), date(2028, 2, 29)),
        (date(2026, 3, 31), rule(1, "months", roll="none"), date(2026, 4, 30)),
        (date(2026, 1, 30), rule(1, "months", roll="none", start="included"), date(2026, 2, 28)),
        # 188(2), not (3): 28 February is a day of March, too; the end of the month means nothing.
        (date(2026, 2, 28), rule(1, "months", roll="none"), date(2026, 3, 28)),
        (date(2024, 2, 29), rule(1, "years", roll="none"), date(2025, 2, 28)),
        # 189(1): half a year is six months.
        (date(2026, 8, 31), rule(6, "months", roll="none"), date(2027, 2, 28)),
    ],
)
def test_bgb_188_ends_a_period(library, start, said, end):
    """BGB, sections 187 to 189."""
    assert last_day(library, said, start, "de.federal") == end


def test_bgb_193_moves_the_end_over_a_weekend(library):
    """BGB, section 193: 1 November 2026 is a Sunday (and All Saints' Day in Bavaria)."""
    assert last_day(library, rule(1, "months"), date(2026, 10, 1), "de.by") == date(2026, 11, 2)


def test_bgb_193_asks_for_the_holidays_of_the_place(library):
    """BGB, section 193, and ZPO, section 222(2): Corpus Christi, Thursday 4 June 2026, is kept in Bavaria only."""
    appeal = library.rule("de", "appeal_judgment", on=date(2026, 5, 4))

    in_bavaria = periods.compute(appeal, date(2026, 5, 4), calendar=library.calendar("de.by"))
    in_berlin = periods.compute(appeal, date(2026, 5, 4), calendar=library.calendar("de.be"))

    assert (in_bavaria.on, in_berlin.on) == (date(2026, 6, 5), date(2026, 6, 4))


def test_bgb_199_the_regular_limitation_begins_when_the_year_ends(library):
    """BGB, sections 195 and 199(1): a claim of March 2023 is barred when 31 December 2026 has passed."""
    limitation = library.rule("de", "limitation", on=date(2023, 3, 14))

    assert library.compute(limitation, date(2023, 3, 14)).on == date(2026, 12, 31)


def test_bgb_209_the_time_of_a_stay_is_not_counted(library):
    """BGB, section 209: 30 days of suspended limitation are added; 30 January 2027 is a Saturday, so Monday."""
    limitation = library.rule("de", "limitation", on=date(2023, 3, 14))
    stay = periods.Stay(date(2025, 6, 1), date(2025, 6, 30))

    assert library.compute(limitation, date(2023, 3, 14), stays=[stay]).on == date(2027, 2, 1)


def test_a_letter_is_notified_after_three_days_until_2024_and_after_four_since(library):
    """VwVfG, section 41(2), before and after 1 January 2025: the rule that is in force on the day decides."""
    before = library.rule("de", "administrative_objection", on=date(2024, 12, 2))
    after = library.rule("de", "administrative_objection", on=date(2025, 2, 3))

    assert library.compute(before, date(2024, 12, 2), service_method="post").on == date(2025, 1, 6)
    assert library.compute(after, date(2025, 2, 3), service_method="post").on == date(2025, 3, 7)


# -- Mainland China: make-up working days -----------------------------------------------------------------

# General Office of the State Council, Notice on the arrangement of holidays in 2025 (Guobanfa Mingdian [2024] 12):
# 1 to 8 October off, Sunday 28 September and Saturday 11 October at work.


def test_china_a_period_that_ends_on_a_make_up_sunday_ends_there(library):
    """Civil Procedure Law, article 85; the notice above: Sunday 28 September 2025 is a working day."""
    appeal = library.rule("cn", "appeal_judgment", on=date(2025, 9, 13))

    assert library.compute(appeal, date(2025, 9, 13)).on == date(2025, 9, 28)


def test_china_a_period_that_ends_on_a_make_up_saturday_ends_there(library):
    """Civil Code, article 203; the notice above: Saturday 11 October 2025 is a working day."""
    appeal = library.rule("cn", "appeal_judgment", on=date(2025, 9, 26))

    assert library.compute(appeal, date(2025, 9, 26)).on == date(2025, 10, 11)


def test_china_a_period_that_ends_on_an_ordinary_saturday_ends_on_monday(library):
    """Civil Procedure Law, article 85: Saturday 20 September 2025 is a day of rest."""
    appeal = library.rule("cn", "appeal_judgment", on=date(2025, 9, 5))

    assert library.compute(appeal, date(2025, 9, 5)).on == date(2025, 9, 22)


def test_china_a_period_that_ends_in_golden_week_ends_on_its_first_working_day(library):
    """Civil Procedure Law, article 85; the notice above: the first working day after 1 October 2025 is the 9th."""
    appeal = library.rule("cn", "appeal_judgment", on=date(2025, 9, 16))

    assert library.compute(appeal, date(2025, 9, 16)).on == date(2025, 10, 9)


def test_china_the_spring_festival_of_2026_with_its_working_saturdays(library):
    """Notice on holidays of 2026: 15 to 23 February off, Saturdays 14 and 28 February at work."""
    calendar = library.calendar("cn.courts")

    assert calendar.is_working(date(2026, 2, 14))
    assert calendar.is_working(date(2026, 2, 28))
    assert calendar.next_working(date(2026, 2, 15)) == date(2026, 2, 24)


def test_china_a_year_whose_holidays_are_not_announced_is_provisional(library):
    """The State Council announces a year's holidays at the end of the year before."""
    appeal = library.rule("cn", "appeal_judgment", on=date(2026, 12, 25))

    found = library.compute(appeal, date(2026, 12, 25))

    assert found.is_provisional
    assert found.steps[-1].code == "not_announced"


def test_china_the_time_for_setting_an_award_aside_follows_the_law_of_the_day(library):
    """Arbitration Law, article 59 (six months), and as revised in 2025 (three months from 1 March 2026)."""
    old = library.rule("cn", "set_aside_award", on=date(2026, 2, 27))
    new = library.rule("cn", "set_aside_award", on=date(2026, 3, 2))

    assert library.compute(old, date(2026, 2, 27)).on == date(2026, 8, 27)
    assert library.compute(new, date(2026, 3, 2)).on == date(2026, 6, 2)


def test_china_an_interrupted_limitation_begins_anew(library):
    """Civil Code, articles 188 and 195: it is counted anew from the end of what interrupted it."""
    limitation = library.rule("cn", "limitation", on=date(2022, 5, 10))
    interruption = periods.Stay(date(2024, 6, 3), date(2024, 6, 3))

    assert library.compute(limitation, date(2022, 5, 10), stays=[interruption]).on == date(2027, 6, 3)


# -- Taiwan -----------------------------------------------------------------------------------------------


def test_taiwan_twenty_days_from_the_day_after_service(library):
    """Code of Civil Procedure, article 440; Civil Code, articles 120(2) and 121(1): served on 2 March 2026."""
    appeal = library.rule("tw", "appeal_judgment", on=date(2026, 3, 2))

    # Sunday 22 March 2026 is a day of rest: article 122.
    assert library.compute(appeal, date(2026, 3, 2)).on == date(2026, 3, 23)


@pytest.mark.parametrize(
    ("served", "end"),
    [
        # Begins on 1 March, the first of a month: the last day of the second month (121(2), 123(1)).
        (date(2026, 2, 28), date(2026, 4, 30)),
        # Begins on 2 March: the day before 2 May, a Friday that is Labour Day, then a weekend.
        (date(2026, 3, 1), date(2026, 5, 4)),
        # Begins on 31 December: February has no 31st, so its last day (121(2)), a Saturday and a holiday.
        (date(2025, 12, 30), date(2026, 3, 2)),
    ],
)
def test_taiwan_months_are_counted_from_the_day_after(library, served, end):
    """Civil Code, articles 120(2), 121(2) and 122."""
    action = library.rule("tw", "administrative_action", on=served)

    assert library.compute(action, served).on == end


def test_taiwan_service_by_deposit_takes_effect_after_ten_days(library):
    """Code of Civil Procedure, article 138(2): deposited on 2 March 2026, effective on the 12th, 20 days to 1 April."""
    appeal = library.rule("tw", "appeal_judgment", on=date(2026, 3, 2))

    assert library.compute(appeal, date(2026, 3, 2), service_method="deposit").on == date(2026, 4, 1)


# -- Russia -----------------------------------------------------------------------------------------------


def test_russia_periods_in_days_leave_non_working_days_out(library):
    """Code of Civil Procedure, article 107(3): 15 days from Friday 24 April 2026 leave 1 May, 9 and 11 May out."""
    complaint = library.rule("ru", "appeal_order", on=date(2026, 4, 24))

    assert library.compute(complaint, date(2026, 4, 24)).on == date(2026, 5, 19)


def test_russia_a_transferred_working_saturday_counts(library):
    """Labour Code, article 112; decree on 2025: Saturday 1 November is at work for Monday 3 November."""
    remarks = library.rule("ru", "minutes_remarks", on=date(2025, 10, 27))

    assert library.calendar("ru.five_days").is_working(date(2025, 11, 1))
    assert library.compute(remarks, date(2025, 10, 27)).on == date(2025, 11, 1)


@pytest.mark.parametrize(
    ("final_form", "end"),
    [
        # Article 108(1): the corresponding date of the last month; 30 June for 31 May.
        (date(2022, 5, 31), date(2022, 6, 30)),
        (date(2026, 3, 16), date(2026, 4, 16)),
        # Article 108(2): the last day is not a working day; 9 May 2026 is a Saturday, the 11th is off for it.
        (date(2026, 4, 9), date(2026, 5, 12)),
        # Out of the new-year holidays of 2026 (to 11 January).
        (date(2025, 12, 5), date(2026, 1, 12)),
    ],
)
def test_russia_a_month_from_the_final_form(library, final_form, end):
    """Code of Civil Procedure, articles 321(2) and 108."""
    appeal = library.rule("ru", "appeal_judgment", on=final_form)

    assert library.compute(appeal, final_form).on == end


# -- Greece -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "end"),
    [
        # No August in between.
        (date(2026, 5, 5), date(2026, 6, 4)),
        # 10 days of July run, August does not, 20 days of September follow; 20 September 2026 is a Sunday.
        (date(2026, 7, 21), date(2026, 9, 21)),
        # Served in August: the period begins with September.
        (date(2026, 8, 12), date(2026, 9, 30)),
    ],
)
def test_greece_the_days_of_august_are_not_counted(library, served, end):
    """Code of Civil Procedure, articles 518(1), 144 and 147(2)."""
    appeal = library.rule("gr", "appeal_judgment", on=served)

    assert library.compute(appeal, served).on == end


def test_greece_the_end_moves_over_orthodox_easter(library):
    """Code of Civil Procedure, article 144: 10 April 2026 is Good Friday, the 13th Easter Monday."""
    appeal = library.rule("gr", "appeal_judgment", on=date(2026, 3, 11))

    assert library.compute(appeal, date(2026, 3, 11)).on == date(2026, 4, 14)


# -- what a calendar is told ------------------------------------------------------------------------------


def test_what_the_firm_adds_wins_over_public_holidays():
    calendar = WorkingCalendar(
        CalendarRule("x", "X", country="DE"),
        {date(2026, 9, 14): (False, "Court moved"), date(2026, 10, 3): (True, "Emergency service")},
    )

    assert calendar.why_closed(date(2026, 9, 14)) == "Court moved"
    assert calendar.is_working(date(2026, 10, 3))
