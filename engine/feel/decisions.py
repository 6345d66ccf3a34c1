"""DMN decisions: tables and expressions, alone or requiring one another.

    model = decisions.parse(xml)
    rows = decisions.evaluate(model["filing_fee"], {"claim_value": 12000})
    fee = decisions.map_result(rows, "singleEntry")

An answer is a list of rows, a dict by output name each: none or one row for UNIQUE, ANY, FIRST, PRIORITY, an
aggregated COLLECT and an expression; every matching rule's for COLLECT, RULE ORDER and OUTPUT ORDER. Amounts may be
compared here; they are not computed. A decision that several others require is decided once for all of them.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, cast

from engine.feel import expressions, hit_policies, interpreter
from engine.feel.errors import DecisionFailed, DecisionInvalid, FeelError
from engine.feel.hit_policies import Hits, Row
from engine.feel.model import Decision, DecisionTable
from engine.findings import Finding

__all__ = [
    "Decision",
    "DecisionFailed",
    "DecisionInvalid",
    "check",
    "evaluate",
    "examine",
    "map_result",
    "parse",
    "parse_all",
    "value",
]

#: What ``camunda:mapDecisionResult`` may say.
MAPPINGS: Final = ("singleEntry", "singleResult", "collectEntries", "resultList")


def parse(xml: bytes) -> dict[str, Decision]:
    """Return the decisions of a DMN file that stands alone, by id.

    Raises:
        DecisionInvalid: it is no DMN, or says something that cannot be evaluated; it names the element.
    """
    return parse_all({"decisions.dmn": xml})


def parse_all(files: Mapping[str, bytes]) -> dict[str, Decision]:
    """Return the decisions of a bundle's DMN files (by name) by id; they may require each other across files.

    Raises:
        DecisionInvalid: a file is no DMN, or says something that cannot be evaluated; it names the element.
    """
    from engine.feel import dmn  # noqa: PLC0415 - what reads files is loaded for the first of them

    return dmn.read(files)


def check(xml: bytes) -> list[tuple[str | None, str]]:
    """Return what keeps a DMN file from being evaluated as (element id, message)."""
    _, findings = examine({"decisions.dmn": xml})
    return [(finding.element_id, finding.message) for finding in findings if finding.severity == "error"]


def examine(files: Mapping[str, bytes]) -> tuple[dict[str, Decision], list[Finding]]:
    """Return the decisions of a bundle's DMN files that can be read, by id, and what is wrong with the files.

    First what the structure is wrong about, then every expression, then gaps and overlaps of tables.
    """
    from engine.feel import coverage, dmn  # noqa: PLC0415 - as above

    readable, wrong = dmn.problems(files)
    findings = [Finding("error", "decision", error.element_id, error.message, None, error.resource) for error in wrong]
    for decision in readable:
        problems = _expression_problems(decision)
        findings += [
            Finding("error", "decision", element_id, message, None, decision.resource)
            for element_id, message in problems
        ]
        if not problems and isinstance(decision.logic, DecisionTable):
            findings += coverage.findings(decision, decision.logic)
    return {decision.id: decision for decision in readable}, findings


def _expression_problems(decision: Decision) -> list[tuple[str, str]]:
    found = list(decision.logic.expressions())
    found += [(element_id, text, False) for function in decision.functions for element_id, text in function.pieces]
    found += [(function.id, function.text, False) for function in decision.functions]
    found += [(element_id, text, True) for element_id, text in decision.allowed_values]
    # a function is checked by its pieces: as a whole it has no plain value, which a whole expression must have
    texts = [f"[{text}]" if text.startswith("function(") else text for _, text, _ in found]
    problems = expressions.check_many(texts, unary=[unary for _, _, unary in found], names=decision.known_names)
    named: dict[str, str] = {}
    for (element_id, text, _), problem in zip(found, problems, strict=True):
        if problem is not None and element_id not in named:
            named[element_id] = f"{interpreter.shorten(text)}: {problem}"
    if any(element_id != decision.logic.id for element_id in named) and not isinstance(decision.logic, DecisionTable):
        named.pop(decision.logic.id, None)  # it is made of the others
    return list(named.items())


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


def _evaluate(decision: Decision, context: Mapping[str, Any], now: datetime | None, known: dict[int, Any]) -> list[Row]:
    scope = dict(context)
    for required in decision.requires:
        other = required.decision
        if id(other) not in known:
            known[id(other)] = _value(other, _evaluate(other, context, now, known))
        scope[other.id] = scope[other.variable] = known[id(other)]
        if required.prefix is not None:
            imported = scope.get(required.prefix)
            entries = cast("dict[str, Any]", imported) if isinstance(imported, dict) else {}
            scope[required.prefix] = {**entries, other.variable: known[id(other)]}
    logic = decision.logic
    matches, cells = _answered(decision, scope, now)
    if not isinstance(logic, DecisionTable):
        return [{decision.variable: cells[0][0]}]
    names = [output.name for output in logic.outputs]
    hits = Hits(
        decision.id,
        str(decision),
        logic,
        [logic.rules[match].id if match >= 0 else "default" for match in matches],
        [dict(zip(names, row, strict=True)) for row in cells],
        _priorities(logic),
    )
    return hit_policies.HIT_POLICIES[logic.hit_policy](hits)


def _answered(decision: Decision, scope: Mapping[str, Any], now: datetime | None) -> tuple[list[int], list[list[Any]]]:
    try:
        return interpreter.shared().decide(decision, expressions.visible(_tokens(decision), scope), now=now)
    except interpreter.CellError as error:
        if error.kind == "value":
            place = f"{error.element_id}: {error.expression}"
            raise DecisionFailed(decision.id, f"{decision}: {error.message} ({place})", [error.element_id]) from None
        raise FeelError(error.expression, f"{error.message} (in {error.element_id}, decision {decision})") from None
    except FeelError as error:
        raise type(error)(error.expression or decision.name, f"{error.message} (decision {decision})") from None


@lru_cache(maxsize=500)
def _tokens(decision: Decision) -> frozenset[str]:
    return expressions.tokens_of("\n".join(decision.texts))


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
