"""DMN decisions: tables and expressions, alone or requiring one another.

    model = decisions.parse(xml)
    rows = decisions.evaluate(model["filing_fee"], {"claim_value": 12000})
    fee = decisions.map_result(rows, "singleEntry")

An answer is a list of rows, a dict by output name each: none or one row for UNIQUE, ANY, FIRST, PRIORITY, an
aggregated COLLECT and an expression; every matching rule's for COLLECT, RULE ORDER and OUTPUT ORDER. Amounts may be
compared here; they are not computed.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from engine.feel import dmn, expressions, hit_policies, interpreter
from engine.feel.errors import DecisionFailed, DecisionInvalid, FeelError
from engine.feel.hit_policies import Hits, Row
from engine.feel.model import Decision, DecisionTable

__all__ = ["Decision", "DecisionFailed", "DecisionInvalid", "check", "evaluate", "map_result", "parse", "value"]

#: What ``camunda:mapDecisionResult`` may say.
MAPPINGS: Final = ("singleEntry", "singleResult", "collectEntries", "resultList")


def parse(xml: bytes) -> dict[str, Decision]:
    """Return the decisions of a DMN file by id.

    Raises:
        DecisionInvalid: it is no DMN, or says something that cannot be evaluated; it names the element.
    """
    return dmn.read(xml)


def check(xml: bytes) -> list[tuple[str | None, str]]:
    """Return what is wrong with a DMN file as (element id, message): structure first, then every expression."""
    try:
        decisions = parse(xml)
    except DecisionInvalid as error:
        return [(error.element_id, error.message)]
    names = {name for decision in decisions.values() for name in (decision.variable, *decision.input_names)}
    found = [item for decision in decisions.values() for item in decision.logic.expressions()]
    problems = expressions.check_many(
        [text for _, text, _ in found], unary=[unary for _, _, unary in found], names=sorted(names)
    )
    return [
        (element_id, f"{interpreter.shorten(text)}: {problem}")
        for (element_id, text, _), problem in zip(found, problems, strict=True)
        if problem is not None
    ]


def evaluate(decision: Decision, context: Mapping[str, Any], *, now: datetime | None = None) -> list[Row]:
    """Return the rows that ``decision`` answers over ``context``; the decisions it requires are decided first.

    Raises:
        FeelError: an expression fails; the message names the element.
        DecisionFailed: the rules that match are not what the hit policy allows.
    """
    return _evaluate(decision, context, now, {})


def value(decision: Decision, context: Mapping[str, Any], *, now: datetime | None = None) -> Any:
    """Return what ``decision`` is to a decision that requires it.

    A row with one output is that output's value, others a dict; tables that answer several rows give a list; no match
    is None.
    """
    return _value(decision, evaluate(decision, context, now=now))


def map_result(rows: list[Row], mapping: str, *, decision_id: str = "") -> Any:
    """Return the rows as ``camunda:mapDecisionResult`` wants them.

    ``singleEntry`` the value of the only output of the only row, or None; ``singleResult`` the only row, or None;
    ``collectEntries`` the values of the only output of each row; ``resultList`` the rows.

    Raises:
        DecisionFailed: there are more rows or outputs than the mapping takes, or it is not known.
    """
    if mapping not in MAPPINGS:
        raise DecisionFailed(decision_id, f"the result mapping '{mapping}' is not one of {', '.join(MAPPINGS)}")
    if mapping in ("singleEntry", "singleResult") and len(rows) > 1:
        raise DecisionFailed(decision_id, f"{mapping} takes one row and the decision answers {len(rows)}")
    if mapping in ("singleEntry", "collectEntries") and any(len(row) != 1 for row in rows):
        names = ", ".join(rows[0])
        raise DecisionFailed(decision_id, f"{mapping} takes one output and the decision answers several: {names}")
    match mapping:
        case "resultList":
            return rows
        case "collectEntries":
            return [next(iter(row.values())) for row in rows]
        case "singleResult":
            return rows[0] if rows else None
        case _:
            return next(iter(rows[0].values())) if rows else None


def _evaluate(decision: Decision, context: Mapping[str, Any], now: datetime | None, known: dict[str, Any]) -> list[Row]:
    scope = dict(context)
    for required in decision.requires:
        if required.id not in known:
            known[required.id] = _value(required, _evaluate(required, context, now, known))
        scope[required.id] = scope[required.variable] = known[required.id]
    logic = decision.logic
    if isinstance(logic, DecisionTable):
        return hit_policies.HIT_POLICIES[logic.hit_policy](_hits(decision, logic, scope, now))
    try:
        return [{decision.variable: expressions.evaluate(logic.text, scope, now=now)}]
    except FeelError as error:
        raise type(error)(error.expression, f"{error.message} (in {logic.id}, decision {decision})") from None


def _hits(decision: Decision, table: DecisionTable, scope: Mapping[str, Any], now: datetime | None) -> Hits:
    try:
        matches, cells = interpreter.shared().decide(table, expressions.visible(_tokens(table), scope), now=now)
    except interpreter.CellError as error:
        raise FeelError(error.expression, f"{error.message} (in {error.element_id}, decision {decision})") from None
    except FeelError as error:
        raise type(error)(error.expression or decision.name, f"{error.message} (decision {decision})") from None
    names = [output.name for output in table.outputs]
    return Hits(
        decision.id,
        str(decision),
        table,
        [table.rules[match].id if match >= 0 else "default" for match in matches],
        [dict(zip(names, row, strict=True)) for row in cells],
        _priorities(table),
    )


@lru_cache(maxsize=500)
def _tokens(table: DecisionTable) -> frozenset[str]:
    return expressions.tokens_of("\n".join(table.texts))


def _priorities(table: DecisionTable) -> dict[str, list[Any]]:
    if table.hit_policy not in ("PRIORITY", "OUTPUT ORDER"):
        return {}
    return {
        output.name: expressions.evaluate(f"[{output.values}]", {})
        for output in table.outputs
        if output.values is not None
    }


def _value(decision: Decision, rows: list[Row]) -> Any:
    logic = decision.logic
    values = [next(iter(row.values())) if len(row) == 1 else row for row in rows]
    if isinstance(logic, DecisionTable) and logic.hit_policy in hit_policies.MULTIPLE and logic.aggregation is None:
        return values
    return values[0] if values else None
