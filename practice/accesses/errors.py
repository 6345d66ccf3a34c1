"""What is refused around access."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class BreachCaseNotFound(NotFound):
    """There is no such case."""

    code = "breach_case_not_found"
    number: str


@dataclass(eq=False, repr=False)
class BreachCaseClosed(Conflict):
    """This case has been decided already."""

    code = "breach_case_closed"
    number: str


@dataclass(eq=False, repr=False)
class OwnCase(Invalid):
    """Nobody decides about their own attempt."""

    code = "own_case"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class FindingMissing(Invalid):
    """A case is closed only with a finding."""

    code = "finding_missing"
    number: str


@dataclass(eq=False, repr=False)
class ExplainsForAnother(Invalid):
    """Only the person concerned explains an attempt, or who hears them."""

    code = "explains_for_another"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class EmergencyAccessNotNeeded(Conflict):
    """This matter is open to the person who asks anyway."""

    code = "emergency_access_not_needed"
    number: str


@dataclass(eq=False, repr=False)
class AccountNotLocked(Conflict):
    """This account is not locked."""

    code = "account_not_locked"
    username: str


@dataclass(eq=False, repr=False)
class OwnAccount(Forbidden):
    """Nobody locks or opens their own account."""

    code = "own_account"
    username: str


@dataclass(eq=False, repr=False)
class CaseDecides(Conflict):
    """This account was locked because of a case; it opens when the case is decided."""

    code = "case_decides"
    username: str
    number: str


@dataclass(eq=False, repr=False)
class LockReasonMissing(Invalid):
    """Locking or opening an account needs a reason of at most 2,000 characters."""

    code = "lock_reason_missing"
    field: str
