"""What keeping hours refuses."""

from dataclasses import dataclass
from datetime import date

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class TimeEntryNotFound(NotFound):
    """There is no such line of hours."""

    code = "time_entry_not_found"
    time_entry_id: str


@dataclass(eq=False, repr=False)
class TimesheetNotFound(NotFound):
    """There is no such sheet."""

    code = "timesheet_not_found"
    number: str


@dataclass(eq=False, repr=False)
class HoursLocked(Conflict):
    """These hours have been handed in or approved; a correction is a new line."""

    code = "hours_locked"
    time_entry_id: str
    state: str


@dataclass(eq=False, repr=False)
class HoursChanged(Conflict):
    """The line was changed in another window."""

    code = "hours_changed"
    time_entry_id: str
    version: int


@dataclass(eq=False, repr=False)
class HoursInvalid(Invalid):
    """Hours are written as 1.5, 1:30 or 90m; a day has 24 of them."""

    code = "hours_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class DayClosed(Invalid):
    """Hours are kept for days up to today, until three days after the end of their month."""

    code = "day_closed"
    field: str
    on_day: date


@dataclass(eq=False, repr=False)
class HoursMatterUnknown(Invalid):
    """There is no such open matter, or it is not for the person who names it."""

    code = "hours_matter_unknown"
    field: str
    number: str


@dataclass(eq=False, repr=False)
class NothingEntered(Invalid):
    """There is no line to hand in for this day: enter one, or say why there is none."""

    code = "nothing_entered"
    field: str
    on_day: date


@dataclass(eq=False, repr=False)
class LineIncomplete(Invalid):
    """A line that is handed in has a matter, hours and what was done."""

    code = "line_incomplete"
    field: str
    time_entry_id: str


@dataclass(eq=False, repr=False)
class OwnHours(Invalid):
    """Nobody decides about their own hours."""

    code = "own_hours"
    username: str


@dataclass(eq=False, repr=False)
class NotTheLeader(Forbidden):
    """Only who leads this person, or may approve hours, decides about them."""

    code = "not_the_leader"
    username: str


@dataclass(eq=False, repr=False)
class ReturnReasonMissing(Invalid):
    """Whoever returns hours says why."""

    code = "return_reason_missing"
    field: str


@dataclass(eq=False, repr=False)
class CorrectionTooLarge(Invalid):
    """A correction takes away at most what the line has."""

    code = "correction_too_large"
    field: str
    minutes: int
