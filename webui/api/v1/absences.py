"""Who is away, and who stands in."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from engine import clock, messages, process_instances
from practice.people import queries as people
from tasks.absences import operations, queries
from tasks.absences.errors import AbsenceNotInState
from tasks.absences.models import Absence
from webui.api.v1.approval_schemas import (
    AbsenceDaysSchema,
    AbsenceSchema,
    GapsSchema,
    NewAbsenceSchema,
    SubstituteNamedSchema,
)
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import NothingSchema, names_of, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("absences", __name__, url_prefix="/absences", description="Who is away, and who stands in.")
AbsencesSchema = page_of(AbsenceSchema, "Absences")
PROCESS = "absence"
RETURNED = "absence_returned"
CALLED_OFF = "absence_called_off"


class AbsenceFilters(PageArgs):
    """Which absences to list."""

    on = fields.Date(load_default=None, **said("Away on this local date."))
    since = fields.Date(load_default=None, **said("Not over by this local date."))
    username = text(150, load_default=None)


@bp.get("")
@bp.arguments(AbsenceFilters, location="query")
@bp.response(200, AbsencesSchema)
@operation("list_absences")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List who is away, by the first day."""
    found = queries.page(
        db.session(),
        actor=current_actor(),
        on=args["on"],
        since=args["since"],
        username=args["username"],
        limit=args["limit"],
        cursor=args["cursor"],
    )
    return {"items": [_told(absence) for absence in found.items], "next_cursor": found.next_cursor}


@bp.get("/gaps")
@bp.arguments(AbsenceDaysSchema, location="query")
@bp.response(200, GapsSchema)
@operation("show_absence_gaps", 404)
def gaps(args: dict[str, Any]) -> dict[str, Any]:
    """Say which groups would have nobody if somebody were away on these days; nothing is booked."""
    username = args["person"] or current_actor().username
    people.get(db.session(), username)
    operations.require_may_book(username, current_actor())
    operations.require_days(args, now=clock.utc_now())
    return {"items": queries.gaps(db.session(), username, args["first_on"], args["last_on"])}


@bp.post("")
@bp.arguments(NewAbsenceSchema)
@bp.response(201, AbsenceSchema)
@operation("book_absence", 403, 404)
def book(args: dict[str, Any]) -> Any:
    """Book an absence: starts the process `absence`, which lets it begin and end."""
    absence = start(args)
    return _told(absence), 201, {"Location": f"/api/v1/absences/{absence.number}"}


@bp.get("/<string:number>")
@bp.response(200, AbsenceSchema)
@operation("get_absence", 404)
def show(number: str) -> dict[str, Any]:
    """Show an absence."""
    return _told(queries.get(db.session(), number, actor=current_actor()))


@bp.post("/<string:number>/substitute")
@bp.arguments(SubstituteNamedSchema)
@bp.response(200, AbsenceSchema)
@operation("name_substitute", 403, 404)
def name_substitute(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Let somebody stand in for everything that no closer rule gives to another."""
    session, actor = db.session(), current_actor()
    queries.get(session, number, actor=actor)
    return _told(operations.name_substitute(session, number, args["username"], by=actor, now=clock.utc_now()))


@bp.post("/<string:number>/return")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, AbsenceSchema)
@operation("return_from_absence", 403, 404)
def come_back(_: dict[str, Any], number: str) -> dict[str, Any]:
    """Come back before the last day is over: everything is handed back."""
    return _told(end_early(number, "active", RETURNED))


@bp.post("/<string:number>/cancel")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, AbsenceSchema)
@operation("cancel_absence", 403, 404)
def call_off(_: dict[str, Any], number: str) -> dict[str, Any]:
    """Call an absence off before it begins."""
    return _told(end_early(number, "booked", CALLED_OFF))


def start(said_: dict[str, Any]) -> Absence:
    """Start the process with what was said about an absence; return what it booked."""
    session, actor = db.session(), current_actor()
    answers: dict[str, Any] = {
        "person": said_.get("person") or actor.username,
        "first_on": said_["first_on"].isoformat(),
        "last_on": said_["last_on"].isoformat(),
        "reason": said_["reason"],
        "note": said_.get("note") or None,
        "substitutes": [{name: value for name, value in one.items() if value} for one in said_["substitutes"]],
    }
    answers = {name: value for name, value in answers.items() if value not in (None, [])}
    instance = process_instances.start(session, PROCESS, variables=answers, by=actor, now=clock.utc_now())
    session.flush()
    return queries.get(session, str(instance.business_key), actor=actor)


def end_early(number: str, state: str, message: str) -> Absence:
    """Tell the process that an absence is over, or does not take place."""
    session, actor = db.session(), current_actor()
    absence = queries.get(session, number, actor=actor)
    operations.require_may_change(absence, actor)
    if absence.state != state:
        raise AbsenceNotInState(number, absence.state)
    messages.correlate(session, message, number, time_to_live="PT0S", by=actor, now=clock.utc_now())
    session.refresh(absence)
    return absence


def _told(absence: Absence) -> dict[str, Any]:
    told = {name: getattr(absence, name) for name in names_of(AbsenceSchema)}
    if not queries.may_read_note(current_actor(), absence):
        told |= {"reason": None, "note": None}
    return told
