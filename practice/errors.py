"""What the practice refuses, beside the engine's own refusals."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class VariableMissing(Invalid):
    """A value that is needed here is missing."""

    code = "variable_missing"
    field: str


@dataclass(eq=False, repr=False)
class VariableInvalid(Invalid):
    """A value has the wrong type or is too long."""

    code = "variable_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class CaseTypeUnknown(Invalid):
    """No deployed process carries this case type."""

    code = "case_type_unknown"
    field: str
    case_type: str


@dataclass(eq=False, repr=False)
class NotAnActiveLawyer(Invalid):
    """The person who is to be responsible is not an active lawyer of the firm."""

    code = "not_an_active_lawyer"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class NotAnActivePerson(Invalid):
    """Nobody active in the firm has this username."""

    code = "not_an_active_person"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class AmountInvalid(Invalid):
    """The amount is not a sum of money in its currency."""

    code = "amount_invalid"
    field: str
    value: str
    #: Digits after the point that the currency has; None when they are not the reason.
    decimals: int | None = None


@dataclass(eq=False, repr=False)
class CurrencyUnknown(Invalid):
    """There is no such currency in ISO 4217."""

    code = "currency_unknown"
    field: str
    currency: str


@dataclass(eq=False, repr=False)
class SamePartyTwice(Invalid):
    """Client and opponent have the same name."""

    code = "same_party_twice"
    field: str
    name: str


@dataclass(eq=False, repr=False)
class CursorInvalid(Invalid):
    """The cursor does not come from a page of this list."""

    code = "cursor_invalid"
    cursor: str


@dataclass(eq=False, repr=False)
class UserNotFound(NotFound):
    """There is no such person."""

    code = "user_not_found"
    username: str


@dataclass(eq=False, repr=False)
class UsernameTaken(Conflict):
    """Somebody of this username is known already."""

    code = "username_taken"
    username: str


@dataclass(eq=False, repr=False)
class UsernameInvalid(Invalid):
    """A username is 1 to 60 lower-case letters a-z, digits, dots, hyphens or underscores and starts with a letter."""

    code = "username_invalid"
    username: str


@dataclass(eq=False, repr=False)
class FullNameMissing(Invalid):
    """A person needs a name of at most 200 characters."""

    code = "full_name_missing"
    username: str


@dataclass(eq=False, repr=False)
class PasswordUnfit(Invalid):
    """A password has 10 to 1,024 characters."""

    code = "password_unfit"
    at_least: int = 10
    at_most: int = 1024


@dataclass(eq=False, repr=False)
class GroupUnknown(Invalid):
    """There is no such group."""

    code = "group_unknown"
    group: str


@dataclass(eq=False, repr=False)
class UserInactive(Conflict):
    """This person no longer works here."""

    code = "user_inactive"
    username: str


@dataclass(eq=False, repr=False)
class LastAdministrator(Conflict):
    """Somebody has to remain who can manage the firm's users."""

    code = "last_administrator"
    username: str


@dataclass(eq=False, repr=False)
class ApiTokenNotFound(NotFound):
    """There is no such token."""

    code = "api_token_not_found"
    api_token_id: str


@dataclass(eq=False, repr=False)
class EnquiryNotFound(NotFound):
    """There is no such enquiry."""

    code = "enquiry_not_found"
    number: str


@dataclass(eq=False, repr=False)
class EnquiryClosed(Conflict):
    """This enquiry has been decided already."""

    code = "enquiry_closed"
    number: str
    state: str


@dataclass(eq=False, repr=False)
class MatterNotFound(NotFound):
    """There is no such matter."""

    code = "matter_not_found"
    number: str


@dataclass(eq=False, repr=False)
class MatterArchived(Conflict):
    """An archived matter is read-only."""

    code = "matter_archived"
    number: str


@dataclass(eq=False, repr=False)
class MatterHasOpenWork(Conflict):
    """A matter with open user tasks cannot be archived."""

    code = "matter_has_open_work"
    number: str
    #: Names of the tasks that are open.
    open_user_tasks: list[str]


@dataclass(eq=False, repr=False)
class ConflictCheckMissing(Invalid):
    """No matter is opened before the names in the enquiry have been checked."""

    code = "conflict_check_missing"
    number: str


@dataclass(eq=False, repr=False)
class ConflictCheckOutdated(Invalid):
    """The names have changed since they were checked; the check has to be made again."""

    code = "conflict_check_outdated"
    number: str
    #: The name that was not among those checked.
    name: str


@dataclass(eq=False, repr=False)
class ConflictIsAbsolute(Invalid):
    """The firm acts for the other side; nobody can open this matter."""

    code = "conflict_is_absolute"
    number: str
    #: In words: with whom and in which matter.
    reasons: list[str]
