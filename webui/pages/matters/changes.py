"""The small forms on a matter's card; each leads back to the card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.events import operations as events
from practice.events import queries as event_queries
from practice.matters import classification, parties, teams
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import meant
from webui.pages.parties import forms
from webui.pages.proceedings import typed

bp = Blueprint("matter_changes", __name__, url_prefix="/matters/<number>")


@bp.post("/file")
@forms.back_on_refusal
def file_under(number: str) -> Response:
    """File the matter under direction, region, tags and a class."""
    facts: dict[str, Any] = {name: forms.text(name) for name in ("direction", "region", "confidentiality")}
    if "org_unit" in request.form:
        facts["org_unit"] = forms.text("org_unit")
    facts["tags"] = request.form.getlist("tags")
    classification.classify(db.session(), number, facts, by=current_actor(), now=clock.utc_now())
    return _back(number, "filed")


@bp.post("/parties")
@forms.back_on_refusal
def add_party(number: str) -> Response:
    """Put a party into the matter."""
    facts = {name: forms.text(name) for name in ("name", "role", "side")}
    parties.add_party(db.session(), number, facts, by=current_actor(), now=clock.utc_now())
    flash(gettext("%(name)s is in the matter now.", name=facts["name"]), "good")
    return _back(number, "parties")


@bp.post("/team")
@forms.back_on_refusal
def join(number: str) -> Response:
    """Put a colleague on the team."""
    session = db.session()
    username = meant(session, forms.needed("username")) or ""
    teams.join(session, number, username, by=current_actor(), now=clock.utc_now())
    return _back(number, "team-title")


@bp.post("/team/<username>/leave")
@forms.back_on_refusal
def leave(number: str, username: str) -> Response:
    """Take a colleague off the team."""
    by = current_actor()
    teams.leave(db.session(), number, username, by=by, now=clock.utc_now())
    if username == by.username:
        return redirect(url_for("matters.index"), 303)
    return _back(number, "team-title")


@bp.post("/events")
@forms.back_on_refusal
def plan_event(number: str) -> Response:
    """Plan an event with everybody who is responsible for it."""
    facts: dict[str, Any] = {name: forms.text(name) for name in ("kind", "title", "ended_by")}
    facts["planned_start_at"] = typed.moment("planned_start_at")
    facts["responsible"] = request.form.getlist("responsible")
    events.plan(db.session(), number, facts, by=current_actor(), now=clock.utc_now())
    return _back(number, "events")


@bp.post("/events/<uuid:event_id>/finish")
@forms.back_on_refusal
def finish_event(number: str, event_id: UUID) -> Response:
    """Say that one's part of an event is done."""
    session, by = db.session(), current_actor()
    events.finish(session, event_id, {"result": forms.text("result")}, by=by, now=clock.utc_now())
    if event_queries.get(session, event_id, actor=by).state != "ended":
        flash(gettext("Your part is done; the others have to say so, too."), "good")
    return _back(number, "events")


def _back(number: str, where: str) -> Response:
    return redirect(url_for("matters.show", number=number) + f"#{where}", 303)
