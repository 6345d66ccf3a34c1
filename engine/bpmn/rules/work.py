"""Does every task find its people, its form, its decision and its delegate?"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.rules.bundle import Bundle, Model, extensions_of, label
from engine.findings import Finding

_RESULTS = ("singleEntry", "singleResult", "collectEntries", "resultList")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every task that would wait for something that is not there."""
    for model in bundle.models:
        laned = {(reference.text or "").strip() for reference in model.all("flowNodeRef")}
        for node in model.flow_nodes():
            extensions = extensions_of(node)
            name = xml.local_name(node)
            form_key = extensions.get("formKey")
            if form_key and form_key not in bundle.forms:
                yield _error(
                    "form_missing",
                    node,
                    f"'{label(node)}' asks for the form '{form_key}', which is not in the bundle.",
                    model,
                    f"Add forms/{form_key}.form.",
                )
            if name == "userTask" and not extensions.get("assignee") and not extensions.get("candidateGroups"):
                if node.get("id") not in laned:
                    yield Finding(
                        "warning",
                        "nobody",
                        node.get("id"),
                        f"'{label(node)}' is offered to nobody.",
                        "Name candidate groups, an assignee or a lane.",
                        model.resource,
                    )
            elif name == "serviceTask":
                yield from _service(bundle, model, node, extensions.get("topic"))
            elif name == "businessRuleTask":
                yield from _decision(bundle, model, node)
            elif name == "callActivity" and node.get("calledElement") not in bundle.process_keys:
                yield _error(
                    "called_process_missing", node,
                    f"'{label(node)}' calls '{node.get('calledElement')}', which is not in the bundle.", model,
                )  # fmt: skip


def _service(bundle: Bundle, model: Model, node: Any, topic: str | None) -> Iterator[Finding]:
    if topic is None:
        yield _error("topic_missing", node, f"'{label(node)}' names no delegate.", model, "Set camunda:topic.")
    elif bundle.topics is not None and topic not in bundle.topics:
        known = ", ".join(sorted(bundle.topics)) or "none"
        yield _error(
            "topic_unknown", node, f"'{label(node)}' asks for the delegate '{topic}'; known are: {known}.", model
        )


def _decision(bundle: Bundle, model: Model, node: Any) -> Iterator[Finding]:
    extensions = extensions_of(node)
    reference = extensions.get("decisionRef")
    if reference is None:
        yield _error("decision_missing", node, f"'{label(node)}' names no decision.", model, "Set camunda:decisionRef.")
    elif reference not in bundle.decisions:
        yield _error(
            "decision_missing", node, f"'{label(node)}' asks for '{reference}', which is not in the bundle.", model
        )
    if not extensions.get("resultVariable"):
        yield _error("result_variable_missing", node, f"'{label(node)}' does not say where its result goes.", model)
    result = extensions.get("mapDecisionResult")
    if result and result not in _RESULTS:
        yield _error("decision_result", node, f"'{label(node)}': '{result}' is none of {', '.join(_RESULTS)}.", model)


def _error(rule: str, node: Any, message: str, model: Model, repair: str | None = None) -> Finding:
    return Finding("error", rule, node.get("id"), message, repair, model.resource)
