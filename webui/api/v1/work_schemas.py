"""What the work on one user task and documents answer and take."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from practice.documents.models import CLASSES
from webui.api.v1.schemas import Answer, Instant, UserTaskSchema, said, text

# What is answered ---------------------------------------------------------------------------------


class DocumentVersionSchema(Answer):
    """What a document was at one time."""

    number = fields.Integer(required=True)
    file_name = fields.String(required=True)
    sha256 = fields.String(required=True, **said("Of the content, in hexadecimal."))
    size = fields.Integer(required=True, **said("Bytes."))
    media_type = fields.String(required=True, **said("Found out from the content."))
    note = fields.String(required=True, allow_none=True)
    added_at = Instant(required=True)
    added_by = fields.String(required=True)


class DocumentSchema(Answer):
    """A document."""

    id = fields.UUID(required=True)
    owner_kind = fields.String(required=True, **said("`matter`, `enquiry`, `person` (not filed yet), ..."))
    owner = fields.String(required=True, **said("The owner's number."))
    title = fields.String(required=True)
    doc_class = fields.String(required=True, validate=validate.OneOf(CLASSES))
    user_task_id = fields.UUID(required=True, allow_none=True, **said("The user task it was brought in with."))
    version = fields.Integer(required=True, **said("Number of the newest version."))
    created_at = Instant(required=True)
    created_by = fields.String(required=True)
    changed_at = Instant(required=True)
    withdrawn_at = Instant(required=True, allow_none=True)
    withdrawn_by = fields.String(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)


class FiledSchema(DocumentSchema):
    """A document and its newest version."""

    newest = fields.Nested(DocumentVersionSchema, required=True)


class DocumentVersionsSchema(Answer):
    """Every version of a document, the newest first."""

    items = fields.List(fields.Nested(DocumentVersionSchema), required=True)


class TaskDraftSchema(Answer):
    """What somebody typed and has not sent."""

    username = fields.String(required=True)
    values = fields.Dict(required=True, **said("Answers by the form's keys, unchecked."))
    version = fields.Integer(required=True)
    saved_at = Instant(required=True)
    form_digest = fields.String(required=True, allow_none=True, **said("Names the form that it was typed into."))


class DraftCopySchema(Answer):
    """What was typed over an older version, and is kept beside the draft."""

    id = fields.UUID(required=True)
    values = fields.Dict(required=True)
    based_on = fields.Integer(required=True, **said("The version that it was typed over."))
    saved_at = Instant(required=True)


class SavedDraftSchema(TaskDraftSchema):
    """The draft as it is now; `beside` is where this was kept when another window had saved meanwhile."""

    beside = fields.Nested(DraftCopySchema, required=True, allow_none=True)


class OwnDraftSchema(Answer):
    """One's draft, null when there is none, and what is kept beside it."""

    draft = fields.Nested(TaskDraftSchema, required=True, allow_none=True)
    copies = fields.List(fields.Nested(DraftCopySchema), required=True)


class TaskDraftsSchema(Answer):
    """What helpers have typed."""

    items = fields.List(fields.Nested(TaskDraftSchema), required=True)


class CommentSchema(Answer):
    """Something somebody said about a user task."""

    id = fields.UUID(required=True)
    user_task_id = fields.UUID(required=True)
    author = fields.String(required=True)
    body = fields.String(required=True, **said("Plain text; a dash when it was taken back."))
    mentions = fields.List(fields.String(), required=True, **said("Whom it names and who were told."))
    created_at = Instant(required=True)
    withdrawn_at = Instant(required=True, allow_none=True)


class HelperSchema(Answer):
    """Somebody who helps with a user task."""

    username = fields.String(required=True)
    added_by = fields.String(required=True)
    added_at = Instant(required=True)


class HelpersSchema(Answer):
    """Who helps with a user task."""

    items = fields.List(fields.Nested(HelperSchema), required=True)


class QuestionSchema(Answer):
    """A question about a user task."""

    id = fields.UUID(required=True)
    user_task_id = fields.UUID(required=True)
    asked_by = fields.String(required=True)
    asked_of = fields.String(required=True)
    question = fields.String(required=True)
    asked_at = Instant(required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = Instant(required=True, allow_none=True)
    withdrawn_at = Instant(required=True, allow_none=True)


class QuestionsSchema(Answer):
    """Questions."""

    items = fields.List(fields.Nested(QuestionSchema), required=True)


class HandedBackSchema(UserTaskSchema):
    """A delegated user task that is its owner's again."""

    with_draft = fields.Boolean(required=True, **said("Whether something the delegate had typed went along."))


# What is taken ------------------------------------------------------------------------------------


class ChangedDocumentSchema(Schema):
    """What to call a document, and what sort of paper it is."""

    title = text(200)
    doc_class = fields.String(validate=validate.OneOf(CLASSES))


class WithdrawnDocumentSchema(Schema):
    """Why a document is taken off the file."""

    reason = text(500, required=True)


class NewDraftSchema(Schema):
    """A half-filled form."""

    values = fields.Dict(keys=fields.String(), required=True, **said("Answers by the form's keys."))
    version = fields.Integer(
        load_default=None, allow_none=True, **said("The version that was loaded, 0 for none; null: the last one wins.")
    )
    form_digest = text(64, load_default=None, allow_none=True)


class NewCommentSchema(Schema):
    """What to say about a user task."""

    body = text(4000, required=True, **said("Plain text; `@username` names a person."))


class NewHelperSchema(Schema):
    """Who is to help."""

    username = text(150, required=True)


class NewQuestionSchema(Schema):
    """Whom to ask what."""

    of = text(150, required=True, **said("A username."))
    question = text(4000, required=True)


class AnswerToQuestionSchema(Schema):
    """What to answer."""

    answer = text(4000, required=True)
