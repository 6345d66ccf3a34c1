"""The list of deadlines, one deadline for its second person, and registering one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import MatterflowError
from practice.deadlines import operations, queries
from practice.deadlines.models import OPEN_STATES, STATES, Deadline
from practice.deadlines.operations import KEEP, VERIFY
from practice.deadlines.queries import SCOPES
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people import queries as people
from webui.auth import current_actor
from webui.db import db
from webui.pages.colleagues.choices import asked_for
from webui.pages.refusals import sentence

bp = Blueprint("deadlines", __name__, url_prefix="/deadlines")
PAGE_SIZE = 40
#: Days ahead that the list offers.
PERIODS = (7, 14, 30, 90)
_BY_RULE = ("pack", "rule", "chain", "anchor_on", "service_method", "calendar")
_BY_HAND = ("name", "due_on", "citation")


@bp.get("")
def index() -> Any:
    """List deadlines by scope, state and period; only of matters that the reader may see."""
    session, actor, args = db.session(), current_actor(), request.args
    asked = args.get("scope", "team")
    scope = asked if asked in SCOPES else "team"
    state = args.get("state") if args.get("state") in STATES else None
    period = args.get("period", type=int)
    period = period if period in PERIODS else None
    person = asked_for(args)
    today = clock.utc_now().astimezone(clock.zone()).date()
    page = queries.search(
        session,
        actor=actor,
        scope=scope,
        states=[state] if state else OPEN_STATES,
        due_to=today + timedelta(days=period) if period else None,
        person=person,
        limit=PAGE_SIZE,
        cursor=args.get("cursor") or None,
    )
    is_more = request.headers.get("HX-Target") == "more"
    waiting = queries.waiting_for_second_person(session, actor=actor) if actor.may(VERIFY) and not is_more else []
    kept = {"scope": scope, "state": state, "period": period, "person": person}
    context = {
        "page": page,
        "today": today,
        "kept": {key: value for key, value in kept.items() if value},
        "names": people.display_names(session, [deadline.responsible for deadline, _ in (*waiting, *page.items)]),
    }
    if is_more:
        return render_template("deadlines/_rows.html", **context)
    return render_template("deadlines/index.html", waiting=waiting, periods=PERIODS, **context)


@bp.get("/new")
def new() -> Any:
    """Choose a rule, calculate, and register; or enter a day that stands in a document."""
    session, actor, args = db.session(), current_actor(), request.args
    matter = matters.get_by_number(session, args.get("matter", ""), actor=actor)
    operations.require(actor, KEEP)
    library = queries.library(session)
    given = {name: args.get(name, "").strip() for name in (*_BY_RULE, *_BY_HAND, "source")}
    # No jurisdiction is taken for granted: a deadline of another country's rule is worse than none.
    pack = library.packs.get(given["pack"])
    today = clock.utc_now().astimezone(clock.zone()).date()
    rules = library.rules_on(pack.key, today) if pack else []
    rule = next((one for one in rules if one.key == given["rule"]), None)
    found, problem = None, None
    if rule is not None and given["anchor_on"]:
        try:
            _, found = operations.preview(session, given)
        except MatterflowError as refused:
            problem = sentence(refused)
    return render_template(
        "deadlines/new.html",
        matter=matter,
        packs=library.packs,
        calendars=library.calendars,
        pack=pack,
        rules=rules,
        rule=rule,
        given=given,
        found=found,
        told=[step.as_dict() for step in found.steps] if found else [],
        problem=problem,
    )


@bp.post("")
def register() -> Response:
    """Register what was calculated or entered."""
    form = request.form
    number = form.get("matter", "")
    said = {name: form.get(name, "").strip() or None for name in (*_BY_RULE, *_BY_HAND, "source", "responsible")}
    facts = {**said, "is_fatal": form.get("is_fatal", "1") == "1"}
    try:
        made = operations.register(db.session(), number, facts, by=current_actor(), now=clock.utc_now())
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        flash(sentence(refused), "late")
        # What was written about the document stays out of addresses, and so out of logs.
        kept: dict[str, Any] = {name: said[name] for name in _BY_RULE if said[name]}
        return redirect(url_for("deadlines.new", matter=number, **kept), 303)
    if any(one.state == "proposed" for one in made):
        flash(gettext("Registered. A second person has to verify it before it counts."), "good")
    else:
        flash(gettext("Registered."), "good")
    if len(made) > 1:
        return redirect(url_for("matters.show", number=number), 303)
    return redirect(url_for("deadlines.show", deadline_id=made[0].id), 303)


@bp.get("/<uuid:deadline_id>")
def show(deadline_id: UUID) -> Any:
    """Show a deadline: the day, the document, how it was calculated, what happened, and what the reader may do."""
    session, actor = db.session(), current_actor()
    deadline = queries.get(session, deadline_id, actor=actor)
    matter = session.get(Matter, deadline.matter_id)
    named = [deadline.responsible, deadline.created_by, deadline.verified_by, deadline.ending_by, deadline.ended_by]
    named += [change.by for change in deadline.changes]
    may_verify, may_keep = actor.may(VERIFY), actor.may(KEEP)
    return render_template(
        "deadlines/show.html",
        deadline=deadline,
        matter=matter,
        pack=queries.library(session).packs.get(deadline.pack or ""),
        names=people.display_names(session, named),
        replaced_by=queries.replaced_by(session, deadline.id),
        may_verify=may_verify and deadline.state == "proposed" and deadline.created_by != actor.username,
        may_confirm=may_verify and deadline.ending is not None and deadline.ending_by != actor.username,
        may_withdraw=may_keep and deadline.ending is not None and deadline.ending_by == actor.username,
        may_end=may_keep and deadline.ending is None and (deadline.is_open or deadline.state == "missed"),
        may_change=may_keep and deadline.is_open,
    )


@bp.post("/<uuid:deadline_id>/<action>")
def act(deadline_id: UUID, action: str) -> Response:
    """Do what was chosen on the page; a refusal is told there."""
    handle = _ACTIONS.get(action)
    shown = deadline_id
    try:
        if handle is not None:
            shown = handle(deadline_id).id
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        queries.get(db.session(), deadline_id, actor=current_actor())
        flash(sentence(refused), "late")
    return redirect(url_for("deadlines.show", deadline_id=shown), 303)


def _verify(deadline_id: UUID) -> Deadline:
    form = request.form
    return operations.verify(
        db.session(),
        deadline_id,
        due_on=_day(form.get("due_on")),
        document_seen=form.get("document_seen") == "1",
        reason=form.get("reason") or None,
        by=current_actor(),
        now=clock.utc_now(),
    )


def _dispute(deadline_id: UUID) -> Deadline:
    return operations.dispute(
        db.session(), deadline_id, reason=request.form.get("reason"), by=current_actor(), now=clock.utc_now()
    )


def _end(deadline_id: UUID) -> Deadline:
    form = request.form
    return operations.end(
        db.session(),
        deadline_id,
        form.get("outcome", ""),
        reason=form.get("reason"),
        by=current_actor(),
        now=clock.utc_now(),
    )


def _confirm(deadline_id: UUID) -> Deadline:
    return operations.confirm_end(db.session(), deadline_id, by=current_actor(), now=clock.utc_now())


def _refuse(deadline_id: UUID) -> Deadline:
    return operations.refuse_end(
        db.session(), deadline_id, reason=request.form.get("reason"), by=current_actor(), now=clock.utc_now()
    )


def _change(deadline_id: UUID) -> Deadline:
    form = request.form
    said = {name: form.get(name) or None for name in ("anchor_on", "due_on", "service_method", "calendar", "source")}
    return operations.change(
        db.session(), deadline_id, said, reason=form.get("reason"), by=current_actor(), now=clock.utc_now()
    )


_ACTIONS: dict[str, Callable[[UUID], Deadline]] = {
    "verify": _verify,
    "dispute": _dispute,
    "end": _end,
    "confirm": _confirm,
    "refuse": _refuse,
    "change": _change,
}


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None


def deadlines_of(matter: Matter) -> dict[str, Any]:
    """Return what the page of a matter that was read with the reader's rights says of its deadlines."""
    session, actor = db.session(), current_actor()
    found = queries.of_read_matter(session, matter)
    return {
        "open": [one for one in found if one.is_open],
        "ended": [one for one in found if not one.is_open],
        "names": people.display_names(session, [one.responsible for one in found]),
        "today": clock.utc_now().astimezone(clock.zone()).date(),
        "may_register": actor.may(KEEP) and matter.state != "archived",
    }
