"""Is the model whole? Every id unique, every reference to something, every path from a start to an end."""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import links, xml
from engine.bpmn.extensions import BPMN
from engine.bpmn.rules.bundle import FLOW_NODES, Bundle, Model, children, label, outgoing
from engine.findings import Finding

_DI_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield what is not whole."""
    if not bundle.process_keys:
        yield Finding(
            "error",
            "no_process",
            None,
            "The bundle holds no executable process.",
            'Set isExecutable="true" on the process.',
        )
    seen: dict[str, str] = {}
    for model in bundle.models:
        yield from _ids(model)
        yield from _references(model)
        yield from _lanes(model)
        for process in model.processes():
            key = process.get("id") or ""
            if key in seen:
                yield _error("duplicate_id", process, f"Process '{key}' is also in {seen[key]}.", model)
            seen[key] = model.resource
            yield from _starts_and_ends(model, process)
        yield from _reachability(model)
        if model.processes() and next(model.root.iter(_DI_SHAPE), None) is None:
            yield Finding(
                "warning",
                "no_diagram",
                None,
                "The model has no diagram: people will see no picture of it.",
                None,
                model.resource,
            )


def _ids(model: Model) -> Iterator[Finding]:
    for node in model.root.iter(f"{{{BPMN}}}*"):
        name = xml.local_name(node)
        if node.get("id") is None:
            if name in FLOW_NODES or name in ("process", "sequenceFlow"):
                yield _error("missing_id", node, f"A {name} has no id.", model)
        elif node.get("id") in model.nodes:
            yield _error("duplicate_id", node, f"The id '{node.get('id')}' is used twice.", model)
        else:
            model.nodes[node.get("id")] = node


def _references(model: Model) -> Iterator[Finding]:
    for flow in model.all("sequenceFlow"):
        for end in ("sourceRef", "targetRef"):
            target = model.nodes.get(flow.get(end))
            if target is None or xml.local_name(target) not in FLOW_NODES:
                yield _error(
                    "unknown_element",
                    flow,
                    f"Flow '{label(flow)}': {end} names '{flow.get(end)}', which is no element.",
                    model,
                )
    for event in model.all("boundaryEvent"):
        if event.get("attachedToRef") not in model.nodes:
            yield _error(
                "unknown_element",
                event,
                f"'{label(event)}' is attached to '{event.get('attachedToRef')}', which is no element.",
                model,
            )
    for node in model.flow_nodes():
        default = node.get("default")
        if default is not None and default not in {flow.get("id") for flow in outgoing(model, node)}:
            yield _error(
                "unknown_element", node, f"'{label(node)}': its default flow '{default}' does not leave it.", model
            )
    for node in model.root.iter(f"{{{BPMN}}}*"):
        for attribute in ("messageRef", "errorRef", "signalRef", "escalationRef"):
            reference = node.get(attribute)
            if reference is not None and reference not in model.nodes:
                owner = node if node.get("id") else node.getparent()
                yield _error(
                    "unknown_element",
                    owner,
                    f"'{label(owner)}': {attribute} names '{reference}', which is nothing.",
                    model,
                )


def _lanes(model: Model) -> Iterator[Finding]:
    for reference in model.all("flowNodeRef"):
        if (reference.text or "").strip() not in model.nodes:
            lane = reference.getparent()
            yield Finding(
                "warning",
                "unknown_element",
                lane.get("id"),
                f"Lane '{label(lane)}' names '{reference.text}', which is no element.",
                None,
                model.resource,
            )


def _starts_and_ends(model: Model, process: Any) -> Iterator[Finding]:
    if not children(process, "startEvent") and not any(
        task.get("instantiate") == "true" for task in children(process, "receiveTask")
    ):
        yield _error(
            "no_start", process, f"Process '{label(process)}' has no start event.", model, "Draw a start event."
        )
    if not children(process, "endEvent"):
        yield _error("no_end", process, f"Process '{label(process)}' has no end event.", model, "Draw an end event.")
    for inner in process.iter(f"{{{BPMN}}}subProcess", f"{{{BPMN}}}transaction"):
        if inner.get("triggeredByEvent") != "true" and len(children(inner, "startEvent")) != 1:
            yield _error("no_start", inner, f"Subprocess '{label(inner)}' needs exactly one start event.", model)
        if not children(inner, "endEvent"):
            yield _error("no_end", inner, f"Subprocess '{label(inner)}' has no end event.", model)


def _reachability(model: Model) -> Iterator[Finding]:
    targets: dict[str, list[str]] = {}
    for flow in model.all("sequenceFlow"):
        targets.setdefault(flow.get("sourceRef"), []).append(flow.get("targetRef"))
    for event in model.all("intermediateThrowEvent"):
        target = links.target_of(event)
        if target is not None:
            targets.setdefault(event.get("id"), []).append(target.get("id"))
    for association in model.all("association"):
        targets.setdefault(association.get("sourceRef"), []).append(association.get("targetRef"))
    pending = [node.get("id") for node in model.all("startEvent", "boundaryEvent")]
    pending += [node.get("id") for node in model.all("receiveTask") if node.get("instantiate") == "true"]
    reached: set[str] = set()
    while pending:
        node_id = pending.pop()
        if node_id not in reached:
            reached.add(node_id)
            pending.extend(targets.get(node_id, []))
    for node in model.flow_nodes():
        if node.get("id") not in reached and node.get("triggeredByEvent") != "true" and node.get("id"):
            yield Finding(
                "warning",
                "unreachable",
                node.get("id"),
                f"No path leads to '{label(node)}'.",
                "Connect it or delete it.",
                model.resource,
            )
        ends = xml.local_name(node) == "endEvent" or node.get("isForCompensation") == "true"
        if not ends and node.get("id") in reached and not targets.get(node.get("id")):
            yield Finding(
                "warning",
                "dead_end",
                node.get("id"),
                f"No flow leaves '{label(node)}'; the path ends there.",
                "Draw a flow to an end event.",
                model.resource,
            )


def _error(rule: str, node: Any, message: str, model: Model, repair: str | None = None) -> Finding:
    return Finding("error", rule, node.get("id"), message, repair, model.resource)
