"""Dates, times and numbers as the reader's language and region write them.

Skeletons say what is shown (``yMMMd``: year, month in letters, day); the language says in which order. Chinese writes
2026年12月1日 where English writes 1 Dec 2026, and no pattern of one fits the other.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from babel import Locale, dates
from babel.numbers import format_decimal
from flask_babel import to_user_timezone

from webui.languages import speech

#: Year, month in letters, day.
DAY = "yMMMd"
#: Without the year.
DAY_OF_YEAR = "MMMd"


def day(value: date | datetime, skeleton: str = DAY) -> str:
    """Write a date; of an instant, the day that it is where the reader is."""
    shown = to_user_timezone(value).replace(tzinfo=None) if isinstance(value, datetime) else value
    return _written(skeleton, datetime.combine(shown, time.min), speech.formats())


@lru_cache(maxsize=4096)
def _written(skeleton: str, at: datetime, locale: Locale) -> str:
    """Write what lists say again and again: days, and minutes of a day."""
    return dates.format_skeleton(skeleton, at, locale=locale)


def weekday(at: date | datetime) -> str:
    """Name the day of the week in full."""
    return dates.format_date(to_user_timezone(at) if isinstance(at, datetime) else at, "EEEE", speech.formats())


def time_of_day(at: datetime) -> str:
    """Write the hour and minute where the reader is."""
    local = to_user_timezone(at)
    shown = datetime.combine(date.min, time(local.hour, local.minute))
    return _written("hm" if speech.has_12_hours() else "Hm", shown, speech.formats())


def moment(at: datetime, skeleton: str = DAY) -> str:
    """Write a day with its time."""
    joined = str(speech.formats().datetime_formats["medium"])
    return joined.replace("{1}", day(at, skeleton)).replace("{0}", time_of_day(at))


def number(value: Decimal | float) -> str:
    """Write a number with the reader's separators."""
    return format_decimal(value, locale=speech.formats())
