"""A decision model, read and ready to evaluate."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson


@dataclass(frozen=True)
class Input:
    """A column that a table's rules test."""

    id: str
    label: str
    expression: str


@dataclass(frozen=True)
class Output:
    """A column that a table's rules answer."""

    id: str
    name: str
    #: The values it may have, most important first, as FEEL unary tests; what PRIORITY and OUTPUT ORDER sort by.
    values: str | None
    #: What it is when no rule matches, as FEEL; None when nothing is said.
    default: str | None


@dataclass(frozen=True)
class Rule:
    """A row of a table: unary tests for its inputs (``-`` passes always), FEEL for its outputs ("" is null)."""

    id: str
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    #: The ids of the cells, inputs first, so that an error can point at one.
    cell_ids: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DecisionTable:
    """Rules, and what to answer when several match."""

    id: str
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    @property
    def defaults(self) -> list[str] | None:
        """The outputs when no rule matches, or None when the table says nothing."""
        if all(output.default is None for output in self.outputs):
            return None
        return [output.default or "" for output in self.outputs]

    @cached_property
    def request(self) -> dict[str, Any]:
        """What the script needs to know of this table."""
        return {
            "inputs": [column.expression for column in self.inputs],
            "tests": [list(rule.tests) for rule in self.rules],
            "outputs": [list(rule.outputs) for rule in self.rules],
            "defaults": self.defaults,
            "first": self.hit_policy == "FIRST",
        }

    @cached_property
    def fingerprint(self) -> str:
        """Equal for tables that evaluate alike; the script keeps a table by it."""
        return hashlib.sha256(orjson.dumps(self.request)).hexdigest()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every expression, for finding out which variables they mention."""
        return tuple(text for _, text, _ in self.expressions())

    @cached_property
    def mentions_time(self) -> bool:
        """Whether an expression may ask for the time."""
        return any("now" in text or "today" in text for text in self.texts)

    def cell(self, place: list[Any]) -> tuple[str, str]:
        """Return the element id and the text of a place that the script names."""
        kind, *numbers = place
        if kind == "input":
            column = self.inputs[numbers[0]]
            return column.id, column.expression
        row, number = numbers
        if row < 0:
            return self.outputs[number].id, self.outputs[number].default or ""
        rule = self.rules[row]
        if kind == "test":
            return rule.cell_ids[number], rule.tests[number]
        return rule.cell_ids[len(rule.tests) + number], rule.outputs[number]

    def expressions(self) -> Iterator[tuple[str, str, bool]]:
        """Yield every expression as (element id, text, whether it is unary tests)."""
        for column in self.inputs:
            yield column.id, column.expression, False
        for output in self.outputs:
            if output.default is not None:
                yield output.id, output.default, False
            if output.values is not None:
                yield output.id, f"[{output.values}]", False
        for rule in self.rules:
            for cell_id, text in zip(rule.cell_ids, rule.tests, strict=False):
                if text != "-":
                    yield cell_id, text, True
            for cell_id, text in zip(rule.cell_ids[len(rule.tests) :], rule.outputs, strict=True):
                if text:
                    yield cell_id, text, False


@dataclass(frozen=True)
class Literal:
    """A decision that is one FEEL expression."""

    id: str
    text: str

    def expressions(self) -> Iterator[tuple[str, str, bool]]:
        """Yield the expression as (element id, text, whether it is unary tests)."""
        yield self.id, self.text, False


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision, with the decisions that must be known before it."""

    id: str
    name: str
    #: The name that other decisions know its value by: its variable's, else its own.
    variable: str
    logic: DecisionTable | Literal
    requires: tuple["Decision", ...] = ()
    #: The names of the input data it requires.
    input_names: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        """The name a person knows it by."""
        return f"'{self.name}'"
