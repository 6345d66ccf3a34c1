"""Days of a working calendar from a file: as a ministry announces a year, one line a day."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import MatterflowError
from practice.deadlines import library as libraries
from practice.deadlines import operations, recomputation
from practice.deadlines.errors import CalendarFileInvalid
from practice.deadlines.operations import KEEP_CALENDARS

COLUMNS = ("day", "works", "name", "citation")
_WORKS = {"yes": True, "no": False}
_MOST_LINES = 1000
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One day of a file."""

    number: int
    on: date
    is_working: bool
    name: str
    citation: str


class Taken(NamedTuple):
    """What a file brought: how many days, and how many deadlines were calculated anew."""

    days: int
    recomputed: int


def take_in(session: Session, calendar: str, data: bytes, *, by: Actor, now: datetime) -> Taken:
    """Add every day of a file to a calendar, or none of them.

    The file is CSV in UTF-8 with the columns ``day`` (2027-02-11), ``works`` (yes or no), ``name`` and ``citation``.

    Raises:
        MayNotKeepDeadlines, CalendarUnknown.
        CalendarFileInvalid: names the first line that cannot be read and what is wrong with it.
    """
    operations.require(by, KEEP_CALENDARS)
    libraries.current().calendar(calendar)
    recomputed = 0
    lines = read(data)
    for line in lines:
        said = {"name": line.name, "citation": line.citation}
        try:
            _, replaced = recomputation.add_calendar_day(
                session, calendar, line.on, said, is_working=line.is_working, by=by, now=now
            )
        except MatterflowError as refused:
            raise CalendarFileInvalid("file", line.number, "too_long") from refused
        recomputed += len(replaced)
    return Taken(len(lines), recomputed)


def read(data: bytes) -> list[Line]:
    """Read a file; every line or none."""
    if len(data) > _LARGEST:
        raise CalendarFileInvalid("file", 0, "too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarFileInvalid("file", 0, "not_utf8") from None
    rows = csv.DictReader(io.StringIO(text), restkey="more", strict=True)
    try:
        return _lines(rows, rows.fieldnames or ())
    except csv.Error:
        raise CalendarFileInvalid("file", rows.line_num, "no_csv") from None


def _lines(rows: "csv.DictReader[str]", columns: Iterable[str]) -> list[Line]:
    if tuple(column.strip().lower() for column in columns) != COLUMNS:
        raise CalendarFileInvalid("file", 1, "no_heading")
    found: dict[date, Line] = {}
    for row in rows:
        number = rows.line_num
        if len(found) >= _MOST_LINES:
            raise CalendarFileInvalid("file", number, "too_many")
        values = [(row.get(column) or "").strip() for column in rows.fieldnames or ()]
        if "more" in row or not all(values):
            raise CalendarFileInvalid("file", number, "incomplete")
        try:
            on = date.fromisoformat(values[0])
        except ValueError:
            raise CalendarFileInvalid("file", number, "no_date") from None
        if values[1].lower() not in _WORKS:
            raise CalendarFileInvalid("file", number, "neither_yes_nor_no")
        if on in found:
            raise CalendarFileInvalid("file", number, "twice")
        found[on] = Line(number, on, _WORKS[values[1].lower()], values[2], values[3])
    if not found:
        raise CalendarFileInvalid("file", 1, "empty")
    return list(found.values())
