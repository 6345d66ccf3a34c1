"""The firm's matters."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from practice.matters import queries
from practice.matters.models import Matter
from practice.paging import Page
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import MatterSchema, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("matters", __name__, url_prefix="/matters", description="Clients' files.")
MattersSchema = page_of(MatterSchema, "Matters")


class MatterFilters(PageArgs):
    """Which matters to list."""

    q = text(200, load_default=None, **said("Words of the title, the names or the number, in part."))
    state = fields.String(load_default=None, validate=validate.OneOf(("open", "archived")))
    case_type = text(100, load_default=None)


@bp.get("")
@bp.arguments(MatterFilters, location="query")
@bp.response(200, MattersSchema)
@operation("list_matters")
def list_visible(args: dict[str, Any]) -> Page[Matter]:
    """List the matters the person may see, the newest first."""
    return queries.search(
        db.session(),
        actor=current_actor(),
        text=args["q"],
        state=args["state"],
        case_type=args["case_type"],
        limit=args["limit"],
        cursor=args["cursor"],
    )


@bp.get("/<string:number>")
@bp.response(200, MatterSchema)
@operation("get_matter", 404)
def show(number: str) -> Matter:
    """Show a matter by its number."""
    return queries.get_by_number(db.session(), number, actor=current_actor())
