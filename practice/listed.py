"""A long list of texts as one value of a statement: thousands of parameters take longer than the query."""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


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


def texts(name: str) -> sa.Select[Any]:
    """Select the texts that are given as the parameter ``name``, for use after ``in_``."""
    rows = _EachOf(sa.bindparam(name, type_=sa.String())).table_valued(sa.column("value", sa.String()))
    return sa.select(rows.c.value).correlate(None)


def written(values: Iterable[str]) -> str:
    """Write the texts as the parameter's value."""
    return orjson.dumps(list(values)).decode()
