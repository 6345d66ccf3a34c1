"""What the API answers and takes of events and how long they took."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.events.models import ENDED_BY, STATES
from webui.api.v1.schemas import Answer, Instant, said, text


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
