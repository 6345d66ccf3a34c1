"""Reminders of user tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from engine.models import UserTask
from tasks.reminders import operations, queries
from tasks.reminders.models import Reminder
from webui.api.v1 import reminder_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema, UserTaskSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("reminders", __name__, url_prefix="/reminders", description="What reminds people of user tasks.")


@bp.get("")
@bp.response(200, schemas.ShownRemindersSchema)
@operation("list_reminders")
def list_own() -> dict[str, Any]:
    """List the reminders in front of one that were told and not put aside; at most 100."""
    return {"items": queries.shown_to(db.session(), current_actor())}


@bp.get("/<uuid:user_task_id>")
@bp.response(200, schemas.ReminderSchema)
@operation("get_reminder", 404)
def show(user_task_id: UUID) -> Reminder:
    """Show what reminds of a user task in front of one."""
    return queries.get(db.session(), user_task_id, actor=current_actor())


@bp.post("/<uuid:user_task_id>/accept")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, UserTaskSchema)
@operation("accept_reminder", 403, 404, 409)
def accept(_: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Take the task; everybody else's reminder of it is gone, and who comes second is told who was faster."""
    return operations.accept(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/aside")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, schemas.ReminderSchema)
@operation("put_reminder_aside", 404, 409)
def aside(_: dict[str, Any], user_task_id: UUID) -> Reminder:
    """Put a reminder aside until its next round; one that waits for an event stays."""
    return operations.aside(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/waive")
@bp.arguments(schemas.WaiverSchema)
@bp.response(200, schemas.ReminderSchema)
@operation("waive_reminder", 403, 404)
def waive(args: dict[str, Any], user_task_id: UUID) -> Reminder:
    """Let a colleague's reminder end without the event it waits for, with a reason on record."""
    return operations.waive(db.session(), user_task_id, args["reason"], by=current_actor(), now=clock.utc_now())


@bp.post("/events")
@bp.arguments(schemas.ReminderEventSchema)
@bp.response(200, schemas.EndedRemindersSchema)
@operation("report_reminder_event", 403)
def report(args: dict[str, Any]) -> dict[str, list[UUID]]:
    """Say that something has happened that reminders wait for: a call on record, say. Again changes nothing."""
    ended = operations.report(db.session(), args.pop("event"), **args, by=current_actor(), now=clock.utc_now())
    return {"user_task_ids": ended}
