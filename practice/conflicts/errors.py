"""What conflict checks refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class ConflictCheckNotFound(NotFound):
    """There is no such conflict check."""

    code = "conflict_check_not_found"
    conflict_check_id: str


@dataclass(eq=False, repr=False)
class ConflictNotDecided(Invalid):
    """The check found a relative conflict, and nobody has decided that the firm may act."""

    code = "conflict_not_decided"
    number: str
    #: In words: with whom and where.
    reasons: list[str]


@dataclass(eq=False, repr=False)
class ConsentMissing(Invalid):
    """A relative conflict needs the written consent of those concerned and a wall."""

    code = "consent_missing"
    conflict_check_id: str
    fields: list[str]


@dataclass(eq=False, repr=False)
class ConsentWallMissing(Invalid):
    """The relative conflict was approved with a wall, and none is up around the enquiry."""

    code = "consent_wall_missing"
    number: str
    #: What the decision says of it: a number, or in words who is to be kept out.
    wall: str


@dataclass(eq=False, repr=False)
class ConsentWallNotUp(Invalid):
    """The wall with which the relative conflict was approved is not up."""

    code = "consent_wall_not_up"
    number: str
    wall: str
    #: ``requested``, ``refused`` or ``lifted``.
    state: str


@dataclass(eq=False, repr=False)
class WallHoldsConflict(Conflict):
    """The conflict of an open matter was approved with this wall, and the matter still needs it."""

    code = "wall_holds_conflict"
    wall: str
    #: Numbers of the matters, so far as who asks may see them.
    matters: list[str]


@dataclass(eq=False, repr=False)
class OwnCheckDecided(Forbidden):
    """Who made a check does not decide about it: that takes a second person."""

    code = "own_check_decided"
    conflict_check_id: str
    username: str


@dataclass(eq=False, repr=False)
class NothingToDecide(Conflict):
    """The check found nothing that has to be decided."""

    code = "nothing_to_decide"
    conflict_check_id: str


@dataclass(eq=False, repr=False)
class InterestNotFound(NotFound):
    """There is no such interest, or it is somebody else's."""

    code = "interest_not_found"
    interest_id: str
