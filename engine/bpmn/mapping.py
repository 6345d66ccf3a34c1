"""Data mappings: what goes into an element and what comes out, in FEEL."""

from datetime import datetime
from typing import Any

from engine.bpmn.extensions import Mapping, is_expression
from engine.feel import expressions


def evaluate(pairs: tuple[tuple[str, str], ...], context: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Evaluate name/text pairs over ``context`` in one call; a text that is not FEEL is its own value."""
    texts = [text for _, text in pairs if is_expression(text)]
    results = iter(expressions.evaluate_many(texts, context, now=now)) if texts else iter(())
    return {name: next(results) if is_expression(text) else text for name, text in pairs}


def inputs(mapping: Mapping, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the values of the input parameters."""
    return evaluate(mapping.inputs, data, now) if mapping.inputs else {}


def apply_outputs(mapping: Mapping, data: dict[str, Any], result: dict[str, Any], now: datetime) -> None:
    """Put a result into the token's data: through the output parameters, or as it is when there are none."""
    if mapping.outputs:
        data.update(evaluate(mapping.outputs, {**data, **result}, now))
    else:
        data.update(result)
