"""Who else may need a wall; asked in the transaction in which somebody wants it lifted."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.walls.models import Wall

#: Called with a wall that is up and is to be lifted; refuses when something rests on it.
before_lift: Final[list[Callable[[Session, Wall, Actor], None]]] = []


def require_not_needed(session: Session, wall: Wall, *, by: Actor) -> None:
    """Ask everybody who may rest on the wall."""
    for ask in before_lift:
        ask(session, wall, by)
