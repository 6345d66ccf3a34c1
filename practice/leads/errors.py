"""What the records of leads refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, NotFound


@dataclass(eq=False, repr=False)
class LeadNotFound(NotFound):
    """There is no such lead."""

    code = "lead_not_found"
    number: str


@dataclass(eq=False, repr=False)
class LeadClosed(Conflict):
    """This lead was won or lost already."""

    code = "lead_closed"
    number: str
    state: str
