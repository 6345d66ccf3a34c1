"""What operators send and are told: one schema per direction."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from webui.api.v1.schemas import PROCESS_INSTANCE_STATES, Answer, Variables, said, text

MOST_AT_ONCE = 500
INSTRUCTIONS = ("move", "add", "remove", "skip", "set_variables")
#: What an instruction of each type may say beside its type, and what it has to.
_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "move": ({"source", "target", "token_id", "variables"}, {"source", "target"}),
    "add": ({"target", "scope_token_id", "variables"}, {"target"}),
    "remove": ({"source", "token_id"}, {"source"}),
    "skip": ({"source", "token_id", "variables"}, {"source"}),
    "set_variables": ({"source", "token_id", "variables"}, {"variables"}),
}


def _reason(**kwargs: Any) -> fields.String:
    return text(2000, metadata={"description": "Why; kept in the history."}, **kwargs)


def _ids(what: str) -> fields.List:
    return fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE), metadata={"description": what}
    )


# What is taken ------------------------------------------------------------------------------------


class InstructionSchema(Schema):
    """One thing to do to an instance's tokens or data."""

    type = fields.String(required=True, validate=validate.OneOf(INSTRUCTIONS))
    source = text(200, data_key="from", **said("Element at which the token stands."))
    target = text(200, data_key="to", **said("Element before which the token is put."))
    token_id = fields.UUID(**said("Which one, where several stand there (`GET .../tokens`)."))
    scope_token_id = fields.UUID(**said("Which one, where the subprocess around `to` runs several times."))
    variables = Variables()

    @validates_schema(skip_on_field_errors=True)
    def fit_the_type(self, data: dict[str, Any], **_: Any) -> None:
        """Take what an instruction of this type says, and nothing else."""
        allowed, needed = _FIELDS[data["type"]]
        given = data.keys() - {"type"}
        names = {"source": "from", "target": "to"}
        wrong = {names.get(name, name): [f"Not for the type {data['type']}."] for name in given - allowed}
        wrong |= {names.get(name, name): [f"Needed for the type {data['type']}."] for name in needed - given}
        if wrong:
            raise ValidationError(wrong)


class ModifySchema(Schema):
    """What is done to an instance, together or not at all."""

    reason = _reason(required=True)
    instructions = fields.List(
        fields.Nested(InstructionSchema), required=True, validate=validate.Length(min=1, max=200)
    )


class OptionalReasonSchema(Schema):
    """Why something is done, if anybody says so."""

    reason = _reason(load_default=None, allow_none=True)


_COMPENSATE = fields.Boolean(
    load_default=False,
    **said("Let the compensation handlers work first, the last done first; the instance ends when they are through."),
)


class CancelSchema(Schema):
    """Why an instance is ended, and whether what it did is undone."""

    reason = _reason(required=True)
    compensate = _COMPENSATE


class ResetSchema(Schema):
    """To which finished user task an instance goes back."""

    reason = _reason(required=True)
    user_task_id = fields.UUID(required=True, **said("A completed user task of the instance (see its history)."))


class ManyInstancesSchema(Schema):
    """Many instances, and why."""

    process_instance_ids = _ids("At most 500.")
    reason = _reason(required=True)


class CancelManySchema(ManyInstancesSchema):
    """Which instances are ended and why, and whether what they did is undone."""

    compensate = _COMPENSATE


class RetrySchema(Schema):
    """With which variables a failed step runs again."""

    variables = Variables(load_default=dict)


class RetryManySchema(Schema):
    """Which failed steps run again, and with which variables."""

    incident_ids = _ids("At most 500.")
    variables = Variables(load_default=dict)


class MigrateSchema(Schema):
    """From which version to which, and which instances."""

    process_key = text(200, required=True)
    from_version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    to_version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    mapping = fields.Dict(
        keys=text(200), values=text(200), load_default=dict, **said("Renamed elements: from the old id to the new one.")
    )
    process_instance_ids = fields.List(
        fields.UUID(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_AT_ONCE),
        **said("Without it: every open instance of the version that the person may see."),
    )
    dry_run = fields.Boolean(load_default=False, **said("Tell what would happen and change nothing."))
    limit = fields.Integer(
        load_default=100,
        strict=True,
        validate=validate.Range(min=0, max=MOST_AT_ONCE),
        **said("How many instances this call moves at most; 0 answers the plan alone."),
    )
    cursor = fields.UUID(load_default=None, allow_none=True, **said("`next_cursor` of the call before."))


# What is answered ---------------------------------------------------------------------------------


class ProblemOfItemSchema(Answer):
    """Why one item was refused."""

    code = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)


class OutcomeSchema(Answer):
    """What became of one item."""

    id = fields.UUID(required=True)
    done = fields.Boolean(required=True)
    problem = fields.Nested(ProblemOfItemSchema, required=True, allow_none=True)


class OutcomesSchema(Answer):
    """What became of each item."""

    items = fields.List(fields.Nested(OutcomeSchema), required=True)


class TokenSchema(Answer):
    """Where one token stands."""

    token_id = fields.UUID(required=True, **said("That of its user task, where it stands at one."))
    element_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("ready", "waiting", "inside")))
    is_stuck = fields.Boolean(required=True)
    scope_token_id = fields.UUID(required=True, allow_none=True, **said("The subprocess or call it stands in."))


class TokensSchema(Answer):
    """Where the tokens of an instance stand."""

    items = fields.List(fields.Nested(TokenSchema), required=True)


class ObstacleSchema(Answer):
    """What stands in the way of a migration."""

    element_id = fields.String(required=True)
    reason = fields.String(required=True)


class PairSchema(Answer):
    """An element of the one version and what it is in the other."""

    source = fields.String(required=True, data_key="from")
    target = fields.String(required=True, data_key="to")
    type = fields.String(required=True)


class PlanSchema(Answer):
    """Which element is which."""

    pairs = fields.List(fields.Nested(PairSchema), required=True)
    without = fields.List(
        fields.Nested(ObstacleSchema), required=True, **said("No counterpart: a token there keeps its instance back.")
    )


class MigrationReportSchema(OutcomeSchema):
    """What moving one instance did, or would do."""

    state = fields.String(required=True, allow_none=True, validate=validate.OneOf(PROCESS_INSTANCE_STATES))
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    tokens = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()), required=True, **said("`token_id`, `from` and `to`.")
    )
    dropped = fields.List(fields.String(), required=True, **said("Elements no longer waited at."))
    added = fields.List(fields.String(), required=True, **said("Elements waited at in addition."))
    user_tasks = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()), required=True, **said("Those that look different.")
    )


class MigrationSchema(Answer):
    """The plan, and what became of each instance."""

    dry_run = fields.Boolean(required=True)
    plan = fields.Nested(PlanSchema, required=True)
    items = fields.List(fields.Nested(MigrationReportSchema), required=True)
    next_cursor = fields.UUID(required=True, allow_none=True, **said("Hand it back as `cursor`; null at the end."))
