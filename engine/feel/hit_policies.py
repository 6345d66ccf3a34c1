"""What a decision table answers: one function a hit policy, from the rules that matched to the rows of the answer.

Source: DMN 1.3, 8.2.8 and 8.2.11 (hit policies), table 47 (aggregators).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import orjson

from engine.feel.errors import DecisionFailed
from engine.feel.model import DecisionTable

Row = dict[str, Any]


class Hits(NamedTuple):
    """The rules of a table that matched, in the table's order, and what they answer."""

    decision_id: str
    decision_name: str
    table: DecisionTable
    rule_ids: list[str]
    rows: list[Row]
    #: For PRIORITY and OUTPUT ORDER: the values an output may have, most important first.
    priorities: dict[str, list[Any]]

    def refuse(self, message: str) -> DecisionFailed:
        """Return the refusal of these hits."""
        return DecisionFailed(self.decision_id, f"{self.decision_name}: {message}", self.rule_ids)


def unique(hits: Hits) -> list[Row]:
    """At most one rule matches."""
    if len(hits.rows) > 1:
        raise hits.refuse(f"{len(hits.rows)} rules match and only one may: {', '.join(hits.rule_ids)}")
    return hits.rows


def any_(hits: Hits) -> list[Row]:
    """All rules that match answer the same."""
    # as JSON: to Python, true equals 1
    if len({orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in hits.rows}) > 1:
        raise hits.refuse(f"the rules that match must agree and do not: {', '.join(hits.rule_ids)}")
    return hits.rows[:1]


def first(hits: Hits) -> list[Row]:
    """The first rule that matches, in the table's order."""
    return hits.rows[:1]


def priority(hits: Hits) -> list[Row]:
    """The rule with the most important output."""
    return output_order(hits)[:1]


def output_order(hits: Hits) -> list[Row]:
    """All rules that match, the most important output first; equals stay in the table's order."""
    return sorted(hits.rows, key=lambda row: [_rank(hits, name, value) for name, value in row.items()])


def _rank(hits: Hits, name: str, value: Any) -> int:
    values = hits.priorities.get(name, [])
    if not values:
        return 0
    if value not in values:
        raise hits.refuse(f"{value!r} is none of the values that the output '{name}' lists by priority")
    return values.index(value)


def rule_order(hits: Hits) -> list[Row]:
    """All rules that match, in the table's order."""
    return hits.rows


def collect(hits: Hits) -> list[Row]:
    """All rules that match, or what the table's aggregator makes of them."""
    aggregation = hits.table.aggregation
    if aggregation is None:
        return hits.rows
    if len(hits.table.outputs) != 1:
        raise hits.refuse(f"{aggregation} needs a table with one output")
    name = hits.table.outputs[0].name
    values = [row[name] for row in hits.rows]
    if aggregation == "COUNT":
        return [{name: len(values)}]
    numbers: list[int | float] = []
    for rule_id, value in zip(hits.rule_ids, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise hits.refuse(f"{aggregation} needs numbers and rule {rule_id} answers {value!r}")
        numbers.append(value)
    return [{name: AGGREGATORS[aggregation](numbers)}] if numbers else []


def _sum(numbers: Sequence[int | float]) -> int | float:
    # as they are written: 0.1 + 0.2 is 0.3
    total = sum((Decimal(repr(number)) for number in numbers), Decimal(0))
    return int(total) if total == total.to_integral_value() else float(total)


AGGREGATORS: Final[dict[str, Callable[[Sequence[int | float]], int | float]]] = {"SUM": _sum, "MIN": min, "MAX": max}

#: DMN's names of the aggregators, COUNT among them.
AGGREGATIONS: Final = frozenset({*AGGREGATORS, "COUNT"})

HIT_POLICIES: Final[dict[str, Callable[[Hits], list[Row]]]] = {
    "UNIQUE": unique,
    "ANY": any_,
    "FIRST": first,
    "PRIORITY": priority,
    "COLLECT": collect,
    "RULE ORDER": rule_order,
    "OUTPUT ORDER": output_order,
}

#: Those that answer a list; the others answer one row or none.
MULTIPLE: Final = frozenset({"COLLECT", "RULE ORDER", "OUTPUT ORDER"})
