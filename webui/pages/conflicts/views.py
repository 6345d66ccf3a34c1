"""Conflict checks: what was asked, what was found and why, and what was decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import Invalid, MatterflowError
from practice.conflicts import consent, interests, operations, visibility
from practice.conflicts.hits import Asked
from practice.conflicts.queries import decisions_about
from practice.people import queries as people
from practice.variables import day, long_text, text
from webui.auth import current_actor, require_right
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.conflicts.words import reason_of
from webui.pages.refusals import sentence

bp = Blueprint("conflicts", __name__, url_prefix="/conflicts")
PAGE_SIZE = 40
LONGEST = 6_000


@bp.get("")
def index() -> Any:
    """List the checks that the reader may see, and offer to make one."""
    session, actor = db.session(), current_actor()
    person = asked_for(request.args)
    page = visibility.recent(
        session, actor=actor, person=person, limit=PAGE_SIZE, cursor=request.args.get("cursor") or None
    )
    return render_template(
        "conflicts/index.html",
        page=page,
        kept={"person": person} if person else {},
        names=people.display_names(session, [check.run_by for check in page.items]),
    )


@bp.post("")
def check() -> Response:
    """Check the names of the form: one a line."""
    session = db.session()
    asked = [
        Asked(" ".join(line.split()), role)
        for role in ("client", "opponent", "other")
        for line in request.form.get(role, "")[:LONGEST].splitlines()
        if line.strip()
    ]
    made, _ = operations.run(session, asked, trigger="request", by=current_actor(), now=clock.utc_now())
    return redirect(url_for("conflicts.show", check_id=made.id), 303)


@bp.get("/interests")
def own_interests() -> Any:
    """List the ties that one has declared; everybody's for who decides about conflicts."""
    return _interests()


@bp.post("/interests")
def declare_interest() -> Any:
    """Declare a tie of one's own."""
    form = request.form
    try:
        interests.declare(
            db.session(),
            form.get("name", ""),
            form.get("kind", ""),
            note=text(form, "note"),
            by=current_actor(),
            now=clock.utc_now(),
        )
    except Invalid as refusal:
        db.session.rollback()
        return _interests(refusal=refusal), 422
    return redirect(url_for("conflicts.own_interests"), 303)


@bp.post("/interests/<uuid:interest_id>/end")
def end_interest(interest_id: UUID) -> Response:
    """Say that a tie is no more."""
    interests.end(db.session(), interest_id, by=current_actor(), now=clock.utc_now())
    return redirect(url_for("conflicts.own_interests"), 303)


@bp.get("/<uuid:check_id>")
def show(check_id: UUID) -> Any:
    """Show the report: the outcome first, then each hit with its reason, then what was decided."""
    return _report(check_id)


@bp.post("/<uuid:check_id>/decisions")
def decide(check_id: UUID) -> Any:
    """Keep a decision about a relative conflict."""
    require_right("decide_conflicts")
    session, actor, form = db.session(), current_actor(), request.form
    made = visibility.get(session, check_id, actor=actor)
    try:
        operations.decide_as_second(
            session,
            made.id,
            form.get("decision", ""),
            note=long_text(form, "note", longest=2_000) or "",
            consent_from=text(form, "consent_from"),
            consent_on=day(form, "consent_on"),
            consent_document=text(form, "consent_document"),
            wall=long_text(form, "wall", longest=2_000),
            wall_number=text(form, "wall_number", longest=40),
            by=actor,
            now=clock.utc_now(),
        )
    except MatterflowError as refusal:
        session.rollback()
        return _report(check_id, refusal=refusal), 422
    return redirect(url_for("conflicts.show", check_id=made.id), 303)


def _interests(*, refusal: MatterflowError | None = None) -> str:
    session, actor = db.session(), current_actor()
    person = asked_for(request.args)
    rows = interests.list_of(session, actor=actor, person=person)
    return render_template(
        "conflicts/interests.html",
        rows=rows,
        kept={"person": person} if person else {},
        may_decide=actor.may("decide_conflicts"),
        names=people.display_names(session, [row.username for row in rows]),
        form=request.form if refusal is not None else {},
        refused=sentence(refusal) if refusal is not None else None,
    )


def _report(check_id: UUID, *, refusal: MatterflowError | None = None) -> str:
    session, actor = db.session(), current_actor()
    made = visibility.get(session, check_id, actor=actor)
    hits = visibility.shown(session, made.hits, actor=actor)
    decisions = decisions_about(session, made.id)
    may_decide = (
        made.outcome == "relative"
        and actor.may("decide_conflicts")
        and made.run_by != actor.username
        and not made.subject.startswith("E-")
    )
    return render_template(
        "conflicts/show.html",
        check=made,
        parties=made.snapshot["parties"],
        adverse=[{**hit, "said": reason_of(hit)} for hit in hits if hit["adverse"]],
        known=[{**hit, "said": reason_of(hit)} for hit in hits if not hit["adverse"]],
        extent=made.snapshot["compared_with"],
        decisions=decisions,
        names=people.display_names(session, [made.run_by, *(one.decided_by for one in decisions)]),
        may_decide=may_decide,
        walls_seen=consent.seen(session, decisions, actor=actor),
        walls=consent.offered(session, made, actor=actor) if may_decide else [],
        refused=sentence(refusal) if refusal is not None else None,
        given=request.form,
    )
