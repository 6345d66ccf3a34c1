"""Leads: who may become a client, where they came from, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import clock
from practice.leads import operations, queries
from practice.leads.models import STATES
from practice.parties import records
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms, words

bp = Blueprint("leads", __name__, url_prefix="/leads")
PAGE_SIZE = 40
LONGEST_SEARCH = 100


@bp.get("")
def index() -> Any:
    """List the leads that the reader may see, the newest first."""
    session, actor, args = db.session(), current_actor(), request.args
    q, state, originator = args.get("q", "").strip()[:LONGEST_SEARCH], args.get("state"), asked_for(args, "originator")
    state = state if state in STATES else None
    page = queries.search(
        session,
        actor=actor,
        text=q,
        state=state,
        originator=originator,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    kept = {key: value for key, value in (("q", q), ("state", state), ("originator", originator)) if value}
    context = {
        "page": page,
        "words": words.ALL,
        "kept": kept,
        "names": people.display_names(session, [lead.originator for lead, _ in page.items]),
        "may_record": actor.may(records.RIGHT),
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("parties/_lead_rows.html", **context)
    return render_template(
        "parties/leads.html",
        q=q,
        state=state,
        originator=originator,
        states=STATES,
        **context,
    )


@bp.post("/of/<uuid:party_id>")
@forms.back_on_refusal
def receive(party_id: UUID) -> Response:
    """Record that a party may become a client."""
    operations.receive(
        db.session(),
        party_id,
        request.form.get("source", ""),
        originator=forms.text("originator"),
        topic=forms.text("topic"),
        region=forms.text("region"),
        by=current_actor(),
        now=clock.utc_now(),
    )
    return redirect(url_for("parties.show", party_id=party_id), 303)


@bp.post("/<number>")
@forms.back_on_refusal
def move(number: str) -> Response:
    """Say what became of a lead."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    if request.form.get("state") == "lost":
        operations.lose(session, number, reason=forms.needed("reason"), by=actor, now=now)
    else:
        operations.contacted(session, number, by=actor, now=now)
    return redirect(url_for("leads.index"), 303)
