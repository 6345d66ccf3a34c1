"""Conflict checks: whom the firm knows of some parties, on which side, and whether it may act."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from engine import clock
from practice.conflicts import operations, visibility
from practice.conflicts.hits import Asked
from practice.conflicts.models import DECISIONS, OUTCOMES, TRIGGERS, ConflictCheck
from practice.conflicts.queries import decisions_about
from practice.contacts.models import KINDS as CONTACT_KINDS
from practice.paging import Page
from practice.parties.models import IDENTIFIER_KINDS
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import Answer, Instant, said, text
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint(
    "conflict checks", __name__, url_prefix="/conflict-checks", description="Whether the firm may act for somebody."
)

#: Contact points of one party.
MOST_CONTACTS = 20
#: What a party of an enquiry may be; all but the first two are compared alike.
ROLES = ("client", "opponent", "other", "affiliate", "owner", "insurer", "counsel", "witness", "relative")


class Identifiers(fields.Raw):
    """Numbers of a party: ``[{"kind", "value"}]``, ``{kind: value}`` or, of any kind, ``[value]``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[tuple[str, str], ...]:
        pairs: list[Any]
        if isinstance(value, dict):
            pairs = list(cast("dict[Any, Any]", value).items())
        elif isinstance(value, list):
            pairs = [
                (one.get("kind", ""), one.get("value")) if isinstance(one, dict) else ("", one)
                for one in cast("list[Any]", value)
            ]
        else:
            raise ValidationError("A list of objects with kind and value, or an object.")
        if len(pairs) > 20:  # noqa: PLR2004 - nobody has so many
            raise ValidationError("At most 20.")
        for kind, number in pairs:
            if kind not in ("", *IDENTIFIER_KINDS):
                raise ValidationError(f"The kind is one of {', '.join(IDENTIFIER_KINDS)}.")
            if not isinstance(number, str) or not 1 <= len(number) <= 100:  # noqa: PLR2004 - the column's width
                raise ValidationError("A value is a text of 1 to 100 characters.")
        return tuple(pairs)


class AskedContactSchema(Schema):
    """A way to reach a party; it is compared by its digest and kept nowhere."""

    kind = fields.String(required=True, validate=validate.OneOf(CONTACT_KINDS))
    value = text(300, required=True)


class AskedPartySchema(Schema):
    """One party that a check is about."""

    name = text(1_000, required=True, **said("In any script."))
    role = fields.String(load_default="other", validate=validate.OneOf(ROLES))
    identifiers = Identifiers(
        load_default=(),
        metadata={
            "description": 'Numbers: `[{"kind": "tax_number", "value": "..."}]`; texts alone are numbers of any kind.',
            "type": "array",
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {
                            "kind": {"type": "string", "enum": list(IDENTIFIER_KINDS)},
                            "value": {"type": "string", "maxLength": 100},
                        },
                        "required": ["value"],
                    },
                    {"type": "string", "maxLength": 100},
                ]
            },
        },
    )
    contacts = fields.List(
        fields.Nested(AskedContactSchema), load_default=list, validate=validate.Length(max=MOST_CONTACTS)
    )


class CheckRequestSchema(Schema):
    """Parties to check."""

    parties = fields.List(
        fields.Nested(AskedPartySchema), required=True, validate=validate.Length(min=1, max=operations.MOST_PARTIES)
    )
    matter_number = text(
        40, load_default=None, allow_none=True, **said("The matter that they are, or will be, parties of.")
    )


class ConflictHitSchema(Answer):
    """Somebody the firm knows; the worst and most alike come first."""

    party_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True, attribute="matches", **said("As it is written where it was found."))
    matter_number = fields.String(
        required=True, allow_none=True, **said("The matter, enquiry or lead; null where there is none, or hidden.")
    )
    role = fields.String(required=True, allow_none=True, attribute="matches_role", **said("The role there."))
    score = fields.Float(required=True, **said("0 to 1: how surely both names are one person's."))
    reason = fields.String(required=True, **said("Why it was found and what it means, in words."))
    asked = fields.String(required=True, attribute="name", **said("The name in the check."))
    asked_role = fields.String(required=True, attribute="role")
    found_in = fields.String(required=True)
    state = fields.String(required=True)
    adverse = fields.Boolean(required=True, **said("On another side there: somebody has to decide."))
    absolute = fields.Boolean(required=True, **said("Nobody can approve it."))
    hidden = fields.Boolean(required=True, **said("Who and where is not shown to the person who asks."))


class ConflictDecisionSchema(Answer):
    """What a person decided about a check."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    note = fields.String(required=True)
    consent_from = fields.String(required=True, allow_none=True)
    consent_on = fields.Date(required=True, allow_none=True)
    consent_document = fields.String(required=True, allow_none=True)
    wall = fields.String(required=True, allow_none=True, **said("In words who is kept out, or the wall's number."))
    wall_number = fields.String(
        required=True, allow_none=True, **said("The wall that it rests on: the matter opens once it is up.")
    )
    decided_by = fields.String(required=True)
    decided_at = Instant(required=True)


class ConflictCheckSchema(Answer):
    """A check as it was made; never changed afterwards."""

    id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    hits = fields.List(fields.Nested(ConflictHitSchema), required=True)
    subject = fields.String(required=True, **said("Number of the enquiry or matter, or the check's own id."))
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    run_at = Instant(required=True)
    run_by = fields.String(required=True)
    decisions = fields.List(fields.Nested(ConflictDecisionSchema), required=True)


class ConflictCheckBriefSchema(Answer):
    """A check without its hits."""

    id = fields.UUID(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    subject = fields.String(required=True)
    trigger = fields.String(required=True, validate=validate.OneOf(TRIGGERS))
    run_at = Instant(required=True)
    run_by = fields.String(required=True)


class DecideSchema(Schema):
    """What a person decides about a check."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    note = text(2_000, required=True)
    consent_from = text(300, load_default=None, allow_none=True)
    consent_on = fields.Date(load_default=None, allow_none=True)
    consent_document = text(300, load_default=None, allow_none=True)
    wall = text(2_000, load_default=None, allow_none=True, **said("In words who is kept out, before there is a wall."))
    wall_number = text(
        40,
        load_default=None,
        allow_none=True,
        **said(
            "A wall that is up or asked for around the enquiry or matter; of a check of names alone any wall, which "
            "then stands around what is opened with it."
        ),
    )


ConflictChecksSchema = page_of(ConflictCheckBriefSchema, "ConflictChecks")


@bp.post("")
@bp.arguments(CheckRequestSchema)
@bp.response(201, ConflictCheckSchema)
@operation("check_conflicts", 404)
def check(body: dict[str, Any]) -> dict[str, Any]:
    """Compare parties with everybody the firm knows, and keep question and answer for ever.

    The first 1,000 candidates are answered, the best first; only what is alike enough counts for the outcome.
    """
    session, actor = db.session(), current_actor()
    asked = [
        Asked(
            one["name"],
            one["role"] if one["role"] in ("client", "opponent") else "other",
            one["identifiers"],
            contacts=tuple((contact["kind"], contact["value"]) for contact in one["contacts"]),
        )
        for one in body["parties"]
    ]
    matter = body["matter_number"]
    if matter is not None:
        matter = visibility.matter_number(session, matter, actor=actor)
    made, seen = operations.run_and_see(session, asked, trigger="request", matter=matter, by=actor, now=clock.utc_now())
    return _answer(made, visibility.shown(session, seen, actor=actor))


@bp.get("")
@bp.arguments(PageArgs, location="query")
@bp.response(200, ConflictChecksSchema)
@operation("list_conflict_checks")
def list_visible(args: dict[str, Any]) -> Page[ConflictCheck]:
    """List the checks the person may see, the newest first."""
    return visibility.recent(db.session(), actor=current_actor(), limit=args["limit"], cursor=args["cursor"])


@bp.get("/<uuid:check_id>")
@bp.response(200, ConflictCheckSchema)
@operation("get_conflict_check", 404)
def show(check_id: UUID) -> dict[str, Any]:
    """Show a check as it was made, with what was decided about it."""
    session, actor = db.session(), current_actor()
    made = visibility.get(session, check_id, actor=actor)
    return _answer(made, visibility.shown(session, made.hits, actor=actor))


@bp.post("/<uuid:check_id>/decisions")
@bp.arguments(DecideSchema)
@bp.response(201, ConflictDecisionSchema)
@operation("decide_conflict", 403, 404, 409)
def decide(body: dict[str, Any], check_id: UUID) -> Any:
    """Decide about a relative conflict. What is absolute nobody can approve."""
    require_right("decide_conflicts")
    session, actor = db.session(), current_actor()
    made = visibility.get(session, check_id, actor=actor)
    return operations.decide_as_second(session, made.id, body.pop("decision"), **body, by=actor, now=clock.utc_now())


def _answer(made: ConflictCheck, hits: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": made.id,
        "outcome": made.outcome,
        "hits": hits,
        "subject": made.subject,
        "trigger": made.trigger,
        "run_at": made.run_at,
        "run_by": made.run_by,
        "decisions": decisions_about(db.session(), made.id),
    }
