"""Enquiries: the list, and what became of one."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import clock, process_instances
from engine.models import ProcessDefinition
from practice.conflicts import queries as conflicts
from practice.enquiries import choices
from practice.enquiries import queries as enquiries
from practice.enquiries.models import STATES
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people import queries as people
from tasks import facts, progress, timeline
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for
from webui.pages.parties import forms

bp = Blueprint("enquiries", __name__, url_prefix="/enquiries")
PAGE_SIZE = 40
LONGEST_SEARCH = 100


@bp.get("")
def index() -> Any:
    """List the enquiries that the reader may see, the newest first."""
    session, args = db.session(), request.args
    q, state = args.get("q", "").strip()[:LONGEST_SEARCH], args.get("state")
    state = state if state in STATES else None
    person = asked_for(args)
    page = enquiries.search(
        session,
        actor=current_actor(),
        text=q,
        state=state,
        person=person,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    context = {
        "page": page,
        "names": people.display_names(session, [enquiry.received_by for enquiry in page.items]),
        "kept": {key: value for key, value in (("q", q), ("state", state), ("person", person)) if value},
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("enquiries/_rows.html", **context)
    return render_template("enquiries/index.html", q=q, state=state, **context)


@bp.get("/new")
def new() -> Response:
    """Lead to the form: an enquiry is how the intake process starts."""
    return redirect(url_for("processes.start_form", process_key="intake"))


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show one enquiry: what was asked, where it stands and what happens next."""
    session, actor = db.session(), current_actor()
    enquiry = enquiries.get_by_number(session, number, actor=actor)
    instance = process_instances.get(session, enquiry.process_instance_id) if enquiry.process_instance_id else None
    opened = session.scalar(sa.select(Matter).where(Matter.enquiry_number == enquiry.number, matters.visible_to(actor)))
    return render_template(
        "enquiries/show.html",
        enquiry=enquiry,
        about=facts.of_enquiry(session, enquiry),
        parties=enquiry.parties,
        check=conflicts.last_check(session, enquiry.number),
        matter=opened,
        namesakes=choices.namesakes(session, enquiry, actor=actor) if enquiry.state == "open" else [],
        received_by=people.display_names(session, [enquiry.received_by]).get(enquiry.received_by, enquiry.received_by),
        stages=progress.progress(session, cast(Matter, enquiry)),
        work=reading.open_work(session, [enquiry.number], actor=actor),
        instance=instance,
        definition=session.get(ProcessDefinition, instance.definition_id) if instance else None,
        history=timeline.for_enquiry(session, enquiry),
    )


@bp.post("/<number>/party")
@forms.back_on_refusal
def choose_party(number: str) -> Response:
    """Say which of several people of one name is meant."""
    name = forms.needed("name")
    choices.choose(db.session(), number, name, forms.party("party"), by=current_actor(), now=clock.utc_now())
    return redirect(url_for("enquiries.show", number=number), 303)
