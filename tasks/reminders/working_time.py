"""Adding durations in working time: office hours on the working days of a calendar, in the firm's time zone.

Days of a duration are working days, at the same time of day; hours and minutes are office hours. What begins
outside office hours begins when the office opens next.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from practice.deadlines.calendars import ONE_DAY

#: When the firm works, local time.
_hours = (time(9), time(18))
#: Without a single working day in it, a calendar is taken for broken and time runs round the clock.
_LONGEST_CLOSURE_DAYS = 400


def use_hours(opens: time, closes: time) -> None:
    """Say when the firm works: whoever puts the application together knows."""
    global _hours  # noqa: PLW0603 - one firm a process
    _hours = (opens, closes)


class Days(Protocol):
    """Says which days are worked on (``practice.deadlines.calendars.WorkingCalendar``)."""

    def is_working(self, day: date) -> bool:
        """Say whether a day is a working day."""
        ...


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Working days, office hours and a time zone."""

    #: None: every day but Saturday and Sunday.
    days: Days | None
    zone: tzinfo
    opens: time = field(default_factory=lambda: _hours[0])
    closes: time = field(default_factory=lambda: _hours[1])

    def is_open(self, at: datetime) -> bool:
        """Say whether an instant lies in working time."""
        local = at.astimezone(self.zone)
        return self._works_on(local) and self.opens <= local.time() < self.closes

    def next_open(self, at: datetime) -> datetime:
        """Return this instant when it lies in working time, else the one at which the office opens next."""
        local = at.astimezone(self.zone)
        if self._works_on(local):
            if local.time() < self.opens:
                return self._at(local, self.opens)
            if local.time() < self.closes:
                return at
        return self._at(self._next_day(local), self.opens)

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the instant a duration of working time after ``start``; in UTC."""
        at = self.next_open(start)
        local = at.astimezone(self.zone)
        for _ in range(duration.days):
            following = self._next_day(local)
            local = following.replace(hour=local.hour, minute=local.minute, second=local.second, fold=0)
        at = local.astimezone(UTC) if duration.days else at
        left = timedelta(seconds=duration.seconds)
        while left:
            closes = self._at(at.astimezone(self.zone), self.closes)
            if at + left < closes:
                return (at + left).astimezone(UTC)
            left -= closes - at
            at = self._at(self._next_day(at.astimezone(self.zone)), self.opens)
        return at.astimezone(UTC)

    def _works_on(self, local: datetime) -> bool:
        if self.days is None:
            return local.weekday() < 5  # noqa: PLR2004 - Saturday
        return self.days.is_working(local.date())

    def _next_day(self, local: datetime) -> datetime:
        following = local
        for _ in range(_LONGEST_CLOSURE_DAYS):
            following += ONE_DAY
            if self._works_on(following):
                return following
        return local + ONE_DAY

    def _at(self, local: datetime, clock: time) -> datetime:
        return datetime.combine(local.date(), clock, self.zone).astimezone(UTC)
