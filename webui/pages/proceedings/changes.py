"""The forms about proceedings, hearings and decisions on a matter's card; each leads back to the card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from engine import clock
from practice.proceedings import operations, recoveries
from webui.auth import current_actor
from webui.db import db
from webui.pages.parties import forms
from webui.pages.proceedings.typed import moment

bp = Blueprint("proceeding_changes", __name__, url_prefix="/matters/<number>")
_CHANGED = ("court", "court_number", "judge", "value", "currency", "state")


@bp.post("/proceedings")
@forms.back_on_refusal
def begin(number: str) -> Response:
    """Open a proceeding."""
    names = ("level", "court", "court_number", "judge", "previous", "link", "value", "currency", "opened_on")
    operations.open_proceeding(db.session(), number, _said(*names), **_by())
    return _back(number)


@bp.post("/proceedings/<int:proceeding>")
@forms.back_on_refusal
def change(number: str, proceeding: int) -> Response:
    """Change a proceeding."""
    operations.change_proceeding(db.session(), number, proceeding, _said(*_CHANGED, sent_only=True), **_by())
    return _back(number)


@bp.post("/proceedings/<int:proceeding>/close")
@forms.back_on_refusal
def close(number: str, proceeding: int) -> Response:
    """Close a proceeding with how it ended."""
    operations.close_proceeding(db.session(), number, proceeding, _said("outcome", "closed_on"), **_by())
    return _back(number)


@bp.post("/proceedings/<int:proceeding>/hearings")
@forms.back_on_refusal
def plan(number: str, proceeding: int) -> Response:
    """Plan a hearing."""
    facts = {**_said("room", "representative"), "starts_at": moment("starts_at"), "ends_at": moment("ends_at")}
    operations.plan_hearing(db.session(), number, proceeding, facts, **_by())
    return _back(number)


@bp.post("/hearings/<uuid:hearing_id>")
@forms.back_on_refusal
def change_hearing(number: str, hearing_id: UUID) -> Response:
    """Change a planned hearing."""
    facts = {**_said("room", "representative"), "starts_at": moment("starts_at"), "ends_at": moment("ends_at")}
    operations.change_hearing(db.session(), hearing_id, facts, **_by())
    return _back(number)


@bp.post("/hearings/<uuid:hearing_id>/end")
@forms.back_on_refusal
def end_hearing(number: str, hearing_id: UUID) -> Response:
    """Say how a hearing ended, and which day comes next."""
    facts = {**_said("state", "result"), "next_starts_at": moment("next_starts_at")}
    operations.end_hearing(db.session(), hearing_id, facts, **_by())
    return _back(number)


@bp.post("/proceedings/<int:proceeding>/decisions")
@forms.back_on_refusal
def decide(number: str, proceeding: int) -> Response:
    """Record what the court decided."""
    names = ("pronounced_on", "served_on", "service_method", "result", "summary")
    recoveries.record_decision(db.session(), number, proceeding, _said(*names), **_by())
    return _back(number)


@bp.post("/decisions/<uuid:decision_id>/serve")
@forms.back_on_refusal
def serve(number: str, decision_id: UUID) -> Response:
    """Say when a decision was served."""
    recoveries.serve_decision(db.session(), decision_id, _said("served_on", "service_method"), **_by())
    return _back(number)


def _said(*names: str, sent_only: bool = False) -> dict[str, Any]:
    return {name: forms.text(name) for name in names if not sent_only or name in request.form}


def _by() -> dict[str, Any]:
    return {"by": current_actor(), "now": clock.utc_now()}


def _back(number: str) -> Response:
    return redirect(url_for("matters.show", number=number) + "#proceedings", 303)
