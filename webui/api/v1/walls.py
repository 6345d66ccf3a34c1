"""Chinese walls."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from engine import clock, messages, process_instances
from practice.paging import Page
from practice.walls import queries
from practice.walls.errors import WallNotInState
from practice.walls.models import STATES, Wall
from webui.api.v1.access_schemas import WallRequestSchema, WallSchema, WholeWallSchema
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import NothingSchema, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("walls", __name__, url_prefix="/walls", description="Who is kept away from what.")
WallsSchema = page_of(WallSchema, "Walls")
PROCESS = "ethical_wall"
REVIEW = "wall_review_asked"


class WallFilters(PageArgs):
    """Which walls to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    person = text(150, load_default=None, **said("On either side."))
    around = text(40, load_default=None, **said("Up around the matter or enquiry with this number."))


@bp.get("")
@bp.arguments(WallFilters, location="query")
@bp.response(200, WallsSchema)
@operation("list_walls")
def list_visible(args: dict[str, Any]) -> Page[Wall]:
    """List the walls that the person oversees, asked for or is inside of, the newest first."""
    return queries.search(db.session(), actor=current_actor(), **args)


@bp.post("")
@bp.arguments(WallRequestSchema)
@bp.response(201, WholeWallSchema)
@operation("request_wall", 403, 404)
def request_wall(args: dict[str, Any]) -> Any:
    """Ask for a wall: starts the process `ethical_wall`, whose first task is compliance's decision."""
    session, actor = db.session(), current_actor()
    answers: dict[str, Any] = {
        "wall_name": args["name"],
        "wall_kind": args["kind"],
        "wall_basis": args["basis"],
        "wall_reason": args["reason"],
        "wall_around": "\n".join(args["around"]),
        "wall_whole_client": args["whole_client"],
        "wall_elsewhere": args["elsewhere"],
    }
    answers["people_out" if args["kind"] == "excluding" else "people_in"] = (
        args["people_out"] if args["kind"] == "excluding" else args["people_in"]
    )
    instance = process_instances.start(session, PROCESS, variables=answers, by=actor, now=clock.utc_now())
    session.flush()
    number = str(instance.business_key)
    return _whole(number), 201, {"Location": f"/api/v1/walls/{number}"}


@bp.get("/<string:number>")
@bp.response(200, WholeWallSchema)
@operation("get_wall", 404)
def show(number: str) -> dict[str, Any]:
    """Show a wall: its certificate as data."""
    return _whole(number)


@bp.post("/<string:number>/review")
@bp.arguments(NothingSchema, required=False)
@bp.response(200, WholeWallSchema)
@operation("review_wall", 403, 404)
def ask_for_review(_: dict[str, Any], number: str) -> dict[str, Any]:
    """Bring the review of a wall forward; it is kept, extended or lifted there, and lifted only by two people."""
    session, actor = db.session(), current_actor()
    wall = queries.get_by_number(session, number, actor=actor)
    if wall.state != "up":
        raise WallNotInState(number, wall.state)
    messages.correlate(session, REVIEW, number, time_to_live="PT0S", by=actor, now=clock.utc_now())
    return _whole(number)


def _whole(number: str) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    wall = queries.get_by_number(session, number, actor=actor)
    known = {name: getattr(wall, name) for name in WallSchema().fields}
    around = [{"kind": kind, "name": name} for name, kind in queries.behind(session, wall, actor=actor)]
    return known | {"around": around}
