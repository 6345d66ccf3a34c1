"""What this package refuses, beside what the layers below refuse."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class DraftOutdated(Conflict):
    """This form was saved from another window meanwhile."""

    code = "draft_outdated"
    #: The version that is stored.
    version: int


@dataclass(eq=False, repr=False)
class DraftTooLarge(Invalid):
    """A draft holds at most 256 KiB."""

    code = "draft_too_large"
    size: int


@dataclass(eq=False, repr=False)
class FilterInvalid(Invalid):
    """The list cannot be filtered like this."""

    code = "filter_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class PersonMayNotKnow(Invalid):
    """This person may not know of the matter, so they cannot be brought into its work."""

    code = "person_may_not_know"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class NotForOneself(Invalid):
    """This is for somebody else than oneself."""

    code = "not_for_oneself"
    field: str


@dataclass(eq=False, repr=False)
class NotOnTheTask(Forbidden):
    """Only who works on this user task, or assigns work, does this."""

    code = "not_on_the_task"
    user_task_id: UUID
    username: str


@dataclass(eq=False, repr=False)
class CommentEmpty(Invalid):
    """A comment says something."""

    code = "comment_empty"
    field: str = "body"


@dataclass(eq=False, repr=False)
class CommentNotFound(NotFound):
    """There is no such comment of this person."""

    code = "comment_not_found"
    comment_id: UUID


@dataclass(eq=False, repr=False)
class HelperNotFound(NotFound):
    """This person does not help with the user task."""

    code = "helper_not_found"
    user_task_id: UUID
    username: str


@dataclass(eq=False, repr=False)
class QuestionNotFound(NotFound):
    """There is no such question for this person."""

    code = "question_not_found"
    question_id: UUID


@dataclass(eq=False, repr=False)
class QuestionClosed(Conflict):
    """This question was answered or taken back already."""

    code = "question_closed"
    question_id: UUID


@dataclass(eq=False, repr=False)
class DraftCopyNotFound(NotFound):
    """Nothing is kept beside this draft under this name."""

    code = "draft_copy_not_found"
    copy_id: UUID


@dataclass(eq=False, repr=False)
class FormChanged(Conflict):
    """The form was changed while it was open; what was typed is kept as a draft."""

    code = "form_changed"
    #: Digest of the form as it is now.
    form_digest: str
