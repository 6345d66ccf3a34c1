"""Changes of rights: what waits for a second person, what was decided, and the firm's rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.directories import queries as directories
from practice.errors import VariableInvalid
from practice.matters import queries as matters
from practice.organisation import queries as organisation
from practice.people import queries as people
from practice.rights import operations, queries
from practice.rights.models import ACTIONS, EFFECTS
from practice.rights.operations import Rule
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import meant
from webui.pages.parties import forms
from webui.pages.people import names, words

bp = Blueprint("rights", __name__, url_prefix="/rights")
PROPOSE = "propose_rights_changes"
APPROVE = "approve_rights_changes"
SHOWN = 100


@bp.get("")
def index() -> str:
    """Show what waits for a second person, and the rules in force; without a right, what is about the reader."""
    session, actor = db.session(), current_actor()
    state = request.args.get("state") if request.args.get("state") in words.CHANGE_STATES else "proposed"
    found = queries.changes(session, actor=actor, state=state, limit=SHOWN)
    is_reader, may_propose = queries.is_reader(actor), actor.may(PROPOSE)
    rules = queries.rules(session, actor=actor) if is_reader else []
    return render_template(
        "people/rights.html",
        changes=found,
        rules=rules,
        state=state,
        known=names.for_sentences(session, actor=actor, changes=found, rules=rules),
        words=words,
        is_reader=is_reader,
        may_propose=may_propose,
        may_decide=actor.may(APPROVE),
        choices={
            "groups": people.groups(session),
            "tree": organisation.visible_units(session, actor=actor),
            "event_kinds": directories.entries(session, "event_kind", active_only=True),
            "effects": EFFECTS,
            "actions": ACTIONS,
        }
        if may_propose
        else {},
    )


@bp.post("/rules")
@forms.back_on_refusal
def propose_rule() -> Response:
    """Propose a rule about the client of a matter or a kind of event."""
    session, by = db.session(), current_actor()
    number = forms.text("client_of")
    client = matters.get_by_number(session, number, actor=by).client_party_id if number else None
    rule = Rule(
        effect=forms.text("effect") or "",
        action=forms.text("action") or "",
        username=meant(session, forms.text("username")),
        **{name: forms.text(name) for name in ("group_name", "org_unit", "post", "event_kind")},
        client_party_id=client,
    )
    operations.propose_rule(session, rule, forms.text("reason") or "", by=by, now=clock.utc_now())
    return _proposed()


@bp.post("/rules/<uuid:right_rule_id>/remove")
@forms.back_on_refusal
def propose_removal(right_rule_id: UUID) -> Response:
    """Propose that a rule no longer applies."""
    operations.propose_removal(db.session(), right_rule_id, forms.text("reason") or "", **_by())
    return _proposed()


@bp.post("/<uuid:rights_change_id>/decide")
@forms.back_on_refusal
def decide(rights_change_id: UUID) -> Response:
    """Agree to what somebody else proposed, or refuse it."""
    said = request.form.get("decision", "")
    acts = {"approve": operations.approve, "reject": operations.reject}
    if said not in acts:
        raise VariableInvalid("decision", said[:40])
    acts[said](db.session(), rights_change_id, remark=forms.text("remark"), **_by())
    flash(gettext("It is in force now.") if said == "approve" else gettext("It is refused."), "good")
    return redirect(url_for("rights.index"), 303)


@bp.post("/<uuid:rights_change_id>/withdraw")
@forms.back_on_refusal
def withdraw(rights_change_id: UUID) -> Response:
    """Take back what one proposed."""
    operations.withdraw(db.session(), rights_change_id, **_by())
    return redirect(url_for("rights.index"), 303)


def _by() -> dict[str, Any]:
    return {"by": current_actor(), "now": clock.utc_now()}


def _proposed() -> Response:
    flash(gettext("Proposed. It comes true when a second person agrees."), "good")
    return redirect(url_for("rights.index"), 303)
