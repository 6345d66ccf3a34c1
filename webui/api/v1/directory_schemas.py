"""What the API answers and takes of the firm's directories."""

from __future__ import annotations

from marshmallow import Schema, fields

from webui.api.v1.schemas import Answer, said, text


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
