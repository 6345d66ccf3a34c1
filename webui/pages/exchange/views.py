"""Importing clients and matters: look a file over, then bring it in; and taking lists out."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, flash, render_template, request, send_file
from flask_babel import gettext

from engine import clock
from engine.errors import Conflict, Invalid
from practice.exchange import imports, sheets
from practice.exchange.columns import LISTS, PROBLEMS
from practice.exchange.errors import FileUnreadable
from practice.exchange.imports import Problem
from practice.guards import require_right
from webui import exchange
from webui.auth import current_actor
from webui.db import db, reading, writing
from webui.pages.parties import forms

bp = Blueprint("exchange", __name__, url_prefix="/import")
PROBLEMS_SHOWN = 500


@bp.get("")
def index() -> Any:
    """Show the form."""
    require_right(current_actor(), imports.RIGHT)
    return _page()


@bp.post("")
def send() -> Any:
    """Look a file over, and bring it in when that was asked for and no row has a problem."""
    by, file = current_actor(), request.files.get("file")
    require_right(by, imports.RIGHT)
    kind, encoding = request.form.get("kind", ""), request.form.get("encoding") or "utf-8"
    db.session.rollback()  # the batches have transactions of their own, and SQLite has one writer
    problems: list[Problem] = []
    try:
        if file is None or not file.filename:
            raise FileUnreadable("file", gettext("Choose a file."))
        stream = cast("BinaryIO", file.stream)
        counts = exchange.check(reading, kind, stream, encoding=encoding, by=by, told=problems.append)
        if request.form.get("do") == "list":
            listed = Response(exchange.report(problems), content_type=exchange.FORMATS["csv"])
            listed.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
            return listed
        if request.form.get("do") == "import" and not problems:
            counts = exchange.run(reading, writing, kind, stream, encoding=encoding, by=by, now=clock.utc_now())
            flash(gettext("%(n)s rows are imported.", n=counts.imported), "good")
    except (Invalid, Conflict) as refused:
        return _page(refused=forms.told(refused), told=refused.details(), kind=kind), 422
    return _page(counts=counts, problems=problems, kind=kind)


@bp.get("/export/<kind>.<file_format>")
def export(kind: str, file_format: str) -> Response:
    """Take a list out: what the reader may see and take out."""
    wanted = file_format if file_format in exchange.FORMATS else "csv"
    found = exchange.export(reading, writing, kind, wanted, by=current_actor(), criteria=None)
    return send_file(found, exchange.FORMATS[wanted], as_attachment=True, download_name=f"{kind}.{wanted}")


def _page(**context: Any) -> str:
    problems = context.pop("problems", [])
    return render_template(
        "exchange/index.html",
        lists=LISTS,
        encodings=sheets.ENCODINGS,
        sentences=PROBLEMS,
        problems=problems[:PROBLEMS_SHOWN],
        unseen=max(0, len(problems) - PROBLEMS_SHOWN),
        **context,
    )
