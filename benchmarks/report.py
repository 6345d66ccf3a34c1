"""From samples to the table people read and the list programs read.

A figure is measured in milliseconds (less is better) or in operations a second (more is better). Its ratio is its
median over the median of what it is compared with in the same run; a goal bounds that ratio. A figure that is compared
with nothing has a goal in its own unit.
"""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: What stands for a figure that was not measured.
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Goal:
    """The bar of an issue: a ratio, or a figure compared with nothing, is ``at_most`` or ``at_least`` this."""

    at_most: float | None = None
    at_least: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether ``value`` meets the bar."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    def __str__(self) -> str:
        return f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line that is asked for: what it is, in which unit, and what it is held against."""

    id: str
    operation: str
    unit: str = "ms"
    vs: str | None = None
    goal: Goal | None = None
    #: The samples' id where it is another's: one contest may be looked at in two ways.
    samples: str | None = None
    #: Show and judge the worst sample instead of the median: "no completion over 500 ms".
    worst: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result, as ``build/bench.json`` has it; a goal for a ratio that is missing does not hold."""

    id: str
    unit: str
    median: float
    p95: float
    vs: str | None
    ratio: float | None
    goal: str | None
    holds: bool | None


def rows(figures: Sequence[Figure], samples: Mapping[str, Sequence[float]]) -> list[Row]:
    """Compute a row for each figure that has samples, in the order asked for."""
    taken = {figure.id: samples.get(figure.samples or figure.id, ()) for figure in figures}
    medians = {figure.id: _typical(figure, taken[figure.id]) for figure in figures if taken[figure.id]}
    result = []
    for figure in figures:
        if figure.id not in medians:
            continue
        against = medians.get(figure.vs) if figure.vs else None
        ratio = round(medians[figure.id] / against, 3) if against else None
        judged = ratio if figure.vs else medians[figure.id]
        result.append(
            Row(
                id=figure.id,
                unit=figure.unit,
                median=round(medians[figure.id], 3),
                p95=round(worse_tail(taken[figure.id], figure.unit), 3),
                vs=figure.vs,
                ratio=ratio,
                goal=str(figure.goal) if figure.goal else None,
                holds=None if figure.goal is None else judged is not None and figure.goal.holds(judged),
            )
        )
    return result


def _typical(figure: Figure, samples: Sequence[float]) -> float:
    if not figure.worst:
        return statistics.median(samples)
    return min(samples) if figure.unit == "1/s" else max(samples)


def worse_tail(samples: Sequence[float], unit: str) -> float:
    """Return the value that 95 of 100 samples are at least as good as (nearest rank)."""
    from_best = sorted(samples, reverse=unit == "1/s")
    return from_best[max(0, -(-len(from_best) * 95 // 100) - 1)]


def table(figures: Sequence[Figure], results: Sequence[Row]) -> str:
    """Lay the rows out for a terminal."""
    operations = {figure.id: figure.operation for figure in figures}
    head = ("operation", "unit", "median", "p95", "versus", "ratio", "goal", "holds")
    body = [
        (
            operations[row.id],
            row.unit,
            f"{row.median:.2f}",
            f"{row.p95:.2f}",
            operations.get(row.vs or "", NOTHING),
            f"{row.ratio:.2f}" if row.ratio is not None else NOTHING,
            row.goal or NOTHING,
            {None: NOTHING, True: "yes", False: "NO"}[row.holds],
        )
        for row in results
    ]
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    right = {2, 3, 5}
    lines = [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, tuple("-" * width for width in widths), *body)
    ]
    return "\n".join(lines)


def write(results: Sequence[Row], path: Path) -> None:
    """Write the list that other programs read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in results], indent=2) + "\n", encoding="utf-8")
