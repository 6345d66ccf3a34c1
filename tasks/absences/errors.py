"""What absences refuse."""

from dataclasses import dataclass
from datetime import date

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class AbsenceNotFound(NotFound):
    """There is no such absence."""

    code = "absence_not_found"
    number: str


@dataclass(eq=False, repr=False)
class AbsenceNotInState(Conflict):
    """The absence is not in a state in which this can be done."""

    code = "absence_not_in_state"
    number: str
    state: str


@dataclass(eq=False, repr=False)
class AbsencesOverlap(Invalid):
    """The person is away on some of these days already."""

    code = "absences_overlap"
    field: str
    number: str


@dataclass(eq=False, repr=False)
class BookedForAnother(Invalid):
    """Only people themselves and those who may give out work book an absence."""

    code = "booked_for_another"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class AbsenceOfAnother(Forbidden):
    """Only who is away, who booked it and who may give out work change an absence."""

    code = "absence_of_another"
    username: str


@dataclass(eq=False, repr=False)
class AbsenceTooLong(Invalid):
    """An absence ends at or after its first day, is not over yet, and lasts at most two years."""

    code = "absence_too_long"
    field: str
    day: date


@dataclass(eq=False, repr=False)
class SubstituteUnfit(Invalid):
    """This person cannot stand in: they are away themselves, come from outside, or are the one who is away."""

    code = "substitute_unfit"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class SubstitutesClash(Invalid):
    """Two substitutes are named for the same work."""

    code = "substitutes_clash"
    field: str
