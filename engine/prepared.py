"""Statements of the hot path, compiled once for each database and sent straight to its driver.

SQLAlchemy's ``execute`` looks a statement up, works its parameters out and wraps its result anew each time; for the
statements of a step that costs more than the database does (measured on SQLite: 0.08 ms for a SELECT of one row and
0.05 for an UPDATE, against 0.02 and 0.01 from here). What is prepared still lives in SQLAlchemy's transaction, is
compiled by its dialect, and writes and reads values as its column types do.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast
from uuid import UUID, SafeUUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from engine.many_rows import ManyRows
from engine.models.base import UtcDateTime

_Values = Mapping[str, Any]
#: Key in a connection's ``info``: what gathers the writes of several steps (``engine.gathering``).
GATHERED = "matterflow_gathered"


class Prepared:
    """A statement with named parameters; the calls of one statement name the same ones.

    ``each_its_own`` promises of an UPDATE that no two sets of parameters sent together touch the same row.
    """

    def __init__(
        self, statement: sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.Delete, *, each_its_own: bool = False
    ) -> None:
        self._statement = statement
        self._ready: dict[tuple[str, tuple[str, ...]], _Ready] = {}
        self._many: dict[tuple[str, ...], ManyRows] = {}
        self._takes_many = each_its_own or not isinstance(statement, sa.Update)

    def run(self, connection: Connection, parameters: _Values | Sequence[_Values]) -> int:
        """Send a writing statement with one set of parameters, or with several; return how many rows it touched."""
        return self.send(connection, parameters).rowcount

    def run_many(self, connection: Connection, rows: Sequence[_Values]) -> int:
        """Send a writing statement with any number of sets of parameters, as one statement where that is possible.

        Return how many rows it touched.
        """
        if len(rows) == 1 or connection.dialect.name != "postgresql" or not self._takes_many:
            return self.run(connection, rows)
        names = tuple(rows[0])
        many = self._many.get(names)
        if many is None:
            many = self._many[names] = ManyRows(self._statement, connection.dialect, names)
        return _send(_driver(connection), connection, many.sql, many.encode(rows)).rowcount

    def rows(self, connection: Connection, parameters: _Values) -> list[Any]:
        """Send a SELECT; return its rows as named tuples."""
        ready = self._for(connection.dialect, parameters)
        sent = ready.send(_driver(connection), connection, [ready.encode(parameters)])
        return [ready.decode(row) for row in sent.fetchall()]

    def one_or_none(self, connection: Connection, parameters: _Values) -> Any | None:
        """Send a SELECT by a primary key; return its row as a named tuple, or None."""
        ready = self._for(connection.dialect, parameters)
        row = ready.send(_driver(connection), connection, [ready.encode(parameters)]).fetchone()
        return None if row is None else ready.decode(row)

    def send(self, connection: Connection, parameters: _Values | Sequence[_Values]) -> Any:
        """Send a writing statement as ``run`` does; return the driver's cursor."""
        return self.send_by(_driver(connection), connection, parameters)

    def send_by(self, driver: Any, connection: Connection, parameters: _Values | Sequence[_Values]) -> Any:
        """Send a writing statement as ``run`` does, one of several that the connection's driver is asked for once."""
        rows = [parameters] if isinstance(parameters, Mapping) else parameters
        ready = self._for(connection.dialect, rows[0])
        return ready.send(driver, connection, [ready.encode(row) for row in rows])

    def _for(self, dialect: Dialect, row: _Values) -> "_Ready":
        key = (dialect.name, tuple(row))
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _Ready(self._statement, dialect, list(row))
        return ready


#: Writing statements in order, each with one set of parameters or with several.
Work = Sequence[tuple[Prepared, _Values | Sequence[_Values]]]


def run_all(connection: Connection, work: Work) -> list[int]:
    """Send writing statements in order, on PostgreSQL in one round trip; return how many rows each touched.

    None of them may need what another one answers. When one is refused, those after it have no effect either.
    """
    driver = _driver(connection)
    if connection.dialect.name != "postgresql" or len(work) == 1:
        return [statement.send_by(driver, connection, parameters).rowcount for statement, parameters in work]
    try:
        with driver.pipeline():
            cursors = [statement.send_by(driver, connection, parameters) for statement, parameters in work]
    except connection.dialect.loaded_dbapi.Error as refused:
        raise as_sqlalchemy_has_it(connection, driver, "", None, refused) from refused
    return [cursor.rowcount for cursor in cursors]


class _Ready:
    """A statement compiled for one database and one set of parameter names."""

    def __init__(self, statement: Any, dialect: Dialect, names: list[str]) -> None:
        is_insert = isinstance(statement, sa.Insert)
        compiled = statement.compile(dialect=dialect, column_keys=names if is_insert else None)
        self.sql = str(compiled)
        self.encode = _encoder(compiled, names)
        self.decode: Callable[[Sequence[Any]], Any] = tuple
        if isinstance(statement, sa.Select):
            self.decode = _decoder(compiled, dialect)

    def send(self, driver: Any, connection: Connection, parameters: list[Any]) -> Any:
        """Send it by the driver in the connection's transaction; return the driver's cursor.

        Raises:
            sqlalchemy.exc.DBAPIError: the database refused, as the class that SQLAlchemy has for it.
        """
        if len(parameters) == 1:
            return _send(driver, connection, self.sql, parameters[0])
        try:
            cursor = driver.cursor()
            cursor.executemany(self.sql, parameters)
        except connection.dialect.loaded_dbapi.Error as refused:
            raise as_sqlalchemy_has_it(connection, driver, self.sql, parameters, refused) from refused
        return cursor


def _send(driver: Any, connection: Connection, sql: str, parameters: Any) -> Any:
    try:
        return driver.execute(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as refused:
        raise as_sqlalchemy_has_it(connection, driver, sql, parameters, refused) from refused


def _driver(connection: Connection) -> Any:
    """Return the driver's connection, in a transaction; what was gathered on it is sent first."""
    if not connection.in_transaction():
        connection.begin()
    pooled = connection.connection
    gathered = pooled.info.get(GATHERED)
    if gathered is not None:
        gathered.before_other()
    return pooled.driver_connection


def _encoder(compiled: Any, names: list[str]) -> Callable[[_Values], Any]:
    """Return what turns named values into what the driver takes."""
    processors: dict[str, Callable[[Any], Any]] = {
        # A step writes the instant at which it happens a dozen times.
        name: _remembered(compiled.dialect, process) if isinstance(compiled.binds[name].type, UtcDateTime) else process
        for name, process in compiled._bind_processors.items()  # noqa: SLF001 - how the dialect writes each type
    }
    by_position = compiled.positiontup is not None
    order: list[str] = compiled.positiontup if by_position else list(compiled.bind_names.values())
    steps = [(name, processors.get(name)) for name in order]
    fixed = {name: value for name, value in compiled.params.items() if name not in names}

    changed = [(place, process) for place, (_name, process) in enumerate(steps) if process is not None]
    pick: Callable[[_Values], Any] = itemgetter(*order) if len(order) > 1 else lambda row: [row[name] for name in order]

    def by_place(row: _Values) -> list[Any]:
        values = list(pick(row))
        for place, process in changed:
            values[place] = process(values[place])
        return values

    def by_name(row: _Values) -> dict[str, Any]:
        return {name: row[name] if process is None else process(row[name]) for name, process in steps}

    encode = by_place if by_position else by_name
    return (lambda row: encode({**fixed, **row})) if fixed else encode


#: What writes instants, by database: all statements share what it remembers.
_instants: dict[str, Callable[[Any], Any]] = {}


def _remembered(dialect: Dialect, process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _instants.setdefault(dialect.name, lru_cache(maxsize=256)(process))


def _reader(column_type: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what reads a column's values, if anything has to be done to them."""
    if type(column_type) is sa.Uuid and not dialect.supports_native_uuid:
        return _uuid_of
    return cast("Any", column_type)._cached_result_processor(dialect, None)  # noqa: SLF001 - as above


def _uuid_of(text: str | None) -> UUID | None:
    """Return an id from its 32 digits; UUID's own way takes three times as long."""
    if text is None:
        return None
    found = UUID.__new__(UUID)
    object.__setattr__(found, "int", int(text, 16))
    object.__setattr__(found, "is_safe", SafeUUID.unknown)
    return found


def _decoder(compiled: Any, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Return what turns the driver's row into a named tuple of Python values."""
    columns = compiled._result_columns  # noqa: SLF001 - names and types in the order of the result
    row_class: Any = namedtuple("Row", [column.keyname for column in columns])  # type: ignore[misc] # noqa: PYI024
    processors = [_reader(column.type, dialect) for column in columns]
    steps = [(position, process) for position, process in enumerate(processors) if process is not None]

    def decode(row: Sequence[Any]) -> Any:
        values = list(row)
        for position, process in steps:
            value = values[position]
            if value is not None:  # NULL is None, whatever the type
                values[position] = process(value)
        return row_class._make(values)

    return decode


def as_sqlalchemy_has_it(connection: Connection, driver: Any, sql: str, parameters: Any, refused: Any) -> BaseException:
    """Return SQLAlchemy's error for the driver's; a connection that is lost is given up, so that rolling back works."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(refused, driver, None)
    if is_lost:
        connection.invalidate(refused)
    make: Any = DBAPIError.instance
    return make(sql, parameters, refused, dialect.loaded_dbapi.Error, connection_invalidated=is_lost, dialect=dialect)
