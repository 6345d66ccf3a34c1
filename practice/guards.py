"""Guards that several nouns share."""

from engine.actor import Actor
from engine.errors import RightMissing


def require_right(by: Actor, right: str) -> None:
    """Refuse whoever lacks a named right.

    Raises:
        RightMissing.
    """
    if not by.may(right):
        raise RightMissing(right, by.username)
