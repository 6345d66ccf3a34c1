"""The inbox: a list of work on one side, the work itself on the other."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, forms, user_tasks
from engine.errors import MatterflowError
from engine.models import UserTask
from practice.matters.models import Matter
from practice.people import queries as people
from tasks import facts, forms_shown, start_forms, timeline
from tasks import progress as stages
from tasks.drafts import copies
from tasks.drafts import operations as drafts
from tasks.helpers import queries as helpers
from tasks.inbox import queries as inbox
from webui import uploads
from webui.auth import current_actor
from webui.db import db
from webui.languages.model_texts import choices_in_words, task_name
from webui.pages import reading
from webui.pages.inbox import lists
from webui.pages.inbox.schemas import InboxArgs
from webui.pages.refusals import answers_json, sent_draft, sent_form, sentence

bp = Blueprint("inbox", __name__, url_prefix="/inbox")
HISTORY_SHOWN = 6


@bp.get("")
def index() -> Any:
    """Show the list; with a cursor, only the lines that follow."""
    args = InboxArgs.read(request.args)
    if args.cursor and "HX-Request" in request.headers:
        return render_template("inbox/_rows.html", **lists.shown(args))
    return render_template("inbox/index.html", task=None, **lists.shown(args))


@bp.get("/<uuid:user_task_id>")
def show(user_task_id: UUID) -> Any:
    """Show one task beside the list; only the task when that is all that changes on the page."""
    args, shown = InboxArgs.read(request.args), _work(user_task_id)
    if request.headers.get("HX-Target") == "detail":
        return render_template("inbox/_task.html", args=args, with_title=True, **shown)
    return render_template("inbox/index.html", **lists.shown(args), **shown)


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
    answers, shown = sent_form()
    uploads.settle_task(session, _visible(user_task_id), answers, by=actor, now=now, shown=shown)
    task = user_tasks.complete(session, user_task_id, answers, by=actor, now=now)
    drafts.discard(session, actor, user_task_id=user_task_id)
    session.flush()
    args = InboxArgs.read(request.args)
    following = reading.next_task(session, task, actor=actor) or lists.next_after(task, args)
    told = reading.what_next(session, task.business_key)
    flash(gettext("Done: %(task)s.", task=task_name(task)) + (f"\n{told}" if told else ""), "good")
    kept: dict[str, Any] = args.kept()
    address = url_for("inbox.show", user_task_id=following.id, **kept) if following else url_for("inbox.index", **kept)
    return jsonify({"next": address})


@bp.put("/<uuid:user_task_id>/draft")
@answers_json
def save_draft(user_task_id: UUID) -> Any:
    """Keep what was typed."""
    saved = copies.save(db.session(), current_actor(), user_task_id=user_task_id, **sent_draft(), now=clock.utc_now())
    return jsonify({"version": saved.draft.version, "beside": saved.beside is not None})


def _visible(user_task_id: UUID) -> UserTask:
    return inbox.visible(db.session(), current_actor(), user_task_id)


def _back_to(user_task_id: UUID) -> Response:
    kept: dict[str, Any] = InboxArgs.read(request.args).kept()
    return redirect(url_for("inbox.show", user_task_id=user_task_id, **kept), 303)


def _work(user_task_id: UUID) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    task = _visible(user_task_id)
    form, is_mine = user_tasks.form(session, task), reading.may_do(task, actor)
    given = user_tasks.variables(session, task) if form else {}
    helps = not is_mine and helpers.helper(session, task.id, actor.username) is not None
    draft = drafts.load(session, actor, user_task_id=task.id) if form and (is_mine or helps) else None
    known = {**given, "": draft.values if draft else None}
    offered = (
        start_forms.choices(session, form, business_key=task.business_key, known=known, actor=actor) if form else {}
    )
    about = facts.for_user_task(session, task, actor=actor)
    names = people.display_names(session, [task.assignee, task.ended_by, task.owner])
    return {
        "task": task,
        "about": about,
        "process_name": reading.process_names(session).get(task.process_key, task.process_key),
        "help_text": user_tasks.documentation(session, task),
        "form": form,
        "variables": choices_in_words(offered) | forms.prefilled(form, given) if form else {},
        "draft": draft,
        "digest": forms_shown.digest(form) if form else None,
        "may_do": is_mine,
        "may_draft": helps and task.state == "created",
        "owner": names.get(task.owner, task.owner) if task.owner else None,
        "holder": names.get(task.assignee, task.assignee) if task.assignee else None,
        "ended_by": names.get(task.ended_by, task.ended_by) if task.ended_by else None,
        "offered_to": reading.groups_in_words(task.candidate_groups),
        "stages": stages.progress(session, cast(Matter, task)),
        "history": timeline.for_matter(session, cast(Matter, about), limit=HISTORY_SHOWN) if about else [],
    }
