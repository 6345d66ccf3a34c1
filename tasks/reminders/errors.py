"""What is refused about reminders."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class ReminderNotFound(NotFound):
    """Nothing reminds of this user task, or it is not in front of this person."""

    code = "reminder_not_found"
    user_task_id: UUID


@dataclass(eq=False, repr=False)
class ReminderBlocks(Conflict):
    """This reminder ends only when what it waits for has happened; before, its task cannot be completed either."""

    code = "reminder_blocks"
    user_task_id: UUID
    #: The event that ends it.
    ends_with: str


@dataclass(eq=False, repr=False)
class WaiverReasonMissing(Invalid):
    """Whoever waives what a reminder waits for says why, in at most 2,000 characters."""

    code = "waiver_reason_missing"
    field: str = "reason"


@dataclass(eq=False, repr=False)
class EventUnnamed(Invalid):
    """An event needs its name and the user task or the business key that it is about."""

    code = "event_unnamed"
    field: str
