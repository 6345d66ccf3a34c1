"""Working calendars: which day is off and why, and the days that the firm adds."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from engine import clock
from practice.deadlines import day_files, operations, queries, recomputation
from practice.deadlines.calendars import FIRST_YEAR, LAST_YEAR, WEEKDAYS, WorkingCalendar
from practice.deadlines.errors import CalendarFileInvalid
from practice.deadlines.operations import KEEP_CALENDARS
from practice.errors import VariableMissing
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.languages import speech
from webui.pages.parties import forms
from webui.pages.parties.forms import told

#: What can be wrong with a file of days.
PROBLEMS = {
    "too_large": lazy_gettext("The file is larger than 1 MB."),
    "not_utf8": lazy_gettext("The file is not in UTF-8."),
    "no_csv": lazy_gettext("The line is no CSV."),
    "no_heading": lazy_gettext("The first line has to be: day,works,name,citation"),
    "too_many": lazy_gettext("The file has more than 1,000 days."),
    "incomplete": lazy_gettext("A line needs day, works, name and citation."),
    "no_date": lazy_gettext("The day is no date such as 2027-02-11."),
    "neither_yes_nor_no": lazy_gettext("Whether it works is said by yes or no."),
    "twice": lazy_gettext("The day is in the file twice."),
    "empty": lazy_gettext("The file has no day."),
    "too_long": lazy_gettext("The name, the citation or the day is out of range."),
}
bp = Blueprint("calendars", __name__, url_prefix="/calendars")


@bp.get("")
def index() -> str:
    """List the calendars by jurisdiction."""
    library = queries.library(db.session())
    return render_template("deadlines/calendars.html", calendars=library.calendars, added=library.added)


@bp.get("/<key>")
def show(key: str) -> str:
    """Show a year of a calendar month by month, every day off with its reason."""
    session = db.session()
    calendar = queries.library(session).calendar(key)
    year = request.args.get("year", type=int) or clock.utc_now().astimezone(clock.zone()).year
    year = max(FIRST_YEAR, min(LAST_YEAR, year))
    days = [day for day in queries.calendar_days(session, key) if day.on.year == year]
    return render_template(
        "deadlines/calendar.html",
        calendar=calendar,
        key=key,
        year=year,
        months=[_month(calendar, year, month) for month in range(1, 13)],
        is_announced=calendar.is_announced(date(year, 12, 31)),
        added=days,
        names=people.display_names(session, [day.added_by for day in days]),
        may_keep=current_actor().may(KEEP_CALENDARS),
    )


@bp.post("/<key>")
@forms.back_on_refusal
def add(key: str) -> Response:
    """Add one day."""
    on = forms.day("on")
    if on is None:
        raise VariableMissing("on")
    said = {name: forms.text(name) for name in ("name", "citation")}
    _, recomputed = recomputation.add_calendar_day(
        db.session(), key, on, said, is_working=request.form.get("works") == "yes", by=current_actor(),
        now=clock.utc_now(),
    )  # fmt: skip
    _say(1, len(recomputed))
    return redirect(url_for("calendars.show", key=key, year=on.year) + "#added", 303)


@bp.post("/<key>/file")
@forms.back_on_refusal
def take_in(key: str) -> Response:
    """Add every day of a file, or none."""
    operations.require(current_actor(), KEEP_CALENDARS)
    sent = request.files.get("file")
    try:
        taken = day_files.take_in(
            db.session(), key, sent.read() if sent else b"", by=current_actor(), now=clock.utc_now()
        )
    except CalendarFileInvalid as refused:
        g.refused = refused
        db.session.rollback()
        line = gettext("line %(n)s", n=refused.line)
        flash(f"{told(refused)} {line}: {PROBLEMS[refused.problem]}", "late")
        return redirect(forms.page_of_form(), 303)
    _say(taken.days, taken.recomputed)
    return redirect(url_for("calendars.show", key=key) + "#added", 303)


def _say(days: int, recomputed: int) -> None:
    added = ngettext("%(num)s day is in the calendar.", "%(num)s days are in the calendar.", days)
    again = ngettext("%(num)s deadline is calculated anew.", "%(num)s deadlines are calculated anew.", recomputed)
    flash(f"{added} {again}" if recomputed else added, "good")


def _month(calendar: WorkingCalendar, year: int, month: int) -> dict[str, Any]:
    """Return the days of a month that are not what their weekday says, with why."""
    named: list[tuple[date, str]] = []
    for number in range(1, monthrange(year, month)[1] + 1):
        day = date(year, month, number)
        why = calendar.why_closed(day, language=speech.tag())
        is_weekend = day.weekday() in calendar.rule.weekend
        if why is not None and why not in WEEKDAYS:
            named.append((day, why))
        elif why is None and is_weekend:
            named.append((day, gettext("a working day")))
    return {"first": date(year, month, 1), "named": named}
