"""What people do at a user task beside filling its form; each leads back to the task's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, jsonify, redirect, render_template_string, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, user_tasks
from practice.people import queries as people
from practice.people.models import User
from practice.walls import queries as walls
from tasks import access, recipients
from tasks.comments import operations as comments
from tasks.drafts import copies, sharing
from tasks.drafts import operations as drafts
from tasks.helpers import operations as helpers
from tasks.questions import operations as questions
from webui import uploads
from webui.auth import actor_of, current_actor
from webui.db import db
from webui.pages.parties import forms
from webui.pages.refusals import answers_json, sent_form

bp = Blueprint("work", __name__, url_prefix="/work")
#: People that the list below a field offers.
MOST_OFFERED = 12
_PEOPLE = '{% for one in people %}<option value="{{ one.username }}">{{ one.full_name }}</option>{% endfor %}'


@bp.get("/<uuid:user_task_id>/people")
def offer_people(user_task_id: UUID) -> str:
    """Offer the colleagues whose names begin like what is typed and whom no wall keeps out of the task's matter."""
    session, actor = db.session(), current_actor()
    task = access.visible_user_task(session, actor, user_task_id)
    typed = next((value for value in request.args.values() if value.strip()), "").strip().lower()[:100]
    query = sa.select(User).where(User.is_active, User.username != actor.username)
    if typed:
        query = query.where(
            sa.or_(
                sa.func.lower(User.full_name).contains(typed, autoescape=True),
                User.username.startswith(typed, autoescape=True),
            )
        )
    if task.business_key is not None:
        query = query.where(sa.not_(walls.kept_out_of(task.business_key)))
    found = list(session.scalars(query.order_by(User.full_name, User.username).limit(MOST_OFFERED)))
    return render_template_string(_PEOPLE, people=found)


@bp.post("/<uuid:user_task_id>/comments")
@forms.back_on_refusal
def comment(user_task_id: UUID) -> Response:
    """Say something."""
    body = request.form.get("body", "").replace("\r\n", "\n")
    session, by = db.session(), current_actor()
    said = comments.add(session, user_task_id, body, by=by, now=clock.utc_now(), actors=actor_of)
    if said.mentions:
        flash(gettext("Told: %(people)s.", people=_names(said.mentions)), "good")
    return _back(user_task_id, "comments")


@bp.post("/<uuid:user_task_id>/comments/<uuid:comment_id>/withdraw")
@forms.back_on_refusal
def withdraw_comment(user_task_id: UUID, comment_id: UUID) -> Response:
    """Take one's own comment back."""
    comments.withdraw(db.session(), comment_id, by=current_actor(), now=clock.utc_now())
    return _back(user_task_id, "comments")


@bp.post("/<uuid:user_task_id>/helpers")
@forms.back_on_refusal
def add_helper(user_task_id: UUID) -> Response:
    """Let somebody help."""
    helper = helpers.add(db.session(), user_task_id, _person("username"), by=current_actor(), now=clock.utc_now())
    flash(gettext("%(name)s sees this task now and can draft it.", name=_names([helper.username])), "good")
    return _back(user_task_id, "together")


@bp.post("/<uuid:user_task_id>/helpers/<username>/remove")
@forms.back_on_refusal
def remove_helper(user_task_id: UUID, username: str) -> Response:
    """Let somebody help no longer."""
    by = current_actor()
    helpers.remove(db.session(), user_task_id, username, by=by, now=clock.utc_now())
    return redirect(url_for("inbox.index"), 303) if username == by.username else _back(user_task_id, "together")


@bp.post("/<uuid:user_task_id>/questions")
@forms.back_on_refusal
def ask(user_task_id: UUID) -> Response:
    """Ask somebody."""
    session, by = db.session(), current_actor()
    text = request.form.get("question", "")
    asked = questions.ask(session, user_task_id, of=_person("of"), question=text, by=by, now=clock.utc_now())
    flash(gettext("%(name)s has your question; the task stays with you.", name=_names([asked.asked_of])), "good")
    return _back(user_task_id, "together")


@bp.post("/questions/<uuid:question_id>/answer")
@forms.back_on_refusal
def answer(question_id: UUID) -> Response:
    """Answer a question one was asked."""
    session, by = db.session(), current_actor()
    asked = questions.answer(session, question_id, request.form.get("answer", ""), by=by, now=clock.utc_now())
    flash(gettext("%(name)s has your answer.", name=_names([asked.asked_by])), "good")
    return redirect(url_for("inbox.index"), 303)


@bp.post("/<uuid:user_task_id>/questions/<uuid:question_id>/withdraw")
@forms.back_on_refusal
def withdraw_question(user_task_id: UUID, question_id: UUID) -> Response:
    """Take back a question one asked."""
    questions.withdraw(db.session(), question_id, by=current_actor(), now=clock.utc_now())
    return _back(user_task_id, "together")


@bp.post("/<uuid:user_task_id>/hand-on")
@forms.back_on_refusal
def hand_on(user_task_id: UUID) -> Response:
    """Let somebody else do the task: until they hand it back, or for good."""
    session, by, to = db.session(), current_actor(), _person("to")
    access.require_user_task(session, by, user_task_id)
    recipients.require_fit(session, user_task_id, to)
    give = user_tasks.assign if request.form.get("how") == "assign" else user_tasks.delegate
    give(session, user_task_id, to, by=by, now=clock.utc_now())
    flash(gettext("%(name)s has it now.", name=_names([to])), "good")
    return _back(user_task_id)


@bp.post("/<uuid:user_task_id>/hand-back")
@forms.back_on_refusal
def hand_back(user_task_id: UUID) -> Response:
    """Give a delegated task back to its owner, with what was typed."""
    back = sharing.hand_back(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    owner = _names([back.task.assignee or ""])
    if back.with_draft:
        flash(gettext("%(name)s has it back, with what was typed.", name=owner), "good")
    else:
        flash(gettext("%(name)s has it back.", name=owner), "good")
    return _back(user_task_id)


@bp.post("/<uuid:user_task_id>/hand-in")
@answers_json
def hand_in(user_task_id: UUID) -> Any:
    """Keep a delegate's or helper's answers for whose task it is; a delegate hands it back with them."""
    session, by, now = db.session(), current_actor(), clock.utc_now()
    answers, shown = sent_form()
    task = access.visible_user_task(session, by, user_task_id)
    uploads.settle_task(session, task, answers, by=by, now=now)
    drafts.save(session, by, user_task_id=user_task_id, values=answers, form_digest=shown, now=now)
    if task.assignee == by.username and task.owner not in (None, by.username):
        back = sharing.hand_back(session, user_task_id, by=by, now=now)
        flash(gettext("%(name)s has it back, with what was typed.", name=_names([back.task.assignee or ""])), "good")
    else:
        flash(gettext("Your draft is kept; whoever completes this sees it."), "good")
    return jsonify({"next": url_for("inbox.index")})


@bp.post("/<uuid:user_task_id>/drafts/<username>/take-over")
@forms.back_on_refusal
def take_over(user_task_id: UUID, username: str) -> Response:
    """Go on with what a helper typed."""
    sharing.take_over(db.session(), user_task_id, username, by=current_actor(), now=clock.utc_now())
    return _back(user_task_id)


@bp.post("/copies/<uuid:copy_id>/<any(take,drop):what>")
@forms.back_on_refusal
def settle_copy(copy_id: UUID, what: str) -> Response:
    """Go on with what was kept beside a draft, or throw it away."""
    if what == "take":
        copies.take(db.session(), current_actor(), copy_id, now=clock.utc_now())
    else:
        copies.drop(db.session(), current_actor(), copy_id)
    return redirect(forms.page_of_form(), 303)


def _back(user_task_id: UUID, anchor: str | None = None) -> Response:
    return redirect(url_for("inbox.show", user_task_id=user_task_id, _anchor=anchor), 303)


def _person(field: str) -> str:
    """Return the username of whom a field names, by username or by the whole name when it is one person's alone."""
    said = forms.needed(field).lstrip("@")
    if people.by_username(db.session(), said) is not None:
        return said.lower()
    named = sa.select(User.username).where(sa.func.lower(User.full_name) == said.lower(), User.is_active)
    found: list[Any] = list(db.session().scalars(named.limit(2)))
    return str(found[0]) if len(found) == 1 else said


def _names(usernames: list[str]) -> str:
    names = people.display_names(db.session(), usernames)
    return ", ".join(names.get(name, name) for name in usernames)
