"""What the scripts of our pages send."""

from __future__ import annotations

from marshmallow import Schema, fields


class AnswersSchema(Schema):
    """A form that is handed in."""

    variables = fields.Dict(keys=fields.String(), required=True)
    form_digest = fields.String(load_default=None, allow_none=True)


class DraftSchema(Schema):
    """A half-filled form."""

    values = fields.Dict(keys=fields.String(), required=True)
    version = fields.Integer(load_default=None, allow_none=True)
    form_digest = fields.String(load_default=None, allow_none=True)
