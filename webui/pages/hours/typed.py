"""The lines of a day as they were typed into the page: read, compared with what is kept, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import MatterflowError
from practice.time import operations
from practice.time.hours import written
from practice.time.queries import Line, is_writable

#: Empty lines at the end of the page.
BLANK_LINES = 3
MOST_LINES = 60


@dataclass(slots=True)
class Row:
    """One line of the page."""

    id: str = ""
    version: str = ""
    matter: str = ""
    hours: str = ""
    work: str = ""
    is_internal: bool = False
    is_billable: bool = True
    #: What the server says about it.
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """True when nothing was typed."""
        return not (self.matter or self.hours or self.work)

    @property
    def facts(self) -> dict[str, Any]:
        """What the services take. A line without a matter is work for the firm when it is ticked so."""
        return {
            "matter": self.matter or None,
            "hours": self.hours,
            "work": self.work,
            "is_internal": self.is_internal,
            "is_billable": self.is_billable and not self.is_internal,
        }


def shown(lines: list[Line], *, actor: Actor) -> list[Row]:
    """Return the lines that can still be changed, with some empty ones after them."""
    rows = [
        Row(
            id=str(line.entry.id),
            version=str(line.entry.version),
            matter=line.matter_number or "",
            hours=written(line.entry.minutes) if line.entry.minutes else "",
            work=line.entry.work,
            is_internal=line.entry.is_internal,
            is_billable=line.entry.is_billable,
            problem=line.entry.decision_reason or "",
        )
        for line in lines
        if is_writable(line.entry, actor=actor)
    ]
    return rows + [Row() for _ in range(BLANK_LINES)]


def read(form: Mapping[str, str]) -> list[Row]:
    """Return the rows of a sent page."""
    rows: list[Row] = []
    for number in range(MOST_LINES):
        if f"hours-{number}" not in form:
            break
        said = {name: form.get(f"{name}-{number}", "").strip() for name in ("id", "version", "matter", "hours", "work")}
        rows.append(
            Row(
                **said,
                is_internal=form.get(f"internal-{number}") == "1",
                is_billable=form.get(f"unbilled-{number}") != "1",
            )
        )
    return rows


def write(session: Session, on_day: date, rows: list[Row], *, by: Actor, now: datetime) -> MatterflowError | None:
    """Write what was typed: new lines, changes, and those that were emptied go. The first refusal is returned.

    The row it is about has it as its problem; the caller rolls back.
    """
    for row in rows:
        try:
            _write(session, on_day, row, by=by, now=now)
        except MatterflowError as refused:
            row.problem = refused.code
            return refused
    return None


def _write(session: Session, on_day: date, row: Row, *, by: Actor, now: datetime) -> None:
    if not row.id:
        if not row.is_blank:
            operations.enter(session, {**row.facts, "on_day": on_day.isoformat()}, by=by, now=now)
        return
    entry_id = UUID(row.id)
    if row.is_blank:
        operations.remove(session, entry_id, by=by, now=now)
        return
    version = int(row.version) if row.version.isdecimal() and len(row.version) < 9 else None  # noqa: PLR2004
    operations.change(session, entry_id, row.facts, version=version, by=by, now=now)
