"""Combined searches in matters: what the address says, and those that people keep under a name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import clock
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry
from practice.matters.models import CONFIDENTIALITY, STATES
from practice.matters.queries import Criteria
from practice.selections import operations
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms

bp = Blueprint("searches", __name__, url_prefix="/searches")
LONGEST = 100
_FILTERS = ("q", "state", "case_type", "person", "direction", "region", "tag", "confidentiality")


def read(session: Session) -> tuple[dict[str, str], Criteria]:
    """Return the filters that are set, and what they mean; one that means nothing is left out."""
    said = {name: request.args.get(name, "").strip()[:LONGEST] for name in _FILTERS}
    said["state"] = said["state"] if said["state"] in STATES else ""
    said["confidentiality"] = said["confidentiality"] if said["confidentiality"] in CONFIDENTIALITY else ""
    said["person"] = asked_for(request.args) or ""
    entries: dict[str, DirectoryEntry | None] = {}
    for name in ("direction", "region", "tag"):
        entries[name] = directories.by_key(session, name, said[name]) if said[name] else None
        said[name] = said[name] if entries[name] else ""
    tag = entries["tag"]
    criteria = Criteria(
        text=said["q"] or None,
        state=said["state"] or None,
        case_type=said["case_type"] or None,
        person=said["person"] or None,
        direction=entries["direction"],
        region=entries["region"],
        tags=(tag,) if tag else (),
        confidentiality=said["confidentiality"] or None,
    )
    return {name: value for name, value in said.items() if value}, criteria


@bp.post("")
@forms.back_on_refusal
def save() -> Response:
    """Keep the search under a name."""
    criteria: dict[str, Any] = {name: value for name in _FILTERS if (value := forms.text(name))}
    facts: dict[str, Any] = {
        "entity": "matter",
        "name": forms.text("name"),
        "criteria": criteria,
        "is_shared": request.form.get("is_shared") == "yes",
    }
    row = operations.save(db.session(), facts, by=current_actor(), now=clock.utc_now())
    flash(gettext("The search “%(name)s” is kept.", name=row.name), "good")
    return redirect(url_for("matters.index", **criteria), 303)


@bp.post("/<uuid:selection_id>/forget")
@forms.back_on_refusal
def forget(selection_id: UUID) -> Response:
    """Forget a search of one's own."""
    operations.forget(db.session(), selection_id, by=current_actor(), now=clock.utc_now())
    return redirect(url_for("matters.index"), 303)
