"""What the API says about walls, attempts at access, their cases and notices."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.accesses.models import ACTIONS, CASE_STATES, CHANNELS, FINDINGS, OUTCOMES, POLICIES, REASONS
from practice.walls.models import BASES, KINDS, SIDES
from practice.walls.models import STATES as WALL_STATES
from webui.api.v1.schemas import Answer, Instant, said, text


class WallMemberSchema(Answer):
    """A person on one side of a wall."""

    username = fields.String(required=True)
    side = fields.String(required=True, validate=validate.OneOf(SIDES), **said("`out` is kept out."))
    acknowledged_at = Instant(required=True, allow_none=True)


class AroundSchema(Answer):
    """Something that a wall stands around."""

    kind = fields.String(required=True, validate=validate.OneOf(("matter", "client", "enquiry")))
    name = fields.String(required=True, **said("A number, or a client's name; only what the reader may see."))


class WallSchema(Answer):
    """A wall and its people."""

    number = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    reason = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(WALL_STATES))
    requested_by = fields.String(required=True)
    requested_at = Instant(required=True)
    approved_by = fields.String(required=True, allow_none=True)
    up_at = Instant(required=True, allow_none=True)
    review_on = fields.Date(required=True, allow_none=True)
    lift_proposed_by = fields.String(required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)
    lifted_at = Instant(required=True, allow_none=True)
    members = fields.List(fields.Nested(WallMemberSchema), required=True)


class WholeWallSchema(WallSchema):
    """A wall with what it stands around."""

    around = fields.List(fields.Nested(AroundSchema), required=True)


class WallRequestSchema(Schema):
    """A request for a wall: the answers of the start form of `ethical_wall`."""

    name = text(200, required=True, **said("Those whom it keeps out read it: it gives nothing away."))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    reason = text(4000, least=10, required=True)
    around = fields.List(
        text(40), required=True, validate=validate.Length(min=1, max=100), **said("Numbers of matters and enquiries.")
    )
    whole_client = fields.Boolean(load_default=False, **said("Around every matter of these matters' clients."))
    people_out = fields.List(text(150), load_default=list, validate=validate.Length(max=50))
    people_in = fields.List(text(150), load_default=list, validate=validate.Length(max=50))
    elsewhere = text(2000, load_default=None, allow_none=True)


class AccessAttemptSchema(Answer):
    """An attempt, refused or let through with a reason."""

    id = fields.UUID(required=True)
    at = Instant(required=True)
    last_at = Instant(required=True)
    times = fields.Integer(required=True)
    username = fields.String(required=True)
    subject_kind = fields.String(required=True, **said("`unknown`: there is nothing under this number."))
    subject = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    address = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    is_walled = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)


class BreachCaseSchema(Answer):
    """A case about one person's attempts."""

    number = fields.String(required=True)
    username = fields.String(required=True)
    subject = fields.String(required=True, allow_none=True, **said("None when it is about many at once."))
    owner = fields.String(required=True, allow_none=True)
    opened_because = fields.String(required=True, validate=validate.OneOf(REASONS))
    has_locked = fields.Boolean(required=True, **said("The account was locked because of it."))
    state = fields.String(required=True, validate=validate.OneOf(CASE_STATES))
    opened_at = Instant(required=True)
    explanation = fields.String(required=True, allow_none=True)
    finding = fields.String(required=True, allow_none=True, validate=validate.OneOf(FINDINGS))
    finding_note = fields.String(required=True, allow_none=True)
    sanction = fields.String(required=True, allow_none=True)
    client_told = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    process_instance_id = fields.UUID(required=True, allow_none=True)


class PolicySchema(Schema):
    """How a matter answers to outsiders."""

    policy = fields.String(required=True, validate=validate.OneOf(POLICIES))


class EmergencyRequestSchema(Schema):
    """Why somebody has to open a matter without being on its team."""

    reason = text(2000, required=True)


class EmergencyAccessSchema(Answer):
    """Access for a while."""

    since = Instant(required=True)
    until = Instant(required=True)
    reason = fields.String(required=True)


class NoticeSchema(Answer):
    """Something one has to know."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    about = fields.String(required=True)
    facts = fields.Dict(required=True)
    created_at = Instant(required=True)
    seen_at = Instant(required=True, allow_none=True)


class SeenSchema(Schema):
    """Which notices one has seen."""

    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=200))


class CountSchema(Answer):
    """How many."""

    count = fields.Integer(required=True)
