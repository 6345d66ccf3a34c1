"""The firm's directories: everybody reads them, who has the right edits them, nobody needs code for it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import clock
from practice.directories import operations, queries
from webui.auth import current_actor
from webui.db import db
from webui.languages import speech
from webui.pages.matters import words
from webui.pages.parties import forms

#: What a field for a name in another language begins with; its tag follows.
_CALLED = "called-"

bp = Blueprint("directories", __name__, url_prefix="/directories")


@bp.get("")
def index() -> Response:
    """Lead to the first directory."""
    return redirect(url_for("directories.show", directory="direction"))


@bp.get("/<directory>")
def show(directory: str) -> Any:
    """Show a directory as a tree."""
    session = db.session()
    return render_template(
        "directories/show.html",
        directory=directory,
        entries=queries.entries(session, directory),
        regions=queries.entries(session, "region", active_only=True) if directory == "court" else [],
        words=words.ALL,
        languages=list(speech.offered().values()),
        may_edit=current_actor().may(operations.RIGHT),
    )


@bp.post("/<directory>")
@forms.back_on_refusal
def add(directory: str) -> Response:
    """Add an entry."""
    facts: dict[str, Any] = {name: forms.text(name) for name in ("name", "key", "parent", "region")}
    facts["names"] = _names() or None
    entry = operations.add_entry(db.session(), directory, facts, by=current_actor(), now=clock.utc_now())
    return redirect(url_for("directories.show", directory=directory) + f"#{entry.key}", 303)


@bp.post("/<directory>/<key>")
@forms.back_on_refusal
def change(directory: str, key: str) -> Response:
    """Rename, move or switch an entry."""
    facts: dict[str, Any] = {name: forms.text(name) for name in ("name", "parent", "position") if name in request.form}
    if directory == "court":
        facts["region"] = forms.text("region")
    if any(name.startswith(_CALLED) for name in request.form):
        facts["names"] = _names()
    facts["is_active"] = request.form.get("is_active") == "yes"
    operations.change_entry(db.session(), directory, key, facts, by=current_actor(), now=clock.utc_now())
    return redirect(url_for("directories.show", directory=directory) + f"#{key}", 303)


def _names() -> dict[str, str]:
    """Return what the form says that an entry is called, by language."""
    said = {tag: forms.text(f"{_CALLED}{tag}") for tag in speech.offered()}
    return {tag: name for tag, name in said.items() if name}
