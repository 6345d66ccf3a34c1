"""What the limits of authority refuse."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class AuthorityExceeded(Forbidden):
    """This is beyond what the person may approve."""

    code = "authority_exceeded"
    kind: str
    username: str
    #: What would be approved, as a decimal number; None when it has no amount.
    amount: str | None = None
    currency: str | None = None


@dataclass(eq=False, repr=False)
class AuthorityLimitNotFound(NotFound):
    """There is no such limit of authority."""

    code = "authority_limit_not_found"
    authority_limit_id: UUID


@dataclass(eq=False, repr=False)
class AuthorityLimitRevoked(Conflict):
    """The limit of authority was revoked already."""

    code = "authority_limit_revoked"
    authority_limit_id: UUID


@dataclass(eq=False, repr=False)
class AuthorityForOneself(Forbidden):
    """Nobody gives authority to themselves or to a group they belong to."""

    code = "authority_for_oneself"
    username: str


@dataclass(eq=False, repr=False)
class NobodyNamed(Invalid):
    """A limit is for one person or for one group."""

    code = "nobody_named"
    field: str
