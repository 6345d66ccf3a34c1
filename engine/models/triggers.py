"""Triggers that come with their tables: what the database itself keeps, whoever writes."""

import re
from collections.abc import Callable
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from engine.models.base import Base

_Statements = Callable[[str], list[str]]
_KNOWN: Final[list[tuple[_Statements, _Statements]]] = []
_MADE: Final = re.compile(r"CREATE TRIGGER (\w+) .*?\bON (\w+)", re.DOTALL)
_FUNCTION: Final = re.compile(r"\s*CREATE OR REPLACE FUNCTION (\w+\([^)]*\))")


def _nothing(_dialect: str) -> list[str]:
    return []


def come_with(models: tuple[type[Base], ...], statements: _Statements, *, fill: _Statements = _nothing) -> None:
    """Create triggers where tests make tables without migrations, when all that they speak of are there.

    ``statements`` returns what makes them on one kind of database; a migration runs the same. ``fill`` returns what
    works out anew what they keep, for ``mend``.
    """
    _KNOWN.append((statements, fill))

    @event.listens_for(Base.metadata, "after_create")
    def _created(_target: object, connection: Connection, *, tables: list[sa.Table], **_: Any) -> None:
        if {cast("sa.Table", model.__table__) for model in models} <= set(tables):
            for statement in statements(connection.dialect.name):
                connection.exec_driver_sql(statement)


def made_by(statements: list[str]) -> dict[str, str]:
    """Return the triggers that some statements make, and the table of each."""
    return {found[1]: found[2] for found in map(_MADE.match, statements) if found}


def drops(dialect: str, statements: list[str]) -> list[str]:
    """Return what takes away the triggers that some statements make, and their functions, so far as they are there."""
    made = made_by(statements).items()
    functions = [found[1] for found in map(_FUNCTION.match, statements) if found]
    return [
        *(f"DROP TRIGGER IF EXISTS {name}" + ("" if dialect == "sqlite" else f" ON {table}") for name, table in made),
        *(f"DROP FUNCTION IF EXISTS {function}" for function in functions),
    ]


def present(connection: Connection) -> set[str]:
    """Return the names of the triggers that are there and not switched off."""
    if connection.dialect.name == "sqlite":
        found = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        found = sa.text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
    return set(connection.scalars(found))


def missing(connection: Connection) -> list[str]:
    """Name the triggers that should be there and are not: a table that was built anew has lost its own."""
    there, dialect = present(connection), connection.dialect.name
    return sorted({name for statements, _ in _KNOWN for name in made_by(statements(dialect))} - there)


def mend(connection: Connection) -> list[str]:
    """Make those that are missing anew, with all that belong to them, and what they keep; return their names."""
    dialect, lost = connection.dialect.name, set(missing(connection))
    for statements, fill in _KNOWN:
        theirs = statements(dialect)
        if lost.isdisjoint(made_by(theirs)):
            continue
        for statement in (*drops(dialect, theirs), *theirs, *fill(dialect)):
            connection.exec_driver_sql(statement)
    return sorted(lost)
