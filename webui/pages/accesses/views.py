"""Cases and attempts for those who look into them, and the door for an emergency."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock, process_instances
from engine.errors import Invalid, MatterflowError, NotFound
from engine.models import ProcessDefinition
from practice.accesses import emergency, queries
from practice.accesses.attempts import Door
from practice.accesses.models import CASE_STATES
from practice.people import queries as people
from practice.people.models import User
from webui.auth import current_actor
from webui.db import db
from webui.pages import reading
from webui.pages.colleagues.choices import asked_for
from webui.pages.refusals import sentence

bp = Blueprint("accesses", __name__, url_prefix="/access")
PAGE_SIZE = 40


@bp.get("")
def index() -> Any:
    """List the cases that the reader may see."""
    session, actor, args = db.session(), current_actor(), request.args
    state = args.get("state") if args.get("state") in CASE_STATES else None
    person = asked_for(args)
    page = queries.cases(
        session, actor=actor, state=state, username=person, limit=PAGE_SIZE, cursor=args.get("cursor") or None
    )
    return render_template(
        "accesses/index.html",
        page=page,
        state=state,
        kept={key: value for key, value in (("state", state), ("person", person)) if value},
        names=people.display_names(session, [case.username for case in page.items]),
    )


@bp.get("/attempts")
def attempts() -> Any:
    """List the attempts that the reader may see."""
    session, args = db.session(), request.args
    person = asked_for(args)
    page = queries.attempts(
        session, actor=current_actor(), username=person, limit=PAGE_SIZE, cursor=args.get("cursor") or None
    )
    names = people.display_names(session, [attempt.username for attempt in page.items])
    return render_template("accesses/attempts.html", page=page, kept={"person": person} if person else {}, names=names)


@bp.get("/cases/<case_number>")
def show(case_number: str) -> Any:
    """Show one case: who, what, what they said, what was found."""
    session, actor = db.session(), current_actor()
    case = queries.case_by_number(session, case_number, actor=actor)
    instance = process_instances.get(session, case.process_instance_id) if case.process_instance_id else None
    return render_template(
        "accesses/show.html",
        case=case,
        attempts=queries.attempts(session, actor=actor, case=case.number, limit=200).items,
        names=people.display_names(session, [case.username, case.owner, case.decided_by]),
        is_locked=session.scalar(sa.select(User.locked_at).where(User.username == case.username)) is not None,
        work=reading.open_work(session, [case.number], actor=actor),
        instance=instance,
        definition=session.get(ProcessDefinition, instance.definition_id) if instance else None,
    )


@bp.get("/emergency")
def emergency_form() -> Any:
    """Show the form for opening a matter in an emergency; it says nothing about which matters there are."""
    return render_template("accesses/emergency.html", number=request.args.get("for", "")[:40], reason="", problem=None)


@bp.post("/emergency")
def open_in_emergency() -> Any:
    """Open a matter with a reason."""
    number, reason = request.form.get("number", "").strip()[:40], request.form.get("reason", "")[:2000]
    door = Door("view", "page", f"POST {request.path}")
    try:
        access = emergency.break_glass(db.session(), number, reason, door, by=current_actor(), now=clock.utc_now())
    except Invalid as refused:
        return render_template("accesses/emergency.html", number=number, reason=reason, problem=sentence(refused)), 422
    except NotFound:
        raise
    except MatterflowError as refused:
        flash(sentence(refused), "late")
        return redirect(url_for("matters.show", number=number), 303)
    flash(gettext("Open for you until tomorrow. The lawyer in charge and compliance know. Case begins now."), "good")
    assert access.until > access.since
    return redirect(url_for("matters.show", number=number), 303)


@bp.post("/policy/<number>")
def set_policy(number: str) -> Response:
    """Decide how a matter answers to outsiders."""
    emergency.set_policy(db.session(), number, request.form.get("policy", ""), by=current_actor(), now=clock.utc_now())
    flash(gettext("Changed."), "good")
    return redirect(url_for("matters.show", number=number), 303)
