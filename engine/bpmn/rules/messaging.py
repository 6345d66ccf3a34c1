"""Does everything that crosses instances say what it needs: which message, which signal, which keys, which start?"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.bpmn import timers, xml
from engine.bpmn.extensions import BPMN
from engine.bpmn.messaging import key_texts
from engine.bpmn.rules.bundle import (
    Bundle,
    Model,
    children,
    event_definitions,
    extensions_of,
    is_start_of_process,
    label,
    outgoing,
)
from engine.findings import Finding

#: A message with more keys than this is refused (``engine.correlation``).
MOST_KEYS = 5
LONGEST_NAME = 200
_KINDS = ("message", "signal")
_THROWS = ("intermediateThrowEvent", "endEvent", "sendTask")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield what would reach nobody, or the wrong one."""
    yield from _names(bundle)
    for model in bundle.models:
        for process in model.processes():
            yield from _starts(model, process)
        for node in model.flow_nodes():
            yield from _references(model, node)
            yield from _keys(model, node)
            yield from _time_to_live(model, node)
            if node.get("instantiate") == "true" and xml.local_name(node) == "receiveTask":
                yield from _receive_task_as_start(model, node)
            if xml.local_name(node) == "eventBasedGateway":
                yield from _twice(model, node)
            if xml.local_name(node) == "callActivity":
                yield from _called(bundle, model, node)


def _names(bundle: Bundle) -> Iterator[Finding]:
    """The files of a bundle share their messages and signals by id."""
    known: dict[tuple[str, str], str] = {}
    for model in bundle.models:
        for kind in _KINDS:
            for node in model.root.iterchildren(f"{{{BPMN}}}{kind}"):
                name, node_id = (node.get("name") or "").strip(), node.get("id") or ""
                if not 0 < len(name) <= LONGEST_NAME:
                    yield _error(f"{kind}_missing", node, f"The {kind} '{node_id}' has no name.", model, "Name it.")
                elif known.setdefault((kind, node_id), name) != name:
                    other = known[kind, node_id]
                    yield _error(
                        "duplicate_id", node, f"The {kind} '{node_id}' is '{name}' here and '{other}' elsewhere.", model
                    )


def _references(model: Model, node: Any) -> Iterator[Finding]:
    for kind in _KINDS:
        holders = [item for item in event_definitions(node) if xml.local_name(item) == f"{kind}EventDefinition"]
        if kind == "message" and xml.local_name(node) in ("receiveTask", "sendTask"):
            holders.append(node)
        for holder in holders:
            if not holder.get(f"{kind}Ref"):
                yield _error(f"{kind}_missing", node, f"'{label(node)}' names no {kind}.", model, f"Choose a {kind}.")


def _keys(model: Model, node: Any) -> Iterator[Finding]:
    keys = key_texts(extensions_of(node))
    if not keys:
        return
    if is_start_of_process(node) or not _handles_messages(node):
        yield _error("correlation_key", node, f"'{label(node)}' compares no correlation keys.", model, "Remove them.")
    if len(keys) > MOST_KEYS:
        yield _error("correlation_key", node, f"'{label(node)}' has more than {MOST_KEYS} correlation keys.", model)
    if any(not name or len(name) > LONGEST_NAME for name in keys):
        yield _error("correlation_key", node, f"'{label(node)}': a correlation key has no name, or a long one.", model)


def _handles_messages(node: Any) -> bool:
    if xml.local_name(node) in ("receiveTask", "sendTask"):
        return node.get("instantiate") != "true"
    return any(xml.local_name(item) == "messageEventDefinition" for item in event_definitions(node))


def _time_to_live(model: Model, node: Any) -> Iterator[Finding]:
    text = extensions_of(node).properties.get("timeToLive")
    if text is None:
        return
    if xml.local_name(node) not in _THROWS or not _handles_messages(node):
        yield _error("time_to_live", node, f"'{label(node)}' sends no message: nothing is kept.", model, "Remove it.")
    elif not text.strip().upper().startswith("P") or timers.check(text, cycle=False):
        yield _error("time_to_live", node, f"'{label(node)}': '{text}' is no ISO 8601 duration.", model)


def _starts(model: Model, process: Any) -> Iterator[Finding]:
    starts = children(process, "startEvent")
    named = [(_what(node), node) for node in [*starts, *children(process, "receiveTask")] if _begins(node)]
    count = Counter(what for what, _ in named)
    for what, node in named:
        if what is not None and count[what] > 1:
            yield _error("several_starts", node, f"'{label(node)}': another event starts on the same {what[0]}.", model)


def _begins(node: Any) -> bool:
    return xml.local_name(node) == "startEvent" or node.get("instantiate") == "true"


def _what(node: Any) -> tuple[str, str] | None:
    """Which message or signal an event waits for, by its id."""
    if xml.local_name(node) == "receiveTask":
        return "message", node.get("messageRef") or ""
    for definition in event_definitions(node):
        for kind in _KINDS:
            if xml.local_name(definition) == f"{kind}EventDefinition":
                return kind, definition.get(f"{kind}Ref") or ""
    return None


def _receive_task_as_start(model: Model, node: Any) -> Iterator[Finding]:
    if xml.local_name(node.getparent()) != "process":
        yield _error("unsupported", node, f"'{label(node)}': only a process is started by a receive task.", model)
    if any(flow.get("targetRef") == node.get("id") for flow in model.all("sequenceFlow")):
        yield _error("unsupported", node, f"'{label(node)}' starts the process, and a flow leads to it.", model)
    if children(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        yield _error("unsupported", node, f"'{label(node)}' starts the process: it is done once.", model)
    if any(event.get("attachedToRef") == node.get("id") for event in model.all("boundaryEvent")):
        yield _error(
            "unsupported", node, f"'{label(node)}' starts the process: nothing can happen while it waits.", model
        )


def _twice(model: Model, gateway: Any) -> Iterator[Finding]:
    targets = [model.nodes.get(flow.get("targetRef")) for flow in outgoing(model, gateway)]
    awaited = [(_what(node), node) for node in targets if node is not None]
    count = Counter(what for what, _ in awaited)
    for what, node in awaited:
        if what is not None and count[what] > 1:
            yield _error(
                "unsupported", node, f"'{label(node)}': another event behind the gateway waits for the same {what[0]}.",
                model,
            )  # fmt: skip


def _called(bundle: Bundle, model: Model, node: Any) -> Iterator[Finding]:
    for other in bundle.models:
        for process in other.processes():
            if process.get("id") == node.get("calledElement") and not _starts_plainly(process):
                yield _error(
                    "no_start",
                    node,
                    f"'{label(node)}' calls '{label(process)}', which has no plain start event.",
                    model,
                    "Draw a start event without a message, signal or timer beside the others.",
                )


def _starts_plainly(process: Any) -> bool:
    return any(not event_definitions(start) for start in children(process, "startEvent"))


def _error(rule: str, node: Any, message: str, model: Model, repair: str | None = None) -> Finding:
    return Finding("error", rule, node.get("id"), message, repair, model.resource)
