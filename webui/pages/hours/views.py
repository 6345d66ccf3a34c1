"""One's own week of hours, fast to type in; and the lines that one has to approve or return."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import MatterflowError
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterMember
from practice.people import queries as people
from practice.time import operations, queries
from practice.time.calendars import local_day
from practice.time.hours import written
from practice.time.models import Timesheet
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.hours import typed
from webui.pages.refusals import sentence

bp = Blueprint("hours", __name__, url_prefix="/hours")
_WEEK = 7
_MOST_MATTERS = 200


@bp.get("")
def index() -> Any:
    """Show a day's lines and the week around it."""
    on_day = _day(request.args.get("day")) or local_day(clock.utc_now())
    return _page(on_day, None)


@bp.post("/<day>")
def save(day: str) -> Any:
    """Write what was typed for a day, and hand it in when that was asked for."""
    on_day = _day(day) or abort(404)
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    rows = typed.read(request.form)
    if any(row.id and not _is_id(row.id) for row in rows):
        abort(400)
    refused = typed.write(session, on_day, rows, by=actor, now=now)
    if refused is None and request.form.get("then") == "submit":
        try:
            count = len(operations.submit_day(session, on_day, by=actor, now=now))
            flash(ngettext("%(num)s line is handed in.", "%(num)s lines are handed in.", count), "good")
        except MatterflowError as incomplete:
            refused = incomplete
    elif refused is None:
        flash(gettext("Saved."), "good")
    if refused is None:
        return redirect(url_for("hours.index", day=on_day.isoformat()), 303)
    g.refused = refused
    db.session.rollback()
    said = sentence(refused)
    for row in rows:
        row.problem = said if row.problem else ""
    return _page(on_day, rows, problem=said), 422


@bp.post("/lines/<uuid:time_entry_id>/correct")
def correct(time_entry_id: UUID) -> Response:
    """Correct an approved line by a further one."""
    form, actor = request.form, current_actor()
    on_day = form.get("day")
    try:
        operations.correct(
            db.session(), time_entry_id, form.get("hours", ""), form.get("reason"), by=actor, now=clock.utc_now()
        )
        flash(gettext("The correction waits for approval."), "good")
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        flash(sentence(refused), "late")
    return redirect(url_for("hours.index", day=on_day), 303)


@bp.get("/review")
def review() -> Any:
    """Show the lines that the reader has to decide about, by person and day."""
    session, actor = db.session(), current_actor()
    person = asked_for(request.args)
    waiting = queries.waiting_for(session, actor=actor, person=person)
    days = [
        (key, list(lines)) for key, lines in groupby(waiting, key=lambda line: (line.entry.username, line.entry.on_day))
    ]
    names = people.display_names(session, [line.entry.username for line in waiting])
    return render_template(
        "hours/review.html", days=days, names=names, written=written, kept={"person": person} if person else {}
    )


@bp.post("/review")
def decide() -> Response:
    """Approve or return the lines that were chosen; a refusal leaves all of them as they were."""
    session, actor, now, form = db.session(), current_actor(), clock.utc_now(), request.form
    ids = [UUID(value) for value in form.getlist("line") if _is_id(value)]
    decision = form.get("decision", "")
    try:
        for entry_id in ids:
            operations.decide(session, entry_id, decision, form.get("reason"), by=actor, now=now)
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        flash(sentence(refused), "late")
        return redirect(url_for("hours.review"), 303)
    if ids and decision == "approve":
        flash(ngettext("%(num)s line is approved.", "%(num)s lines are approved.", len(ids)), "good")
    elif ids:
        flash(ngettext("%(num)s line is returned.", "%(num)s lines are returned.", len(ids)), "good")
    return redirect(url_for("hours.review"), 303)


def _page(on_day: date, rows: list[typed.Row] | None, *, problem: str = "") -> str:
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    monday = on_day - timedelta(days=on_day.weekday())
    sunday = monday + timedelta(days=_WEEK - 1)
    week = queries.lines(session, actor=actor, username=actor.username, first=monday, last=sunday)
    sheets = {
        sheet.on_day: sheet
        for sheet in session.scalars(
            sa.select(Timesheet).where(
                Timesheet.username == actor.username, Timesheet.on_day >= monday, Timesheet.on_day <= sunday
            )
        )
    }
    minutes: dict[date, int] = {}
    for line in week:
        minutes[line.entry.on_day] = minutes.get(line.entry.on_day, 0) + line.entry.minutes
    lines = [line for line in week if line.entry.on_day == on_day]
    return render_template(
        "hours/index.html",
        on_day=on_day,
        today=local_day(now),
        days=[monday + timedelta(days=number) for number in range(_WEEK)],
        minutes=minutes,
        total=sum(minutes.values()),
        sheets=sheets,
        fixed=[line for line in lines if not queries.is_writable(line.entry, actor=actor)],
        rows=rows if rows is not None else typed.shown(lines, actor=actor),
        problem=problem,
        is_open=queries.is_open_day(on_day, now),
        my_matters=_my_matters(),
        to_decide=len(queries.waiting_for(session, actor=actor)),
        written=written,
        week_before=(on_day - timedelta(days=_WEEK)).isoformat(),
        week_after=(on_day + timedelta(days=_WEEK)).isoformat(),
    )


def _my_matters() -> list[tuple[str, str]]:
    """Return the open matters that the person works on, to choose from while typing."""
    actor = current_actor()
    mine = sa.select(MatterMember.matter_id).where(
        MatterMember.username == actor.username, MatterMember.until.is_(None)
    )
    query = sa.select(Matter.number, Matter.title).where(
        Matter.id.in_(mine), Matter.state == "open", matters.visible_to(actor)
    )
    rows = db.session().execute(query.order_by(Matter.number).limit(_MOST_MATTERS))
    return [(row[0], row[1]) for row in rows]


def _day(said: str | None) -> date | None:
    try:
        found = date.fromisoformat(said) if said else None
    except ValueError:
        return None
    return found if found is not None and date(2000, 1, 10) < found < date(2100, 1, 1) else None


def _is_id(said: str) -> bool:
    try:
        UUID(said)
    except ValueError:
        return False
    return True
