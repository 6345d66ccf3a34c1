"""A decision model, read and ready to evaluate."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson


@dataclass(frozen=True)
class Type:
    """What values something may have: a ``typeRef``, its item definition followed to the end."""

    #: ``string``, ``number``, ``integer``, ``boolean``, ``date``, ``time``, ``date and time``, ``days and time
    #: duration``, ``years and months duration``, ``context`` or ``Any``.
    base: str
    #: Whether it is a list of these.
    many: bool = False
    #: FEEL unary tests that each value passes; None when nothing is said.
    allowed: str | None = None
    #: Of a context: its entries.
    fields: tuple[tuple[str, "Type"], ...] = ()

    @cached_property
    def request(self) -> dict[str, Any]:
        """What the script needs to know of it."""
        fields = [[name, kind.request] for name, kind in self.fields]
        return {"base": self.base, "list": self.many, "allowed": self.allowed, "fields": fields or None}


class Input(NamedTuple):
    """A column that a table's rules test."""

    id: str
    label: str
    expression: str
    #: What the expression's value must be, with the column's own allowed values; None when nothing is said.
    type: Type | None = None


class Function(NamedTuple):
    """What expressions may call: a business knowledge model, as a FEEL function."""

    id: str
    name: str
    #: ``function(a, b) ...``
    text: str
    #: The expressions it is made of, as (element id, text).
    pieces: tuple[tuple[str, str], ...]


class Output(NamedTuple):
    """A column that a table's rules answer."""

    id: str
    name: str
    #: The values it may have, most important first, as FEEL unary tests; what PRIORITY and OUTPUT ORDER sort by.
    values: str | None
    #: What it is when no rule matches, as FEEL; None when nothing is said.
    default: str | None
    #: What it must be, with the column's own allowed values; None when nothing is said.
    type: Type | None = None


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

    def request(self) -> dict[str, Any]:
        """What the script needs to know of this table."""
        return {
            "inputs": [column.expression for column in self.inputs],
            "tests": [list(rule.tests) for rule in self.rules],
            "outputs": [list(rule.outputs) for rule in self.rules],
            "defaults": self.defaults,
            "first": self.hit_policy == "FIRST",
            "inputTypes": _types(column.type for column in self.inputs),
            "outputTypes": _types(column.type for column in self.outputs),
        }

    def place(self, kind: str, row: int, number: int) -> tuple[str, str]:
        """Return the element id and the text of a place that the script names."""
        if kind == "input":
            column = self.inputs[number]
            return column.id, column.expression
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


class Literal(NamedTuple):
    """A decision that is one FEEL expression, or boxed ones that were put together to one."""

    id: str
    text: str
    #: Of a boxed expression: the expressions it was put together from, as (element id, text).
    pieces: tuple[tuple[str, str], ...] = ()
    type: Type | None = None

    def request(self) -> dict[str, Any]:
        """What the script needs to know: a table without inputs whose only rule answers the expression."""
        return {
            "inputs": [],
            "tests": [[]],
            "outputs": [[self.text]],
            "defaults": None,
            "first": True,
            "inputTypes": [],
            "outputTypes": _types([self.type]),
        }

    def place(self, _kind: str, _row: int, _number: int) -> tuple[str, str]:
        """Return the element id and the text of a place that the script names."""
        return self.id, self.text

    def expressions(self) -> Iterator[tuple[str, str, bool]]:
        """Yield every expression as (element id, text, whether it is unary tests)."""
        for element_id, text in self.pieces:
            yield element_id, text, False
        yield self.id, self.text, False


def _types(types: Iterable[Type | None]) -> list[dict[str, Any] | None]:
    return [None if kind is None else kind.request for kind in types]


@dataclass(frozen=True, eq=False)
class Required:
    """A decision that must be known before another one."""

    decision: "Decision"
    #: The name of the import it comes by: the requiring decision knows it as ``prefix.variable`` too.
    prefix: str | None = None


@dataclass(frozen=True, eq=False)
class Decision:
    """A decision, with the decisions that must be known before it."""

    id: str
    name: str
    #: The name that other decisions know its value by: its variable's, else its own.
    variable: str
    logic: DecisionTable | Literal
    requires: tuple[Required, ...] = ()
    #: The input data it requires: name, and type when it says one.
    inputs: tuple[tuple[str, Type | None], ...] = ()
    #: What its expressions may call, each after those that it calls itself.
    functions: tuple[Function, ...] = ()
    #: What its variable says of its value.
    type: Type | None = None
    #: Names that expressions of it define for themselves: entries of contexts, parameters.
    local_names: tuple[str, ...] = ()
    #: The file it stands in.
    resource: str | None = None

    def __str__(self) -> str:
        """The name a person knows it by."""
        return f"'{self.name}'"

    @cached_property
    def known_names(self) -> tuple[str, ...]:
        """The names its expressions may use without the caller's variables."""
        names = {self.variable, *self.local_names}
        names.update(name for name, _ in self.inputs)
        names.update(function.name for function in self.functions)
        for required in self.requires:
            names.update((required.decision.variable, required.decision.id))
        return tuple(sorted(names))

    @cached_property
    def variables(self) -> tuple[tuple[str, str, Type], ...]:
        """The variables whose type is known: element id, name, type."""
        found = [(self.id, name, kind) for name, kind in self.inputs if kind is not None]
        for required in self.requires:
            kind = required.decision.type
            if kind is not None:
                found += [(self.id, required.decision.variable, kind), (self.id, required.decision.id, kind)]
        return tuple(found)

    @cached_property
    def request(self) -> dict[str, Any]:
        """What the script needs to know of this decision."""
        return {
            **self.logic.request(),
            "functions": [[function.name, function.text] for function in self.functions],
            "variables": [[name, kind.request] for _, name, kind in self.variables],
        }

    @cached_property
    def fingerprint(self) -> str:
        """Equal for decisions that evaluate alike; the script keeps one by it."""
        return hashlib.sha256(orjson.dumps(self.request)).hexdigest()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every text in which a variable may be mentioned."""
        texts = [text for _, text, _ in self.logic.expressions()]
        texts += [function.text for function in self.functions]
        texts += [name for _, name, _ in self.variables]
        return tuple(texts + _allowed(self.request["inputTypes"]) + _allowed(self.request["outputTypes"]))

    @property
    def allowed_values(self) -> list[tuple[str, str]]:
        """The values that types allow, as (element id, unary tests)."""
        columns = (*self.logic.inputs, *self.logic.outputs) if isinstance(self.logic, DecisionTable) else ()
        found = [(column.id, column.type.allowed) for column in columns if column.type is not None]
        found += [(element_id, kind.allowed) for element_id, _, kind in self.variables]
        return [(element_id, allowed) for element_id, allowed in found if allowed is not None]

    @cached_property
    def mentions_time(self) -> bool:
        """Whether an expression may ask for the time."""
        return any("now" in text or "today" in text for text in self.texts)

    def place(self, place: list[Any]) -> tuple[str, str]:
        """Return the element id and the text of a place that the script names."""
        kind, *numbers = place
        if kind == "variable":
            element_id, name, _ = self.variables[numbers[0]]
            return element_id, name
        if kind == "function":
            function = self.functions[numbers[0]]
            return function.id, function.text
        return self.logic.place(kind, numbers[0], numbers[-1])


def _allowed(types: list[dict[str, Any] | None]) -> list[str]:
    return [kind["allowed"] for kind in types if kind and kind["allowed"]]
