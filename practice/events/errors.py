"""What events refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, NotFound


@dataclass(eq=False, repr=False)
class EventNotFound(NotFound):
    """There is no such event, or it is not for the person who asks."""

    code = "event_not_found"
    event_id: str


@dataclass(eq=False, repr=False)
class EventOver(Conflict):
    """This event has ended or was cancelled."""

    code = "event_over"
    event_id: str
    state: str


@dataclass(eq=False, repr=False)
class NotResponsible(Forbidden):
    """Only the people responsible for an event say that their part of it is done."""

    code = "not_responsible"
    event_id: str
    username: str


@dataclass(eq=False, repr=False)
class KindNotOpen(Forbidden):
    """Events of this kind are not open to the person who asks."""

    code = "event_kind_not_open"
    kind: str
    username: str
