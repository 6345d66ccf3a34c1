"""What the API answers and takes of letters."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.correspondence.models import CHANNELS, DIRECTIONS, HOP_KINDS, STATUSES
from practice.correspondence.queries import SCOPES
from webui.api.v1.blueprint import PageArgs, page_of
from webui.api.v1.schemas import Answer, Instant, said, text


class LetterSchema(Answer):
    """A letter of the register."""

    number = fields.String(required=True)
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    sender = fields.String(required=True)
    addressee = fields.String(required=True)
    subject = fields.String(required=True)
    reference = fields.String(required=True, allow_none=True, **said("The other side's or the court's own number."))
    receipt_number = fields.String(required=True, allow_none=True, **said("By which the letter can be traced."))
    letter_on = fields.Date(required=True, allow_none=True)
    postmark_on = fields.Date(required=True, allow_none=True)
    received_on = fields.Date(required=True, allow_none=True)
    sent_on = fields.Date(required=True, allow_none=True)
    proof = fields.String(required=True, allow_none=True)
    proof_on = fields.Date(required=True, allow_none=True)
    matter_number = fields.String(required=True, allow_none=True)
    original_place = fields.String(required=True, allow_none=True)
    original_is_lost = fields.Boolean(required=True)
    contains_deadline = fields.Boolean(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    holder = fields.String(required=True, allow_none=True, **said("Who has it, or to whom it is on its way."))
    holder_group = fields.String(required=True, allow_none=True, **said("The department that has to accept it."))
    moved_at = Instant(required=True)
    registered_at = Instant(required=True)
    registered_by = fields.String(required=True)
    department = fields.String(required=True, allow_none=True, **said("Code of the unit that registered it."))
    closed_at = Instant(required=True, allow_none=True)
    process_instance_id = fields.UUID(required=True, allow_none=True)


class LetterHopSchema(Answer):
    """One step of a letter's way; never changed afterwards."""

    position = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(HOP_KINDS))
    at = Instant(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    from_username = fields.String(required=True, allow_none=True)
    from_group = fields.String(required=True, allow_none=True)
    to_username = fields.String(required=True, allow_none=True)
    to_group = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))


class WholeLetterSchema(LetterSchema):
    """A letter with its whole way."""

    hops = fields.List(fields.Nested(LetterHopSchema), required=True)


class NewLetterSchema(Schema):
    """A letter to be registered; its process begins with it."""

    direction = fields.String(load_default="incoming", validate=validate.OneOf(DIRECTIONS))
    channel = fields.String(load_default="post", validate=validate.OneOf(CHANNELS))
    sender = text(300, required=True)
    addressee = text(300, required=True)
    subject = text(500, required=True, least=2)
    reference = text(100)
    receipt_number = text(100)
    letter_on = fields.Date()
    postmark_on = fields.Date()
    received_on = fields.Date()
    matter = text(40, **said("Number of a matter."))
    original_place = text(200)
    contains_deadline = fields.Boolean(load_default=False)
    to_person = text(150, **said("Username; without a person and a department whoever registers is asked."))
    to_department = text(150, **said("Name of a group."))
    reason = text(2000, least=2, **said("Why it goes there; needed with a person or a department."))


class LetterFilters(PageArgs):
    """Which letters to list."""

    scope = fields.String(
        load_default="all",
        validate=validate.OneOf(SCOPES),
        **said("`hung`: no hop for two working days."),
    )
    direction = fields.String(load_default=None, validate=validate.OneOf(DIRECTIONS))
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    matter = text(40, load_default=None)
    q = text(200, load_default=None, **said("Words of numbers, names and subject, each in part."))


LettersSchema = page_of(LetterSchema, "Letters")
