"""What the API answers and takes, one schema per direction."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from engine import correlation
from engine.messages import TIME_TO_LIVE

PROCESS_INSTANCE_STATES = ("active", "suspended", "completed", "cancelled", "incident")


def said(text: str, **more: Any) -> dict[str, Any]:
    """Describe a field."""
    return {"metadata": {"description": text, **more}}


class Instant(fields.AwareDateTime):
    """An instant; written in UTC as ISO 8601."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        instant = super()._deserialize(value, attr, data, **kwargs)
        try:
            # The first or the last day of the calendar elsewhere may be none in UTC, and no database keeps it.
            instant.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None
        return instant


class Variables(fields.Dict):
    """A JSON object; which names and values are taken, the engine says."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {"description": "Process variables by name."})
        super().__init__(keys=fields.String(), values=fields.Raw(allow_none=True), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        # The names of a JSON object are strings, and any value is taken: nothing is left to be checked one by one.
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return dict(value)


def text(most: int, *, least: int = 1, **kwargs: Any) -> fields.String:
    """Make a string field of bounded length."""
    return fields.String(validate=validate.Length(min=least, max=most), **kwargs)


@cache
def names_of(schema: type[Schema]) -> tuple[str, ...]:
    """Return the names of a schema's fields; to make one copies each field, which is not for every row of a list."""
    return tuple(schema().fields)


# What is answered ---------------------------------------------------------------------------------


class Answer(Schema):
    """What the server says; later releases may say more."""

    class Meta:
        """Describe the object as open."""

        unknown = EXCLUDE

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Ask a record plainly; Marshmallow tries each of its fields as a key first, once for every row of a list."""
        if "." not in attr:
            if type(obj) is dict and attr in obj:
                return cast("Any", obj)[attr]
            if isinstance(obj, tuple) or not hasattr(obj, "__getitem__"):
                return getattr(cast("Any", obj), attr, default)
        return super().get_attribute(obj, attr, default)


class FindingSchema(Answer):
    """Something a check found in a bundle."""

    severity = fields.String(required=True, validate=validate.OneOf(("error", "warning")))
    rule = fields.String(required=True, **said("The rule that is broken; never changes."))
    element_id = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)
    repair = fields.String(required=True, allow_none=True, **said("What to do about it."))
    resource = fields.String(required=True, allow_none=True, **said("The file concerned."))


class ProcessVersionSchema(Answer):
    """A process definition by key and version."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)


class DeploymentSchema(Answer):
    """A bundle that was deployed."""

    id = fields.UUID(required=True)
    process_definitions = fields.List(fields.Nested(ProcessVersionSchema), required=True)
    findings = fields.List(
        fields.Nested(FindingSchema), required=True, **said("Warnings; errors refuse the deployment.")
    )


class CheckSchema(Answer):
    """What a check found; nothing was stored."""

    ok = fields.Boolean(required=True, **said("Whether the bundle could be deployed as it is."))
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class ProcessDefinitionSchema(Answer):
    """One version of a process."""

    id = fields.UUID(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    deployment_id = fields.UUID(required=True)
    deployed_at = Instant(required=True)
    may_start = fields.Boolean(required=True, **said("Whether the person who asks may start it."))


class StartFormSchema(Answer):
    """The form that is filled to start a process."""

    form_key = fields.String(required=True, allow_none=True)
    form = fields.Dict(required=True, allow_none=True, **said("form-js schema; null when none is asked."))


class StartedSchema(Answer):
    """A process instance in short."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(PROCESS_INSTANCE_STATES))
    process_key = fields.String(required=True)
    version = fields.Integer(required=True)
    business_key = fields.String(required=True, allow_none=True)


class ProcessInstanceSchema(StartedSchema):
    """A process instance."""

    started_by = fields.String(required=True)
    started_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    last_progress_at = Instant(required=True, **said("When a token last moved."))


class HistoryEventSchema(Answer):
    """Something that happened; never changed afterwards."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, **said("In the past tense: `user_task_completed`, `timer_fired`, ..."))
    at = Instant(required=True)
    actor = fields.String(required=True)
    element_id = fields.String(required=True, allow_none=True)
    user_task_id = fields.UUID(required=True, allow_none=True)
    data = fields.Dict(required=True, allow_none=True)


class HistorySchema(Answer):
    """The history of a process instance, oldest first."""

    items = fields.List(fields.Nested(HistoryEventSchema), required=True)


class ActivitiesSchema(Answer):
    """Where a process instance has been and where its tokens are, by element id."""

    completed = fields.List(fields.String(), required=True)
    active = fields.List(fields.String(), required=True)
    incidents = fields.List(fields.String(), required=True)
    flows = fields.List(fields.String(), required=True, **said("Sequence flows that were taken."))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class VariablesSchema(Answer):
    """The data of a process instance."""

    variables = fields.Dict(required=True)


class UserTaskSchema(Answer):
    """Work that waits, or waited, for a person."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    element_id = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    stage = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(("created", "completed", "cancelled")))
    process_instance_id = fields.UUID(required=True)
    process_key = fields.String(required=True)
    business_key = fields.String(required=True, allow_none=True)
    assignee = fields.String(required=True, allow_none=True)
    owner = fields.String(required=True, allow_none=True, **said("Who delegated it."))
    candidate_groups = fields.List(fields.String(), required=True)
    form_key = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True, **said("Higher is more urgent; 50 unless the designer says otherwise."))
    created_at = Instant(required=True)
    due_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_for = fields.String(
        required=True, allow_none=True, **said("For whom they completed it, when they stood in for somebody.")
    )


class UserTaskWithFormSchema(UserTaskSchema):
    """A user task with its form and the data it sees."""

    form = fields.Dict(required=True, allow_none=True, **said("form-js schema; null for a task without a form."))
    form_digest = fields.String(
        required=True,
        allow_none=True,
        **said("Names this form; sent back with the answers, a change is noticed."),
    )
    variables = fields.Dict(required=True)


class CorrelatedSchema(Answer):
    """What a message did."""

    delivered_to = fields.UUID(
        required=True, allow_none=True, **said("The instance that took it, whether it waited or was started by it.")
    )
    process_instance_id = fields.UUID(required=True, allow_none=True, **said("The same, as earlier releases call it."))
    started = fields.Boolean(required=True, **said("Whether it started a process instance."))
    waiting = fields.Integer(
        required=True, **said("How many waited for it; the one that had waited longest took it, the others wait on.")
    )
    buffered_until = Instant(
        required=True,
        allow_none=True,
        **said("Nobody waits yet: until then the first that begins to wait takes it. Null when it is not kept."),
    )
    duplicate = fields.Boolean(required=True, **said("Whether the `message_id` was seen before: nothing was changed."))


class BroadcastSchema(Answer):
    """What a signal does."""

    id = fields.UUID(required=True, **said("Names the signal in the histories of those that hear it."))
    receivers = fields.Integer(required=True, **said("Instances that listened; each hears it in a step of its own."))
    starts = fields.Integer(required=True, **said("Processes that start on it."))


class IncidentSchema(Answer):
    """A step that failed, or a process that did not start by its timer or signal."""

    id = fields.UUID(required=True)
    process_instance_id = fields.UUID(
        required=True, allow_none=True, **said("Null when a process could not be started.")
    )
    process_definition_id = fields.UUID(
        required=True,
        allow_none=True,
        **said("The version that could not be started; null with an instance."),
    )
    process_key = fields.String(required=True, allow_none=True, **said("Null for what belongs to no process."))
    business_key = fields.String(required=True, allow_none=True)
    element_id = fields.String(required=True)
    kind = fields.String(required=True)
    message = fields.String(required=True)
    expression = fields.String(required=True, allow_none=True, **said("The FEEL text that failed."))
    created_at = Instant(required=True)
    resolved_at = Instant(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)


class JobSchema(Answer):
    """A promise of the engine: a timer, a delegate that runs by itself, and the like."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("waiting", "due", "taken", "failed")))
    process_instance_id = fields.UUID(required=True, allow_none=True)
    process_key = fields.String(required=True, allow_none=True)
    business_key = fields.String(required=True, allow_none=True)
    element_id = fields.String(required=True)
    priority = fields.Integer(required=True, **said("Higher goes first."))
    due_at = Instant(required=True, **said("When it was to be due."))
    next_at = Instant(required=True, allow_none=True, **said("When a worker may take it next; null when it failed."))
    taken_by = fields.String(required=True, allow_none=True, **said("The worker that has it."))
    attempts = fields.Integer(required=True, **said("Failures so far."))
    last_error = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)


class JobCountSchema(Answer):
    """How many jobs of a kind are in a state."""

    kind = fields.String(required=True)
    state = fields.String(required=True)
    count = fields.Integer(required=True)


class JobCountsSchema(Answer):
    """The jobs, counted."""

    items = fields.List(fields.Nested(JobCountSchema), required=True)


class MatterSchema(Answer):
    """A client's file."""

    id = fields.UUID(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    case_type = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "archived")))
    client_name = fields.String(required=True)
    opponent_name = fields.String(required=True, allow_none=True)
    responsible = fields.String(required=True, allow_none=True)
    summary = fields.String(required=True, allow_none=True)
    claim_value_minor = fields.Integer(required=True, allow_none=True, **said("In the currency's smallest unit."))
    currency = fields.String(required=True, allow_none=True)
    court = fields.String(required=True, allow_none=True)
    court_number = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    enquiry_number = fields.String(required=True, allow_none=True)
    confidentiality = fields.String(required=True, **said("`ordinary`, `restricted` or `secret`."))
    direction_id = fields.UUID(required=True, allow_none=True)
    region_id = fields.UUID(required=True, allow_none=True)
    org_unit_id = fields.UUID(required=True, allow_none=True, **said("The branch or department that works on it."))
    process_instance_id = fields.UUID(required=True, allow_none=True)
    opened_at = Instant(required=True)
    archived_at = Instant(required=True, allow_none=True)


class MeSchema(Answer):
    """Who asks."""

    username = fields.String(required=True)
    full_name = fields.String(required=True)
    groups = fields.List(fields.String(), required=True)
    rights = fields.List(fields.String(), required=True)


class CorrelationKey(fields.Field[Any]):
    """One key as a text, or several by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            metadata={
                "description": "Which instance it is for: one key, most often the matter's number, or an object of "
                f"up to {correlation.MOST_KEYS} keys by name. All keys that the waiting element names have to match. "
                'A plain text is short for `{"business_key": text}`.',
                "anyOf": [
                    {"type": "string", "minLength": 1, "maxLength": correlation.MAX_KEY},
                    {
                        "type": "object",
                        "minProperties": 1,
                        "maxProperties": correlation.MOST_KEYS,
                        "additionalProperties": {
                            "anyOf": [
                                {"type": "string", "minLength": 1, "maxLength": correlation.MAX_KEY},
                                {"type": "integer"},
                                {"type": "boolean"},
                            ]
                        },
                    },
                    {"type": "null"},
                ],
            },
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | dict[str, Any]:
        if not isinstance(value, (str, dict)) or not value:
            raise ValidationError("Not a text or an object of keys.")
        return value


# What is taken ------------------------------------------------------------------------------------


class StartSchema(Schema):
    """What starts a process."""

    process_key = text(200, required=True)
    version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1))
    business_key = text(100, load_default=None, allow_none=True)
    variables = Variables(load_default=dict)


class CompleteSchema(Schema):
    """The answers that complete a user task."""

    variables = Variables(load_default=dict)
    form_digest = text(
        64,
        load_default=None,
        allow_none=True,
        **said("Of the form that was filled; another by now is refused."),
    )


class RecipientSchema(Schema):
    """To whom a user task goes."""

    to = text(150, required=True, **said("A username."))


class OptionalRecipientSchema(Schema):
    """To whom a user task goes; null gives it back to its groups."""

    to = text(150, required=True, allow_none=True, **said("A username; null gives the task back to its groups."))


class NothingSchema(Schema):
    """Nothing: the body may be left out."""


class MessageSchema(Schema):
    """A message for whoever waits for it."""

    name = text(200, required=True)
    correlation_key = CorrelationKey(load_default=None, allow_none=True)
    variables = Variables(load_default=dict)
    message_id = text(200, load_default=None, allow_none=True, **said("A repeated one changes nothing, for ever."))
    time_to_live = text(
        50,
        load_default=None,
        allow_none=True,
        **said(
            f"ISO 8601 duration: how long it is kept while nobody waits for it; {TIME_TO_LIVE} when not given, "
            "`PT0S` keeps nothing."
        ),
    )


class SignalSchema(Schema):
    """A signal for everybody who listens."""

    name = text(200, required=True)
    variables = Variables(load_default=dict)


class ReasonSchema(Schema):
    """Why."""

    reason = text(300, required=True)
