"""Hours: lines, days, approval line by line, corrections and sums."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import clock
from practice.matters.models import Matter
from practice.time import operations, queries
from practice.time.models import TimeEntry, Timesheet
from webui.api.v1 import hours_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema, names_of
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("hours", __name__, url_prefix="/time-entries", description="Hours, line by line.")


@bp.get("")
@bp.arguments(schemas.TimeEntryFilters, location="query")
@bp.response(200, schemas.TimeEntriesSchema)
@operation("list_time_entries")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List lines by day: one's own, those of people one leads, or everybody's by right."""
    given = dict(args)
    state = given.pop("state")
    found = queries.lines(db.session(), actor=current_actor(), states=[state] if state else (), **given)
    return {"items": [_told(line.entry, line.matter_number) for line in found]}


@bp.get("/waiting")
@bp.response(200, schemas.TimeEntriesSchema)
@operation("list_time_entries_to_decide")
def list_waiting() -> dict[str, Any]:
    """List the lines that the person is to approve or return."""
    found = queries.waiting_for(db.session(), actor=current_actor())
    return {"items": [_told(line.entry, line.matter_number) for line in found]}


@bp.get("/totals")
@bp.arguments(schemas.TotalArgs, location="query")
@bp.response(200, schemas.TotalsSchema)
@operation("sum_time_entries")
def totals(args: dict[str, Any]) -> dict[str, Any]:
    """Sum the hours of a period by person or by matter, of what the person may read."""
    found = queries.totals(db.session(), actor=current_actor(), **args)
    names = ("name", "approved_minutes", "handed_in_minutes")
    return {"items": [dict(zip(names, row, strict=True)) for row in found]}


@bp.post("")
@bp.arguments(schemas.NewTimeEntrySchema)
@bp.response(201, schemas.TimeEntrySchema)
@operation("enter_hours")
def enter(args: dict[str, Any]) -> dict[str, Any]:
    """Write a line for oneself; it is a draft until the day is handed in."""
    return _written(operations.enter(db.session(), args, by=current_actor(), now=clock.utc_now()))


@bp.patch("/<uuid:time_entry_id>")
@bp.arguments(schemas.ChangedTimeEntrySchema)
@bp.response(200, schemas.TimeEntrySchema)
@operation("change_hours", 404, 409)
def change(args: dict[str, Any], time_entry_id: UUID) -> dict[str, Any]:
    """Change one's own line that is not handed in."""
    facts = dict(args)
    version = facts.pop("version")
    session, actor = db.session(), current_actor()
    return _written(operations.change(session, time_entry_id, facts, version=version, by=actor, now=clock.utc_now()))


@bp.delete("/<uuid:time_entry_id>")
@bp.arguments(NothingSchema, required=False)
@bp.response(204)
@operation("remove_hours", 404, 409)
def remove(_: dict[str, Any], time_entry_id: UUID) -> None:
    """Take back one's own line that is not handed in."""
    operations.remove(db.session(), time_entry_id, by=current_actor(), now=clock.utc_now())


@bp.post("/submit")
@bp.arguments(schemas.DaySchema)
@bp.response(200, schemas.TimeEntriesSchema)
@operation("submit_hours")
def submit(args: dict[str, Any]) -> dict[str, Any]:
    """Hand in one's own day."""
    session = db.session()
    found = operations.submit_day(session, args["on_day"], by=current_actor(), now=clock.utc_now())
    return {"items": [_written(entry) for entry in found]}


@bp.post("/<uuid:time_entry_id>/decide")
@bp.arguments(schemas.LineDecisionSchema)
@bp.response(200, schemas.TimeEntrySchema)
@operation("decide_hours", 403, 404, 409)
def decide(args: dict[str, Any], time_entry_id: UUID) -> dict[str, Any]:
    """Approve a line, which locks it, or return it with a reason; never one's own."""
    session, actor = db.session(), current_actor()
    found = operations.decide(session, time_entry_id, args["decision"], args["reason"], by=actor, now=clock.utc_now())
    return _written(found)


@bp.post("/<uuid:time_entry_id>/correct")
@bp.arguments(schemas.CorrectionSchema)
@bp.response(201, schemas.TimeEntrySchema)
@operation("correct_hours", 404)
def correct(args: dict[str, Any], time_entry_id: UUID) -> dict[str, Any]:
    """Correct one's own approved line by a further one, which is approved like any other."""
    session, actor = db.session(), current_actor()
    found = operations.correct(session, time_entry_id, args["hours"], args["reason"], by=actor, now=clock.utc_now())
    return _written(found)


@bp.get("/sheets/<string:number>")
@bp.response(200, schemas.TimesheetSchema)
@operation("get_timesheet", 404)
def sheet(number: str) -> Timesheet:
    """Show a person's day."""
    return queries.get_sheet(db.session(), number, actor=current_actor())


def _written(entry: TimeEntry) -> dict[str, Any]:
    number = db.session().scalar(sa.select(Matter.number).where(Matter.id == entry.matter_id))
    return _told(entry, number)


def _told(entry: TimeEntry, matter_number: str | None) -> dict[str, Any]:
    own = (name for name in names_of(schemas.TimeEntrySchema) if name not in ("matter_number", "hours"))
    told = {name: getattr(entry, name) for name in own}
    return {**told, "matter_number": matter_number, "hours": str(entry.hours)}
