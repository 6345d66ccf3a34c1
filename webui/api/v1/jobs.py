"""What the engine has promised to do: for supervisors who want to know why something stands still."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import fields, validate

from engine import clock, job_table, jobs
from engine.errors import JobNotFound
from engine.models import Job, ProcessInstance
from practice.paging import Page, place
from tasks.access import instance_visible_to
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import JobCountsSchema, JobSchema, NothingSchema, text
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint("jobs", __name__, url_prefix="/jobs", description="Timers and other work that nobody is asked for.")
JobsSchema = page_of(JobSchema, "Jobs")


class JobFilters(PageArgs):
    """Which jobs to list."""

    kind = text(40, load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(job_table.STATES))
    process_instance_id = fields.UUID(load_default=None)


@bp.get("")
@bp.arguments(JobFilters, location="query")
@bp.response(200, JobsSchema)
@operation("list_jobs", 403)
def list_jobs(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """List jobs, the most overdue first."""
    require_right("retry_incidents")
    now = clock.utc_now()
    query = _visible(now)
    if args["kind"] is not None:
        query = query.where(Job.kind == args["kind"])
    if args["state"] is not None:
        query = query.where(job_table.state_at(now) == args["state"])
    if args["process_instance_id"] is not None:
        query = query.where(Job.process_instance_id == args["process_instance_id"])
    if args["cursor"]:
        key: Any = sa.tuple_(Job.due_at, Job.id)
        query = query.where(key > sa.tuple_(*place(args["cursor"]), types=[Job.due_at.type, Job.id.type]))
    rows = list(db.session.execute(query.order_by(Job.due_at, Job.id).limit(args["limit"] + 1)))
    page = Page.cut(rows, args["limit"], lambda row: (row[0].due_at, row[0].id))
    return Page([_shown(*row) for row in page.items], page.next_cursor)


@bp.get("/counts")
@bp.response(200, JobCountsSchema)
@operation("count_jobs", 403)
def count() -> dict[str, Any]:
    """Count all jobs by kind and state."""
    require_right("retry_incidents")
    found = job_table.counts(db.session(), now=clock.utc_now())
    return {"items": [{"kind": kind, "state": state, "count": n} for (kind, state), n in sorted(found.items())]}


@bp.post("/<uuid:job_id>/retry")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, JobSchema)
@operation("retry_job", 403, 404)
def retry(_: dict[str, Any], job_id: UUID) -> dict[str, Any]:
    """Let a job that failed for good start over."""
    require_right("retry_incidents")
    now = clock.utc_now()
    query = _visible(now).where(Job.id == job_id)
    if db.session.execute(query).one_or_none() is None:
        raise JobNotFound(job_id)
    jobs.retry(db.session(), job_id, by=current_actor(), now=now)
    return _shown(*db.session.execute(query).one())


def _visible(now: Any) -> sa.Select[Job, Any, Any, str]:
    seen = sa.or_(Job.process_instance_id.is_(None), instance_visible_to(current_actor()))
    return (
        sa.select(Job, ProcessInstance.process_key, ProcessInstance.business_key, job_table.state_at(now))
        .outerjoin(ProcessInstance, ProcessInstance.id == Job.process_instance_id)
        .where(seen)
    )


def _shown(job: Job, process_key: str | None, business_key: str | None, state: str) -> dict[str, Any]:
    names = ("id", "kind", "process_instance_id", "element_id", "priority", "taken_by", "attempts", "last_error")
    return {name: getattr(job, name) for name in (*names, "created_at")} | {
        "process_key": process_key,
        "business_key": business_key,
        "state": state,
        "due_at": job.promised_at or job.due_at,
        "next_at": None if job.failed_at is not None else job.due_at,
    }
