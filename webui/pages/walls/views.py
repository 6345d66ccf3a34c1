"""The list of walls, and one wall as its certificate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, deployments, messages
from engine.errors import ProcessDefinitionNotFound
from practice.people import queries as people
from practice.walls import queries
from practice.walls.models import STATES
from webui.api.v1.walls import PROCESS, REVIEW
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for

bp = Blueprint("walls", __name__, url_prefix="/walls")
PAGE_SIZE = 40


@bp.get("")
def index() -> Any:
    """List the walls that the reader oversees, asked for or is inside of."""
    session, actor, args = db.session(), current_actor(), request.args
    state = args.get("state") if args.get("state") in STATES else None
    person = asked_for(args)
    page = queries.search(
        session, actor=actor, state=state, person=person, limit=PAGE_SIZE, cursor=args.get("cursor") or None
    )
    kept = {key: value for key, value in (("state", state), ("person", person)) if value}
    return render_template("walls/index.html", page=page, state=state, kept=kept, may_request=_may_request())


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show a wall; printed, it is the certificate."""
    session, actor = db.session(), current_actor()
    wall = queries.get_by_number(session, number, actor=actor)
    named = [wall.requested_by, wall.approved_by, wall.lift_proposed_by, wall.lifted_by]
    return render_template(
        "walls/show.html",
        wall=wall,
        around=queries.behind(session, wall, actor=actor),
        names=people.display_names(session, [*named, *(member.username for member in wall.members)]),
        work=reading.open_work(session, [wall.number], actor=actor),
        may_review=wall.state == "up" and actor.may("oversee_access"),
        printed_at=clock.utc_now(),
    )


@bp.post("/<number>/review")
def review(number: str) -> Response:
    """Bring the review of a wall forward."""
    session, actor = db.session(), current_actor()
    wall = queries.get_by_number(session, number, actor=actor)
    messages.correlate(session, REVIEW, wall.number, time_to_live="PT0S", by=actor, now=clock.utc_now())
    flash(gettext("Compliance has the review in its inbox."), "good")
    return redirect(url_for("walls.show", number=number), 303)


def _may_request() -> bool:
    session = db.session()
    try:
        return deployments.may_start(session, deployments.latest(session, PROCESS), current_actor())
    except ProcessDefinitionNotFound:
        return False
