"""Gaps and overlaps of a table: inputs that no rule answers, inputs that too many answer, rules that never do.

The values of each input fall into cells on which no test changes its mind: the bounds that stand in the tests and
the stretches between them, each text that is mentioned and every other one, true and false. The rules that match are
followed column by column through those cells; combinations met before are not followed again. Tests that are not
plain (``unary`` says which are) may match or not: what hangs on them is not claimed, and the report says so.

A gap or an overlap at null is one only where a test mentions null. What inputs have to do with each other is not known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any, Final

from engine.feel import unary
from engine.feel.model import Decision, DecisionTable, Input
from engine.feel.unary import NULL, Interval, Tests, Value
from engine.findings import Finding

#: Cells looked at before the analysis gives up.
MAX_STEPS: Final = 30_000
_MAX_COLUMNS: Final = 50
_EXAMPLES: Final = 3
#: Those that must answer, and those that must not answer twice.
_ONE_ROW: Final = ("UNIQUE", "ANY", "FIRST", "PRIORITY")
_REST: Final = "any other text"


def findings(decision: Decision, table: DecisionTable) -> list[Finding]:
    """Return the gaps, overlaps and idle rules of a decision's table as warnings."""
    walk = _Walk(table)
    walk.run()
    return list(_report(decision, table, walk))


@dataclass(frozen=True, slots=True)
class _Cell:
    """Values of an input that all tests treat alike."""

    example: str | None
    #: The rules that match here for certain, and those that may, as bits.
    certain: int
    possible: int
    #: Null, which no test mentions.
    tacit: bool = False


@dataclass
class _Axis:
    """An input expression; columns with the same expression are one axis."""

    label: str
    cells: list[_Cell]


@dataclass
class _Walk:
    """The way through all combinations of cells."""

    table: DecisionTable
    gaps: list[list[str]] = field(default_factory=list[list[str]])
    overlaps: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    #: Rules that match something; of FIRST, before every rule that surely matches.
    used: int = 0
    #: The analysis says nothing about some gaps or overlaps.
    unsure_of_gaps: bool = False
    unsure_of_overlaps: bool = False
    too_large: bool = False
    _steps: int = 0
    _seen: set[tuple[int, int, int, bool]] = field(default_factory=set[tuple[int, int, int, bool]])

    def run(self) -> None:
        """Go through the table."""
        groups: dict[str, list[int]] = {}
        for number, column in enumerate(self.table.inputs):
            groups.setdefault(column.expression, []).append(number)
        if len(groups) > _MAX_COLUMNS:
            self.too_large = True
            return
        self._axes = [_axis(self.table, numbers) for numbers in groups.values()]
        everything = (1 << len(self.table.rules)) - 1
        self._follow(0, everything, everything, [], tacit=False)

    def _follow(self, at: int, certain: int, possible: int, path: list[str], *, tacit: bool) -> None:
        state = (at, certain, possible, tacit)
        if state in self._seen or self.too_large:
            return
        self._seen.add(state)
        if not possible:
            if not tacit:
                self.gaps.append(path)
            return
        if at == len(self._axes):
            self._arrive(certain, possible, path, tacit=tacit)
            return
        axis = self._axes[at]
        for cell in axis.cells:
            self._steps += 1
            if self._steps > MAX_STEPS:
                self.too_large = True
                return
            step = [] if cell.example is None else [f"{axis.label} = {cell.example}"]
            here, maybe = certain & cell.certain, possible & cell.possible
            self._follow(at + 1, here, maybe, [*path, *step], tacit=tacit or cell.tacit)

    def _arrive(self, certain: int, possible: int, path: list[str], *, tacit: bool) -> None:
        first = certain & -certain
        self.used |= possible & (((first << 1) - 1) if first and self.table.hit_policy == "FIRST" else possible)
        if tacit:
            return
        if not certain:
            self.unsure_of_gaps = True
        if certain.bit_count() > 1:
            self.overlaps.setdefault(certain, path)
        if possible.bit_count() > 1 and possible != certain:
            self.unsure_of_overlaps = True


def _axis(table: DecisionTable, numbers: Sequence[int]) -> _Axis:
    column = table.inputs[numbers[0]]
    read = {text: unary.read(text) for number in numbers for text in {rule.tests[number] for rule in table.rules}}
    allowed = next((tests for number in numbers if (tests := _allowed(table.inputs[number])) is not None), None)
    known = [tests for tests in read.values() if tests is not None]
    integral = column.type is not None and column.type.base == "integer"
    kind = None if column.type is None else column.type.base
    line = _Line([*known, *([allowed] if allowed else [])], kind, integral=integral)
    count = len(line.examples)
    everything = (1 << len(table.rules)) - 1
    certain, possible = [everything] * count, [everything] * count
    for number in numbers:
        by_text: dict[str, int] = {}
        for row, rule in enumerate(table.rules):
            by_text[rule.tests[number]] = by_text.get(rule.tests[number], 0) | 1 << row
        here, maybe = [0] * count, [0] * count
        for text, rows in by_text.items():
            tests = read[text]
            for at in _bits(line.all if tests is None else line.accepted(tests)):
                maybe[at] |= rows
                if tests is not None:
                    here[at] |= rows
        certain = [one & other for one, other in zip(certain, here, strict=True)]
        possible = [one & other for one, other in zip(possible, maybe, strict=True)]
    wanted = line.all if allowed is None else line.accepted(allowed)
    cells: dict[tuple[int, int], _Cell] = {}
    for at in _bits(wanted & line.inhabited):
        cells.setdefault((certain[at], possible[at]), _Cell(line.examples[at], certain[at], possible[at]))
    found = list(cells.values())
    if not line.knows_null:
        rows = [[read[rule.tests[number]] for number in numbers] for rule in table.rules]
        surely = sum(1 << row for row, tests in enumerate(rows) if all(test and test.accept(NULL) for test in tests))
        maybe = sum(1 << row for row, tests in enumerate(rows) if all(not test or test.accept(NULL) for test in tests))
        found.append(_Cell("null", surely, maybe, tacit=True))
    return _Axis(column.expression, found)


def _allowed(column: Input) -> Tests | None:
    if column.type is None or column.type.allowed is None or column.type.many:
        return None
    return unary.read(column.type.allowed)


class _Line:
    """The cells of an input, in order: of each kind of value its points and stretches."""

    def __init__(self, tests: Iterable[Tests], base: str | None, *, integral: bool) -> None:
        mentioned: dict[str, set[Any]] = {}
        for item in tests:
            for kind, value in item.mentioned():
                mentioned.setdefault(kind, set()).add(value)
        if base in ("string", "boolean") and base not in mentioned:
            mentioned[base] = set()
        self.knows_null = "null" in mentioned
        self.examples: list[str | None] = []
        #: Bits of the cells that hold a value at all.
        self.inhabited = 0
        self._first: dict[str, int] = {}
        self._points: dict[str, list[Any]] = {}
        self._places: dict[Value, int] = {}
        for kind, values in sorted(mentioned.items()):
            self._first[kind] = len(self.examples)
            if kind in ("string", "null"):
                self._add_separate(kind, values)
            elif kind == "boolean":
                self._add_separate(kind, [True, False] if any(values) or not values else [False, True])
            else:
                self._add_ordered(kind, values, integral=integral and kind == "number")
        if not any(kind != "null" for kind in mentioned):
            self._add("anything but null" if self.knows_null else None)  # nothing else is told apart
        self.all = (1 << len(self.examples)) - 1

    def accepted(self, tests: Tests) -> int:
        """The cells whose values pass, as bits."""
        found = 0
        for value in tests.values:
            found |= 1 << self._places[value] if value in self._places else 0
        for interval in tests.intervals:
            found |= self._between(interval)
        return self.all & ~found if tests.negated else found

    def _between(self, interval: Interval) -> int:
        kind = interval.kind
        points, first = self._points[kind], self._first[kind]
        low, high = first, first + 2 * len(points)
        if interval.low is not None:
            low = self._places[interval.low] + (not interval.low_closed)
        if interval.high is not None:
            high = self._places[interval.high] - (not interval.high_closed)
        return (1 << (high + 1)) - (1 << low) if high >= low else 0

    def _add(self, example: str | None, *, inhabited: bool = True) -> int:
        self.examples.append(example)
        if inhabited:
            self.inhabited |= 1 << (len(self.examples) - 1)
        return len(self.examples) - 1

    def _add_separate(self, kind: str, values: Iterable[Any]) -> None:
        for value in values if kind == "boolean" else sorted(values, key=str):
            self._places[kind, value] = self._add(unary.written((kind, value)))
        if kind == "string":
            self._add(_REST if values else None)

    def _add_ordered(self, kind: str, values: Iterable[Any], *, integral: bool) -> None:
        points = sorted(values)
        self._points[kind] = points
        bounds = [None, *points, None]
        for low, high in pairwise(bounds):
            example = _example(kind, low, high, integral=integral)
            self._add(None if example is None else unary.written((kind, example)), inhabited=example is not None)
            if high is not None:
                written = unary.written((kind, high))
                self._places[kind, high] = self._add(written, inhabited=not integral or high == int(high))


def _example(kind: str, low: Any, high: Any, *, integral: bool) -> Any:
    """A value strictly between two, the roundest that is easy to find; None when there is none."""
    try:
        if kind in ("number", "months"):
            return _number(low, high, whole=integral or kind == "months")
        unit = timedelta(hours=1) if kind in ("date and time", "local date and time") else timedelta(days=1)
        if low is None:
            return high - unit
        if high is None or low + unit < high:
            return low + unit
    except OverflowError:
        return None
    return None if kind == "date" else low + (high - low) / 2


def _number(low: Decimal | None, high: Decimal | None, *, whole: bool) -> Decimal | None:
    if low is None:
        return Decimal(0) if high is None else (high - 1).to_integral_value(ROUND_FLOOR)
    following = low.to_integral_value(ROUND_FLOOR) + 1
    if high is None or following < high:
        return following
    return None if whole else (low + high) / 2


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _report(decision: Decision, table: DecisionTable, walk: _Walk) -> Iterator[Finding]:
    policy = table.hit_policy
    wants_answer = policy in _ONE_ROW and table.defaults is None

    def warning(rule: str, element_id: str, message: str, repair: str | None) -> Finding:
        return Finding("warning", rule, element_id, f"Decision {decision}: {message}", repair, decision.resource)

    if wants_answer:
        for path in walk.gaps[:_EXAMPLES]:
            where = ", ".join(path) or "anything"
            yield warning("decision_gap", table.id, f"no rule answers {where}.", "Add a rule or a default output.")
    if policy in ("UNIQUE", "ANY"):
        clashes = [(list(_bits(rows)), path) for rows, path in walk.overlaps.items()]
        if policy == "ANY":
            clashes = [item for item in clashes if len({table.rules[row].outputs for row in item[0]}) > 1]
        for rows, path in clashes[:_EXAMPLES]:
            names = _joined([str(row + 1) for row in rows])
            where = ", ".join(path) or "everything"
            yield warning(
                "decision_overlap",
                table.rules[rows[1]].id,
                f"rules {names} {'all' if rows[2:] else 'both'} match {where}, and {policy} wants "
                + ("one." if policy == "UNIQUE" else "them to answer the same."),
                "Make the rules exclude each other, or choose another hit policy.",
            )
    if not walk.too_large:
        for row in _bits(((1 << len(table.rules)) - 1) & ~walk.used):
            yield warning(
                "decision_rule_idle",
                table.rules[row].id,
                f"rule {row + 1} never answers.",
                "Delete it, or move it before the rules that answer in its place." if policy == "FIRST" else None,
            )
    doubts = [
        "gaps" if wants_answer and (walk.too_large or walk.unsure_of_gaps) else "",
        "overlaps" if policy in ("UNIQUE", "ANY") and (walk.too_large or walk.unsure_of_overlaps) else "",
    ]
    if any(doubts):
        why = "it is too large" if walk.too_large else "some tests are more than plain comparisons"
        what = " and ".join(filter(None, doubts))
        yield warning("decision_not_analysed", table.id, f"its {what} are not all known: {why}.", None)


def _joined(names: list[str]) -> str:
    shown = names if len(names) <= _EXAMPLES + 1 else [*names[:_EXAMPLES], "others"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
