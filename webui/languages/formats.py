"""Dates, times and numbers as the reader's language and region write them.

Skeletons say what is shown (``yMMMd``: year, month in letters, day); the language says in which order. Chinese writes
2026年12月1日 where English writes 1 Dec 2026, and no pattern of one fits the other.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel import dates
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
    return dates.format_skeleton(skeleton, datetime.combine(shown, datetime.min.time()), locale=speech.formats())


def weekday(at: date | datetime) -> str:
    """Name the day of the week in full."""
    return dates.format_date(to_user_timezone(at) if isinstance(at, datetime) else at, "EEEE", speech.formats())


def time_of_day(at: datetime) -> str:
    """Write the hour and minute where the reader is."""
    local = to_user_timezone(at).replace(tzinfo=None)
    return dates.format_skeleton("hm" if speech.has_12_hours() else "Hm", local, locale=speech.formats())


def moment(at: datetime, skeleton: str = DAY) -> str:
    """Write a day with its time."""
    joined = str(speech.formats().datetime_formats["medium"])
    return joined.replace("{1}", day(at, skeleton)).replace("{0}", time_of_day(at))


def number(value: Decimal | float) -> str:
    """Write a number with the reader's separators."""
    return format_decimal(value, locale=speech.formats())
