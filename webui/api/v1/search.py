"""Searching everything at once."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from engine import clock
from tasks import searching
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("search", __name__, url_prefix="/search", description="Everything that one may see, by its words.")


class SearchArgs(Schema):
    """What is looked for."""

    q = fields.String(
        required=True,
        validate=validate.Length(1, searching.LONGEST),
        metadata={"description": "Words, each of which has to occur in part, in any case and with any accents."},
    )
    kinds = fields.String(
        load_default=",".join(searching.KINDS),
        validate=validate.Length(max=200),
        metadata={"description": f"Some of {', '.join(searching.KINDS)}, with commas between them."},
    )
    limit = fields.Integer(
        load_default=10,
        validate=validate.Range(1, searching.MOST_HITS),
        metadata={"description": "How many of each kind."},
    )


class SearchHitSchema(Answer):
    """One thing that was found."""

    kind = fields.String(required=True, validate=validate.OneOf(searching.KINDS))
    key = fields.String(required=True, metadata={"description": "Its number, or its id where it has no number."})
    title = fields.String(required=True)
    detail = fields.String(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class SearchGroupSchema(Answer):
    """What was found of one kind."""

    kind = fields.String(required=True, validate=validate.OneOf(searching.KINDS))
    hits = fields.List(fields.Nested(SearchHitSchema), required=True)
    is_more = fields.Boolean(required=True)


class SearchResultSchema(Answer):
    """What was found, kind by kind; kinds of which nothing was found are left out."""

    items = fields.List(fields.Nested(SearchGroupSchema), required=True)


@bp.get("")
@bp.arguments(SearchArgs, location="query")
@bp.response(200, SearchResultSchema)
@operation("search")
def search(args: dict[str, Any]) -> dict[str, Any]:
    """Search matters, parties, clients, enquiries, open user tasks, letters, documents and deadlines."""
    kinds = [kind.strip() for kind in args["kinds"].split(",") if kind.strip()]
    found = searching.search(
        db.session(), actor=current_actor(), text=args["q"], kinds=kinds, limit=args["limit"], now=clock.utc_now()
    )
    return {"items": found}
