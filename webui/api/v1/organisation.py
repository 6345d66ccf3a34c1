"""People, branches and departments, and changes of rights by two persons."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from engine import clock
from practice.errors import UserNotFound
from practice.organisation import operations, queries
from practice.organisation.queries import Colleague, Place
from practice.rights import operations as rights
from practice.rights import queries as changes
from practice.rights.models import CHANGE_STATES, RightsChange
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer, Instant, said, text
from webui.auth import current_actor
from webui.db import db

people = ApiBlueprint("people", __name__, url_prefix="/people", description="Who works in the firm.")
units = ApiBlueprint("org units", __name__, url_prefix="/org-units", description="Branches and departments.")
rights_changes = ApiBlueprint(
    "rights changes", __name__, url_prefix="/rights-changes", description="One proposes, another decides."
)


class PersonSchema(Answer):
    """Somebody of the firm."""

    username = fields.String(required=True)
    full_name = fields.String(required=True)
    is_active = fields.Boolean(required=True)
    groups = fields.List(fields.String(), required=True)
    org_unit = fields.String(required=True, allow_none=True, **said("Code of the unit."))
    post = fields.String(required=True, allow_none=True)
    staff_class = fields.String(required=True, allow_none=True)
    qualification = fields.String(required=True, allow_none=True)
    languages = fields.List(fields.String(), required=True)
    phone_extension = fields.String(required=True, allow_none=True)
    left_on = fields.Date(required=True, allow_none=True, **said("Last day of work."))


class PeopleSchema(Answer):
    """People by name."""

    items = fields.List(fields.Nested(PersonSchema), required=True)


class PeopleFilters(Schema):
    """Whom to list."""

    q = text(100, load_default="", least=0, **said("Words of name, post or unit, in part."))
    org_unit = text(40, load_default="", least=0, **said("Code; who works under it counts."))
    group = text(100, load_default="", least=0)


class OrgUnitSchema(Answer):
    """A branch or department."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True, **said("Code of the unit above."))
    depth = fields.Integer(required=True)
    people = fields.Integer(required=True, **said("How many work right there."))


class OrgUnitsSchema(Answer):
    """The tree, each unit before those under it."""

    items = fields.List(fields.Nested(OrgUnitSchema), required=True)


class NewOrgUnitSchema(Schema):
    """A unit to found."""

    code = text(40, required=True)
    name = text(200, required=True)
    kind = text(20, required=True)
    parent = text(40, load_default=None, allow_none=True)
    calendar = text(60, load_default=None, allow_none=True)


class RightsChangeSchema(Answer):
    """A proposal and what became of it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    before = fields.Dict(required=True)
    after = fields.Dict(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True)
    proposed_by = fields.String(required=True)
    proposed_at = Instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)


class RightsChangesSchema(Answer):
    """Proposals, the newest first."""

    items = fields.List(fields.Nested(RightsChangeSchema), required=True)


class RightsChangeFilters(Schema):
    """Which proposals to list."""

    state = fields.String(load_default="", validate=validate.OneOf(("", *CHANGE_STATES)))


class NewGroupsSchema(Schema):
    """Groups that somebody is to belong to."""

    username = text(150, required=True)
    groups = fields.List(text(100), required=True, validate=validate.Length(max=50))
    reason = text(2000, required=True)


class RightsDecisionSchema(Schema):
    """A decision about a proposal."""

    approve = fields.Boolean(required=True)
    remark = text(2000, load_default=None, allow_none=True)


@people.get("")
@people.arguments(PeopleFilters, location="query")
@people.response(200, PeopleSchema)
@operation("list_people", 404)
def list_people(args: dict[str, Any]) -> dict[str, Any]:
    """List the people who work in the firm."""
    found = queries.colleagues(
        db.session(),
        actor=current_actor(),
        text=args["q"],
        unit=args["org_unit"] or None,
        group=args["group"] or None,
    )
    return {"items": [_person(one) for one in found]}


@people.get("/<string:username>")
@people.response(200, PersonSchema)
@operation("get_person", 404)
def show_person(username: str) -> dict[str, Any]:
    """Show somebody of the firm."""
    found = queries.colleague(db.session(), username)
    if found is None or (queries.is_outside(current_actor()) and username != current_actor().username):
        raise UserNotFound(username[:80])
    return _person(found)


@units.get("")
@units.response(200, OrgUnitsSchema)
@operation("list_org_units")
def list_units() -> dict[str, Any]:
    """List branches and departments as a tree is read."""
    return {"items": [_unit(place) for place in queries.visible_units(db.session(), actor=current_actor())]}


@units.post("")
@units.arguments(NewOrgUnitSchema)
@units.response(201, OrgUnitSchema)
@operation("found_org_unit", 403, 404)
def found_unit(args: dict[str, Any]) -> dict[str, Any]:
    """Found a branch or department; nobody works in it yet."""
    session = db.session()
    unit = operations.found_unit(session, **args, by=current_actor(), now=clock.utc_now())
    return _unit(next(place for place in queries.units(session) if place.unit.id == unit.id))


@rights_changes.get("")
@rights_changes.arguments(RightsChangeFilters, location="query")
@rights_changes.response(200, RightsChangesSchema)
@operation("list_rights_changes")
def list_changes(args: dict[str, Any]) -> dict[str, Any]:
    """List proposals; who has nothing to do with rights sees those about themselves."""
    return {"items": changes.changes(db.session(), actor=current_actor(), state=args["state"] or None)}


@rights_changes.post("/groups")
@rights_changes.arguments(NewGroupsSchema)
@rights_changes.response(201, RightsChangeSchema)
@operation("propose_groups", 403, 404)
def propose_groups(args: dict[str, Any]) -> RightsChange:
    """Propose that somebody belongs to exactly these groups."""
    session, by, now = db.session(), current_actor(), clock.utc_now()
    return rights.propose_groups(session, args["username"], args["groups"], args["reason"], by=by, now=now)


@rights_changes.post("/<uuid:rights_change_id>/decision")
@rights_changes.arguments(RightsDecisionSchema)
@rights_changes.response(200, RightsChangeSchema)
@operation("decide_rights_change", 403, 404)
def decide(args: dict[str, Any], rights_change_id: UUID) -> RightsChange:
    """Decide about what somebody else proposed."""
    act = rights.approve if args["approve"] else rights.reject
    return act(db.session(), rights_change_id, remark=args["remark"], by=current_actor(), now=clock.utc_now())


def _person(found: Colleague) -> dict[str, Any]:
    user, record = found.user, found.record
    names = ("post", "staff_class", "qualification", "languages", "phone_extension", "left_on")
    return {name: getattr(record, name) for name in names} | {
        "username": user.username,
        "full_name": user.full_name,
        "is_active": user.is_active,
        "groups": sorted(user.groups),
        "org_unit": found.unit.code if found.unit else None,
    }


def _unit(place: Place) -> dict[str, Any]:
    unit = place.unit
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent": place.parent_code,
        "depth": place.depth,
        "people": place.people,
    }
