"""The register of letters, and one letter with every hop of its way."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from engine import clock, process_instances
from engine.models import ProcessDefinition
from practice.correspondence import queries
from practice.correspondence.models import DIRECTIONS, STATUSES
from practice.matters.models import Matter
from practice.organisation import queries as organisation
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for

bp = Blueprint("letters", __name__, url_prefix="/letters")
PAGE_SIZE = 40


@bp.get("")
def index() -> Any:
    """List letters by scope, direction, status and words; only those that the reader may see."""
    session, actor, args, now = db.session(), current_actor(), request.args, clock.utc_now()
    scope = args.get("scope") if args.get("scope") in queries.SCOPES else "all"
    direction = args.get("direction") if args.get("direction") in DIRECTIONS else None
    status = args.get("status") if args.get("status") in STATUSES else None
    text = args.get("q", "").strip()[:200] or None
    person = asked_for(args)
    page = queries.search(
        session,
        actor=actor,
        scope=scope or "all",
        direction=direction,
        status=status,
        text=text,
        person=person,
        now=now,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    kept = {"scope": scope, "direction": direction, "status": status, "q": text, "person": person}
    context = {
        "page": page,
        "kept": {key: value for key, value in kept.items() if value},
        "names": people.display_names(session, [row.letter.holder for row in page.items]),
        "is_hung": queries.is_hung,
        "hangs_since": queries.hangs_since(session, now),
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("letters/_rows.html", **context)
    return render_template(
        "letters/index.html", counts=queries.counts(session, actor=actor, now=now), statuses=STATUSES, **context
    )


@bp.get("/<number>")
def show(number: str) -> Any:
    """Show a letter: what it is, who has it, and every hop."""
    session, actor = db.session(), current_actor()
    letter = queries.get_by_number(session, number, actor=actor)
    matter = session.get(Matter, letter.matter_id) if letter.matter_id else None
    keys = [letter.number, matter.number if matter else ""]
    work = reading.open_work(session, keys, actor=actor)
    instance = process_instances.get(session, letter.process_instance_id) if letter.process_instance_id else None
    named = [letter.holder, letter.registered_by]
    named += [name for hop in letter.hops for name in (hop.by, hop.from_username, hop.to_username)]
    unit = organisation.by_code(session, letter.department) if letter.department else None
    return render_template(
        "letters/show.html",
        letter=letter,
        department=unit.name if unit else letter.department,
        matter=matter,
        names=people.display_names(session, named),
        answers=queries.answers_of(session, letter, actor=actor),
        work=[one for one in work if one.task.process_instance_id == letter.process_instance_id],
        instance=instance,
        definition=session.get(ProcessDefinition, instance.definition_id) if instance else None,
        is_hung=queries.is_hung(letter, before=queries.hangs_since(session, clock.utc_now())),
    )
