"""What the register of letters refuses."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class LetterNotFound(NotFound):
    """There is no such letter."""

    code = "letter_not_found"
    number: str


@dataclass(eq=False, repr=False)
class LetterClosed(Conflict):
    """This letter has been dealt with already."""

    code = "letter_closed"
    number: str


@dataclass(eq=False, repr=False)
class HandOverReasonMissing(Invalid):
    """Whoever hands a letter on says why."""

    code = "hand_over_reason_missing"
    field: str
    number: str


@dataclass(eq=False, repr=False)
class RecipientUnclear(Invalid):
    """A letter goes to one person or to one department, and to nobody else at the same time."""

    code = "recipient_unclear"
    field: str


@dataclass(eq=False, repr=False)
class DepartmentEmpty(Invalid):
    """Nobody in this department could accept the letter."""

    code = "department_empty"
    field: str
    department: str


@dataclass(eq=False, repr=False)
class LetterMatterUnknown(Invalid):
    """There is no such open matter, or it is not for the person who names it."""

    code = "letter_matter_unknown"
    field: str
    number: str
