"""What the API answers and takes of hours."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.time.models import ENTRY_STATES, SHEET_STATES
from webui.api.v1.schemas import Answer, Instant, said, text


class TimeEntrySchema(Answer):
    """A line of hours."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    on_day = fields.Date(required=True)
    matter_number = fields.String(required=True, allow_none=True)
    is_internal = fields.Boolean(required=True, **said("Work for the firm itself."))
    minutes = fields.Integer(required=True)
    hours = fields.String(required=True, **said("A decimal number with two places; sums are made of minutes."))
    work = fields.String(required=True)
    is_billable = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ENTRY_STATES), **said("`approved` is locked."))
    corrects_id = fields.UUID(required=True, allow_none=True)
    correction_reason = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = Instant(required=True, allow_none=True)
    decision_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class TimeEntriesSchema(Answer):
    """Lines by day."""

    items = fields.List(fields.Nested(TimeEntrySchema), required=True)


class TimeEntryFilters(Schema):
    """Which lines to list."""

    username = text(150, load_default=None)
    matter = text(40, load_default=None)
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(ENTRY_STATES))


class NewTimeEntrySchema(Schema):
    """A line to be written for oneself."""

    on_day = fields.Date(required=True)
    matter = text(40, allow_none=True, **said("Number of a matter; not for work for the firm itself."))
    is_internal = fields.Boolean(load_default=False)
    hours = text(20, required=True, **said("As people write them: `1.5`, `1:30`, `90m`."))
    work = text(4000, required=True)
    is_billable = fields.Boolean(load_default=True)


class ChangedTimeEntrySchema(Schema):
    """What changes of a line; what is not named stays."""

    matter = text(40, allow_none=True)
    is_internal = fields.Boolean()
    hours = text(20)
    work = text(4000)
    is_billable = fields.Boolean()
    version = fields.Integer(load_default=None, allow_none=True, **said("Refused when the line is a newer one."))


class CorrectionSchema(Schema):
    """What is added to an approved line, or taken away."""

    hours = text(20, required=True, **said("With a sign: `-0:30`."))
    reason = text(500, required=True)


class LineDecisionSchema(Schema):
    """A leader's word on a line."""

    decision = fields.String(required=True, validate=validate.OneOf(("approve", "return")))
    reason = text(500, load_default=None, allow_none=True, **said("Needed to return a line."))


class DaySchema(Schema):
    """A day to be handed in."""

    on_day = fields.Date(required=True)


class TimesheetSchema(Answer):
    """A person's day."""

    number = fields.String(required=True)
    username = fields.String(required=True)
    on_day = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(SHEET_STATES))
    leader = fields.String(required=True, allow_none=True)
    excuse = fields.String(required=True, allow_none=True)
    submitted_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)


class TotalSchema(Answer):
    """Sums of a person or a matter."""

    name = fields.String(required=True, allow_none=True, **said("Username, or number of a matter; null: internal."))
    approved_minutes = fields.Integer(required=True)
    handed_in_minutes = fields.Integer(required=True)


class TotalsSchema(Answer):
    """Sums of a period."""

    items = fields.List(fields.Nested(TotalSchema), required=True)


class TotalArgs(Schema):
    """Of which period, and summed by what."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)
    by = fields.String(load_default="person", validate=validate.OneOf(("person", "matter")))
