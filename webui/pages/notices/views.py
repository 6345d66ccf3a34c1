"""One's own notices."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import clock
from practice.notices import operations, queries
from webui.auth import current_actor
from webui.db import db

bp = Blueprint("notices", __name__, url_prefix="/notices")
PAGE_SIZE = 40


@bp.get("")
def index() -> Any:
    """List one's notices, the newest first."""
    cursor = request.args.get("cursor") or None
    page = queries.of(db.session(), actor=current_actor(), limit=PAGE_SIZE, cursor=cursor)
    return render_template("notices/index.html", page=page, has_new=any(one.seen_at is None for one in page.items))


@bp.post("/seen")
def seen() -> Response:
    """Take every new notice off the list."""
    session, actor = db.session(), current_actor()
    while page := queries.of(session, actor=actor, unseen=True, limit=200).items:
        operations.mark_seen(session, [notice.id for notice in page], by=actor, now=clock.utc_now())
    return redirect(url_for("notices.index"), 303)
