"""Approvals, many at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine import clock
from tasks.approvals import operations, queries
from webui import bulk
from webui.api.v1.approval_schemas import ApprovalResultsSchema, ApprovalSchema, BulkApprovalSchema
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("approvals", __name__, url_prefix="/approvals", description="What waits for a yes.")
ApprovalsSchema = page_of(ApprovalSchema, "Approvals")


@bp.get("")
@bp.arguments(PageArgs, location="query")
@bp.response(200, ApprovalsSchema)
@operation("list_approvals")
def list_waiting(args: dict[str, Any]) -> dict[str, Any]:
    """List the user tasks in front of one that a yes may complete, with their facts, the first due first."""
    page = queries.waiting(db.session(), current_actor(), limit=min(args["limit"], 50), cursor=args["cursor"])
    items = [
        {
            "user_task": item.task,
            "subject": item.subject.title if item.subject else None,
            "facts": [asdict(one) for one in item.shown],
            "version": item.version,
        }
        for item in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@bp.post("")
@bp.arguments(BulkApprovalSchema)
@bp.response(200, ApprovalResultsSchema)
@operation("approve_many")
def approve(args: dict[str, Any]) -> dict[str, Any]:
    """Approve many, each by itself: what needs input, breaks a rule or has changed drops out and says why."""
    actor, now = current_actor(), clock.utc_now()
    told = bulk.one_by_one(
        args["items"],
        lambda session, one: operations.approve(session, one["user_task_id"], one["version"], by=actor, now=now),
    )
    items = [
        {
            "user_task_id": one["user_task_id"],
            "result": "dropped" if refused else "approved",
            "code": refused.code if refused else None,
            "detail": str(refused) if refused else None,
        }
        for one, refused in told
    ]
    return {"items": items}
