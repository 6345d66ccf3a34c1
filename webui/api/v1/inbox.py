"""Lists of work: counts, what is new, what is put aside, what is watched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from tasks.inbox import queries as inbox
from tasks.snoozes import operations as snoozes
from tasks.snoozes.models import Snooze
from tasks.watching import operations as watching
from tasks.watching import queries as watched
from tasks.watching.queries import Watched
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.inbox_schemas import (
    CountArgs,
    NewArgs,
    NewTasksSchema,
    SnoozedSchema,
    SnoozeSchema,
    TaskCountsSchema,
    WatchedSchema,
    filters_of,
)
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("inbox", __name__, url_prefix="/user-tasks", description="How one's work is looked at.")
watches = ApiBlueprint("watches", __name__, url_prefix="/watches", description="Work that one keeps an eye on.")


@bp.get("/counts")
@bp.arguments(CountArgs, location="query")
@bp.response(200, TaskCountsSchema)
@operation("count_user_tasks")
def count(args: dict[str, Any]) -> dict[str, int]:
    """Count open user tasks by scope."""
    return inbox.counts(db.session(), current_actor(), now=clock.utc_now(), filters=filters_of(args))


@bp.get("/new")
@bp.arguments(NewArgs, location="query")
@bp.response(200, NewTasksSchema)
@operation("count_new_user_tasks")
def new(args: dict[str, Any]) -> dict[str, int]:
    """Count the tasks that came in front of oneself since an instant."""
    return {"count": inbox.arrived(db.session(), current_actor(), now=clock.utc_now(), **args)}


@bp.put("/<uuid:user_task_id>/snooze")
@bp.arguments(SnoozeSchema)
@bp.response(200, SnoozedSchema)
@operation("snooze_user_task", 404)
def snooze(args: dict[str, Any], user_task_id: UUID) -> Snooze:
    """Put a task aside: off one's own lists until an instant."""
    return snoozes.put_aside(db.session(), user_task_id, until=args["until"], by=current_actor(), now=clock.utc_now())


@bp.delete("/<uuid:user_task_id>/snooze")
@bp.arguments(NothingSchema, required=False)
@bp.response(204)
@operation("wake_user_task", 404)
def wake(_: dict[str, Any], user_task_id: UUID) -> None:
    """Put a task back on one's lists."""
    snoozes.wake(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())


@bp.put("/<uuid:user_task_id>/watch")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, WatchedSchema)
@operation("watch_user_task", 404)
def watch_task(_: dict[str, Any], user_task_id: UUID) -> Watched:
    """Keep an eye on a task."""
    watching.watch_task(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    return watched.of(db.session(), current_actor())


@bp.delete("/<uuid:user_task_id>/watch")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, WatchedSchema)
@operation("unwatch_user_task", 404)
def unwatch_task(_: dict[str, Any], user_task_id: UUID) -> Watched:
    """Stop watching a task."""
    watching.unwatch_task(db.session(), user_task_id, by=current_actor(), now=clock.utc_now())
    return watched.of(db.session(), current_actor())


@watches.get("")
@watches.response(200, WatchedSchema)
@operation("list_watches")
def list_watches() -> Watched:
    """List what one watches and may see."""
    return watched.of(db.session(), current_actor())


@watches.put("/<string:number>")
@watches.arguments(NothingSchema, required=False)
@watches.response(200, WatchedSchema)
@operation("watch_matter", 404)
def watch_matter(_: dict[str, Any], number: str) -> Watched:
    """Keep an eye on all the work of a matter or an enquiry."""
    watching.watch_matter(db.session(), number, by=current_actor(), now=clock.utc_now())
    return watched.of(db.session(), current_actor())


@watches.delete("/<string:number>")
@watches.arguments(NothingSchema, required=False)
@watches.response(200, WatchedSchema)
@operation("unwatch_matter", 404)
def unwatch_matter(_: dict[str, Any], number: str) -> Watched:
    """Stop watching a matter or an enquiry."""
    watching.unwatch_matter(db.session(), number, by=current_actor(), now=clock.utc_now())
    return watched.of(db.session(), current_actor())
