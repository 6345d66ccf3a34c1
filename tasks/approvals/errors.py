"""What deciding many things at once, and by mail, refuses."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class InputNeeded(Invalid):
    """This needs more than a yes: open it and fill it in."""

    code = "input_needed"
    user_task_id: UUID
    #: What is missing, a sentence for each field; empty when the model names no answers that approve.
    fields: dict[str, str]


@dataclass(eq=False, repr=False)
class ChangedSinceShown(Conflict):
    """This has changed since it was shown; look at it again."""

    code = "changed_since_shown"
    user_task_id: UUID


@dataclass(eq=False, repr=False)
class ApprovalLinkDead(NotFound):
    """This link does not work any more: it was used, has run out, or the work is with somebody else."""

    code = "approval_link_dead"
