"""Working calendars: which days courts and offices work, from public holidays, make-up days and what the firm adds.

The days come from the ``holidays`` package, which knows China's and Russia's working Saturdays; what a pack or the
firm adds to it wins. Nothing here reads a clock or a database.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from practice.deadlines.errors import DayOutOfRange

#: What can be calculated with.
FIRST_YEAR, LAST_YEAR = 1900, 2200
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE_DAY = timedelta(days=1)
_ENGLISH: Final = "en_US"
#: The package's word for a language, where it is not ours.
_SPOKEN: Final = {"zh-Hant": "zh_TW", "zh-Hans": "zh_CN"}
#: How the package writes the day that another one stands for.
_AMERICAN: Final = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


class Recess(NamedTuple):
    """Days of every year on which periods stand still, or the court's office is shut."""

    name: str
    #: Month and day, both included; a recess may run over the new year.
    first: tuple[int, int]
    last: tuple[int, int]
    #: ``suspends`` periods of rules that honour it, or ``closes`` the office.
    effect: str

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


class Special(NamedTuple):
    """One day that is not what its weekday or the public holidays say."""

    on: date
    is_working: bool
    name: str


class CalendarRule(NamedTuple):
    """What a pack says of a calendar."""

    key: str
    name: str
    #: ISO 3166, as the ``holidays`` package knows it; None: no public holidays.
    country: str | None = None
    #: ``ENG`` of GB, ``BY`` of DE.
    subdivision: str | None = None
    #: Monday is 0.
    weekend: frozenset[int] = frozenset({5, 6})
    recesses: tuple[Recess, ...] = ()
    specials: tuple[Special, ...] = ()
    #: The last year whose holidays are announced; later days are provisional. None: they follow from the law.
    announced_through: int | None = None
    citation: str = ""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A calendar that answers."""

    rule: CalendarRule
    #: What the firm has added: day -> (is it a working day, name).
    added: Mapping[date, tuple[bool, str]] = field(default_factory=dict[date, tuple[bool, str]])

    def why_closed(self, day: date, *, language: str = "") -> str | None:
        """Return why nobody works on this day: a holiday's name or the weekday's; None on a working day.

        A public holiday is named in English, or in the ``language`` (``zh-Hant``) where its name is known in it.
        """
        _check(day)
        if day in self.added:
            works, name = self.added[day]
            return None if works else name
        for special in self.rule.specials:
            if special.on == day:
                return None if special.is_working else special.name
        for recess in self.rule.recesses:
            if recess.effect == "closes" and recess.holds(day):
                return recess.name
        if self.rule.country is not None:
            known = _public(self.rule.country, self.rule.subdivision, day.year, _SPOKEN.get(language, language))
            if day in known.names:
                return known.names[day]
            if day in known.make_up_days:
                return None
        return WEEKDAYS[day.weekday()] if day.weekday() in self.rule.weekend else None

    def is_working(self, day: date) -> bool:
        """Say whether a day is a working day."""
        return self.why_closed(day) is None

    def suspended(self, day: date) -> str | None:
        """Return the name of the recess in which periods do not run on this day."""
        for recess in self.rule.recesses:
            if recess.effect == "suspends" and recess.holds(day):
                return recess.name
        return None

    def next_working(self, day: date, *, backward: bool = False) -> date:
        """Return this day when it is a working day, else the next one (or the one before)."""
        step = -ONE_DAY if backward else ONE_DAY
        while not self.is_working(day):
            day += step
        return day

    def add_working_days(self, start: date, days: int) -> date:
        """Return the working day ``days`` working days after ``start``, before it when negative.

        The start is not counted; 0 days after is the start itself.
        """
        step, left, day = (ONE_DAY, days, start) if days >= 0 else (-ONE_DAY, -days, start)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def is_announced(self, day: date) -> bool:
        """Say whether the holidays of this day's year are known."""
        return self.rule.announced_through is None or day.year <= self.rule.announced_through


class _Year(NamedTuple):
    names: Mapping[date, str]
    make_up_days: frozenset[date]


@lru_cache(maxsize=2048)
def _public(country: str, subdivision: str | None, year: int, language: str) -> _Year:
    # A holiday that is moved or observed belongs to its own year; asking for the neighbours costs nothing much.
    import holidays  # noqa: PLC0415 - a tenth of a second that a start needs not wait for

    years = range(year - 1, year + 2)
    known: Any = holidays.country_holidays(country, subdiv=subdivision).supported_languages
    # Without a language the package speaks that of the machine.
    spoken = language if language in known else _ENGLISH
    found: Any = holidays.country_holidays(country, subdiv=subdivision, years=years, language=spoken)
    written = cast("Mapping[date, str]", found).items()
    names = {day: _AMERICAN.sub(r"\3-\1-\2", str(name)) for day, name in written if day.year == year}
    make_up = cast("Iterable[date]", getattr(found, "weekend_workdays", ()))
    return _Year(names, frozenset(day for day in make_up if day.year == year))


def is_known_place(country: str, subdivision: str | None) -> bool:
    """Say whether the ``holidays`` package knows a country and its part."""
    import holidays  # noqa: PLC0415 - as above

    try:
        holidays.country_holidays(country, subdiv=subdivision, years=2026)
    except (NotImplementedError, AttributeError, KeyError):
        return False
    return True


def _check(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DayOutOfRange("on", day.isoformat())
