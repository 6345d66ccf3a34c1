"""What the API answers and takes of matters: who is in them and where they are filed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.matters.models import CONFIDENTIALITY, PARTY_ROLES, RELATIONS
from webui.api.v1.amounts import Amount
from webui.api.v1.schemas import Answer, Instant, said, text


class NamedPartySchema(Schema):
    """A party by name and role."""

    name = text(300, required=True)
    role = fields.String(load_default="other", validate=validate.OneOf(PARTY_ROLES))


class NewMatterSchema(Schema):
    """A matter to open; the names are checked for conflicts first, and only a clear check opens it."""

    case_type = text(200, required=True, **said("Key of the process that carries it."))
    conflict_check_id = fields.UUID(
        load_default=None,
        allow_none=True,
        **said("A check of these parties that was decided: it opens the matter as long as nothing else is found now."),
    )
    responsible = text(150, required=True, **said("Username of a lawyer."))
    client_name = text(300, **said("Or one of `parties` with the role `client`."))
    client_kind = fields.String(validate=validate.OneOf(("person", "company")))
    opponent_name = text(300, allow_none=True)
    parties = fields.List(fields.Nested(NamedPartySchema), validate=validate.Length(max=50))
    team = fields.List(text(150), validate=validate.Length(max=50))
    summary = text(20_000, allow_none=True)
    claim_value = Amount(allow_none=True)
    currency = text(3, allow_none=True)
    court = text(300, allow_none=True)
    court_number = text(100, allow_none=True)
    limitation_on = fields.Date(allow_none=True)
    direction = text(60, allow_none=True)
    region = text(60, allow_none=True)
    org_unit = text(40, allow_none=True, **said("Code of the branch or department that works on it."))
    tags = fields.List(text(60), validate=validate.Length(max=30))
    confidentiality = fields.String(validate=validate.OneOf(CONFIDENTIALITY))


class ClassificationSchema(Schema):
    """What a matter is filed under; what is not named stays."""

    direction = text(60, allow_none=True)
    region = text(60, allow_none=True)
    org_unit = text(40, allow_none=True, **said("Code of the branch or department that works on it."))
    tags = fields.List(text(60), validate=validate.Length(max=30))
    confidentiality = fields.String(validate=validate.OneOf(CONFIDENTIALITY))


class MatterPartySchema(Answer):
    """A party in a matter."""

    party_id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    side = fields.String(required=True, **said("`ours`, `theirs` or `neutral`."))


class MatterPartiesSchema(Answer):
    """Who is in a matter."""

    items = fields.List(fields.Nested(MatterPartySchema), required=True)


class NewMatterPartySchema(Schema):
    """A party to put into a matter."""

    name = text(300, required=True)
    role = fields.String(load_default="other", validate=validate.OneOf(PARTY_ROLES))
    side = fields.String(allow_none=True, validate=validate.OneOf(("ours", "theirs", "neutral")))
    capacity = text(60, allow_none=True, **said("Key in the directory `party_capacity`."))


class TeamMemberSchema(Answer):
    """Somebody's time on a matter's team."""

    username = fields.String(required=True)
    role = fields.String(required=True)
    since = Instant(required=True)
    until = Instant(required=True, allow_none=True)


class TeamSchema(Answer):
    """A matter's team over time."""

    items = fields.List(fields.Nested(TeamMemberSchema), required=True)


class JoiningSchema(Schema):
    """Who joins a team."""

    username = text(150, required=True)
    role = fields.String(load_default="member", validate=validate.OneOf(("member", "approver", "responsible")))


class RelatedMatterSchema(Schema):
    """A matter that has to do with another."""

    number = text(40, required=True)
    kind = fields.String(load_default="related", validate=validate.OneOf(RELATIONS))
