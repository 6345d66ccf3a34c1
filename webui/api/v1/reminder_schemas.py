"""What the API says and takes about reminders and about how people hear of things."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from tasks.notifications.models import EMAIL
from tasks.reminders.models import CALENDARS, REASONS, UNTIL
from webui.api.v1.schemas import Answer, Instant, UserTaskSchema, Variables, said, text


class ReminderSchema(Answer):
    """What reminds of an open user task."""

    user_task_id = fields.UUID(required=True)
    every = fields.String(required=True, allow_none=True, **said("ISO 8601 duration between two rounds."))
    rounds_left = fields.Integer(required=True, allow_none=True, **said("Null: without end."))
    calendar = fields.String(required=True, validate=validate.OneOf(CALENDARS))
    until = fields.String(required=True, validate=validate.OneOf(UNTIL), **said("Which act it asks for."))
    ends_with = fields.String(required=True, allow_none=True, **said("The event that alone ends it."))
    round = fields.Integer(required=True, **said("How many rounds were told."))
    told_at = Instant(required=True, allow_none=True)
    next_at = Instant(required=True, allow_none=True)
    stopped_at = Instant(required=True, allow_none=True)
    stopped_because = fields.String(required=True, allow_none=True, validate=validate.OneOf(REASONS))
    sla_at = Instant(required=True, allow_none=True, **said("When somebody else hears of it."))
    escalate_to = fields.String(required=True, allow_none=True)
    escalated_at = Instant(required=True, allow_none=True)


class ShownReminderSchema(Answer):
    """A reminder in front of one, with its task."""

    reminder = fields.Nested(ReminderSchema, required=True)
    user_task = fields.Nested(UserTaskSchema, attribute="task", required=True)
    is_blocking = fields.Boolean(required=True, **said("Only its event ends it."))


class ShownRemindersSchema(Answer):
    """The reminders in front of one."""

    items = fields.List(fields.Nested(ShownReminderSchema), required=True)


class ReminderEventSchema(Schema):
    """Something that happened and that reminders may wait for."""

    event = text(100, required=True, **said("Its name, as in the property `reminderEndsWith`."))
    user_task_id = fields.UUID(load_default=None, allow_none=True, **said("The task it is about, or:"))
    business_key = text(100, load_default=None, allow_none=True, **said("the matter it is about."))
    facts = Variables(load_default=dict, metadata={"description": "What is known of it; the history keeps it."})


class EndedRemindersSchema(Answer):
    """The tasks whose reminder ended."""

    user_task_ids = fields.List(fields.UUID(), required=True)


class WaiverSchema(Schema):
    """Why what a reminder waits for is not needed."""

    reason = text(2000, required=True)


class NotificationPreferencesSchema(Answer):
    """How somebody hears of things outside the product."""

    email = fields.String(required=True, validate=validate.OneOf(EMAIL))
    digest_at = fields.String(required=True, **said("Local time of the daily mail, HH:MM."))
    push = fields.Boolean(required=True)
    quiet_from = fields.String(required=True, allow_none=True, **said("Local time, HH:MM."))
    quiet_to = fields.String(required=True, allow_none=True)
    quiet_days_off = fields.Boolean(required=True)
    muted = fields.List(fields.String(), required=True, **said("Kinds told in the product only."))


class NotificationPreferenceChangesSchema(Schema):
    """What to change; what is not named stays."""

    email = fields.String(validate=validate.OneOf(EMAIL))
    digest_at = text(8)
    push = fields.Boolean()
    quiet_from = text(8, allow_none=True)
    quiet_to = text(8, allow_none=True)
    quiet_days_off = fields.Boolean()
    muted = fields.List(text(60), validate=validate.Length(max=50))


class PushKeysSchema(Schema):
    """A browser's own keys (RFC 8291), base64url."""

    p256dh = text(100, required=True)
    auth = text(40, required=True)


class NewPushSubscriptionSchema(Schema):
    """What a browser's `PushSubscription.toJSON()` says."""

    endpoint = text(2000, required=True)
    keys = fields.Nested(PushKeysSchema, required=True)
    label = text(200, least=0, load_default="")


class PushSubscriptionSchema(Answer):
    """A browser in which one is told."""

    id = fields.UUID(required=True)
    label = fields.String(required=True)
    created_at = Instant(required=True)
    reached_at = Instant(required=True, allow_none=True)


class PushSubscriptionsSchema(Answer):
    """One's browsers, and the key by which a browser knows this server."""

    public_key = fields.String(required=True, allow_none=True, **said("Null: this installation has no web push."))
    items = fields.List(fields.Nested(PushSubscriptionSchema), required=True)
