"""Calculating the last day of a period, and saying how: every step is kept, so that a second person can follow it."""

import calendar as months
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from practice.deadlines.calendars import FIRST_YEAR, LAST_YEAR, ONE_DAY, WorkingCalendar
from practice.deadlines.errors import DayOutOfRange, ServiceMethodUnknown
from practice.deadlines.rules import Offset, Rule

#: Longest chain of stays and recesses that one period may run through.
_MOST_DAYS = 366 * 120


class Stay(NamedTuple):
    """A time in which the proceedings stand still: both days belong to it; no end while nobody knows it."""

    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the calculation: a code that pages put into words, and its figures."""

    code: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        told = {key: value.isoformat() if isinstance(value, date) else value for key, value in self.data.items()}
        return {"code": self.code, **told}


@dataclass(frozen=True, slots=True)
class Computation:
    """A calculated day and how it came about."""

    #: None while a stay without an end keeps the period from running.
    on: date | None
    steps: list[Step]
    #: The holidays of that year are not announced yet: calculate again when they are.
    is_provisional: bool = False


def compute(
    rule: Rule,
    anchor: date,
    *,
    calendar: WorkingCalendar,
    service_method: str | None = None,
    stays: Sequence[Stay] = (),
) -> Computation:
    """Return the last day on which what the rule asks for is in time.

    For clear days counted forward ("at least 28 days after") it is the earliest day instead.

    Raises:
        ServiceMethodUnknown: the rule has no such way of service.
        DayOutOfRange: the anchor or what follows from it lies outside the years 1900 to 2200.
    """
    if not FIRST_YEAR <= anchor.year <= LAST_YEAR:
        raise DayOutOfRange("anchor_on", anchor.isoformat())
    try:
        return _Calculation(rule, calendar, stays, [Step("anchor", {"kind": rule.anchor, "on": anchor})]).run(
            anchor, service_method
        )
    except (OverflowError, ValueError) as beyond:
        raise DayOutOfRange("anchor_on", anchor.isoformat()) from beyond


def add(start: date, offset: Offset, *, calendar: WorkingCalendar, month_end: str = "last_day") -> date:
    """Return the day an offset from ``start``, which is not counted; no rolling."""
    match offset.unit:
        case "days":
            return start + timedelta(days=offset.n)
        case "weeks":
            return start + timedelta(weeks=offset.n)
        case "working_days":
            return calendar.add_working_days(start, offset.n)
        case _:
            return add_months(start, offset.n * (12 if offset.unit == "years" else 1), month_end=month_end)[0]


def add_months(start: date, count: int, *, month_end: str = "last_day") -> tuple[date, bool]:
    """Return the same day of another month, and whether that month has no such day.

    Source:
        Regulation 1182/71, article 3(2)(c); BGB 188(3): a month without the day ends the period on its last day.
    """
    index = start.year * 12 + start.month - 1 + count
    year, month = index // 12, index % 12 + 1
    last = months.monthrange(year, month)[1]
    if start.day <= last:
        return date(year, month, start.day), False
    end = date(year, month, last)
    return (end if month_end == "last_day" else end + ONE_DAY), True


@dataclass(slots=True)
class _Calculation:
    rule: Rule
    calendar: WorkingCalendar
    stays: Sequence[Stay]
    steps: list[Step]

    def run(self, anchor: date, service_method: str | None) -> Computation:
        rule = self.rule
        start = self._served(anchor, service_method, at="start")
        if rule.start == "year_end":
            start = date(start.year, 12, 31)
            self._tell("year_end", on=start)
        if rule.stays == "restart":
            restarted = self._restarted(start)
            if restarted is None:
                return self._stayed()
            start = restarted
        end = self.counted(start)
        if rule.stays == "stop" or rule.honours_recess:
            stopped = self._prolonged(start, end)
            if stopped is None:
                return self._stayed()
            end = stopped
        end = self._rolled(end, rule.roll)
        end = self._with_working_days(start, end)
        end = self._served_at_end(end, service_method)
        is_announced = self.calendar.is_announced(end)
        if not is_announced:
            self._tell("not_announced", year=end.year, calendar=self.calendar.rule.name)
        return Computation(end, self.steps, is_provisional=not is_announced)

    # -- steps --------------------------------------------------------------------------------------------

    def _served(self, day: date, method_key: str | None, *, at: str) -> date:
        if method_key is None:
            return day
        method = self.rule.service_method(method_key)
        if method is None:
            known = [known.key for known in self.rule.service_methods]
            raise ServiceMethodUnknown("service_method", method_key, known)
        if method.at != at:
            return day
        later = add(day, method.offset, calendar=self.calendar)
        said = {"method": method.name, "n": method.offset.n, "unit": method.offset.unit, "citation": method.citation}
        self._tell("deemed_served" if at == "start" else "service_added", on=later, **said)
        return self._rolled(later, method.roll)

    def _served_at_end(self, end: date, method_key: str | None) -> date:
        # FRCP 6(d): the days are added after the period would otherwise expire, and the last is rolled again.
        later = self._served(end, method_key, at="end")
        return end if later == end else self._rolled(later, self.rule.roll)

    def counted(self, start: date) -> date:
        """Return the last day as it is counted, before anything moves it."""
        rule, offset = self.rule, self.rule.offset
        sign = 1 if offset.n >= 0 else -1
        short = offset.unit == "days" and abs(offset.n) <= rule.working_days_up_to
        unit = "working_days" if short else offset.unit
        said = {"n": abs(offset.n), "unit": unit, "direction": "after" if sign > 0 else "before"}
        if short:
            self._tell("short_period", n=rule.working_days_up_to)
        if unit == "working_days":
            end = self._counted_working_days(start, sign)
        elif unit in ("days", "weeks"):
            end = start + sign * timedelta(days=abs(offset.n) * (7 if unit == "weeks" else 1))
            end -= sign * ONE_DAY * (rule.start == "included")
        else:
            end = self._counted_months(start, sign)
        if rule.clear:
            end += sign * ONE_DAY
            if unit == "working_days":
                end = self.calendar.next_working(end, backward=sign < 0)
        self._tell("clear_days" if rule.clear else "counted", on=end, **said)
        return end

    def _counted_working_days(self, start: date, sign: int) -> date:
        days = abs(self.rule.offset.n)
        if self.rule.start == "included" and self.calendar.is_working(start):
            days -= 1
        return self.calendar.add_working_days(start, sign * days)

    def _counted_months(self, start: date, sign: int) -> date:
        rule = self.rule
        count = sign * abs(rule.offset.n) * (12 if rule.offset.unit == "years" else 1)
        from_next = rule.start == "next_day"
        end, is_missing = add_months(start + sign * ONE_DAY if from_next else start, count, month_end=rule.month_end)
        if is_missing:
            self._tell("month_end", on=end)
        elif from_next or rule.start == "included":
            end -= sign * ONE_DAY
        return end

    def _rolled(self, day: date, roll: str) -> date:
        why = self.calendar.why_closed(day) if roll != "none" else None
        if why is None:
            return day
        backward = roll == "previous" or (roll == "onward" and self.rule.offset.n < 0)
        rolled = self.calendar.next_working(day, backward=backward)
        self._tell("rolled", day=day, because=why, on=rolled)
        return rolled

    def _with_working_days(self, start: date, end: date) -> date:
        least = self.rule.least_working_days
        if not least or self.rule.offset.n < 0:
            return end
        held = sum(self.calendar.is_working(day) for day in _days(start + ONE_DAY, end))
        if held >= least:
            return end
        longer = self.calendar.add_working_days(end, least - held)
        self._tell("least_working_days", n=least, on=longer)
        return longer

    # -- what stands still --------------------------------------------------------------------------------

    def _restarted(self, start: date) -> date | None:
        for stay in sorted(self.stays, key=lambda stay: stay.first):
            if (stay.last is not None and stay.last < start) or stay.first > self._quiet_end(start):
                continue
            if stay.last is None:
                self._tell("stayed", first=stay.first)
                return None
            start = stay.last
            self._tell("restarted", first=stay.first, last=stay.last)
        return start

    def _quiet_end(self, start: date) -> date:
        """Count without telling: to see whether a stay begins before the period is over."""
        return _Calculation(self.rule, self.calendar, (), []).counted(start)

    def _prolonged(self, start: date, end: date) -> date | None:
        """Add the days on which the period did not run, and those that fall into what is added."""
        if self.rule.offset.n < 0:
            return end
        added = 0
        day, last = start, end
        reasons: list[str] = []
        while day < last:
            day += ONE_DAY
            why = self._stands_still(day)
            if why is None:
                continue
            if why == "":
                self._tell("stayed", first=self._open_stay())
                return None
            added += 1
            last += ONE_DAY
            if why not in reasons:
                reasons.append(why)
            if added > _MOST_DAYS:
                raise OverflowError
        if added:
            self._tell("stood_still", days=added, because=reasons, on=last)
        return last

    def _stands_still(self, day: date) -> str | None:
        """Return why the period does not run on this day; an empty text in a stay that has no end."""
        if self.rule.stays == "stop":
            for stay in self.stays:
                if stay.holds(day):
                    return "" if stay.last is None else "stay"
        return self.calendar.suspended(day) if self.rule.honours_recess else None

    def _open_stay(self) -> date:
        return min(stay.first for stay in self.stays if stay.last is None)

    def _stayed(self) -> Computation:
        return Computation(None, self.steps)

    def _tell(self, code: str, **data: Any) -> None:
        self.steps.append(Step(code, data))


def warning_days(on: date, warnings: Iterable[int]) -> list[tuple[int, date]]:
    """Return how many days before the deadline people are warned, and on which days, the earliest first."""
    return [(days, on - timedelta(days=days)) for days in sorted(set(warnings), reverse=True)]


def _days(first: date, last: date) -> Iterable[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY
