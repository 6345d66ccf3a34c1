"""Names in any script: how they sound, by which keys they are looked up, and how like each other two of them are.

Pure functions without a database. What they return depends on ``RULES_VERSION`` and nothing else.
"""

from typing import Final

from practice.names.readings import Spoken, spoken, taken_apart
from practice.names.score import POSSIBLE, SAME, Match, compare

__all__ = [
    "POSSIBLE",
    "RULES_VERSION",
    "SAME",
    "Match",
    "Spoken",
    "compare",
    "romanised",
    "similar",
    "spoken",
    "taken_apart",
]

#: Grows when the rules change: a stored check says by which rules it was made, and the index is made again.
RULES_VERSION: Final = 2


def similar(one: str, other: str) -> Match:
    """Compare two names as they are written."""
    return compare(spoken(one), spoken(other))


def romanised(name: str) -> list[str]:
    """Return a name in Latin letters, the most usual reading first."""
    return [" ".join(reading.words) for reading in spoken(name).readings]
