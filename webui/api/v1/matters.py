"""The firm's matters: lists, opening, and what a matter is filed under."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine import clock
from practice.directories import queries as directories
from practice.errors import ConflictIsAbsolute
from practice.matters import classification, direct, parties, queries, teams
from practice.matters.errors import ConflictNeedsDecision
from practice.matters.models import CONFIDENTIALITY, Matter, MatterMember
from practice.paging import Page
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.matter_schemas import (
    ClassificationSchema,
    JoiningSchema,
    MatterPartiesSchema,
    NewMatterPartySchema,
    NewMatterSchema,
    RelatedMatterSchema,
    TeamSchema,
)
from webui.api.v1.schemas import Instant, MatterSchema, NothingSchema, said, text
from webui.auth import current_actor
from webui.db import db, writing

bp = ApiBlueprint("matters", __name__, url_prefix="/matters", description="Clients' files.")
MattersSchema = page_of(MatterSchema, "Matters")


class MatterFilters(PageArgs):
    """Which matters to list; everything that is given has to hold."""

    q = text(200, load_default=None, **said("Words of the title, the names or the number, in part."))
    state = fields.String(load_default=None, validate=validate.OneOf(("open", "archived")))
    case_type = text(100, load_default=None)
    responsible = text(150, load_default=None, **said("Username of the lawyer who answers for it."))
    person = text(150, load_default=None, **said("Username of anybody on its team."))
    direction = text(60, load_default=None, **said("Key; what lies below counts."))
    region = text(60, load_default=None, **said("Key; what lies below counts."))
    tag = text(60, load_default=None, **said("Key; what lies below counts."))
    confidentiality = fields.String(load_default=None, validate=validate.OneOf(CONFIDENTIALITY))
    party_id = fields.UUID(load_default=None, **said("Somebody in the matter, in any role."))
    opened_from = Instant(load_default=None)
    opened_before = Instant(load_default=None)


@bp.get("")
@bp.arguments(MatterFilters, location="query")
@bp.response(200, MattersSchema)
@operation("list_matters")
def list_visible(args: dict[str, Any]) -> Page[Matter]:
    """List the matters the person may see, the newest first."""
    session = db.session()
    tag = directories.chosen(session, "tag", args["tag"], field="tag")
    criteria = queries.Criteria(
        text=args["q"],
        direction=directories.chosen(session, "direction", args["direction"], field="direction"),
        region=directories.chosen(session, "region", args["region"], field="region"),
        tags=(tag,) if tag else (),
        **{
            name: args[name]
            for name in (
                "state",
                "case_type",
                "responsible",
                "person",
                "confidentiality",
                "party_id",
                "opened_from",
                "opened_before",
            )
        },
    )
    return queries.search(session, actor=current_actor(), criteria=criteria, limit=args["limit"], cursor=args["cursor"])


@bp.post("")
@bp.arguments(NewMatterSchema)
@bp.response(201, MatterSchema)
@operation("open_matter", 403)
def open_matter(args: dict[str, Any]) -> Matter:
    """Open a matter, if the conflict check of its names is clear.

    What the gate refuses is kept: the check and a declined enquiry with the reasons.
    """
    by, now = current_actor(), clock.utc_now()
    try:
        return direct.open_directly(db.session(), args, by=by, now=now)
    except (ConflictIsAbsolute, ConflictNeedsDecision):
        db.session.rollback()
        with writing() as short:
            direct.keep_refused(short, args, by=by, now=now)
        raise


@bp.get("/<string:number>")
@bp.response(200, MatterSchema)
@operation("get_matter", 404)
def show(number: str) -> Matter:
    """Show a matter by its number."""
    return queries.get_by_number(db.session(), number, actor=current_actor())


@bp.patch("/<string:number>")
@bp.arguments(ClassificationSchema)
@bp.response(200, MatterSchema)
@operation("classify_matter", 403, 404)
def classify(args: dict[str, Any], number: str) -> Matter:
    """File a matter under direction, region, tags and a class of confidentiality."""
    return classification.classify(db.session(), number, args, by=current_actor(), now=clock.utc_now())


@bp.get("/<string:number>/parties")
@bp.response(200, MatterPartiesSchema)
@operation("list_matter_parties", 404)
def list_parties(number: str) -> dict[str, Any]:
    """List who is in a matter: clients, opponents, then the others."""
    return _parties(number)


@bp.post("/<string:number>/parties")
@bp.arguments(NewMatterPartySchema)
@bp.response(201, MatterPartiesSchema)
@operation("add_matter_party", 403, 404)
def add_party(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Put a party into a matter, unless that makes an absolute conflict."""
    parties.add_party(db.session(), number, args, by=current_actor(), now=clock.utc_now())
    return _parties(number)


@bp.delete("/<string:number>/parties/<uuid:party_id>")
@bp.arguments(NothingSchema)
@bp.response(200, MatterPartiesSchema)
@operation("remove_matter_party", 403, 404)
def remove_party(_nothing: dict[str, Any], number: str, party_id: UUID) -> dict[str, Any]:
    """Take a party out of a matter."""
    parties.remove_party(db.session(), number, party_id, by=current_actor(), now=clock.utc_now())
    return _parties(number)


@bp.get("/<string:number>/team")
@bp.response(200, TeamSchema)
@operation("list_matter_team", 404)
def list_team(number: str) -> dict[str, Any]:
    """List a matter's team over time, those of today first."""
    return _team(number)


@bp.post("/<string:number>/team")
@bp.arguments(JoiningSchema)
@bp.response(201, TeamSchema)
@operation("join_matter_team", 403, 404)
def join(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Put somebody on a matter's team, or make another lawyer answer for it."""
    by, now = current_actor(), clock.utc_now()
    if args["role"] == "responsible":
        teams.change_responsible(db.session(), number, args["username"], by=by, now=now)
    else:
        teams.join(db.session(), number, args["username"], role=args["role"], by=by, now=now)
    return _team(number)


@bp.delete("/<string:number>/team/<string:username>")
@bp.arguments(NothingSchema)
@bp.response(200, TeamSchema)
@operation("leave_matter_team", 403, 404)
def leave(_nothing: dict[str, Any], number: str, username: str) -> dict[str, Any]:
    """Take somebody off a matter's team; their time on it stays on record."""
    teams.leave(db.session(), number, username, by=current_actor(), now=clock.utc_now())
    # Who leaves does not see the matter any more: the answer is empty then.
    return _team(number) if username != current_actor().username else {"items": []}


@bp.post("/<string:number>/relations")
@bp.arguments(RelatedMatterSchema)
@bp.response(201, MatterSchema)
@operation("relate_matters", 403, 404)
def relate(args: dict[str, Any], number: str) -> Matter:
    """Say that a matter has to do with another; answer the other."""
    session, by = db.session(), current_actor()
    classification.relate(session, number, args["number"], args["kind"], by=by, now=clock.utc_now())
    return queries.get_by_number(session, args["number"], actor=by)


def _parties(number: str) -> dict[str, Any]:
    session = db.session()
    matter = queries.get_by_number(session, number, actor=current_actor())
    rows = queries.parties_of(session, matter)
    return {
        "items": [
            {"party_id": party.id, "name": party.name, "role": row.role, "side": row.stands} for row, party in rows
        ]
    }


def _team(number: str) -> dict[str, list[MatterMember]]:
    session = db.session()
    matter = queries.get_by_number(session, number, actor=current_actor())
    return {"items": queries.team_of(session, matter)}
