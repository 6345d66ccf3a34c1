"""Who is away; booking it, with what it would leave uncovered; coming back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import MatterflowError
from practice.people import queries as people
from tasks.absences import operations, queries
from tasks.absences.models import REASONS
from webui.api.v1 import absences as api
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for, meant
from webui.pages.refusals import sentence

bp = Blueprint("absences", __name__, url_prefix="/absences")
#: Rows for closer rules on the form.
RULES = 3
#: Days back that the list still shows.
_SHOWN = timedelta(days=14)


@bp.get("")
def index() -> str:
    """List who is away now and from when on others will be."""
    session, actor = db.session(), current_actor()
    today = _today()
    cursor = request.args.get("cursor") or None
    person = asked_for(request.args)
    page = queries.page(
        session,
        actor=actor,
        since=today - _SHOWN,
        username=person,
        states=("booked", "active", "ended"),
        cursor=cursor,
    )
    found = page.items
    named = [absence.username for absence in found]
    named += [rule.username for absence in found for rule in absence.substitutes]
    return render_template(
        "absences/index.html",
        absences=found,
        next_cursor=page.next_cursor,
        kept={"person": person} if person else {},
        today=today,
        names=people.display_names(session, named),
        standing_in=queries.standing_in_for(session, actor),
        reads={absence.number for absence in found if queries.may_read_note(actor, absence)},
        processes=reading.process_names(session),
    )


@bp.get("/new")
def new() -> str:
    """Say who is away and who stands in; with days, what that would leave uncovered."""
    return _form(dict(request.args.items()))


@bp.post("")
def book() -> Any:
    """Book it; when a group would have nobody, only after that was seen."""
    said = dict(request.form.items())
    try:
        facts = _facts(said)
        operations.require_days(facts, now=clock.utc_now())
        if said.get("seen") != "1" and _gaps(said, facts):
            return _form(said)
        absence = api.start(facts)
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        return _form(said, problem=sentence(refused)), 422
    flash(gettext("Booked: %(number)s.", number=absence.number), "good")
    return redirect(url_for("absences.index"), 303)


@bp.post("/<number>/return")
def come_back(number: str) -> Response:
    """Come back early."""
    return _end(number, "active", api.RETURNED, gettext("Welcome back. What was left is in your inbox."))


@bp.post("/<number>/cancel")
def call_off(number: str) -> Response:
    """Call it off."""
    return _end(number, "booked", api.CALLED_OFF, gettext("Called off."))


def _end(number: str, state: str, message: str, told: str) -> Response:
    try:
        api.end_early(number, state, message)
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        flash(sentence(refused), "late")
    else:
        flash(told, "good")
    return redirect(url_for("absences.index"), 303)


def _form(said: dict[str, str], *, problem: str | None = None) -> str:
    session, actor = db.session(), current_actor()
    gaps: list[queries.Gap] = []
    if said.get("first_on") and said.get("last_on") and problem is None:
        try:
            facts = _facts(said)
            operations.require_days(facts, now=clock.utc_now())
            gaps = _gaps(said, facts)
        except MatterflowError as refused:
            problem = sentence(refused)
    return render_template(
        "absences/new.html",
        said=said,
        problem=problem,
        gaps=gaps,
        may_book_for_others=actor.may("assign_user_tasks"),
        processes=reading.process_names(session),
        reasons=REASONS,
        rules=range(1, RULES + 1),
    )


def _gaps(said: dict[str, str], facts: dict[str, Any]) -> list[queries.Gap]:
    username = meant(db.session(), said.get("person")) or current_actor().username
    operations.require_may_book(username, current_actor())
    return queries.gaps(db.session(), username, facts["first_on"], facts["last_on"])


def _facts(said: dict[str, str]) -> dict[str, Any]:
    substitutes: list[dict[str, Any]] = []
    for end in ("", *(f"_{number}" for number in range(1, RULES + 1))):
        username = meant(db.session(), said.get(f"substitute{end}"))
        if username:
            substitutes.append(
                {
                    "username": username,
                    "process_key": said.get(f"process{end}") or None,
                    "kind": said.get(f"kind{end}", "").strip() or None,
                    "with_authority": said.get(f"authority{end}") == "1",
                }
            )
    return {
        "person": meant(db.session(), said.get("person")),
        "first_on": _day(said.get("first_on")),
        "last_on": _day(said.get("last_on")),
        "reason": said.get("reason") or "leave",
        "note": said.get("note", "").strip() or None,
        "substitutes": substitutes,
    }


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None


def _today() -> date:
    return clock.utc_now().astimezone(clock.zone()).date()
