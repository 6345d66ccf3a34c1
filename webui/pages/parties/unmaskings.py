"""Reading a contact point: asking, consenting, and the one look."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.contacts import operations, queries
from practice.people import queries as people
from webui.api import idempotency
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms, words

bp = Blueprint("unmaskings", __name__, url_prefix="/unmaskings")


@bp.get("")
def index() -> Any:
    """List one's own requests and those that wait for one's consent."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    may_consent = actor.may(operations.RIGHT_TO_CONSENT)
    person = asked_for(request.args)
    rows = queries.unmaskings(session, actor=actor, may_consent=may_consent, person=person, now=now)
    return render_template(
        "parties/unmaskings.html",
        rows=rows,
        kept={"person": person} if person else {},
        words=words.ALL,
        me=actor.username,
        may_consent=may_consent,
        state_of=lambda row: queries.state_of(row, now),
        names=people.display_names(
            session, {name for row, _, _ in rows for name in (row.requested_by, row.decided_by)}
        ),
    )


@bp.post("/of/<uuid:contact_point_id>")
@forms.back_on_refusal
def ask(contact_point_id: UUID) -> Response:
    """Ask to read a contact point."""
    operations.request(
        db.session(), contact_point_id, reason=forms.needed("reason"), by=current_actor(), now=clock.utc_now()
    )
    flash(gettext("Asked. A second person has to consent; then you can read it once."), "good")
    return redirect(url_for("unmaskings.index"), 303)


@bp.post("/<uuid:unmasking_id>/decide")
@forms.back_on_refusal
def decide(unmasking_id: UUID) -> Response:
    """Consent to a colleague's request, or refuse it."""
    consents = request.form.get("decision") == "approve"
    operations.decide(db.session(), unmasking_id, consents=consents, by=current_actor(), now=clock.utc_now())
    flash(gettext("Consented.") if consents else gettext("Refused."), "good")
    return redirect(url_for("unmaskings.index"), 303)


@bp.post("/<uuid:unmasking_id>/view")
@forms.back_on_refusal
def view(unmasking_id: UUID) -> Response:
    """Show the value: once."""
    value = operations.view(db.session(), unmasking_id, by=current_actor(), now=clock.utc_now())
    idempotency.keep_no_answer()
    response = make_response(render_template("parties/value.html", value=value))
    response.headers["Cache-Control"] = "no-store"
    return response
