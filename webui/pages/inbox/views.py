"""The inbox: a list of work on one side, the work itself on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask import session as browser_session
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, forms, user_tasks
from engine.errors import MatterflowError
from engine.models import UserTask
from practice.matters.models import Matter
from practice.paging import Page
from practice.people import queries as people
from tasks import facts, start_forms, timeline
from tasks import progress as stages
from tasks.drafts import operations as drafts
from tasks.inbox import queries as inbox
from webui.auth import current_actor
from webui.db import db
from webui.languages.model_texts import task_name
from webui.pages import reading
from webui.pages.inbox.schemas import InboxArgs
from webui.pages.refusals import answers_json, sent_answers, sent_draft, sentence
from webui.pages.texts import due

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
PAGE_SIZE = 40
HISTORY_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    task: UserTask
    subject: facts.Subject | None
    bucket: str
    due_text: str
    holder: str | None
    starts_bucket: bool


@bp.get("")
def index() -> Any:
    """Show the list; with a cursor, only the lines that follow."""
    args = InboxArgs.read(request.args)
    if args.cursor and "HX-Request" in request.headers:
        return render_template("inbox/_rows.html", **_list(args))
    return render_template("inbox/index.html", task=None, **_list(args))


@bp.get("/<uuid:user_task_id>")
def show(user_task_id: UUID) -> Any:
    """Show one task beside the list; only the task when that is all that changes on the page."""
    args, shown = InboxArgs.read(request.args), _work(user_task_id)
    if request.headers.get("HX-Target") == "detail":
        return render_template("inbox/_task.html", args=args, with_title=True, **shown)
    return render_template("inbox/index.html", **_list(args), **shown)


@bp.post("/<uuid:user_task_id>/claim")
def claim(user_task_id: UUID) -> Response:
    """Take a task."""
    try:
        user_tasks.claim(db.session(), _visible(user_task_id).id, by=current_actor(), now=clock.utc_now())
    except MatterflowError as refused:
        flash(sentence(refused), "late")
    return _back_to(user_task_id)


@bp.post("/<uuid:user_task_id>/unclaim")
def unclaim(user_task_id: UUID) -> Response:
    """Give a task back to its groups."""
    try:
        task = user_tasks.unclaim(db.session(), _visible(user_task_id).id, by=current_actor(), now=clock.utc_now())
    except MatterflowError as refused:
        flash(sentence(refused), "late")
        return _back_to(user_task_id)
    flash(gettext("Released: %(task)s. Others in your group can take it now.", task=task_name(task)), "good")
    return _back_to(user_task_id)


@bp.post("/<uuid:user_task_id>/complete")
@answers_json
def complete(user_task_id: UUID) -> Any:
    """Hand in the form; answer where to go next."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    _visible(user_task_id)
    task = user_tasks.complete(session, user_task_id, sent_answers(), by=actor, now=now)
    drafts.discard(session, actor, user_task_id=user_task_id)
    session.flush()
    following = reading.next_task(session, task, actor=actor)
    told = reading.what_next(session, task.business_key)
    flash(gettext("Done: %(task)s.", task=task_name(task)) + (f"\n{told}" if told else ""), "good")
    address = url_for("inbox.show", user_task_id=following.id) if following else url_for("inbox.index")
    return jsonify({"next": address})


@bp.put("/<uuid:user_task_id>/draft")
@answers_json
def save_draft(user_task_id: UUID) -> Any:
    """Keep what was typed."""
    values, version = sent_draft()
    draft = drafts.save(
        db.session(), current_actor(), user_task_id=user_task_id, values=values, version=version, now=clock.utc_now()
    )
    return jsonify({"version": draft.version})


def _visible(user_task_id: UUID) -> UserTask:
    return inbox.visible(db.session(), current_actor(), user_task_id)


def _back_to(user_task_id: UUID) -> Response:
    kept: dict[str, Any] = InboxArgs.read(request.args).kept()
    return redirect(url_for("inbox.show", user_task_id=user_task_id, **kept), 303)


def _list(args: InboxArgs) -> dict[str, Any]:
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    counts = inbox.counts(session, actor, now=now)
    scope = args.scope or browser_session.get("scope")
    if scope not in ("mine", "group", "all"):
        scope = "mine" if counts["mine"] or not counts["group"] else "group"
    if args.scope and browser_session.get("scope") != args.scope:
        browser_session["scope"] = args.scope
    page = inbox.page(session, actor, scope=scope, q=args.q or None, limit=PAGE_SIZE, cursor=args.cursor)
    return {
        "args": args.with_scope(scope),
        "scope": scope,
        "counts": counts,
        "rows": _rows(page, after=args.after),
        "next_cursor": page.next_cursor,
    }


def _rows(page: Page[UserTask], *, after: str | None) -> list[Row]:
    session, now, previous = db.session(), clock.utc_now(), after
    subjects = facts.subjects(session, page.items)
    names = people.display_names(session, [task.assignee for task in page.items])
    rows: list[Row] = []
    for task in page.items:
        bucket, text = due(task.due_at, now)
        holder = names.get(task.assignee, task.assignee) if task.assignee else None
        rows.append(Row(task, subjects.get(task.business_key or ""), bucket, text, holder, bucket != previous))
        previous = bucket
    return rows


def _work(user_task_id: UUID) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    task = _visible(user_task_id)
    form, is_mine = user_tasks.form(session, task), reading.may_do(task, actor)
    offered = start_forms.choices(session, form, business_key=task.business_key) if form else {}
    draft = drafts.load(session, actor, user_task_id=task.id) if form and is_mine else None
    about = facts.for_user_task(session, task, actor=actor)
    names = people.display_names(session, [task.assignee, task.ended_by, task.owner])
    return {
        "task": task,
        "about": about,
        "process_name": reading.process_names(session).get(task.process_key, task.process_key),
        "help_text": user_tasks.documentation(session, task),
        "form": form,
        "variables": offered | forms.prefilled(form, user_tasks.variables(session, task)) if form else {},
        "draft": draft,
        "may_do": is_mine,
        "holder": names.get(task.assignee, task.assignee) if task.assignee else None,
        "ended_by": names.get(task.ended_by, task.ended_by) if task.ended_by else None,
        "offered_to": reading.groups_in_words(task.candidate_groups),
        "stages": stages.progress(session, cast(Matter, task)),
        "history": timeline.for_matter(session, cast(Matter, about), limit=HISTORY_SHOWN) if about else [],
    }
