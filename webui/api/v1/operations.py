"""What operators do to running process instances."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import bulk, clock, migrations, modifications, process_instances, resets, undo
from engine.actor import Actor
from engine.bulk import Outcome
from engine.errors import MatterflowError, ProcessInstanceNotFound
from engine.models import ProcessInstance
from engine.modifications import Add, Instruction, Move, Remove, SetVariables, Skip
from tasks.access import instance_visible_to, visible_instance
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.operation_schemas import (
    CancelManySchema,
    CancelSchema,
    ManyInstancesSchema,
    MigrateSchema,
    MigrationSchema,
    ModifySchema,
    OptionalReasonSchema,
    OutcomesSchema,
    ResetSchema,
    TokensSchema,
)
from webui.api.v1.schemas import NothingSchema, ProcessInstanceSchema
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint(
    "operations", __name__, url_prefix="/process-instances", description="What operators do to running processes."
)
_INSTRUCTIONS: dict[str, type[Any]] = {
    "move": Move,
    "add": Add,
    "remove": Remove,
    "skip": Skip,
    "set_variables": SetVariables,
}


@bp.get("/<uuid:process_instance_id>/tokens")
@bp.response(200, TokensSchema)
@operation("get_process_instance_tokens", 404)
def show_tokens(process_instance_id: UUID) -> dict[str, Any]:
    """Tell where the instance's tokens stand, each with its id."""
    visible_instance(db.session(), current_actor(), process_instance_id)
    return {"items": modifications.tokens(db.session(), process_instance_id)}


@bp.post("/<uuid:process_instance_id>/modify")
@bp.arguments(ModifySchema)
@bp.response(200, ProcessInstanceSchema)
@operation("modify_process_instance", 403, 404)
def modify(args: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """Move, add, remove and skip tokens and correct variables; all of it is done or nothing."""
    by = _operator("modify_instances", process_instance_id)
    instructions: list[Instruction] = [
        _INSTRUCTIONS[said["type"]](**{name: value for name, value in said.items() if name != "type"})
        for said in args["instructions"]
    ]
    return modifications.modify(
        db.session(), process_instance_id, instructions, reason=args["reason"], by=by, now=clock.utc_now()
    )


@bp.post("/<uuid:process_instance_id>/reset")
@bp.arguments(ResetSchema)
@bp.response(200, ProcessInstanceSchema)
@operation("reset_process_instance", 403, 404)
def reset(args: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """Go back to a finished user task; what came of it is cancelled, the data are as they were then."""
    by = _operator("modify_instances", process_instance_id)
    return resets.reset(
        db.session(), process_instance_id, args["user_task_id"], reason=args["reason"], by=by, now=clock.utc_now()
    )


@bp.post("/<uuid:process_instance_id>/undo")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, ProcessInstanceSchema)
@operation("undo_last_operation", 403, 404)
def undo_last(_: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """Take the last action of an operator back, as long as the instance has not moved since."""
    by = _operator("modify_instances", process_instance_id)
    return undo.undo(db.session(), process_instance_id, by=by, now=clock.utc_now())


@bp.post("/<uuid:process_instance_id>/suspend")
@bp.arguments(OptionalReasonSchema, required=False)
@bp.response(200, ProcessInstanceSchema)
@operation("suspend_process_instance", 403, 404)
def suspend(args: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """Let nothing of the instance move until it is resumed."""
    by = _operator("suspend_instances", process_instance_id)
    return process_instances.suspend(
        db.session(), process_instance_id, reason=args["reason"], by=by, now=clock.utc_now()
    )


@bp.post("/<uuid:process_instance_id>/resume")
@bp.arguments(OptionalReasonSchema, required=False)
@bp.response(200, ProcessInstanceSchema)
@operation("resume_process_instance", 403, 404)
def resume(args: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """Let a suspended instance move again; timers that came due meanwhile fire once."""
    by = _operator("suspend_instances", process_instance_id)
    return process_instances.resume(
        db.session(), process_instance_id, reason=args["reason"], by=by, now=clock.utc_now()
    )


@bp.post("/<uuid:process_instance_id>/cancel")
@bp.arguments(CancelSchema)
@bp.response(200, ProcessInstanceSchema)
@operation("cancel_process_instance", 403, 404)
def cancel(args: dict[str, Any], process_instance_id: UUID) -> ProcessInstance:
    """End the instance before its time; with compensation it ends when its handlers are through."""
    by = _operator("cancel_instances", process_instance_id)
    return process_instances.cancel(
        db.session(),
        process_instance_id,
        reason=args["reason"],
        compensate=args["compensate"],
        by=by,
        now=clock.utc_now(),
    )


@bp.post("/suspend")
@bp.arguments(ManyInstancesSchema)
@bp.response(200, OutcomesSchema)
@operation("suspend_process_instances", 403)
def suspend_many(args: dict[str, Any]) -> dict[str, Any]:
    """Suspend many instances, each for itself."""
    return _each("suspend_instances", args, process_instances.suspend)


@bp.post("/resume")
@bp.arguments(ManyInstancesSchema)
@bp.response(200, OutcomesSchema)
@operation("resume_process_instances", 403)
def resume_many(args: dict[str, Any]) -> dict[str, Any]:
    """Resume many instances, each for itself."""
    return _each("suspend_instances", args, process_instances.resume)


@bp.post("/cancel")
@bp.arguments(CancelManySchema)
@bp.response(200, OutcomesSchema)
@operation("cancel_process_instances", 403)
def cancel_many(args: dict[str, Any]) -> dict[str, Any]:
    """Cancel many instances, each for itself."""
    return _each("cancel_instances", args, partial(process_instances.cancel, compensate=args["compensate"]))


@bp.post("/migrate")
@bp.arguments(MigrateSchema)
@bp.response(200, MigrationSchema)
@operation("migrate_process_instances", 403, 404)
def migrate(args: dict[str, Any]) -> dict[str, Any]:
    """Move instances to another version of their process, a batch at a time, or tell what would happen."""
    require_right("migrate_instances")
    session, by, now = db.session(), current_actor(), clock.utc_now()
    plan = migrations.plan(session, args["process_key"], args["from_version"], args["to_version"], args["mapping"])
    wanted, limit = args["process_instance_ids"], args["limit"]
    ids = migrations.instances(
        session, plan, after=args["cursor"], limit=limit + 1, ids=wanted, where=instance_visible_to(by)
    )
    batch = ids[:limit]
    do = migrations.try_out if args["dry_run"] else migrations.apply
    return {
        "dry_run": args["dry_run"],
        "plan": plan,
        "items": [_report(one) for one in do(session, plan, batch, by=by, now=now)],
        "next_cursor": batch[-1] if batch and len(ids) > limit else None,
    }


def outcomes(found: list[Outcome]) -> dict[str, Any]:
    """Tell what became of each item."""
    return {"items": [{"id": one.id, "done": one.is_done, "problem": _problem(one.refusal)} for one in found]}


def _operator(right: str, process_instance_id: UUID) -> Actor:
    """Return who asks; whom the instance does not concern learns nothing of it, who may only see it is refused."""
    actor = current_actor()
    visible_instance(db.session(), actor, process_instance_id)
    require_right(right)
    return actor


def _each(right: str, args: dict[str, Any], do: Callable[..., Any]) -> dict[str, Any]:
    require_right(right)
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    ids = args["process_instance_ids"]
    seen = set(
        session.scalars(sa.select(ProcessInstance.id).where(ProcessInstance.id.in_(ids), instance_visible_to(actor)))
    )

    def one(process_instance_id: UUID) -> None:
        if process_instance_id not in seen:
            raise ProcessInstanceNotFound(process_instance_id)
        do(session, process_instance_id, reason=args["reason"], by=actor, now=now)

    return outcomes(bulk.each(session, ids, one))


def _report(report: migrations.Report) -> dict[str, Any]:
    names = ("id", "state", "obstacles", "tokens", "dropped", "added", "user_tasks")
    told = {name: getattr(report, name) for name in names}
    return told | {"done": report.refusal is None, "problem": _problem(report.refusal)}


def _problem(refusal: MatterflowError | None) -> dict[str, str] | None:
    if refusal is None:
        return None
    return {"code": refusal.code, "title": refusal.sentence, "detail": str(refusal)}
