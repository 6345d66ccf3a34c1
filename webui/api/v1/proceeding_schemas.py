"""What the API answers and takes of proceedings, hearings, decisions and recoveries."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.proceedings.models import HEARING_STATES, LEVELS, LINKS
from practice.proceedings.models import STATES as PROCEEDING_STATES
from webui.api.v1.amounts import Amount, amount_of
from webui.api.v1.schemas import Answer, Instant, said, text


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
