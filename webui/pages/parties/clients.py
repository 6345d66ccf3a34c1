"""The firm's clients: the list, and everything about one on one page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.clients import cards, operations, queries
from practice.directories import queries as directories
from practice.errors import VariableInvalid
from practice.matters import case_types
from practice.parties import records
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms, words

bp = Blueprint("clients", __name__, url_prefix="/clients")
PAGE_SIZE = 40
LONGEST_SEARCH = 100


@bp.get("")
def index() -> Any:
    """List the clients that the reader may see, the newest first."""
    q = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    person = asked_for(request.args)
    page = queries.search(
        db.session(),
        actor=current_actor(),
        text=q,
        person=person,
        limit=PAGE_SIZE,
        cursor=request.args.get("cursor") or None,
    )
    kept = {key: value for key, value in (("q", q), ("person", person)) if value}
    context = {"page": page, "words": words.ALL, "kept": kept}
    if request.headers.get("HX-Target") == "more":
        return render_template("parties/_client_rows.html", **context)
    return render_template("parties/clients.html", q=q, **context)


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show one client: matters, hearings, deadlines, what happened, and how to reach them."""
    session, actor = db.session(), current_actor()
    found = cards.of_client(session, number, actor=actor, now=clock.utc_now())
    return render_template(
        "parties/client.html",
        found=found,
        kinds=directories.of_ids(session, [event.kind_id for event, _ in found.events]),
        client=found.client,
        card=found,
        party=found.party,
        words=words.ALL,
        case_types={case_type.key: case_type.name for case_type in case_types.deployed(session)},
        names_of_people=people.display_names(
            session, [found.client.originator, *(matter.responsible for matter in found.matters)]
        ),
        may_record=actor.may(records.RIGHT),
    )


@bp.post("/<number>")
@forms.back_on_refusal
def revise(number: str) -> Response:
    """Change what the firm agreed with the client."""
    days = forms.text("contact_every_days")
    if days is not None and not (days.isascii() and days.isdigit()):
        raise VariableInvalid("contact_every_days", days[:20])
    operations.revise(
        db.session(),
        number,
        segment=request.form.get("segment", "").strip(),
        contact_every_days=int(days) if days else None,
        contact_party_id=forms.party("contact") if forms.text("contact") else None,
        by=current_actor(),
        now=clock.utc_now(),
    )
    flash(gettext("Saved."), "good")
    return redirect(url_for("clients.show", number=number), 303)
