"""What is refused about deadlines, their rules and their calendars."""

from dataclasses import dataclass
from datetime import date

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class PackInvalid(Invalid):
    """A jurisdiction pack says something that cannot be."""

    code = "pack_invalid"
    file: str
    #: Place in the file: ``rules[3].offset.unit``.
    field: str
    problem: str


@dataclass(eq=False, repr=False)
class PackUnknown(Invalid):
    """There is no such jurisdiction pack."""

    code = "pack_unknown"
    field: str
    pack: str


@dataclass(eq=False, repr=False)
class RuleUnknown(Invalid):
    """The jurisdiction pack has no such rule, or none that is in force on this day."""

    code = "rule_unknown"
    field: str
    pack: str
    rule: str
    on: date | None = None


@dataclass(eq=False, repr=False)
class ChainUnknown(Invalid):
    """The jurisdiction pack has no such chain of deadlines."""

    code = "chain_unknown"
    field: str
    pack: str
    chain: str


@dataclass(eq=False, repr=False)
class CalendarUnknown(Invalid):
    """There is no such working calendar."""

    code = "calendar_unknown"
    field: str
    calendar: str


@dataclass(eq=False, repr=False)
class ServiceMethodUnknown(Invalid):
    """The rule does not know this way of service."""

    code = "service_method_unknown"
    field: str
    method: str
    #: Those it knows.
    known: list[str]


@dataclass(eq=False, repr=False)
class DayOutOfRange(Invalid):
    """The day lies outside what can be calculated: the years 1900 to 2200."""

    code = "day_out_of_range"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class DeadlineNotFound(NotFound):
    """There is no such deadline."""

    code = "deadline_not_found"
    deadline_id: str


@dataclass(eq=False, repr=False)
class DeadlineEnded(Conflict):
    """The deadline is no longer open."""

    code = "deadline_ended"
    deadline_id: str
    state: str


@dataclass(eq=False, repr=False)
class SecondPersonNeeded(Conflict):
    """Somebody else has to do this: nobody verifies or ends a fatal deadline alone."""

    code = "second_person_needed"
    deadline_id: str
    #: Who did the first part.
    username: str


@dataclass(eq=False, repr=False)
class DeadlineSourceMissing(Invalid):
    """A deadline is compared with a document: say which, and what it says."""

    code = "deadline_source_missing"
    field: str


@dataclass(eq=False, repr=False)
class SourceNotSeen(Invalid):
    """Whoever verifies a deadline confirms to have compared it with the document."""

    code = "source_not_seen"
    field: str = "document_seen"


@dataclass(eq=False, repr=False)
class ReasonMissing(Invalid):
    """A change of a deadline needs a reason."""

    code = "reason_missing"
    field: str = "reason"


@dataclass(eq=False, repr=False)
class DeadlineDiffers(Conflict):
    """The day verified is not the day on record; record the other day as a change first."""

    code = "deadline_differs"
    deadline_id: str
    on: date | None
    given: date | None


@dataclass(eq=False, repr=False)
class RequestNotOpen(Conflict):
    """There is no such request to end this deadline, or it has been decided."""

    code = "deadline_request_not_open"
    deadline_id: str


@dataclass(eq=False, repr=False)
class RequestOpen(Conflict):
    """Somebody has asked already to end this deadline; a second person decides on that first."""

    code = "deadline_request_open"
    deadline_id: str
    requested_by: str


@dataclass(eq=False, repr=False)
class StayInvalid(Invalid):
    """A stay ends on or after the day on which it begins, and does not overlap another of its matter."""

    code = "stay_invalid"
    field: str


@dataclass(eq=False, repr=False)
class StayNotFound(NotFound):
    """There is no such stay."""

    code = "stay_not_found"
    stay_id: str


@dataclass(eq=False, repr=False)
class MayNotKeepDeadlines(Forbidden):
    """This takes a right that the person does not have."""

    code = "may_not_keep_deadlines"
    right: str


@dataclass(eq=False, repr=False)
class CalendarFileInvalid(Invalid):
    """The file of days cannot be taken in; nothing of it was."""

    code = "calendar_file_invalid"
    field: str
    #: 0: the file as a whole.
    line: int
    #: ``too_large``, ``not_utf8``, ``no_csv``, ``no_heading``, ``too_many``, ``incomplete``, ``no_date``,
    #: ``neither_yes_nor_no``, ``twice``, ``empty`` or ``too_long``.
    problem: str
