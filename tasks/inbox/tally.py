"""A count of tasks by when they are due: between edges that follow each other in time, so that none counts twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from engine.models import UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE

Rows = sa.Select[*tuple[Any, ...]]
_INSTANT = UserTaskCandidate.due_at.type


@dataclass(slots=True)
class Tally:
    """Counted rows of one sort: all, late, with a date, and before each bound."""

    every: int = 0
    late: int = 0
    dated: int = 0
    before: list[int] = field(default_factory=list)

    def add(self, other: "Tally", times: int = 1) -> None:
        """Count another tally in, or with -1 out."""
        self.every += times * other.every
        self.late += times * other.late
        self.dated += times * other.dated
        grown = self.before or [0] * len(other.before)
        self.before = [mine + times * theirs for mine, theirs in zip(grown, other.before, strict=True)]

    def parts(self) -> tuple[int, ...]:
        """Return how many lie before, between and after the bounds, and how many have no date."""
        edges = [0, *self.before, self.dated]
        return (*(after - before for before, after in pairwise(edges)), self.every - self.dated)


def edges_of(values: dict[str, Any], bounds: int) -> tuple[list[datetime], dict[str, datetime]]:
    """Return the edges of ``now``, all bounds and what has no date, in order, and as values of a statement."""
    edges = sorted({values["now"], *(values[f"bound_{number}"] for number in range(bounds)), NO_DUE_DATE})
    return edges, {f"edge_{number}": edge for number, edge in enumerate(edges)}


def limit_of(number: int) -> sa.BindParameter[Any]:
    """Return one edge as it stands in a statement."""
    return sa.bindparam(f"edge_{number}", type_=_INSTANT)


def place_of(due_at: Any, edges: int) -> Any:
    """Return behind how many edges a row lies."""
    numbers = [sa.literal_column(str(number), sa.Integer()) for number in range(edges + 1)]
    return sa.case(*((due_at < limit_of(number), numbers[number]) for number in range(edges)), else_=numbers[-1])


def placed(row: Any, edges: Sequence[datetime], now: datetime, limits: Sequence[datetime]) -> Tally:
    """Return ``row.every`` tasks that lie behind ``row.place`` edges."""
    before = [(row.place <= edges.index(limit)) * row.every for limit in limits]
    is_late, is_dated = row.place <= edges.index(now), row.place < len(edges)
    return Tally(row.every, is_late * row.every, is_dated * row.every, before)
