"""The list of matters, and everything about one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine import process_instances
from engine.models import ProcessDefinition
from practice.matters import case_types
from practice.matters import queries as matters
from practice.matters.models import STATES
from practice.people import queries as people
from tasks import facts, progress, timeline
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading

bp = Blueprint("matters", __name__, url_prefix="/matters")
PAGE_SIZE = 40
HISTORY_SHOWN = 40
LONGEST_SEARCH = 100


@bp.get("")
def index() -> Any:
    """List the matters that the reader may see, the newest first."""
    session, actor, args = db.session(), current_actor(), request.args
    q, state, case_type = args.get("q", "").strip()[:LONGEST_SEARCH], args.get("state"), args.get("case_type") or None
    state = state if state in STATES else None
    page = matters.search(
        session,
        actor=actor,
        text=q,
        state=state,
        case_type=case_type,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    context = {
        "page": page,
        "names": people.display_names(session, [matter.responsible for matter in page.items]),
        "kept": {key: value for key, value in (("q", q), ("state", state), ("case_type", case_type)) if value},
        "case_types": {case_type.key: case_type.name for case_type in case_types.deployed(session)},
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("matters/_rows.html", **context)
    return render_template("matters/index.html", q=q, state=state, case_type=case_type, **context)


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show one matter: facts, stages, open work, diagram and what happened."""
    session, actor = db.session(), current_actor()
    matter = matters.get_by_number(session, number, actor=actor)
    keys = [key for key in (matter.number, matter.enquiry_number) if key]
    instance = process_instances.get(session, matter.process_instance_id) if matter.process_instance_id else None
    everything = request.args.get("history") == "all"
    entries = timeline.for_matter(session, matter, limit=1000 if everything else HISTORY_SHOWN + 1)
    return render_template(
        "matters/show.html",
        matter=matter,
        about=facts.of_matter(session, matter),
        stages=progress.progress(session, matter),
        work=reading.open_work(session, keys, actor=actor),
        team=[member for member in matter.members if member.until is None],
        names=people.display_names(session, [member.username for member in matter.members]),
        instance=instance,
        definition=session.get(ProcessDefinition, instance.definition_id) if instance else None,
        history=entries if everything else entries[:HISTORY_SHOWN],
        has_more=not everything and len(entries) > HISTORY_SHOWN,
    )
