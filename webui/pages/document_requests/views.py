"""What matters wait for from their clients, and the card of one request with its ticks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import MatterflowError
from practice.document_requests import operations, queries
from practice.document_requests.models import STATES
from practice.documents import operations as documents
from practice.documents.owners import MATTER, Owner
from practice.matters.models import Matter
from practice.people import queries as people
from practice.rights import decisions
from practice.time.calendars import local_day
from webui import uploads
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for
from webui.pages.refusals import sentence

bp = Blueprint("document_requests", __name__, url_prefix="/document-requests")
PAGE_SIZE = 40
_LONGEST_TITLE = 200


@bp.get("")
def index() -> Any:
    """List requests by state; only of matters that the reader may see."""
    session, actor, args = db.session(), current_actor(), request.args
    state = args.get("state", "waiting")
    wanted = state if state in STATES else None
    person = asked_for(args)
    page = queries.search(
        session, actor=actor, state=wanted, person=person, limit=PAGE_SIZE, cursor=args.get("cursor") or None
    )
    return render_template(
        "document_requests/index.html",
        page=page,
        state=wanted or "",
        kept={"person": person} if person else {},
        today=local_day(clock.utc_now()),
        waiting=queries.count_waiting(session, actor=actor),
    )


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show the card of a request: what came, what is missing and since when."""
    session, actor = db.session(), current_actor()
    found = queries.get_by_number(session, number, actor=actor)
    matter = session.get_one(Matter, found.matter_id)
    work = reading.open_work(session, [matter.number], actor=actor)
    return render_template(
        "document_requests/show.html",
        request_=found,
        matter=matter,
        names=people.display_names(session, [found.requested_by, *(item.settled_by for item in found.items)]),
        work=[one for one in work if one.task.process_instance_id == found.process_instance_id],
        may_change=found.state == "waiting" and decisions.may(session, actor, "change", matter),
        today=local_day(clock.utc_now()),
    )


@bp.post("/<number>/<action>")
def act(number: str, action: str) -> Response:
    """Tick, remind or go on without the rest; a refusal is told on the card."""
    form, session, actor, now = request.form, db.session(), current_actor(), clock.utc_now()
    try:
        if action == "settle":
            state = form.get("as", "received")
            ticks = operations.ticks(form.getlist("item"), state)
            note, place = form.get("note") or None, form.get("place") or None
            document_id = _filed(number, ticks) if state == "received" and ticks else None
            operations.settle_as(
                session, number, ticks, note=note, place=place, document_id=document_id, by=actor, now=now
            )
            flash(gettext("Ticked."), "good")
        elif action == "remind":
            operations.remind_as(session, number, note=form.get("note") or None, by=actor, now=now)
            flash(gettext("Noted that the client was reminded."), "good")
        elif action == "end":
            operations.end_as(session, number, form.get("reason"), by=actor, now=now)
            flash(gettext("The matter goes on without the rest."), "good")
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        queries.get_by_number(db.session(), number, actor=current_actor())
        flash(sentence(refused), "late")
    return redirect(url_for("document_requests.show", number=number), 303)


def _filed(number: str, ticks: dict[str, str]) -> UUID | None:
    """File what was sent along with the matter, under the name of the item that it is; None when nothing was."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    session, actor = db.session(), current_actor()
    found = queries.get_by_number(session, number, actor=actor)
    names = [item.name for item in found.items if str(item.position) in ticks]
    document = documents.file(
        session,
        Owner(MATTER, session.get_one(Matter, found.matter_id).number),
        uploads.taken_in(),
        title=names[0][:_LONGEST_TITLE] if len(names) == 1 else None,
        by=actor,
        now=clock.utc_now(),
    )
    return document.id
