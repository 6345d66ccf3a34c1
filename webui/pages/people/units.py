"""Branches and departments: the tree, founding, renaming, moving by two persons, closing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.organisation import operations, queries
from practice.rights import operations as rights
from practice.rights import queries as changes
from webui.auth import current_actor
from webui.db import db
from webui.pages.parties import forms
from webui.pages.people import names, words

bp = Blueprint("units", __name__, url_prefix="/units")
MANAGE = "manage_organisation"
_MOVES_SHOWN = 200


@bp.get("")
def index() -> str:
    """Show the tree, who works where, and the moves of before."""
    session, actor = db.session(), current_actor()
    tree = queries.visible_units(session, actor=actor, with_closed=actor.may(MANAGE))
    found = changes.changes(session, actor=actor, kind="move_unit", limit=_MOVES_SHOWN)
    return render_template(
        "people/units.html",
        tree=tree,
        moves=found,
        known=names.for_sentences(session, actor=actor, changes=found),
        words=words,
        may_manage=actor.may(MANAGE),
        may_propose=actor.may("propose_rights_changes"),
    )


@bp.post("")
@forms.back_on_refusal
def found() -> Response:
    """Found a unit."""
    facts = {name: forms.text(name) or "" for name in ("code", "name", "kind")}
    more = {name: forms.text(name) for name in ("parent", "calendar")}
    unit = operations.found_unit(db.session(), **facts, **more, **_by())
    return _back(unit.code)


@bp.post("/<code>")
@forms.back_on_refusal
def change(code: str) -> Response:
    """Rename a unit."""
    facts = {name: forms.text(name) or "" for name in ("name", "kind")}
    operations.change_unit(db.session(), code, **facts, calendar=forms.text("calendar"), **_by())
    return _back(code)


@bp.post("/<code>/move")
@forms.back_on_refusal
def propose_move(code: str) -> Response:
    """Propose that a unit lies under another one."""
    rights.propose_move(db.session(), code, forms.text("parent"), forms.text("reason") or "", **_by())
    flash(gettext("Proposed. It comes true when a second person agrees."), "good")
    return _back(code)


@bp.post("/<code>/close")
@forms.back_on_refusal
def close(code: str) -> Response:
    """Close a unit in which nobody works."""
    operations.close_unit(db.session(), code, **_by())
    return _back(code)


def _by() -> dict[str, Any]:
    return {"by": current_actor(), "now": clock.utc_now()}


def _back(code: str) -> Response:
    return redirect(url_for("units.index") + f"#{code}", 303)
