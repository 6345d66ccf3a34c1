"""Attempts at what was not for somebody, the cases they open, and how matters answer to outsiders."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields, validate

from engine import clock
from practice.accesses import emergency, queries
from practice.accesses.attempts import Door
from practice.accesses.models import CASE_STATES, AccessAttempt, BreachCase, EmergencyAccess
from practice.matters import queries as matters
from practice.paging import Page
from webui.api.v1.access_schemas import (
    AccessAttemptSchema,
    BreachCaseSchema,
    EmergencyAccessSchema,
    EmergencyRequestSchema,
    PolicySchema,
)
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import Answer, Instant, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("accesses", __name__, url_prefix="", description="Attempts at what was not for somebody.")
AccessAttemptsSchema = page_of(AccessAttemptSchema, "AccessAttempts")
BreachCasesSchema = page_of(BreachCaseSchema, "BreachCases")


class AttemptFilters(PageArgs):
    """Which attempts to list."""

    username = text(150, load_default=None)
    subject = text(100, load_default=None, **said("Number of a matter or an enquiry."))
    case = text(40, load_default=None, **said("Number of a breach case."))
    since = Instant(load_default=None)


class CaseFilters(PageArgs):
    """Which cases to list."""

    state = fields.String(load_default=None, validate=validate.OneOf(CASE_STATES))
    username = text(150, load_default=None)
    subject = text(100, load_default=None)


class MatterPolicySchema(Answer):
    """How a matter answers to outsiders."""

    policy = fields.String(required=True)


@bp.get("/access-attempts")
@bp.arguments(AttemptFilters, location="query")
@bp.response(200, AccessAttemptsSchema)
@operation("list_access_attempts")
def list_attempts(args: dict[str, Any]) -> Page[AccessAttempt]:
    """List attempts, the newest first: all for who oversees access, else those at matters one answers for."""
    return queries.attempts(db.session(), actor=current_actor(), **args)


@bp.get("/breach-cases")
@bp.arguments(CaseFilters, location="query")
@bp.response(200, BreachCasesSchema)
@operation("list_breach_cases")
def list_cases(args: dict[str, Any]) -> Page[BreachCase]:
    """List cases, the newest first; never those about oneself."""
    return queries.cases(db.session(), actor=current_actor(), **args)


@bp.get("/breach-cases/<string:case_number>")
@bp.response(200, BreachCaseSchema)
@operation("get_breach_case", 404)
def show_case(case_number: str) -> BreachCase:
    """Show a case."""
    return queries.case_by_number(db.session(), case_number, actor=current_actor())


@bp.get("/matters/<string:number>/access-policy")
@bp.response(200, MatterPolicySchema)
@operation("get_access_policy", 404)
def show_policy(number: str) -> dict[str, str]:
    """Say how a matter answers to outsiders: `deny` or `break_glass`."""
    matter = matters.get_by_number(db.session(), number, actor=current_actor())
    return {"policy": queries.policy_of(db.session(), matter)}


@bp.put("/matters/<string:number>/access-policy")
@bp.arguments(PolicySchema)
@bp.response(200, MatterPolicySchema)
@operation("set_access_policy", 403, 404)
def set_policy(args: dict[str, Any], number: str) -> dict[str, str]:
    """Decide how a matter answers to outsiders: for who answers for it, or holds `set_access_policy`."""
    row = emergency.set_policy(db.session(), number, args["policy"], by=current_actor(), now=clock.utc_now())
    return {"policy": row.policy}


@bp.post("/matters/<string:number>/break-glass")
@bp.arguments(EmergencyRequestSchema)
@bp.response(201, EmergencyAccessSchema)
@operation("break_glass", 404)
def break_glass(args: dict[str, Any], number: str) -> EmergencyAccess:
    """Open a matter for a day with a reason, where its policy lets one; owner and compliance are told at once."""
    door = Door("view", "api", f"{request.method} {request.path}")
    return emergency.break_glass(db.session(), number, args["reason"], door, by=current_actor(), now=clock.utc_now())
