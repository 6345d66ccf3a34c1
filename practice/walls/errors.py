"""What walls refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class WallNotFound(NotFound):
    """There is no such wall."""

    code = "wall_not_found"
    number: str


@dataclass(eq=False, repr=False)
class WallNotInState(Conflict):
    """The wall is not in a state in which this can be done."""

    code = "wall_not_in_state"
    number: str
    state: str


@dataclass(eq=False, repr=False)
class PersonOnBothSides(Invalid):
    """Nobody can be on both sides of a wall."""

    code = "person_on_both_sides"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class ResponsibleKeptOut(Invalid):
    """The wall would keep the lawyer out who answers for the matter; hand the matter over first."""

    code = "responsible_kept_out"
    field: str
    number: str
    username: str


@dataclass(eq=False, repr=False)
class PersonKeptOut(Invalid):
    """A wall keeps this person out; they cannot be given this work."""

    code = "person_kept_out"
    field: str
    username: str


@dataclass(eq=False, repr=False)
class KeptOutDecides(Invalid):
    """A person whom the wall keeps out neither approves nor lifts it."""

    code = "kept_out_decides"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class SecondPersonNeeded(Invalid):
    """A wall is lifted by two people: another one has to agree."""

    code = "second_person_needed"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class AcknowledgesForAnother(Invalid):
    """Everybody acknowledges a wall in person."""

    code = "acknowledges_for_another"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class MatterUnknown(Invalid):
    """There is no matter or enquiry of this number, or it is not for the person who asks."""

    code = "matter_unknown"
    field: str
    number: str
