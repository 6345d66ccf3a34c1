"""The calendar of hearings: a week or a month, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import to_user_timezone, to_utc

from engine import clock
from practice.people import queries as people
from practice.proceedings import agenda
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.matters import words

bp = Blueprint("hearings", __name__, url_prefix="/hearings")
SPANS = ("week", "month")
_FIRST, _LAST = date(1900, 1, 1), date(2200, 1, 1)


@bp.get("")
def index() -> Any:
    """Show the hearings of a week or a month; only of matters that the reader may see."""
    session, actor, args = db.session(), current_actor(), request.args
    today = to_user_timezone(clock.utc_now()).date()
    span = next((one for one in SPANS if one == args.get("span")), "week")
    scope = next((one for one in agenda.SCOPES if one == args.get("scope")), "all")
    person = asked_for(args)
    first, last = bounds(_day(args.get("on")) or today, span)
    found = agenda.between(session, _start(first), _start(last), actor=actor, scope=scope, representative=person)
    days = [(on, list(some)) for on, some in groupby(found, key=_local_day)]
    return render_template(
        "proceedings/hearings.html",
        days=days,
        today=today,
        first=first,
        last=last - timedelta(days=1),
        before=first - timedelta(days=1),
        after=last,
        is_cut=len(found) == agenda.MOST,
        kept={name: value for name, value in (("span", span), ("scope", scope), ("person", person)) if value},
        names=people.display_names(session, [one.hearing.representative for one in found]),
        words=words,
    )


def bounds(on: date, span: str) -> tuple[date, date]:
    """Return the first day of the week or month that holds a day, and the first day after it."""
    if span == "week":
        first = on - timedelta(days=on.weekday())
        return first, first + timedelta(days=7)
    first = on.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _start(on: date) -> datetime:
    return to_utc(datetime.combine(on, time())).replace(tzinfo=UTC)


def _local_day(one: agenda.Appointment) -> date:
    return to_user_timezone(one.hearing.starts_at).date()


def _day(said: str | None) -> date | None:
    try:
        on = date.fromisoformat(said) if said else None
    except ValueError:
        return None
    return on if on is not None and _FIRST <= on <= _LAST else None
