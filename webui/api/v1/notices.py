"""What one has to know."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from engine import clock
from practice.notices import operations, queries
from practice.notices.models import Notice
from practice.paging import Page
from webui.api.v1.access_schemas import CountSchema, NoticeSchema, SeenSchema
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("notices", __name__, url_prefix="/notices", description="What one has to know.")
NoticesSchema = page_of(NoticeSchema, "Notices")


class NoticeFilters(PageArgs):
    """Which of one's notices to list."""

    unseen = fields.Boolean(load_default=False)


@bp.get("")
@bp.arguments(NoticeFilters, location="query")
@bp.response(200, NoticesSchema)
@operation("list_notices")
def list_own(args: dict[str, Any]) -> Page[Notice]:
    """List one's own notices, the newest first."""
    return queries.of(db.session(), actor=current_actor(), **args)


@bp.post("/seen")
@bp.arguments(SeenSchema)
@bp.response(200, CountSchema)
@operation("mark_notices_seen")
def mark_seen(args: dict[str, Any]) -> dict[str, int]:
    """Take notices off one's list; says how many were new."""
    count = operations.mark_seen(db.session(), args["ids"], by=current_actor(), now=clock.utc_now())
    return {"count": count}
