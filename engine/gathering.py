"""What the steps of one transaction write, gathered and sent together: one statement for all of them, not for each.

Each step's statements are carried out in its own order, those of different steps in any: they move different instances
and write different rows. Whatever else asks the same connection something, through SQLAlchemy or prepared, first has
what was gathered sent, so it reads what was written. A savepoint holds what was gathered since it began.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from engine.prepared import GATHERED

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from engine.prepared import Prepared, Work

#: Rows and bytes of binary values that are kept at most: memory, and the size of one statement.
MOST_ROWS = 2_000
MOST_BYTES = 8 << 20


class _Slot:
    """One statement and its rows."""

    __slots__ = ("heavy", "names", "refusal", "rows", "statement")

    def __init__(self, statement: Prepared, row: Mapping[str, Any]) -> None:
        self.statement = statement
        self.names = tuple(row)
        #: Names of its binary values.
        self.heavy = [name for name, value in row.items() if isinstance(value, bytes)]
        self.rows: list[Any] = []
        #: Raised when the statement does not touch as many rows as there are.
        self.refusal: Exception | None = None


class Gathered:
    """Statements in an order that is right for each step, with the rows of all steps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._slots: list[_Slot] = []
        self._rows = self._bytes = 0
        #: Grows with all that is gathered, and with all that is sent meanwhile.
        self.changes = 0

    def add(self, work: Work, *, refusal: Exception) -> None:
        """Keep a step's statements, in order; ``refusal`` is raised when the first has nothing to write to."""
        self.changes += 1
        place = -1
        for number, (statement, parameters) in enumerate(work):
            rows = parameters if isinstance(parameters, Sequence) else [parameters]
            place = self._place_of(statement, rows[0], place)
            slot = self._slots[place]
            slot.rows.extend(rows)
            if number == 0:
                slot.refusal = refusal
            self._rows += len(rows)
            for name in slot.heavy:
                self._bytes += sum(len(row[name] or b"") for row in rows)
        if self._rows > MOST_ROWS or self._bytes > MOST_BYTES:
            self.send()

    def _place_of(self, statement: Prepared, row: Mapping[str, Any], after: int) -> int:
        """Find or make the statement's place behind that of the one before it in its step."""
        names = tuple(row)
        for place, slot in enumerate(self._slots):
            if slot.statement is statement and slot.names == names:
                if place > after:
                    return place
                self.send()  # its step has it later than another one: what came first goes first
                after = -1
                break
        self._slots.insert(after + 1, _Slot(statement, row))
        return after + 1

    def send(self) -> None:
        """Write all that was gathered."""
        slots, self._slots = self._slots, []
        self._rows = self._bytes = 0
        for slot in slots:
            touched = slot.statement.run_many(self._connection, slot.rows)
            if slot.refusal is not None and touched != len(slot.rows):
                raise slot.refusal

    def before_other(self) -> None:
        """Let somebody else's statement find what was gathered."""
        self.changes += 1
        if self._slots:
            self.send()

    def drop(self) -> None:
        """Forget what was gathered: it is rolled back."""
        self.changes += 1
        self._slots = []
        self._rows = self._bytes = 0


@contextmanager
def gathering(session: Session) -> Generator[Gathered]:
    """Gather what steps write in this session until the end, or until somebody asks the database something."""
    connection = session.connection()
    info: Any = connection.info
    gathered = info[GATHERED] = Gathered(connection)

    def before(*_: Any) -> None:
        gathered.before_other()

    def rolled_back(*_: Any) -> None:
        gathered.drop()

    event.listen(connection, "before_cursor_execute", before)
    event.listen(connection, "rollback_savepoint", rolled_back)
    try:
        yield gathered
        gathered.send()
    finally:
        del info[GATHERED]
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "rollback_savepoint", rolled_back)


def of(connection: Connection) -> Gathered | None:
    """Return what gathers on this connection, if anything does."""
    return connection.info.get(GATHERED)
