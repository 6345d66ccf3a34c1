"""Starting a process: which ones there are, and the form of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import clock, deployments, process_instances
from engine.actor import Actor
from engine.errors import NotAllowedToStart
from engine.models import ProcessDefinition, ProcessInstance
from practice.enquiries import queries as enquiries
from practice.errors import EnquiryNotFound
from tasks import start_forms
from tasks.drafts import copies
from tasks.drafts import operations as drafts
from tasks.drafts.models import Draft
from webui import uploads
from webui.auth import current_actor
from webui.db import db
from webui.languages.model_texts import choices_in_words
from webui.pages import reading
from webui.pages.refusals import answers_json, sent_answers, sent_draft

bp = Blueprint("processes", __name__, url_prefix="/start")


@bp.get("")
def index() -> Any:
    """List the processes that the reader is offered to start."""
    session, actor = db.session(), current_actor()
    offered = [d for d in deployments.all_latest(session) if deployments.is_offered(session, d, actor)]
    offered.sort(key=lambda definition: ("case_type" in definition.properties, definition.name))
    return render_template("processes/index.html", definitions=offered)


@bp.get("/<process_key>")
def start_form(process_key: str) -> Any:
    """Show the form that starts a process, with what was typed into it before."""
    session, actor = db.session(), current_actor()
    definition = _startable(process_key)
    form = deployments.start_form(session, definition)
    draft = drafts.load(session, actor, process_key=process_key) if form else None
    return render_template(
        "processes/start.html",
        definition=definition,
        is_enquiry=process_key == "intake",
        form=form[1] if form else None,
        choices=choices_in_words(_offered(session, form[1], draft, actor)) if form else {},
        draft=draft,
        copies=copies.of(session, draft) if draft else [],
    )


def _offered(session: Session, form: Mapping[str, Any], draft: Draft | None, actor: Actor) -> dict[str, Any]:
    return start_forms.choices(session, form, known=draft.values if draft else None, actor=actor)


@bp.post("/<process_key>")
@answers_json
def start(process_key: str) -> Any:
    """Start a process with its form's answers; answer where to go next."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    answers = sent_answers()
    instance = process_instances.start(session, process_key, variables=answers, by=actor, now=now)
    uploads.settle_started(session, instance, answers, by=actor, now=now)
    drafts.discard(session, actor, process_key=process_key)
    told = reading.what_next(session, instance.business_key)
    name = deployments.latest(session, process_key).name
    flash(_started(instance, name) + (f"\n{told}" if told else ""), "good")
    return jsonify({"next": _address_of(instance)})


@bp.put("/<process_key>/draft")
@answers_json
def save_draft(process_key: str) -> Any:
    """Keep what was typed."""
    saved = copies.save(db.session(), current_actor(), process_key=process_key, **sent_draft(), now=clock.utc_now())
    return jsonify({"version": saved.draft.version, "beside": saved.beside is not None})


@bp.post("/<process_key>/draft/discard")
def discard_draft(process_key: str) -> Response:
    """Begin the form afresh."""
    drafts.discard(db.session(), current_actor(), process_key=process_key)
    return redirect(url_for("processes.start_form", process_key=process_key), 303)


def _startable(process_key: str) -> ProcessDefinition:
    session, actor = db.session(), current_actor()
    definition = deployments.latest(session, process_key)
    if not deployments.is_offered(session, definition, actor):
        raise NotAllowedToStart(process_key, actor.username)
    return definition


def _started(instance: ProcessInstance, name: str) -> str:
    if instance.process_key == "intake" and instance.business_key:
        return gettext("Enquiry %(number)s is filed.", number=instance.business_key)
    return gettext("Started: %(name)s.", name=name)


def _address_of(instance: ProcessInstance) -> str:
    session, actor = db.session(), current_actor()
    try:
        if instance.business_key:
            enquiry = enquiries.get_by_number(session, instance.business_key, actor=actor)
            return url_for("enquiries.show", number=enquiry.number)
    except EnquiryNotFound:
        pass
    mine = reading.open_work(session, [instance.business_key or ""], actor=actor)
    return url_for("inbox.show", user_task_id=mine[0].task.id) if mine and mine[0].is_mine else url_for("inbox.index")
