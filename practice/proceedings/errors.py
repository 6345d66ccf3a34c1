"""What proceedings refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class ProceedingNotFound(NotFound):
    """The matter has no such proceeding."""

    code = "proceeding_not_found"
    number: str
    proceeding: str


@dataclass(eq=False, repr=False)
class ProceedingClosed(Conflict):
    """This proceeding is closed; what follows from it is a new one."""

    code = "proceeding_closed"
    number: str
    proceeding: int


@dataclass(eq=False, repr=False)
class PreviousDecisionMissing(Invalid):
    """A higher instance and a remand follow from a decision: record the previous proceeding's decision first."""

    code = "previous_decision_missing"
    field: str
    proceeding: int


@dataclass(eq=False, repr=False)
class ProceedingHasPlannedHearings(Conflict):
    """Hearings are still planned in this proceeding: record how they ended or cancel them."""

    code = "proceeding_has_planned_hearings"
    number: str
    proceeding: int


@dataclass(eq=False, repr=False)
class HearingNotFound(NotFound):
    """There is no such hearing."""

    code = "hearing_not_found"
    hearing_id: str


@dataclass(eq=False, repr=False)
class HearingOver(Conflict):
    """How this hearing ended is on record already."""

    code = "hearing_over"
    hearing_id: str
    state: str


@dataclass(eq=False, repr=False)
class DecisionNotFound(NotFound):
    """There is no such decision."""

    code = "decision_not_found"
    decision_id: str


@dataclass(eq=False, repr=False)
class DecisionServedBefore(Conflict):
    """The day of service is on record already."""

    code = "decision_served_before"
    decision_id: str
    served_on: str


@dataclass(eq=False, repr=False)
class RecoveryNotFound(NotFound):
    """There is no such recovery."""

    code = "recovery_not_found"
    recovery_id: str


@dataclass(eq=False, repr=False)
class RecoveryBelowZero(Conflict):
    """A correction cannot take more than what came in."""

    code = "recovery_below_zero"
    recovery_id: str
