"""What the contact points refuse. No field ever holds the value itself: errors are shown and logged."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class ContactPointNotFound(NotFound):
    """There is no such contact point."""

    code = "contact_point_not_found"
    contact_point_id: str


@dataclass(eq=False, repr=False)
class ContactValueInvalid(Invalid):
    """This is no telephone number, no e-mail address, ... of the kind that it should be."""

    code = "contact_value_invalid"
    field: str
    kind: str


@dataclass(eq=False, repr=False)
class SealedUnderAnotherKey(Conflict):
    """The contact details were sealed under another key than the one in MATTERFLOW_DATA_DIR; bring that key back."""

    code = "sealed_under_another_key"


@dataclass(eq=False, repr=False)
class UnmaskingNotFound(NotFound):
    """There is no such request."""

    code = "unmasking_not_found"
    unmasking_id: str


@dataclass(eq=False, repr=False)
class UnmaskingNotOpen(Conflict):
    """This request has been decided, used or has lapsed."""

    code = "unmasking_not_open"
    unmasking_id: str
    state: str


@dataclass(eq=False, repr=False)
class OwnRequest(Forbidden):
    """Nobody consents to their own request; a second person has to."""

    code = "own_request"
    unmasking_id: str
