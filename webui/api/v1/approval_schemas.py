"""What the API says and takes about approvals, authority and absences."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from tasks.absences.models import REASONS, STATES
from webui.api.v1.schemas import Answer, Instant, UserTaskSchema, said, text

#: Decided in one request at most.
MOST_AT_ONCE = 200


class ShownSchema(Answer):
    """One fact that the form shows."""

    label = fields.String(required=True, allow_none=True, **said("The field's; null for a sentence of the form."))
    value = fields.Raw(required=True)


class ApprovalSchema(Answer):
    """A user task that a yes may complete."""

    user_task = fields.Nested(UserTaskSchema, required=True)
    subject = fields.String(required=True, allow_none=True, **said("What the matter or enquiry is called."))
    facts = fields.List(fields.Nested(ShownSchema), required=True)
    version = fields.String(required=True, **said("Hand it back: what has changed since is not approved."))


class ApprovalRequestSchema(Schema):
    """One of many to approve."""

    user_task_id = fields.UUID(required=True)
    version = text(64, required=True)


class BulkApprovalSchema(Schema):
    """What to approve."""

    items = fields.List(
        fields.Nested(ApprovalRequestSchema), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE)
    )


class ApprovalResultSchema(Answer):
    """What became of one."""

    user_task_id = fields.UUID(required=True)
    result = fields.String(required=True, validate=validate.OneOf(("approved", "dropped")))
    code = fields.String(required=True, allow_none=True, **said("Why it dropped out; the codes of problems."))
    detail = fields.String(required=True, allow_none=True)


class ApprovalResultsSchema(Answer):
    """What became of each, in the order of the request."""

    items = fields.List(fields.Nested(ApprovalResultSchema), required=True)


class AuthorityLimitSchema(Answer):
    """Up to how much somebody may approve."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    group = fields.String(required=True, allow_none=True, attribute="group_name")
    limit = fields.Decimal(required=True, allow_none=True, as_string=True, **said("null: as much as it may be."))
    currency = fields.String(required=True, allow_none=True)
    matter_id = fields.UUID(required=True, allow_none=True)
    client_party_id = fields.UUID(required=True, allow_none=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    created_at = Instant(required=True)
    created_by = fields.String(required=True)
    revoked_at = Instant(required=True, allow_none=True)
    revoked_by = fields.String(required=True, allow_none=True)


class NewAuthorityLimitSchema(Schema):
    """A limit to give."""

    kind = text(60, required=True, **said("As the model's property `authority` calls it."))
    username = text(150, load_default=None, allow_none=True)
    group = text(100, load_default=None, allow_none=True)
    limit = text(20, load_default=None, allow_none=True, **said("A decimal number; null: as much as it may be."))
    currency = text(3, load_default=None, allow_none=True)
    matter = text(40, load_default=None, allow_none=True, **said("Only for the matter with this number."))
    client_of = text(40, load_default=None, allow_none=True, **said("Only for the client of this matter."))
    valid_from = fields.Date(load_default=None, allow_none=True, **said("Local date; null: from today."))
    valid_until = fields.Date(load_default=None, allow_none=True)


class SubstituteSchema(Answer):
    """Who stands in, for what."""

    username = fields.String(required=True)
    process_key = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True)
    with_authority = fields.Boolean(required=True)


class AbsenceSchema(Answer):
    """Somebody is away."""

    number = fields.String(required=True)
    username = fields.String(required=True)
    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(required=True, allow_none=True, **said("null for whom it does not concern."))
    note = fields.String(required=True, allow_none=True, **said("null for whom it does not concern."))
    substitutes = fields.List(fields.Nested(SubstituteSchema), required=True)


class NewSubstituteSchema(Schema):
    """Somebody to stand in."""

    username = text(150, required=True)
    process_key = text(200, load_default=None, allow_none=True)
    kind = text(60, load_default=None, allow_none=True)
    with_authority = fields.Boolean(load_default=False)


class NewAbsenceSchema(Schema):
    """An absence to book."""

    person = text(150, load_default=None, allow_none=True, **said("null: oneself."))
    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    reason = fields.String(load_default="leave", validate=validate.OneOf(REASONS))
    note = text(4000, least=0, load_default=None, allow_none=True)
    substitutes = fields.List(fields.Nested(NewSubstituteSchema), load_default=list, validate=validate.Length(max=20))


class AbsenceDaysSchema(Schema):
    """Days to look at before booking."""

    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    person = text(150, load_default=None, allow_none=True)


class GapSchema(Answer):
    """A group that would have nobody."""

    group = fields.String(required=True)
    title = fields.String(required=True)
    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True)
    waiting = fields.Integer(required=True, **said("Open user tasks that wait for the group just now."))


class GapsSchema(Answer):
    """What an absence would leave uncovered."""

    items = fields.List(fields.Nested(GapSchema), required=True)


class SubstituteNamedSchema(Schema):
    """Who is to stand in for everything."""

    username = text(150, required=True)
