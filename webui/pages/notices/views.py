"""One's own notices, and the reminders in front of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import Conflict, MatterflowError
from practice.notices import operations, queries
from tasks.reminders import operations as reminders
from tasks.reminders import queries as reminders_of
from webui.auth import current_actor
from webui.db import db
from webui.pages.notices import words
from webui.pages.refusals import sentence

bp = Blueprint("notices", __name__, url_prefix="/notices")
bp.add_app_template_filter(words.rounds, "reminder_rounds")
bp.add_app_template_filter(words.event_name, "reminder_event")
PAGE_SIZE = 40


@bp.get("")
def index() -> Any:
    """List the reminders in front of one and one's notices, the newest first."""
    session, actor = db.session(), current_actor()
    cursor = request.args.get("cursor") or None
    page = queries.of(session, actor=actor, limit=PAGE_SIZE, cursor=cursor)
    return render_template(
        "notices/index.html",
        page=page,
        cursor=cursor,
        has_new=any(one.seen_at is None for one in page.items),
        reminders=[] if cursor else reminders_of.shown_to(session, actor),
    )


@bp.get("/count")
def count() -> str:
    """Say at the way to the notices how many are new."""
    session, actor = db.session(), current_actor()
    fresh = queries.unseen_count(session, actor=actor) + reminders_of.count(session, actor)
    return render_template("notices/_count.html", fresh=fresh)


@bp.post("/seen")
def seen() -> Response:
    """Take every new notice off the list."""
    session, actor = db.session(), current_actor()
    while page := queries.of(session, actor=actor, unseen=True, limit=200).items:
        operations.mark_seen(session, [notice.id for notice in page], by=actor, now=clock.utc_now())
    return redirect(url_for("notices.index"), 303)


@bp.post("/reminders/<uuid:user_task_id>/accept")
def accept(user_task_id: UUID) -> Response:
    """Take the task; who comes too late is told who was faster."""
    try:
        reminders.accept(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    except Conflict as refused:
        return _refused(refused)
    return redirect(url_for("inbox.show", user_task_id=user_task_id), 303)


@bp.post("/reminders/<uuid:user_task_id>/aside")
def aside(user_task_id: UUID) -> Response:
    """Put a reminder aside until it comes again."""
    try:
        reminders.aside(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    except Conflict as refused:
        return _refused(refused)
    flash(gettext("It comes back with the next reminder."), "good")
    return redirect(url_for("notices.index"), 303)


def _refused(refused: MatterflowError) -> Response:
    flash(sentence(refused), "late")
    return redirect(url_for("notices.index"), 303)
