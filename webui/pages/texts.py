"""How instants, sums, people and states are put into the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from babel.numbers import format_currency as babel_currency
from flask import Flask
from flask_babel import format_timedelta, gettext, lazy_gettext, ngettext, to_user_timezone

from engine import clock
from practice.money import EXPONENTS
from practice.people.groups import GROUPS
from webui.languages import formats, speech
from webui.pages.calendar_words import calendar_words
from webui.pages.form_parts import form_parts
from webui.pages.form_words import form_words

_WEEK = 7
#: A task is due at the end of a day when the designer names no time.
_LAST_MINUTE = (23, 59)

STATES = {
    "open": lazy_gettext("Open"),
    "archived": lazy_gettext("Archived"),
    "accepted": lazy_gettext("Accepted"),
    "declined": lazy_gettext("Declined"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "active": lazy_gettext("Running"),
    "suspended": lazy_gettext("Suspended"),
    "completed": lazy_gettext("Completed"),
    "cancelled": lazy_gettext("Cancelled"),
    "incident": lazy_gettext("Stands still"),
}
SOURCES = {
    "call": lazy_gettext("Telephone"),
    "visit": lazy_gettext("Visit"),
    "web": lazy_gettext("Web site"),
    "mail": lazy_gettext("Letter or e-mail"),
    "referral": lazy_gettext("Recommendation"),
    "former_client": lazy_gettext("Former client"),
}
MEMBER_ROLES = {
    "responsible": lazy_gettext("Responsible"),
    "approver": lazy_gettext("Approved it"),
    "member": lazy_gettext("On the team"),
}
CONFLICTS = {
    "clear": lazy_gettext("No conflict found"),
    "relative": lazy_gettext("Relative conflict, cleared with consent"),
    "absolute": lazy_gettext("Absolute conflict"),
    "hits": lazy_gettext("Hits, not decided yet"),
}


class Due(NamedTuple):
    """When a task is due, in words."""

    #: ``late``, ``today``, ``week``, ``later`` or ``none``.
    bucket: str
    text: str


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    app.add_template_filter(due, "due")
    app.add_template_filter(day, "day")
    app.add_template_filter(moment, "moment")
    app.add_template_filter(iso, "iso")
    app.add_template_filter(initials, "initials")
    app.add_template_filter(group_title, "group_title")
    app.add_template_filter(answer, "answer")
    app.add_template_filter(spaced, "spaced")
    app.add_template_global(money, "money")
    app.add_template_global(bucket_name, "bucket_name")
    app.add_template_global(form_words, "form_words")
    app.add_template_global(form_parts, "form_parts")
    app.add_template_global(calendar_words, "calendar_words")
    app.add_template_global(lambda: speech.locale().text_direction, "text_direction")
    app.add_template_global(speech.tag, "language")
    app.add_template_global(lambda: list(speech.offered().values()), "languages")
    app.add_template_filter(formats.number, "number")
    words = {"state_name": STATES, "source_name": SOURCES, "role_name": MEMBER_ROLES, "conflict_name": CONFLICTS}
    for name, known in words.items():
        app.add_template_global(partial(_word, known), name)


def due(due_at: datetime | None, now: datetime | None = None) -> Due:
    """Say when a task is due, seen from ``now`` where the reader is."""
    if due_at is None:
        return Due("none", "")
    now = now or clock.utc_now()
    local, local_now = to_user_timezone(due_at), to_user_timezone(now)
    days = (local.date() - local_now.date()).days
    if due_at < now:
        return Due("late", gettext("%(time)s late", time=_span(now - due_at)))
    is_end_of_day = (local.hour, local.minute) in (_LAST_MINUTE, (0, 0))
    clock_time = "" if is_end_of_day else f" {formats.time_of_day(due_at)}"
    if days == 0:
        return Due("today", gettext("Today") + clock_time)
    if days == 1:
        return Due("week", gettext("Tomorrow") + clock_time)
    if days < _WEEK:
        return Due("week", formats.weekday(due_at))
    return Due("later", formats.day(due_at, formats.DAY_OF_YEAR if local.year == local_now.year else formats.DAY))


def _word(known: Mapping[str, Any], name: str) -> str:
    return str(known.get(name) or spaced(name))


def _span(span: timedelta) -> str:
    if span < timedelta(days=1):
        return format_timedelta(span, granularity="minute")
    return ngettext("%(num)s day", "%(num)s days", span.days)


def bucket_name(bucket: str) -> str:
    """Name a group of the inbox."""
    return {
        "late": gettext("Overdue"),
        "today": gettext("Due today"),
        "week": gettext("In the next seven days"),
        "later": gettext("Later"),
        "none": gettext("No date"),
    }[bucket]


def day(value: date | datetime | None) -> str:
    """Write a date out: an instant as the day it is where the reader is."""
    return "" if value is None else formats.day(value)


def moment(at: datetime | None) -> str:
    """Write an instant with its time, the year only when it is another."""
    if at is None:
        return ""
    same_year = to_user_timezone(at).year == to_user_timezone(clock.utc_now()).year
    return formats.moment(at, formats.DAY_OF_YEAR if same_year else formats.DAY)


def iso(at: date | datetime | None) -> str:
    """Write an instant or a date for a ``datetime`` attribute."""
    return "" if at is None else at.isoformat()


def money(amount: Decimal | None, currency: str | None) -> str:
    """Write a sum with its code in front and the digits its currency has, on one line."""
    if amount is None or currency is None:
        return ""
    digits = "0" * EXPONENTS.get(currency, 2)
    pattern = "¤¤ #,##0" + (f".{digits}" if digits else "")
    text = babel_currency(amount, currency, format=pattern, locale=speech.formats(), currency_digits=False)
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def initials(name: str | None) -> str:
    """Return one or two letters that stand for a person."""
    words = (name or "").split()
    if not words:
        return "?"
    if any(letter >= "\u2e80" for letter in words[0]):  # Han, kana, hangul: the last sign is of the given name
        return words[0][-1]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def group_title(name: str) -> str:
    """Return what a group is called."""
    return gettext(GROUPS.get(name, spaced(name)))


def spaced(name: str | None) -> str:
    """Turn an identifier into words: ``partly_won`` into ``Partly won``."""
    return (name or "").replace("_", " ").strip().capitalize()


def answer(value: Any) -> str:
    """Write one answer of a form."""
    if value is True:
        return gettext("Yes")
    if value is False:
        return gettext("No")
    if isinstance(value, list):
        return ", ".join(answer(item) for item in value)
    if isinstance(value, str):
        try:
            return day(date.fromisoformat(value)) if len(value) == len("2026-01-01") else value
        except ValueError:
            return value
    return str(value)
