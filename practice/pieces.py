"""Pieces of queries that are put together once for each person."""

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

Asked = ParamSpec("Asked")
Piece = TypeVar("Piece")


def once(make: Callable[Asked, Piece]) -> Callable[Asked, Piece]:
    """Put a piece together once for each person: that takes longer than the database needs for it.

    What is kept may not depend on ``actor.at``, in which alone two actors may differ and be equal.
    """
    return cast(Callable[Asked, Piece], lru_cache(4096)(make))
