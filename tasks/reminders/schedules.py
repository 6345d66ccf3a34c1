"""What the properties of a user task say about reminding, read once for each task.

``reminder``: an ISO 8601 repetition of a duration: ``R/PT30M`` without end, ``R5/P3D`` five times. The first round is
one duration after the task came. ``reminderCalendar``: ``always`` (round the clock, unless another is said) or
``working``. ``reminderUntil``: ``accepted`` or ``completed``; a schedule of hours or minutes asks somebody to take the
task, one of days asks for the work itself. ``reminderEndsWith``: the name of the event that alone ends it (a call on
record, say); the task cannot be completed before. ``sla`` and ``escalateTo``: who hears of it after which duration.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple, cast

import isodate

from tasks.reminders.models import CALENDARS, UNTIL

#: What is read here; whoever asks for nothing else names one of the first three.
PROPERTIES = ("reminder", "sla", "reminderEndsWith", "reminderCalendar", "reminderUntil", "escalateTo")
#: More often than that nobody reads it.
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=3660)
MOST_ROUNDS = 1_000_000
_REPETITION = re.compile(r"R(\d{0,9})/(P[^/]{1,58})", re.IGNORECASE)
_NAME = re.compile(r"[\w.:-]{1,100}")
_ADDRESSEE = re.compile(r"(user:)?[\w.-]{1,150}")
_NO_MONTHS = "months and years"
_parse: Any = cast("Any", isodate).parse_duration  # it is half typed


class Asked(NamedTuple):
    """What a designer asked for about one user task."""

    #: ISO 8601.
    every: str | None
    rounds: int | None
    calendar: str
    until: str
    ends_with: str | None
    sla: str | None
    escalate_to: str | None


class ScheduleInvalid(ValueError):
    """The text of a property cannot be read; the message says why."""


def read(properties: Mapping[str, Any]) -> Asked | None:
    """Return what is asked, or None when nothing is.

    Raises:
        ScheduleInvalid.
    """
    every, rounds = _repetition(properties["reminder"]) if properties.get("reminder") else (None, None)
    sla = _duration(properties["sla"]) if properties.get("sla") else None
    ends_with = _named("reminderEndsWith", properties, _NAME)
    if every is None and sla is None and ends_with is None:
        return None
    usual = "accepted" if every is not None and length_of(every) < timedelta(days=1) else "completed"
    return Asked(
        every=every,
        rounds=rounds,
        calendar=_one_of("reminderCalendar", properties, CALENDARS, "always"),
        until="completed" if ends_with else _one_of("reminderUntil", properties, UNTIL, usual),
        ends_with=ends_with,
        sla=sla,
        escalate_to=_named("escalateTo", properties, _ADDRESSEE),
    )


def flaw(name: str, text: str) -> str | None:
    """Return what is wrong with the text of one of ``PROPERTIES``, or None."""
    # Beside a schedule all of them are read.
    beside = {} if name in ("reminder", "sla") else {"reminder": "R/P1D"}
    try:
        if not text.strip():
            return "nothing is said."
        read({**beside, name: text})
    except ScheduleInvalid as invalid:
        return str(invalid)
    return None


def length_of(duration: str) -> timedelta:
    """Return an ISO 8601 duration that was read before."""
    return cast("timedelta", _parse(duration))


def _repetition(text: str) -> tuple[str, int | None]:
    found = _REPETITION.fullmatch(text.strip())
    if found is None:
        message = "it is no repetition of a duration, such as R/PT30M or R5/P3D."
        raise ScheduleInvalid(message)
    rounds = int(found[1]) if found[1] else None
    if rounds is not None and not 1 <= rounds <= MOST_ROUNDS:
        message = f"the rounds are 1 to {MOST_ROUNDS}."
        raise ScheduleInvalid(message)
    return _duration(found[2]), rounds


def _duration(text: str) -> str:
    said = text.strip().upper()
    try:
        length: object = _parse(said)
    except (isodate.ISO8601Error, ValueError, OverflowError, TypeError, ArithmeticError):
        length = None
    if not isinstance(length, timedelta):
        message = f"it is no ISO 8601 duration of weeks, days, hours or minutes (without {_NO_MONTHS})."
        raise ScheduleInvalid(message)
    if not SHORTEST <= length <= LONGEST:
        message = f"a duration lies between {SHORTEST.seconds // 60} minute and {LONGEST.days} days."
        raise ScheduleInvalid(message)
    return said


def _named(name: str, properties: Mapping[str, Any], pattern: re.Pattern[str]) -> str | None:
    text = str(properties.get(name) or "").strip()
    if not text:
        return None
    if not pattern.fullmatch(text):
        message = "it is no name." if name != "escalateTo" else "it is neither a group nor user: and a person's name."
        raise ScheduleInvalid(message)
    return text


def _one_of(name: str, properties: Mapping[str, Any], known: tuple[str, ...], usual: str) -> str:
    text = str(properties.get(name) or "").strip() or usual
    if text not in known:
        message = f"it is none of {', '.join(known)}."
        raise ScheduleInvalid(message)
    return text
