"""Half-filled forms: of user tasks and of process starts, without validation, kept with a version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock, deployments
from engine.errors import NotAllowedToStart
from tasks.drafts import copies, sharing
from tasks.drafts import operations as drafts
from tasks.drafts.models import Draft
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.api.v1.work_schemas import (
    NewDraftSchema,
    OwnDraftSchema,
    SavedDraftSchema,
    TaskDraftSchema,
    TaskDraftsSchema,
)
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("drafts", __name__, url_prefix="", description="Half-filled forms.")


@bp.get("/user-tasks/<uuid:user_task_id>/draft")
@bp.response(200, OwnDraftSchema)
@operation("get_draft", 404)
def show(user_task_id: UUID) -> dict[str, Any]:
    """Show what one typed into a user task's form and has not sent, and what is kept beside it."""
    return _own(drafts.load(db.session(), current_actor(), user_task_id=user_task_id))


@bp.put("/user-tasks/<uuid:user_task_id>/draft")
@bp.arguments(NewDraftSchema)
@bp.response(200, SavedDraftSchema)
@operation("save_draft", 404)
def save(args: dict[str, Any], user_task_id: UUID) -> dict[str, Any]:
    """Keep what was typed into a user task's form; over an older version it is kept beside, and nothing is lost."""
    saved = copies.save(db.session(), current_actor(), user_task_id=user_task_id, **args, now=clock.utc_now())
    return _saved(saved)


@bp.delete("/user-tasks/<uuid:user_task_id>/draft")
@bp.arguments(NothingSchema)
@bp.response(200, OwnDraftSchema)
@operation("discard_draft", 404)
def discard(_nothing: dict[str, Any], user_task_id: UUID) -> dict[str, Any]:
    """Throw one's draft away, and what is kept beside it."""
    session, by = db.session(), current_actor()
    drafts.load(session, by, user_task_id=user_task_id)
    drafts.discard(session, by, user_task_id=user_task_id)
    return _own(None)


@bp.get("/user-tasks/<uuid:user_task_id>/drafts")
@bp.response(200, TaskDraftsSchema)
@operation("list_helpers_drafts", 404)
def list_of_helpers(user_task_id: UUID) -> dict[str, Any]:
    """List what helpers have typed, for whoever completes the user task."""
    return {"items": sharing.of_helpers(db.session(), user_task_id, actor=current_actor())}


@bp.post("/user-tasks/<uuid:user_task_id>/drafts/<string:username>/take-over")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, TaskDraftSchema)
@operation("take_over_draft", 404)
def take_over(_nothing: dict[str, Any], user_task_id: UUID, username: str) -> Draft:
    """Go on with what a helper typed; one's own draft is kept beside."""
    return sharing.take_over(db.session(), user_task_id, username, by=current_actor(), now=clock.utc_now())


@bp.post("/drafts/copies/<uuid:copy_id>/take")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, TaskDraftSchema)
@operation("take_draft_copy", 404)
def take_copy(_nothing: dict[str, Any], copy_id: UUID) -> Draft:
    """Go on with what was kept beside; the draft until now is kept beside instead."""
    return copies.take(db.session(), current_actor(), copy_id, now=clock.utc_now())


@bp.delete("/drafts/copies/<uuid:copy_id>")
@bp.arguments(NothingSchema)
@bp.response(204)
@operation("drop_draft_copy", 404)
def drop_copy(_nothing: dict[str, Any], copy_id: UUID) -> None:
    """Throw away what was kept beside."""
    copies.drop(db.session(), current_actor(), copy_id)


@bp.get("/process-definitions/<string:key>/draft")
@bp.response(200, OwnDraftSchema)
@operation("get_start_draft", 403, 404)
def show_start(key: str) -> dict[str, Any]:
    """Show what one typed into a process's start form and has not sent."""
    return _own(drafts.load(db.session(), current_actor(), process_key=key))


@bp.put("/process-definitions/<string:key>/draft")
@bp.arguments(NewDraftSchema)
@bp.response(200, SavedDraftSchema)
@operation("save_start_draft", 403, 404)
def save_start(args: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep what was typed into a process's start form, unchecked; over an older version it is kept beside."""
    saved = copies.save(db.session(), current_actor(), process_key=key, **args, now=clock.utc_now())
    return _saved(saved)


@bp.delete("/process-definitions/<string:key>/draft")
@bp.arguments(NothingSchema)
@bp.response(200, OwnDraftSchema)
@operation("discard_start_draft", 403, 404)
def discard_start(_nothing: dict[str, Any], key: str) -> dict[str, Any]:
    """Throw one's draft of a start form away."""
    session, by = db.session(), current_actor()
    if not deployments.may_start(session, deployments.latest(session, key), by):
        raise NotAllowedToStart(key, by.username)
    drafts.discard(session, by, process_key=key)
    return _own(None)


def _own(draft: Draft | None) -> dict[str, Any]:
    return {"draft": draft, "copies": copies.of(db.session(), draft) if draft else []}


def _saved(saved: copies.Saved) -> dict[str, Any]:
    return {name: getattr(saved.draft, name) for name in TaskDraftSchema().fields} | {"beside": saved.beside}
