"""Values that may not lie in an instance's data: whoever takes them into safekeeping puts something in their place.

The engine knows no kinds of values. What comes from outside passes here after it was checked and before it
is stored anywhere: in an instance, in its history, in a message that waits.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from engine.actor import Actor

#: Returns the values that may be stored, the same object when there is nothing to keep.
Keeper = Callable[[Session, dict[str, Any], Actor, datetime], dict[str, Any]]

_keepers: Final[list[Keeper]] = []


def use(keeper: Keeper) -> None:
    """Let a keeper see every value that comes in; naming it twice changes nothing."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def forget(keeper: Keeper) -> None:
    """Stop asking a keeper."""
    if keeper in _keepers:
        _keepers.remove(keeper)


def storable(session: Session, values: dict[str, Any], *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the values as they may be stored."""
    for keeper in _keepers:
        values = keeper(session, values, by, now)
    return values
