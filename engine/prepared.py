"""Statements of the hot path, compiled once for each database and sent as they are.

SQLAlchemy's ``execute`` looks a statement up, works its parameters out and wraps its result anew each time; for the
nine writes of a step that costs as much as the database does (measured: 0.04 ms a statement against 0.012). What is
prepared here still speaks through SQLAlchemy's connection and its column types.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult

_Encode = Callable[[Mapping[str, Any]], Any]


class Prepared:
    """An INSERT, UPDATE or DELETE with named parameters; every call names the same ones."""

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete) -> None:
        self._statement = statement
        self._ready: dict[tuple[str, frozenset[str]], tuple[str, _Encode]] = {}

    def run(
        self, connection: Connection, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> CursorResult[Any]:
        """Send the statement with one set of parameters, or with several at once."""
        rows = [parameters] if isinstance(parameters, Mapping) else parameters
        sql, encode = self._for(connection, rows[0])
        encoded = [encode(row) for row in rows]
        return connection.exec_driver_sql(sql, encoded[0] if len(encoded) == 1 else encoded)

    def _for(self, connection: Connection, row: Mapping[str, Any]) -> tuple[str, _Encode]:
        key = (connection.dialect.name, frozenset(row))
        if key not in self._ready:
            self._ready[key] = self._compile(connection, list(row))
        return self._ready[key]

    def _compile(self, connection: Connection, names: list[str]) -> tuple[str, _Encode]:
        is_insert = isinstance(self._statement, sa.Insert)
        compiled = cast(
            "Any", self._statement.compile(dialect=connection.dialect, column_keys=names if is_insert else None)
        )
        fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if name not in names}
        encoders: dict[str, Callable[[Any], Any]] = dict(compiled._bind_processors)  # noqa: SLF001 - how the dialect writes each type
        order: list[str] | None = compiled.positiontup

        def value_of(name: str, row: Mapping[str, Any]) -> Any:
            value = row[name] if name in row else fixed[name]
            encode = encoders.get(name)
            return encode(value) if encode is not None else value

        if order is not None:
            return str(compiled), lambda row: tuple([value_of(name, row) for name in order])
        every: list[str] = list(compiled.bind_names.values())
        return str(compiled), lambda row: {name: value_of(name, row) for name in every}
