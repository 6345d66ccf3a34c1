"""What the API answers and takes of saved searches."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.selections.models import ENTITIES
from webui.api.v1.schemas import Answer, said, text


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
