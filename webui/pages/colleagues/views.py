"""Who is found while a name is typed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request

from practice.matters import queries as matters
from practice.organisation import queries as organisation
from practice.walls.queries import kept_out_of
from tasks import access, start_forms
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import LONGEST, labelled

bp = Blueprint("colleagues", __name__, url_prefix="/colleagues")
_SHOWN = 20


@bp.get("/choices")
def choices() -> Response:
    """Return who has the words in their name, for a form; of a user task without those kept out of its matter."""
    session, actor, args = db.session(), current_actor(), request.args
    key = None
    if args.get("task"):
        key = access.visible_user_task(session, actor, args.get("task", type=UUID) or UUID(int=0)).business_key
    return jsonify(start_forms.people_found(session, args.get("q", "")[:LONGEST], business_key=key, actor=actor))


@bp.get("")
def find() -> str:
    """Return who has the words in their name, as options; of a matter without those who are kept out of it."""
    session, actor, args = db.session(), current_actor(), request.args
    number = args.get("matter")
    if number:
        number = matters.get_by_number(session, number[:40], actor=actor).number
    found = organisation.find(
        session,
        actor=actor,
        text=args.get(args.get("field", "q"), "")[:LONGEST],
        active=None if args.get("former") else True,
        besides=kept_out_of(number) if number else None,
        limit=_SHOWN,
    )
    return render_template("colleagues/_options.html", labels=[labelled(*one) for one in found])
