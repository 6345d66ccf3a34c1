"""What a database was found to have much of: it decides how a list is read, and nothing else depends on it."""

from collections.abc import Hashable
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

#: Names that are remembered of a database; then all are forgotten.
_MOST: Final = 10_000
#: Times that a name is answered for before it is to be counted again: a group may have worked its list off.
_TIMES: Final = 1_000


class Much:
    """Names, of words, tags or groups, that were counted and found to have many rows; a process remembers its own."""

    def __init__(self) -> None:
        self._left: WeakKeyDictionary[Engine, dict[Hashable, int]] = WeakKeyDictionary()

    def has(self, session: Session, name: Hashable) -> bool:
        """Say whether many were found, not long ago."""
        of_database = self._left.get(session.get_bind().engine)
        left = of_database.get(name, 0) if of_database else 0
        if of_database and left:
            of_database[name] = left - 1
        return left > 0

    def note(self, session: Session, name: Hashable) -> None:
        """Remember that many were found."""
        of_database = self._left.setdefault(session.get_bind().engine, {})
        if len(of_database) >= _MOST:
            of_database.clear()
        of_database[name] = _TIMES
