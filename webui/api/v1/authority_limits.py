"""Who may approve how much."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from engine import clock
from practice import money
from practice.authority import operations, queries
from practice.authority.models import AuthorityLimit
from webui.api.v1.approval_schemas import AuthorityLimitSchema, NewAuthorityLimitSchema
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import NothingSchema, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "authority limits", __name__, url_prefix="/authority-limits", description="Who may approve how much, and for whom."
)
AuthorityLimitsSchema = page_of(AuthorityLimitSchema, "AuthorityLimits")


class AuthorityFilters(PageArgs):
    """Which limits to list."""

    kind = text(60, load_default=None)
    with_revoked = fields.Boolean(load_default=False)


@bp.get("")
@bp.arguments(AuthorityFilters, location="query")
@bp.response(200, AuthorityLimitsSchema)
@operation("list_authority_limits")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List one's own limits and those of one's groups; all of them for who gives them."""
    found = queries.page(db.session(), actor=current_actor(), **args)
    return {"items": [_told(limit) for limit in found.items], "next_cursor": found.next_cursor}


@bp.post("")
@bp.arguments(NewAuthorityLimitSchema)
@bp.response(201, AuthorityLimitSchema)
@operation("grant_authority", 403, 404)
def grant(args: dict[str, Any]) -> dict[str, Any]:
    """Let somebody else, or a group that one does not belong to, approve something."""
    return _told(operations.grant(db.session(), args, by=current_actor(), now=clock.utc_now()))


@bp.post("/<uuid:authority_limit_id>/revoke")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, AuthorityLimitSchema)
@operation("revoke_authority", 403, 404)
def revoke(_: dict[str, Any], authority_limit_id: UUID) -> dict[str, Any]:
    """Take authority back."""
    return _told(operations.revoke(db.session(), authority_limit_id, by=current_actor(), now=clock.utc_now()))


def _told(limit: AuthorityLimit) -> dict[str, Any]:
    known = {field.attribute or name: None for name, field in AuthorityLimitSchema().fields.items()}
    told = {name: getattr(limit, name, None) for name in known}
    has_limit = limit.limit_minor is not None and limit.currency is not None
    return told | {"limit": money.from_minor(limit.limit_minor or 0, limit.currency or "EUR") if has_limit else None}
