"""Ways of asking who may see what, each of them meant: gathered first, among what is gathered, or row by row.

SQLite does as it is told. PostgreSQL guesses how many rows somebody may see, and where it guesses wrong it reads whole
tables for a page of fifty.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Gathered(FunctionElement[bool]):
    inherit_cache = True
    name = "gathered"
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Any:
        """Return it as it is: SQLite reads no index for what is compared with 1."""
        return self


@compiles(_Gathered, "sqlite")
def _on_sqlite(element: _Gathered, compiler: SQLCompiler, **more: Any) -> str:
    column, rows = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} IN {rows}"


@compiles(_Gathered, "postgresql")
def _on_postgresql(element: _Gathered, compiler: SQLCompiler, **more: Any) -> str:
    column, rows = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} = ANY (ARRAY{rows})"


def gathered(column: Any, rows: sa.Select[Any] | sa.CompoundSelect[Any]) -> sa.ColumnElement[bool]:
    """Say that ``column`` is among ``rows``, few and not dependent on the row at hand: they are read first."""
    return _Gathered(column, rows.scalar_subquery())


class _Among(FunctionElement[bool]):
    inherit_cache = True
    name = "among"
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Any:
        """Return it as it is, as ``gathered`` does."""
        return self


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    column, rows = (compiler.process(one, **more) for one in element.clauses)
    return f"+{column} IN {rows}"


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    # An array is taken for few rows, however many it has: a list of them that is hashed fits into memory then.
    column, rows = (compiler.process(one, **more) for one in element.clauses)
    return f"({column} IN (SELECT unnest(ARRAY{rows}))) IS TRUE"


def among(column: Any, rows: sa.Select[Any] | sa.CompoundSelect[Any]) -> sa.ColumnElement[bool]:
    """Say of each row at hand that ``column`` is among ``rows``, which are read first but never looked up by it.

    For a list that is read in its order until a page is full, of which somebody may see one row in a hundred.
    """
    return _Among(column, rows.scalar_subquery())


def asked_after(column: sa.SQLColumnExpression[str]) -> sa.ColumnElement[str]:
    """Return a column, never NULL, for a comparison that no index is read for: something else names the few rows.

    PostgreSQL keeps one plan for everybody, by what people have on average; of a group it would read all there is.
    """
    return sa.func.coalesce(column, sa.literal_column("''", sa.String()))


def each(rows: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """Select the same for an ``EXISTS`` that is asked of each row at hand, and never of all rows at once."""
    return rows.offset(sa.literal_column("0"))


def seldom(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say that a condition, never NULL, does not hold of a row, as it does of hardly any.

    PostgreSQL takes every other row to be left out by a negated subquery, and so gives the order of an index up for a
    page that it would fill with the first fifty rows. Of a number it takes one in two hundred.
    """
    return sa.case((condition, _ONE), else_=_NONE) != _ONE


def mostly(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say that a condition holds of a row, and let PostgreSQL take it to hold of nearly all: ``seldom`` says why."""
    return sa.case((condition, _NONE), else_=_ONE) != _ONE


_ONE, _NONE = sa.literal_column("1", sa.Integer()), sa.literal_column("0", sa.Integer())
