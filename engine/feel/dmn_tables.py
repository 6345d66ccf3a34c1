"""The tables of a DMN file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine import limits
from engine.feel import hit_policies
from engine.feel.dmn_file import File
from engine.feel.errors import DecisionInvalid
from engine.feel.model import DecisionTable, Input, Output, Rule, Type

#: Finds what an element's ``typeRef`` stands for, given the id to report it at.
TypeOf = Callable[[Any, str | None], Type | None]


def read(
    file: File, table: Any, decision_id: str, decision_name: str, kind: Type | None, type_of: TypeOf
) -> DecisionTable:
    """Return a decision's table; ``kind`` is what the decision's variable says of it.

    Raises:
        DecisionInvalid: it says something that cannot be evaluated; it names the element.
    """
    table_id = table.get("id") or decision_id
    hit_policy = table.get("hitPolicy", "UNIQUE")
    aggregation = table.get("aggregation")
    if hit_policy not in hit_policies.HIT_POLICIES:
        raise DecisionInvalid(table_id, f"the hit policy '{hit_policy}' is not known")
    if aggregation is not None and aggregation not in hit_policies.AGGREGATIONS:
        raise DecisionInvalid(table_id, f"the aggregation '{aggregation}' is not known")
    columns, rows = file.children(table, "input"), file.children(table, "rule")
    if len(columns) > limits.TABLE_COLUMNS:
        raise DecisionInvalid(table_id, f"the table has {len(columns)} inputs, and {limits.TABLE_COLUMNS} may be")
    if len(rows) > limits.TABLE_RULES:
        raise DecisionInvalid(table_id, f"the table has {len(rows)} rules, and {limits.TABLE_RULES} may be")
    inputs = tuple(_input(file, column, table_id, number, type_of) for number, column in enumerate(columns, 1))
    single = kind if hit_policy not in hit_policies.MULTIPLE and kind is not None and not kind.many else None
    outputs = _outputs(file, table, table_id, decision_name, single, type_of)
    if aggregation is not None and hit_policy == "COLLECT" and len(outputs) > 1:
        raise DecisionInvalid(table_id, f"the aggregation {aggregation} needs one output, and the table has several")
    if hit_policy in ("PRIORITY", "OUTPUT ORDER") and all(output.values is None for output in outputs):
        raise DecisionInvalid(table_id, f"{hit_policy} needs an output that lists its values, most important first")
    rules = tuple(_rule(file, rule, table_id, number, len(inputs), len(outputs)) for number, rule in enumerate(rows, 1))
    return DecisionTable(table_id, hit_policy, aggregation if hit_policy == "COLLECT" else None, inputs, outputs, rules)


def _input(file: File, element: Any, table_id: str, number: int, type_of: TypeOf) -> Input:
    input_id = element.get("id") or f"{table_id}/input {number}"
    expression = file.child(element, "inputExpression")
    text = "" if expression is None else file.text(expression, input_id)
    if not text:
        raise DecisionInvalid(input_id, "the input has no expression")
    kind = _restricted(type_of(expression, input_id), _cell(file, element, "inputValues"))
    return Input(input_id, element.get("label") or text, text, kind)


def _outputs(
    file: File, table: Any, table_id: str, decision_name: str, kind: Type | None, type_of: TypeOf
) -> tuple[Output, ...]:
    elements = file.children(table, "output")
    if not elements:
        raise DecisionInvalid(table_id, "the table has no output")
    outputs: list[Output] = []
    for number, element in enumerate(elements, 1):
        output_id = element.get("id") or f"{table_id}/output {number}"
        name = element.get("name") or (decision_name if len(elements) == 1 else "")
        if not name:
            raise DecisionInvalid(output_id, "the output has no name, and the table has several")
        if name in {output.name for output in outputs}:
            raise DecisionInvalid(output_id, f"two outputs are named '{name}'")
        values = _cell(file, element, "outputValues")
        own = type_of(element, output_id) or (kind if len(elements) == 1 else None)
        own = _restricted(own, values)
        listed = values or (own.allowed if own else None)
        outputs.append(Output(output_id, name, listed, _cell(file, element, "defaultOutputEntry"), own))
    return tuple(outputs)


def _restricted(kind: Type | None, values: str | None) -> Type | None:
    """A type with the values that a column allows."""
    if values is None or values == "-":
        return kind
    return Type("Any", allowed=values) if kind is None else replace(kind, allowed=values)


def _cell(file: File, element: Any, name: str) -> str | None:
    child = file.child(element, name)
    return None if child is None else file.text(child, element.get("id")) or None


def _rule(file: File, element: Any, table_id: str, number: int, inputs: int, outputs: int) -> Rule:
    rule_id = element.get("id") or f"{table_id}/rule {number}"
    tests = file.children(element, "inputEntry")
    answers = file.children(element, "outputEntry")
    if len(tests) != inputs:
        raise DecisionInvalid(rule_id, f"rule {number} has {len(tests)} input entries and the table {inputs} inputs")
    if len(answers) != outputs:
        raise DecisionInvalid(
            rule_id, f"rule {number} has {len(answers)} output entries and the table {outputs} outputs"
        )
    return Rule(
        rule_id,
        tuple(file.text(cell, rule_id) or "-" for cell in tests),
        tuple(file.text(cell, rule_id) for cell in answers),
        tuple(cell.get("id") or rule_id for cell in [*tests, *answers]),
    )
