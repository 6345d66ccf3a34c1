"""The list of matters, and everything about one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine import process_instances
from engine.models import ProcessDefinition
from practice.directories import queries as directories
from practice.matters import case_types
from practice.matters import queries as matters
from practice.people import queries as people
from practice.selections import queries as selections
from tasks import facts, progress, timeline
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.matters import card, searches, words

bp = Blueprint("matters", __name__, url_prefix="/matters")
PAGE_SIZE = 40
HISTORY_SHOWN = 40


@bp.get("")
def index() -> Any:
    """List the matters that the reader may see and that meet all criteria, the newest first."""
    session, actor = db.session(), current_actor()
    kept, criteria = searches.read(session)
    page = matters.search(
        session, actor=actor, criteria=criteria, limit=PAGE_SIZE, cursor=request.args.get("cursor") or None
    )
    context = {
        "page": page,
        "names": people.display_names(session, [matter.responsible for matter in page.items]),
        "kept": kept,
        "case_types": {case_type.key: case_type.name for case_type in case_types.deployed(session)},
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("matters/_rows.html", **context)
    return render_template(
        "matters/index.html",
        directions=directories.entries(session, "direction", active_only=True),
        regions=directories.entries(session, "region", active_only=True),
        tags=directories.entries(session, "tag", active_only=True),
        saved=selections.of(session, actor=actor, entity="matter"),
        words=words.ALL,
        **context,
    )


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show one matter: facts, stages, open work, diagram and what happened."""
    session, actor = db.session(), current_actor()
    matter = matters.get_by_number(session, number, actor=actor)
    instance = process_instances.get(session, matter.process_instance_id) if matter.process_instance_id else None
    everything = request.args.get("history") == "all"
    entries = timeline.for_matter(session, matter, limit=1000 if everything else HISTORY_SHOWN + 1)
    return render_template(
        "matters/show.html",
        matter=matter,
        about=facts.of_matter(session, matter),
        stages=progress.progress(session, matter),
        work=reading.open_work_of_read_matter(session, matter, actor=actor),
        card=card.of(session, matter, actor=actor),
        instance=instance,
        definition=session.get(ProcessDefinition, instance.definition_id) if instance else None,
        history=entries if everything else entries[:HISTORY_SHOWN],
        has_more=not everything and len(entries) > HISTORY_SHOWN,
    )
