"""What people are good at."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from engine import clock
from practice.errors import UserNotFound
from practice.organisation import queries as organisation
from practice.skills import operations, queries
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("skills", __name__, url_prefix="/skills", description="What people are good at; work finds them by.")
of_person = ApiBlueprint("skills of people", __name__, url_prefix="/people", description="What somebody is good at.")


class SkillSchema(Answer):
    """One skill."""

    skill = fields.String(required=True)
    people = fields.Integer(required=True, **said("How many active people have it."))


class SkillsSchema(Answer):
    """Every skill that somebody has."""

    items = fields.List(fields.Nested(SkillSchema), required=True)


class StaffSkillsSchema(Answer):
    """What somebody is good at."""

    username = fields.String(required=True)
    skills = fields.List(fields.String(), required=True)


class KeptSkillsSchema(Schema):
    """What somebody is good at from now on."""

    skills = fields.List(text(60), required=True, validate=validate.Length(max=50))


@bp.get("")
@bp.response(200, SkillsSchema)
@operation("list_skills")
def list_skills() -> dict[str, Any]:
    """List the skills that somebody of the firm has."""
    found = queries.known(db.session(), actor=current_actor())
    return {"items": [{"skill": skill, "people": number} for skill, number in found]}


@of_person.get("/<string:username>/skills")
@of_person.response(200, StaffSkillsSchema)
@operation("get_skills_of_person", 404)
def show(username: str) -> dict[str, Any]:
    """Say what somebody of the firm is good at."""
    session = db.session()
    found = organisation.colleague_for(session, username, actor=current_actor())
    if found is None:
        raise UserNotFound(username[:80])
    return {"username": username, "skills": queries.of(session, username)}


@of_person.put("/<string:username>/skills")
@of_person.arguments(KeptSkillsSchema)
@of_person.response(200, StaffSkillsSchema)
@operation("keep_skills_of_person", 403, 404)
def keep(args: dict[str, Any], username: str) -> dict[str, Any]:
    """Say what somebody is good at: exactly these skills, whatever was said before."""
    kept = operations.keep(db.session(), username, args["skills"], by=current_actor(), now=clock.utc_now())
    return {"username": username, "skills": kept}
