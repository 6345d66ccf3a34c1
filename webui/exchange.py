"""Imports and exports as the pages, the API and the command line run them: each batch in a transaction of its own."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice.audit import operations as audit
from practice.exchange import exports, imports, sheets
from practice.exchange.columns import PROBLEMS
from practice.exchange.errors import RowsHaveProblems
from practice.exchange.imports import Counts, Problem
from practice.matters.queries import Criteria

Transaction = Callable[[], AbstractContextManager[Session]]
FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def check(
    reading: Transaction, kind: str, file: BinaryIO, *, encoding: str, by: Actor, told: Callable[[Problem], None]
) -> Counts:
    """Look a file over; nothing is stored."""
    file.seek(0)
    with reading() as session:
        return imports.examine(session, kind, sheets.rows(file, encoding=encoding), told=told, by=by)


def run(
    reading: Transaction,
    writing: Transaction,
    kind: str,
    file: BinaryIO,
    *,
    encoding: str,
    by: Actor,
    now: datetime,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Counts:
    """Import a file: look it over first, then store it batch by batch.

    Raises:
        RowsHaveProblems: nothing was stored.
        RowRefused: the batches before the row's are stored, and importing the same file again goes on after them.
    """
    first: list[Problem] = []
    counts = check(
        reading, kind, file, encoding=encoding, by=by, told=lambda one: first.append(one) if not first else None
    )
    if counts.problem_rows:
        one = first[0]
        raise RowsHaveProblems(
            counts.problem_rows, counts.problems, f"row {one.row}, {one.column or 'row'}: {one.code}"
        )
    file.seek(0)
    for batch in imports.batches(kind, sheets.rows(file, encoding=encoding)):
        with writing() as session:
            counts.imported += imports.store(session, kind, batch, by=by, now=now)
        progress(counts.imported + counts.known)
    with writing() as session:
        after = {"rows": counts.rows, "imported": counts.imported, "known": counts.known}
        audit.append(session, "list", kind, "list_imported", by=by, now=now, after=after)
    return counts


def export(
    reading: Transaction, writing: Transaction, kind: str, file_format: str, *, by: Actor, criteria: Criteria | None
) -> BinaryIO:
    """Return a list as a file, which the caller closes; that somebody takes it out is on record before."""
    names = exports.names_of(kind)
    with reading() as session:
        rows = exports.rows_of(session, kind, actor=by, criteria=criteria)
        target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        if file_format == "xlsx":
            sheets.write_xlsx(target, kind, names, rows)
        else:
            for part in sheets.write_csv(names, rows):
                target.write(part)
    with writing() as session:
        after = {"format": file_format}
        audit.append(session, "list", kind, "list_exported", by=by, now=clock.utc_now(), after=after)
    target.seek(0)
    return target


def report(problems: Iterable[Problem]) -> Iterator[bytes]:
    """Yield the list of problems as a CSV file."""
    rows = ([str(one.row), one.column, one.code, PROBLEMS[one.code], one.value] for one in problems)
    yield from sheets.write_csv(["row", "column", "code", "problem", "value"], rows)


def template(kind: str) -> str:
    """Return the row of column names to begin a file with."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(exports.names_of(kind))
    return buffer.getvalue()


def as_dict(counts: Counts, problems: list[Problem]) -> dict[str, Any]:
    """Write what was found for a program."""
    return {
        "rows": counts.rows,
        "known": counts.known,
        "problem_rows": counts.problem_rows,
        "imported": counts.imported,
        "problems": [
            {
                "row": one.row,
                "column": one.column,
                "code": one.code,
                "message": PROBLEMS[one.code],
                "value": one.value,
            }
            for one in problems
        ],
    }
