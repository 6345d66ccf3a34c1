"""What the API answers and takes about parties, contact points, leads and clients; no schema answers a value."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, pre_load, validate

from practice.contacts import models as contact_models
from practice.leads import models as lead_models
from practice.parties import models
from webui.api.v1.blueprint import PageArgs, page_of
from webui.api.v1.schemas import Answer, Instant, said, text

#: What people also call the kinds.
_KINDS = {"company": "organisation", "organization": "organisation"}


def kind_of_party(**kwargs: Any) -> fields.String:
    """Make the field for a party's kind."""
    return fields.String(validate=validate.OneOf(models.KINDS), **kwargs)


class NameSchema(Answer):
    """One name of a party."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, attribute="written")
    kind = fields.String(required=True, validate=validate.OneOf(models.NAME_KINDS))
    script = fields.String(required=True, **said("ISO 15924: `Latn`, `Cyrl`, `Hani`, ..."))
    transliteration = fields.String(required=True, allow_none=True)
    retired_at = Instant(required=True, allow_none=True)


class IdentifierSchema(Answer):
    """What an authority calls a party."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(models.IDENTIFIER_KINDS))
    country = fields.String(required=True, **said("ISO 3166-1 alpha-2; empty when nobody said."))
    value = fields.String(required=True)


class ContactPointSchema(Answer):
    """A way to reach a party. The value is never answered; two people read it (`POST /unmaskings`)."""

    id = fields.UUID(required=True)
    code = fields.String(required=True, **said("What people and programs call it instead of its value."))
    kind = fields.String(required=True, validate=validate.OneOf(contact_models.KINDS))
    masked = fields.String(required=True, **said("All that may be seen: `••• ••• 45`."))
    label = fields.String(required=True, allow_none=True)
    consent = fields.Boolean(required=True, allow_none=True)
    retired_at = Instant(required=True, allow_none=True)


class PartySchema(Answer):
    """A party in a list."""

    id = fields.UUID(required=True)
    kind = kind_of_party(required=True)
    name = fields.String(required=True)
    born_on = fields.Date(required=True, allow_none=True, **said("Of birth, or of registration."))
    language = fields.String(required=True, allow_none=True)
    is_discreet = fields.Boolean(required=True, **said("Nobody else may learn that they talk to a law firm."))
    merged_into_id = fields.UUID(required=True, allow_none=True, **said("The party that this one turned out to be."))
    created_at = Instant(required=True)
    created_by = fields.String(required=True)


class RelationSchema(Answer):
    """A relation of a party: `from` is the owner, relative, ... of `to`."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(models.RELATION_KINDS))
    from_party_id = fields.UUID(required=True)
    to_party_id = fields.UUID(required=True)
    other_name = fields.String(required=True, allow_none=True, **said("Name of the party at the other end."))
    since_on = fields.Date(required=True, allow_none=True)
    until_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class RoleSchema(Answer):
    """A role of a party in a matter."""

    matter_number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    role = fields.String(required=True)


class DuplicateSchema(Answer):
    """A party that may be the same one."""

    id = fields.UUID(required=True, **said("Of the proposal."))
    party_id = fields.UUID(required=True)
    name = fields.String(required=True)
    score = fields.Integer(required=True, **said("0 to 100."))
    reasons = fields.List(fields.String(), required=True)


class PartyCardSchema(PartySchema):
    """Everything about one party that the person may see."""

    sensitivities = fields.String(required=True, allow_none=True)
    names = fields.List(fields.Nested(NameSchema), required=True)
    identifiers = fields.List(fields.Nested(IdentifierSchema), required=True)
    contact_points = fields.List(fields.Nested(ContactPointSchema), required=True)
    relations = fields.List(fields.Nested(RelationSchema), required=True)
    matters = fields.List(fields.Nested(RoleSchema), required=True)
    client_number = fields.String(required=True, allow_none=True)
    possible_duplicates = fields.List(fields.Nested(DuplicateSchema), required=True)


class NameGivenSchema(Schema):
    """A further name."""

    name = text(300, required=True)
    kind = fields.String(load_default="alias", validate=validate.OneOf(models.NAME_KINDS))
    transliteration = text(300, load_default=None, allow_none=True)


class IdentifierGivenSchema(Schema):
    """What an authority calls the party."""

    kind = fields.String(required=True, validate=validate.OneOf(models.IDENTIFIER_KINDS))
    value = text(100, required=True)
    country = text(2, least=0, load_default="", **said("ISO 3166-1 alpha-2."))


class ContactGivenSchema(Schema):
    """A way to reach the party; sealed when it arrives and masked from then on."""

    kind = fields.String(required=True, validate=validate.OneOf(contact_models.KINDS))
    value = fields.String(required=True)
    label = text(100, least=0, load_default=None, allow_none=True)
    consent = fields.Boolean(load_default=None, allow_none=True)


class PartyGivenSchema(Schema):
    """Somebody new."""

    kind = kind_of_party(load_default="unknown", **said("`company` is taken for `organisation`."))
    name = text(300, required=True)
    transliteration = text(300, load_default=None, allow_none=True)
    names = fields.List(fields.Nested(NameGivenSchema), load_default=list, validate=validate.Length(max=50))
    identifiers = fields.List(fields.Nested(IdentifierGivenSchema), load_default=list, validate=validate.Length(max=50))
    contact_points = fields.List(fields.Nested(ContactGivenSchema), load_default=list, validate=validate.Length(max=50))
    born_on = fields.Date(load_default=None, allow_none=True)
    language = text(35, load_default=None, allow_none=True)
    sensitivities = text(4000, load_default=None, allow_none=True)
    is_discreet = fields.Boolean(load_default=False)

    @pre_load
    def _kinds(self, data: Any, **_: Any) -> Any:
        return _known_kind(data)


class PartyChangeSchema(Schema):
    """What changed; what is left out stays as it is, an empty text empties a field."""

    kind = kind_of_party()
    born_on = fields.Date()
    language = text(35, least=0)
    sensitivities = text(4000, least=0)
    is_discreet = fields.Boolean()

    @pre_load
    def _kinds(self, data: Any, **_: Any) -> Any:
        return _known_kind(data)


class RelationGivenSchema(Schema):
    """What this party is to another one."""

    to_party_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(models.RELATION_KINDS))
    since_on = fields.Date(load_default=None, allow_none=True)
    until_on = fields.Date(load_default=None, allow_none=True)
    note = text(300, load_default=None, allow_none=True)


class RelationEndSchema(Schema):
    """Until when it lasted."""

    until_on = fields.Date(required=True)


class MergeGivenSchema(Schema):
    """Into which party this one is merged, and why."""

    into = fields.UUID(required=True)
    reason = text(2000, required=True)


class MergeSchema(Answer):
    """A merge that was carried out."""

    id = fields.UUID(required=True)
    merged_id = fields.UUID(required=True)
    survivor_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    merged_at = Instant(required=True)
    merged_by = fields.String(required=True)


class LookUpSchema(Schema):
    """Who can be reached under this value? Sent in a body, because addresses are logged."""

    kind = fields.String(load_default="phone", validate=validate.OneOf(contact_models.KINDS))
    value = fields.String(required=True)


class FoundSchema(Answer):
    """Who can be reached under the value."""

    items = fields.List(fields.Nested(PartySchema), required=True)


class UnmaskingGivenSchema(Schema):
    """Which contact point, and why it has to be read."""

    contact_point_id = fields.UUID(required=True)
    reason = text(1000, required=True)


class UnmaskingSchema(Answer):
    """A request to read one contact point once."""

    id = fields.UUID(required=True)
    contact_point_id = fields.UUID(required=True)
    masked = fields.String(required=True)
    party_id = fields.UUID(required=True)
    party_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(contact_models.UNMASKING_STATES))
    reason = fields.String(required=True)
    requested_by = fields.String(required=True)
    requested_at = Instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True)


class UnmaskingsSchema(Answer):
    """One's own requests and those to decide."""

    items = fields.List(fields.Nested(UnmaskingSchema), required=True)


class ValueSchema(Answer):
    """The value, this once."""

    value = fields.String(required=True)


class LeadSchema(Answer):
    """Somebody who may become a client."""

    number = fields.String(required=True)
    party_id = fields.UUID(required=True)
    party_name = fields.String(required=True)
    source = fields.String(required=True, validate=validate.OneOf(lead_models.SOURCES))
    originator = fields.String(required=True, allow_none=True, **said("The colleague who brought them."))
    originator_party_id = fields.UUID(required=True, allow_none=True, **said("The party that recommended the firm."))
    topic = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(lead_models.STATES))
    lost_reason = fields.String(required=True, allow_none=True)
    enquiry_number = fields.String(required=True, allow_none=True)
    received_at = Instant(required=True)
    received_by = fields.String(required=True)
    closed_at = Instant(required=True, allow_none=True)


class LeadGivenSchema(Schema):
    """A new lead."""

    party_id = fields.UUID(required=True)
    source = fields.String(required=True, validate=validate.OneOf(lead_models.SOURCES))
    originator = text(150, load_default=None, allow_none=True)
    originator_party_id = fields.UUID(load_default=None, allow_none=True)
    topic = text(300, load_default=None, allow_none=True)
    region = text(100, load_default=None, allow_none=True)


class LeadMoveSchema(Schema):
    """What became of it."""

    state = fields.String(required=True, validate=validate.OneOf(("contacted", "enquired", "lost")))
    enquiry_number = text(40, load_default=None, allow_none=True, **said("For `enquired`."))
    reason = text(300, load_default=None, allow_none=True, **said("For `lost`."))


class ClientSchema(Answer):
    """A client of the firm."""

    number = fields.String(required=True)
    party_id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = kind_of_party(required=True)
    segment = fields.String(required=True, allow_none=True)
    contact_every_days = fields.Integer(required=True, allow_none=True)
    contact_party_id = fields.UUID(required=True, allow_none=True, **said("Whom to speak to first."))
    source = fields.String(required=True, allow_none=True)
    originator = fields.String(required=True, allow_none=True)
    since = Instant(required=True)


class ClientChangeSchema(Schema):
    """What the firm agreed with the client; what is left out stays."""

    segment = text(60, least=0)
    contact_every_days = fields.Integer(validate=validate.Range(min=1, max=3660))
    contact_party_id = fields.UUID()


class PartyFilters(PageArgs):
    """Which parties to list."""

    q = text(200, load_default=None, **said("Words of any name, transliteration or identifier, in part."))
    kind = kind_of_party(load_default=None)


class ClientFilters(PageArgs):
    """Which clients to list."""

    q = text(200, load_default=None, **said("Words of any name of theirs, in part, or their number."))


class LeadFilters(PageArgs):
    """Which leads to list."""

    q = text(200, load_default=None, **said("Words of any name of theirs, in part."))
    state = fields.String(load_default=None, validate=validate.OneOf(lead_models.STATES))
    originator = text(150, load_default=None)


PartiesSchema = page_of(PartySchema, "Parties")
ClientsSchema = page_of(ClientSchema, "Clients")
LeadsSchema = page_of(LeadSchema, "Leads")


def _known_kind(data: Any) -> Any:
    # What is no object is refused after this, by the schema.
    kind = data.get("kind") if isinstance(data, dict) else None
    return {**data, "kind": _KINDS[kind]} if isinstance(kind, str) and kind in _KINDS else data
