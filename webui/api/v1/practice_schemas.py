"""What the API answers and takes of proceedings, events, directories and saved searches."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, utils, validate

from practice import money
from practice.directories.models import DIRECTORIES
from practice.events.models import ENDED_BY, STATES
from practice.matters.models import CONFIDENTIALITY, PARTY_ROLES, RELATIONS
from practice.proceedings.models import HEARING_STATES, LEVELS, LINKS
from practice.proceedings.models import STATES as PROCEEDING_STATES
from practice.selections.models import ENTITIES
from webui.api.v1.schemas import Answer, Instant, said, text


class Amount(fields.String):
    """A sum of money as a decimal text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("validate", validate.Length(max=40))
        super().__init__(**kwargs)


def amount_of(attribute: str) -> fields.Function:
    """Write a column of minor units as a decimal text in the row's currency."""

    def told(row: Any) -> str | None:
        minor, currency = utils.get_value(row, attribute), utils.get_value(row, "currency")
        return None if minor is None else str(money.from_minor(minor, currency))

    return fields.Function(told, metadata={"type": ["string", "null"], "description": "A decimal number."})


# Directories --------------------------------------------------------------------------------------


class EntrySchema(Answer):
    """An entry of a directory."""

    id = fields.UUID(required=True)
    directory = fields.String(required=True)
    key = fields.String(required=True)
    name = fields.String(required=True)
    path = fields.String(required=True, **said("Keys from the top down to this one, each followed by a slash."))
    parent_id = fields.UUID(required=True, allow_none=True)
    position = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    region_id = fields.UUID(required=True, allow_none=True)
    required_right = fields.String(required=True, allow_none=True)
    names = fields.Dict(required=True, allow_none=True)


class EntriesSchema(Answer):
    """A directory, read as a tree from the top down."""

    items = fields.List(fields.Nested(EntrySchema), required=True)


class NewEntrySchema(Schema):
    """A new entry."""

    name = text(200, required=True)
    key = text(60, allow_none=True, **said("Made from the name when missing; never changes."))
    parent = text(60, allow_none=True, **said("Key of the entry above."))
    position = fields.Integer(allow_none=True)
    region = text(60, allow_none=True)
    required_right = text(60, allow_none=True)
    names = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)


class ChangedEntrySchema(Schema):
    """What changes of an entry; what is not named stays."""

    name = text(200)
    parent = text(60, allow_none=True)
    position = fields.Integer(allow_none=True)
    is_active = fields.Boolean()
    region = text(60, allow_none=True)
    required_right = text(60, allow_none=True)
    names = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)


DIRECTORY_NAMES = DIRECTORIES

# Matters ------------------------------------------------------------------------------------------


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


# Proceedings --------------------------------------------------------------------------------------


class HearingSchema(Answer):
    """A date before the court."""

    id = fields.UUID(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)
    room = fields.String(required=True, allow_none=True)
    representative = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    result = fields.String(required=True, allow_none=True)
    next_hearing_id = fields.UUID(required=True, allow_none=True)


class DecisionLineSchema(Answer):
    """What a decision awards of one kind."""

    id = fields.UUID(required=True)
    recovery_kind_id = fields.UUID(required=True)
    claimed = amount_of("claimed_minor")
    awarded = amount_of("awarded_minor")
    currency = fields.String(required=True)
    basis = fields.String(required=True, allow_none=True)


class DecisionSchema(Answer):
    """What the court decided."""

    id = fields.UUID(required=True)
    pronounced_on = fields.Date(required=True)
    served_on = fields.Date(required=True, allow_none=True)
    service_method = fields.String(required=True, allow_none=True)
    summary = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(DecisionLineSchema), required=True)


class ProceedingSchema(Answer):
    """One run before a court or tribunal."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True, **said("1, 2, ... within the matter."))
    level = fields.String(required=True)
    court = fields.String(required=True, allow_none=True)
    court_number = fields.String(required=True, allow_none=True)
    judge = fields.String(required=True, allow_none=True)
    previous_id = fields.UUID(required=True, allow_none=True)
    link = fields.String(required=True, allow_none=True)
    value = amount_of("value_minor")
    currency = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    opened_on = fields.Date(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)


class ProceedingWithAllSchema(ProceedingSchema):
    """A proceeding with its hearings and decisions."""

    hearings = fields.List(fields.Nested(HearingSchema), required=True)
    decisions = fields.List(fields.Nested(DecisionSchema), required=True)


class ProceedingsSchema(Answer):
    """A matter's proceedings in the order in which they were opened."""

    items = fields.List(fields.Nested(ProceedingWithAllSchema), required=True)


class NewProceedingSchema(Schema):
    """A proceeding to open."""

    level = fields.String(required=True, validate=validate.OneOf(LEVELS))
    court = text(300, allow_none=True, **said("The key of one in the directory, or its name."))
    court_number = text(100, allow_none=True)
    judge = text(300, allow_none=True)
    previous = fields.Integer(allow_none=True, **said("Number of the proceeding it follows from."))
    link = fields.String(allow_none=True, validate=validate.OneOf(LINKS))
    value = Amount(allow_none=True)
    currency = text(3, allow_none=True)
    opened_on = fields.Date(allow_none=True)


class ChangedProceedingSchema(Schema):
    """What changes of a proceeding; `closed` needs its `outcome`."""

    court = text(300, allow_none=True)
    court_number = text(100, allow_none=True)
    judge = text(300, allow_none=True)
    value = Amount(allow_none=True)
    currency = text(3, allow_none=True)
    state = fields.String(validate=validate.OneOf(PROCEEDING_STATES))
    outcome = text(200)
    closed_on = fields.Date(allow_none=True)


class NewHearingSchema(Schema):
    """A hearing to plan."""

    starts_at = Instant(required=True)
    ends_at = Instant(allow_none=True)
    room = text(100, allow_none=True)
    representative = text(150, allow_none=True)


class EndedHearingSchema(Schema):
    """How a hearing ended."""

    state = fields.String(required=True, validate=validate.OneOf(HEARING_STATES[1:]))
    result = text(20_000, allow_none=True)
    next_starts_at = Instant(allow_none=True)
    next_room = text(100, allow_none=True)
    next_representative = text(150, allow_none=True)


class NewDecisionLineSchema(Schema):
    """What is awarded of one kind."""

    recovery_kind = text(60, required=True)
    awarded = Amount(required=True)
    claimed = Amount(allow_none=True)
    currency = text(3, required=True)
    basis = text(300, allow_none=True)


class NewDecisionSchema(Schema):
    """A decision to record."""

    pronounced_on = fields.Date(required=True)
    served_on = fields.Date(allow_none=True)
    service_method = text(60, allow_none=True)
    result = text(60, allow_none=True, **said("Key in the directory `decision_result`."))
    summary = text(20_000, allow_none=True)
    lines = fields.List(fields.Nested(NewDecisionLineSchema), validate=validate.Length(max=100))


class ServiceSchema(Schema):
    """When and how a decision was served."""

    served_on = fields.Date(required=True)
    service_method = text(60, allow_none=True)


class ClaimSchema(Schema):
    """What is claimed of one kind."""

    recovery_kind = text(60, required=True)
    amount = Amount(required=True)
    currency = text(3, required=True)


class ClaimsSchema(Schema):
    """Everything that is claimed in a proceeding."""

    lines = fields.List(fields.Nested(ClaimSchema), required=True, validate=validate.Length(max=100))


class RecoverySchema(Answer):
    """Money that is to come in."""

    id = fields.UUID(required=True)
    recovery_kind_id = fields.UUID(required=True)
    due = amount_of("due_minor")
    received = amount_of("received_minor")
    currency = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    payer = fields.String(required=True, allow_none=True)
    repeats = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)


class RecoveryTotalSchema(Answer):
    """What is claimed, awarded and received of one kind."""

    recovery_kind = fields.String(required=True, attribute="kind.key")
    name = fields.String(required=True, attribute="kind.name")
    currency = fields.String(required=True)
    claimed = fields.String(required=True)
    awarded = fields.String(required=True)
    received = fields.String(required=True)


class RecoveriesSchema(Answer):
    """A matter's recoveries and their totals per kind."""

    items = fields.List(fields.Nested(RecoverySchema), required=True)
    totals = fields.List(fields.Nested(RecoveryTotalSchema), required=True)


class NewRecoverySchema(Schema):
    """Money to expect."""

    recovery_kind = text(60, required=True)
    amount = Amount(required=True)
    currency = text(3, required=True)
    due_on = fields.Date(allow_none=True)
    payer = text(300, allow_none=True)
    repeats = text(60, allow_none=True, **said("ISO 8601 repetition: `R/P1M`."))
    decision_line = text(60, allow_none=True)


class ReceiptSchema(Schema):
    """A sum that came in; a minus before it takes back a mistake and needs a note."""

    amount = Amount(required=True)
    received_on = fields.Date(allow_none=True)
    note = text(300, allow_none=True)


class ReasonSchema(Schema):
    """Why."""

    reason = text(300, required=True)


# Events -------------------------------------------------------------------------------------------


class EventSchema(Answer):
    """Something planned or done in a matter."""

    id = fields.UUID(required=True)
    matter_number = fields.String(required=True, attribute="matter.number")
    kind = fields.String(required=True, attribute="kind.key")
    title = fields.String(required=True)
    state = fields.String(required=True)
    planned_start_at = Instant(required=True)
    planned_end_at = Instant(required=True, allow_none=True)
    started_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    ended_by = fields.String(required=True)
    result = fields.String(required=True, allow_none=True)
    responsible = fields.Function(
        lambda event: [row.username for row in event.responsible],
        metadata={"type": "array", "items": {"type": "string"}},
    )


class NewEventSchema(Schema):
    """An event to plan."""

    kind = text(60, required=True)
    title = text(300, allow_none=True)
    planned_start_at = Instant(allow_none=True)
    planned_end_at = Instant(allow_none=True)
    responsible = fields.List(text(150), validate=validate.Length(max=20))
    ended_by = fields.String(validate=validate.OneOf(ENDED_BY))
    proceeding = fields.Integer(allow_none=True)


class ChangedEventSchema(Schema):
    """What changes of an event; what is not named stays."""

    title = text(300)
    planned_start_at = Instant()
    planned_end_at = Instant(allow_none=True)
    responsible = fields.List(text(150), validate=validate.Length(min=1, max=20))
    ended_by = fields.String(validate=validate.OneOf(ENDED_BY))


class FinishedSchema(Schema):
    """How an event ended."""

    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    result = text(20_000, allow_none=True)


EVENT_STATES = STATES


class DurationSchema(Answer):
    """How long events of one group took in one direction before one court."""

    group = fields.String(required=True, attribute="group.key")
    direction = fields.Function(
        lambda one: one.direction.key if one.direction else None, metadata={"type": ["string", "null"]}
    )
    court = fields.String(required=True, allow_none=True)
    number = fields.Integer(required=True)
    mean = fields.Float(required=True, **said("Days on average."))
    shortest = fields.Integer(required=True)
    longest = fields.Integer(required=True)


class DurationsSchema(Answer):
    """Actual durations."""

    items = fields.List(fields.Nested(DurationSchema), required=True)


# Saved searches -----------------------------------------------------------------------------------


class SelectionSchema(Answer):
    """A saved search."""

    id = fields.UUID(required=True)
    owner = fields.String(required=True)
    entity = fields.String(required=True)
    name = fields.String(required=True)
    criteria = fields.Dict(required=True)
    is_shared = fields.Boolean(required=True)


class SelectionsSchema(Answer):
    """Saved searches."""

    items = fields.List(fields.Nested(SelectionSchema), required=True)


class NewSelectionSchema(Schema):
    """A search to keep."""

    entity = fields.String(required=True, validate=validate.OneOf(ENTITIES))
    name = text(100, required=True)
    criteria = fields.Dict(keys=fields.String(), required=True, **said("Filter by name, as the list takes it."))
    is_shared = fields.Boolean(load_default=False)


class ChangedSelectionSchema(Schema):
    """What changes of a saved search."""

    name = text(100)
    criteria = fields.Dict(keys=fields.String())
    is_shared = fields.Boolean()
