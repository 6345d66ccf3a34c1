"""A long list of texts as one value of a statement: thousands of parameters take longer than the query."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Row = TypeVar("Row")
#: For each row that is wanted, so many are asked about at first.
_TIMES: Final = 8


class _EachOf(FunctionElement[str]):
    """The texts of a JSON array as rows with a column ``value``; each database has its own function for it."""

    inherit_cache = True
    name = "each_of"


@compiles(_EachOf, "sqlite")
def _on_sqlite(element: _EachOf, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_EachOf, "postgresql")
def _on_postgresql(element: _EachOf, compiler: SQLCompiler, **more: Any) -> str:
    return f"jsonb_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS jsonb))"


class _OneList(FunctionElement[str]):
    """The values of a column of many rows as one JSON array, written as text."""

    inherit_cache = True
    name = "one_list"
    type = sa.String()


@compiles(_OneList, "sqlite")
def _list_on_sqlite(element: _OneList, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **more)})"


@compiles(_OneList, "postgresql")
def _list_on_postgresql(element: _OneList, compiler: SQLCompiler, **more: Any) -> str:
    return f"coalesce(CAST(array_to_json(array_agg({compiler.process(element.clauses, **more)})) AS text), '[]')"


def of(rows: sa.Select[Any] | sa.CompoundSelect[Any]) -> sa.ScalarSelect[str]:
    """Select the first column of ``rows`` as one list, as ``texts`` and ``ids`` take it."""
    return sa.select(_OneList(rows.subquery().c[0])).scalar_subquery()


def ids(name: str) -> sa.Select[Any]:
    """Select the ids that are given as the parameter ``name``, for use after ``in_``."""
    rows = _EachOf(sa.bindparam(name, type_=sa.String())).table_valued(sa.column("value", sa.String()))
    return sa.select(sa.cast(rows.c.value, sa.Uuid())).correlate(None)


def texts(name: str) -> sa.Select[Any]:
    """Select the texts that are given as the parameter ``name``, for use after ``in_``."""
    rows = _EachOf(sa.bindparam(name, type_=sa.String())).table_valued(sa.column("value", sa.String()))
    return sa.select(rows.c.value).correlate(None)


def in_turns(found: Sequence[UUID], ask: Callable[[str], Iterable[Row]], *, count: int) -> list[Row]:
    """Ask about ids in their order, some at a time and ever more of them, until so many rows are there.

    ``ask`` takes a list as ``ids`` does, and returns the rows in the same order.
    """
    rows: list[Row] = []
    place, turn = 0, count * _TIMES
    while place < len(found) and len(rows) < count:
        rows += ask(written(one.hex for one in found[place : place + turn]))
        place, turn = place + turn, turn * 2
    return rows[:count]


def written(values: Iterable[str]) -> str:
    """Write the texts as the parameter's value."""
    return orjson.dumps(list(values)).decode()
