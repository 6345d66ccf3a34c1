"""The trail as a file: CSV for people, lines of JSON for programs."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

import orjson
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import queries

FORMATS = ("csv", "jsonl")
COLUMNS = (
    "position",
    "hash",
    "id",
    "at",
    "by",
    "kind",
    "entity",
    "entity_id",
    "matter_number",
    "is_denial",
    "before",
    "after",
)
#: A cell that begins so would be a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(session: Session, wanted: queries.Wanted, into: TextIO, *, form: str, actor: Actor) -> int:
    """Write what the actor may see, the oldest first; return how many events that were."""
    count = 0
    rows = _rows(session, wanted, actor)
    if form == "jsonl":
        for count, row in enumerate(rows, 1):  # noqa: B007 - it is returned
            into.write(orjson.dumps(row, option=orjson.OPT_UTC_Z).decode() + "\n")
        return count
    sheet = csv.writer(into)
    sheet.writerow(COLUMNS)
    for count, row in enumerate(rows, 1):  # noqa: B007
        sheet.writerow([_cell(row[name]) for name in COLUMNS])
    return count


def _rows(session: Session, wanted: queries.Wanted, actor: Actor) -> Iterator[dict[str, Any]]:
    for row in queries.export(session, wanted, actor=actor):
        found = row.AuditEvent
        yield {
            "position": row.position,
            "hash": row.hash,
            **{name: getattr(found, name) for name in COLUMNS[2:]},
        }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
