"""Does every text that will be evaluated parse? A condition must not fail a year later."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn import schedules, timers, xml
from engine.bpmn.extensions import is_expression
from engine.bpmn.messaging import key_texts
from engine.bpmn.rules.bundle import (
    Bundle,
    Model,
    children,
    event_definitions,
    extensions_of,
    is_start_of_process,
    label,
    text_of,
)
from engine.feel import expressions
from engine.findings import Finding

_PRIORITY = re.compile(r"-?[0-9]{1,9}\Z")
_MAYBE_FEEL = ("assignee", "candidateGroups", "dueDate", "priority")


@dataclass(frozen=True, slots=True)
class _Unparsed:
    """A text that must parse as FEEL: all of a bundle are asked about at once."""

    text: str
    node: Any
    where: str
    model: Model


_Found = Finding | _Unparsed


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every expression, script and timer that does not parse."""
    found = list(_texts(bundle))
    texts = list(dict.fromkeys(item.text for item in found if isinstance(item, _Unparsed)))
    problems = dict(zip(texts, expressions.check_many(texts), strict=True)) if texts else {}
    for item in found:
        if isinstance(item, Finding):
            yield item
        elif problem := problems[item.text]:
            message = f"'{label(item.node)}': {item.where} does not parse as FEEL: {problem}"
            yield _finding(item.node, message, item.model)


def _texts(bundle: Bundle) -> Iterator[_Found]:
    for model in bundle.models:
        for flow in model.all("sequenceFlow"):
            condition = text_of(flow, "conditionExpression")
            if condition is not None:
                yield from _feel(condition, flow, "the condition", model)
        for node in model.flow_nodes():
            yield from _node(model, node)


def _node(model: Model, node: Any) -> Iterator[_Found]:
    extensions = extensions_of(node)
    for name in _MAYBE_FEEL:
        text = extensions.get(name)
        if is_expression(text):
            yield from _feel(text or "", node, f"camunda:{name}", model)
    due = extensions.get("dueDate")
    if due and not is_expression(due) and timers.check(due, cycle=False):
        yield _finding(node, f"'{label(node)}': the due date {timers.check(due, cycle=False)}", model)
    priority = extensions.get("priority")
    if priority and not is_expression(priority) and not _PRIORITY.match(priority):
        yield _finding(node, f"'{label(node)}': the priority '{priority}' is no whole number of nine digits.", model)
    for text in extensions.mapping.expressions:
        yield from _feel(text, node, "a data mapping", model)
    for key, text in key_texts(extensions).items():
        yield from _feel(text, node, f"the correlation key '{key}'", model)
    if xml.local_name(node) == "scriptTask":
        yield from _script(model, node, extensions.get("resultVariable"))
    for definition in event_definitions(node):
        yield from _timer(model, node, definition)
        yield from _condition(model, node, definition)
    for loop in children(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        for name in ("loopCardinality", "completionCondition", "loopCondition"):
            text = text_of(loop, name)
            if text:
                yield from _feel(text, node, name, model)
        yield from _repetition(model, node, loop)


def _repetition(model: Model, node: Any, loop: Any) -> Iterator[_Found]:
    """A repeated activity says how often."""
    collection = extensions_of(loop).get("collection") or text_of(loop, "loopDataInputRef")
    problem = repair = None
    if xml.local_name(loop) == "multiInstanceLoopCharacteristics":
        if bool(collection) == bool(text_of(loop, "loopCardinality")):
            problem = "has to name either a collection or a cardinality."
            repair = "Set camunda:collection, or a cardinality."
    else:
        maximum = loop.get("loopMaximum")
        if maximum is not None and not maximum.isdigit():
            problem = f"has the loop maximum '{maximum}', which is no whole number."
        elif maximum is None and not text_of(loop, "loopCondition"):
            problem, repair = "is a loop without an end.", "Set a loop condition or a maximum."
    if problem:
        yield Finding("error", "repetition", node.get("id"), f"'{label(node)}' {problem}", repair, model.resource)
    if is_expression(collection):
        yield from _feel(collection or "", node, "the collection", model)


def _script(model: Model, node: Any, result_variable: str | None) -> Iterator[_Found]:
    language = node.get("scriptFormat")
    if (language or "").lower() != "feel":
        yield Finding(
            "error",
            "script_language",
            node.get("id"),
            f"'{label(node)}' is a script in {language or 'no stated language'}; scripts are FEEL.",
            'Set scriptFormat="feel" and a result variable.',
            model.resource,
        )
        return
    script = text_of(node, "script")
    if not script:
        yield _finding(node, f"'{label(node)}' has no script.", model)
        return
    if not result_variable:
        yield Finding(
            "error", "result_variable_missing", node.get("id"), f"'{label(node)}' does not say where its result goes.",
            "Set camunda:resultVariable.", model.resource,
        )  # fmt: skip
    yield from _feel(script, node, "the script", model)


def _condition(model: Model, node: Any, definition: Any) -> Iterator[_Found]:
    if xml.local_name(definition) == "conditionalEventDefinition":
        text = text_of(definition, "condition")
        if text:
            yield from _feel(text, node, "the condition", model)
        else:
            yield Finding(
                "error", "condition_missing", node.get("id"), f"Conditional event '{label(node)}' has no condition.",
                "Give it a FEEL condition.", model.resource,
            )  # fmt: skip


def _timer(model: Model, node: Any, definition: Any) -> Iterator[Finding]:
    if xml.local_name(definition) != "timerEventDefinition":
        return
    for name in ("timeDate", "timeDuration", "timeCycle"):
        text = text_of(definition, name)
        if text:
            if name == "timeCycle" and not is_start_of_process(node) and not _may_repeat(node):
                yield Finding(
                    "error",
                    "timer_cycle",
                    node.get("id"),
                    f"Timer '{label(node)}' repeats, but its token goes on once.",
                    "Give it a duration or a date, or let it not interrupt.",
                    model.resource,
                )
            if is_start_of_process(node):
                problem = schedules.check(name, text)
            else:
                problem = timers.check(text, cycle=name == "timeCycle")
            if problem:
                yield Finding("error", "timer", node.get("id"), f"'{label(node)}': {problem}", None, model.resource)
            return
    yield Finding(
        "error",
        "timer",
        node.get("id"),
        f"Timer '{label(node)}' says neither when nor how long.",
        "Give it a duration.",
        model.resource,
    )


def _may_repeat(node: Any) -> bool:
    """Say whether a timer can go off more than once where it stands."""
    if xml.local_name(node) == "boundaryEvent":
        return node.get("cancelActivity") == "false"
    in_event_subprocess = node.getparent().get("triggeredByEvent") == "true"
    return xml.local_name(node) == "startEvent" and not (in_event_subprocess and node.get("isInterrupting") != "false")


def _feel(text: str, node: Any, where: str, model: Model) -> Iterator[_Found]:
    yield _Unparsed(text, node, where, model)


def _finding(node: Any, message: str, model: Model) -> Finding:
    return Finding("error", "expression", node.get("id"), message, None, model.resource)
