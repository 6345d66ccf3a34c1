"""Work that waits for people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock, user_tasks
from engine.models import UserTask
from practice.paging import Page
from tasks import access, attachments, forms_shown, recipients
from tasks.inbox import queries as inbox
from webui import uploads
from webui.api.v1.blueprint import ApiBlueprint, operation, page_of
from webui.api.v1.inbox_schemas import UserTaskFilters, filters_of
from webui.api.v1.schemas import (
    CompleteSchema,
    NothingSchema,
    OptionalRecipientSchema,
    RecipientSchema,
    UserTaskSchema,
    UserTaskWithFormSchema,
)
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("user tasks", __name__, url_prefix="/user-tasks", description="Work that waits for people.")
UserTasksSchema = page_of(UserTaskSchema, "UserTasks")


@bp.get("")
@bp.arguments(UserTaskFilters, location="query")
@bp.response(200, UserTasksSchema)
@operation("list_user_tasks")
def list_open(args: dict[str, Any]) -> Page[UserTask]:
    """List open user tasks, the first due first or the most urgent."""
    return inbox.page(
        db.session(),
        current_actor(),
        scope=args["scope"],
        sort=args["sort"],
        filters=filters_of(args),
        asleep=args["asleep"],
        now=clock.utc_now(),
        limit=args["limit"],
        cursor=args["cursor"],
    )


@bp.get("/<uuid:user_task_id>")
@bp.response(200, UserTaskWithFormSchema)
@operation("get_user_task", 404)
def show(user_task_id: UUID) -> dict[str, Any]:
    """Show a user task with its form and data."""
    session = db.session()
    task = inbox.visible(session, current_actor(), user_task_id)
    facts = {name: getattr(task, name) for name in UserTaskSchema().fields}
    form = user_tasks.form(session, task)
    return facts | {
        "form": form,
        "form_digest": forms_shown.digest(form) if form else None,
        "variables": user_tasks.variables(session, task),
    }


@bp.post("/<uuid:user_task_id>/claim")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, UserTaskSchema)
@operation("claim_user_task", 403, 404)
def claim(_: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Take a user task."""
    return user_tasks.claim(db.session(), _visible(user_task_id), by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/unclaim")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, UserTaskSchema)
@operation("unclaim_user_task", 403, 404)
def unclaim(_: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Give a user task back to its groups."""
    return user_tasks.unclaim(db.session(), _visible(user_task_id), by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/assign")
@bp.arguments(OptionalRecipientSchema)
@bp.response(200, UserTaskSchema)
@operation("assign_user_task", 403, 404)
def assign(args: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Give a user task to somebody, or to nobody."""
    recipients.require_fit(db.session(), _visible(user_task_id), args["to"])
    return user_tasks.assign(db.session(), user_task_id, args["to"], by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/delegate")
@bp.arguments(RecipientSchema)
@bp.response(200, UserTaskSchema)
@operation("delegate_user_task", 403, 404)
def delegate(args: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Let somebody else do one's own user task."""
    recipients.require_fit(db.session(), _visible(user_task_id), args["to"])
    return user_tasks.delegate(db.session(), user_task_id, args["to"], by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:user_task_id>/complete")
@bp.arguments(CompleteSchema)
@bp.response(200, UserTaskSchema)
@operation("complete_user_task", 403, 404)
def complete(args: dict[str, Any], user_task_id: UUID) -> UserTask:
    """Complete a user task with its form's answers; claims it when nobody holds it."""
    session, by, now, answers = db.session(), current_actor(), clock.utc_now(), args["variables"]
    _visible(user_task_id)
    if args["form_digest"] is not None or attachments.may_name_files(answers):
        uploads.settle_task(
            session, user_tasks.get(session, user_task_id), answers, by=by, now=now, shown=args["form_digest"]
        )
    return user_tasks.complete(session, user_task_id, answers, by=by, now=now)


def _visible(user_task_id: UUID) -> UUID:
    access.require_user_task(db.session(), current_actor(), user_task_id)
    return user_task_id
