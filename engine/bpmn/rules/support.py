"""Do we execute it correctly? What we do not is refused here, with the element named, never ignored."""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.rules.bundle import Bundle, Model, children, event_definitions, label, outgoing
from engine.bpmn.rules.scopes import EVENT_SUBPROCESS_STARTS, is_event_subprocess
from engine.findings import Finding

_REFUSED_ELEMENTS = {
    "complexGateway": "complex gateways",
    "adHocSubProcess": "ad-hoc subprocesses",
}
#: Event definitions that run correctly, by the event they stand on.
_SUPPORTED_EVENTS = {
    "startEvent": {"messageEventDefinition", "signalEventDefinition", "timerEventDefinition"},
    "intermediateCatchEvent": {
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "linkEventDefinition",
        "conditionalEventDefinition",
    },
    "boundaryEvent": {
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "conditionalEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
    },
    "intermediateThrowEvent": {
        "compensateEventDefinition",
        "messageEventDefinition",
        "signalEventDefinition",
        "linkEventDefinition",
        "escalationEventDefinition",
    },
    "endEvent": {
        "messageEventDefinition",
        "signalEventDefinition",
        "terminateEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
    },
}
_AFTER_EVENT_GATEWAY = ("intermediateCatchEvent", "receiveTask")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every element that we would not execute as BPMN says."""
    for model in bundle.models:
        for node in model.flow_nodes():
            yield from _element(model, node)
            yield from _events(model, node)
            yield from _flows(model, node)


def _element(model: Model, node: Any) -> Iterator[Finding]:
    name = xml.local_name(node)
    if name in _REFUSED_ELEMENTS:
        yield _refused(node, f"'{label(node)}': {_REFUSED_ELEMENTS[name]} are not executed.", model)
    if node.get("instantiate") == "true" and name != "receiveTask":
        yield _refused(
            node, f"'{label(node)}': a process starts with a start event.", model, "Use a message start event."
        )


def _events(model: Model, node: Any) -> Iterator[Finding]:
    name = xml.local_name(node)
    if name not in _SUPPORTED_EVENTS:
        return
    definitions = event_definitions(node)
    if len(definitions) > 1:
        yield _refused(
            node, f"'{label(node)}' has several event definitions; one is executed.", model, "Draw one event for each."
        )
    if not definitions and name in ("intermediateCatchEvent", "boundaryEvent"):
        yield _refused(node, f"'{label(node)}' does not say what it waits for.", model, "Choose a message or a timer.")
    in_event_subprocess = name == "startEvent" and is_event_subprocess(node.getparent())
    supported = EVENT_SUBPROCESS_STARTS if in_event_subprocess else _SUPPORTED_EVENTS[name]
    for definition in definitions:
        kind = xml.local_name(definition)
        if kind not in supported:
            what = kind.removesuffix("EventDefinition")
            yield _refused(node, f"'{label(node)}': a {what} {_in_words(name)} is not executed.", model)
    in_subprocess = xml.local_name(node.getparent()) == "subProcess" and not in_event_subprocess
    if name == "startEvent" and definitions and in_subprocess:
        yield _refused(node, f"'{label(node)}': a subprocess starts with a plain start event.", model)


def _flows(model: Model, node: Any) -> Iterator[Finding]:
    name = xml.local_name(node)
    leaving = outgoing(model, node)
    if name == "eventBasedGateway":
        for flow in leaving:
            target = model.nodes.get(flow.get("targetRef"))
            if target is not None and xml.local_name(target) not in _AFTER_EVENT_GATEWAY:
                yield _refused(
                    target, f"'{label(target)}' stands behind an event-based gateway and is no event.", model
                )
    if name in ("exclusiveGateway", "inclusiveGateway") and len(leaving) > 1:
        for flow in leaving:
            if flow.get("id") != node.get("default") and not children(flow, "conditionExpression"):
                yield Finding(
                    "error",
                    "condition_missing",
                    flow.get("id"),
                    f"Flow '{label(flow)}' leaves gateway '{label(node)}' without a condition.",
                    "Give it a FEEL condition, or make it the default flow.",
                    model.resource,
                )


def _in_words(name: str) -> str:
    return {
        "startEvent": "start event",
        "intermediateCatchEvent": "catch event",
        "intermediateThrowEvent": "throw event",
        "boundaryEvent": "boundary event",
        "endEvent": "end event",
    }[name]


def _refused(node: Any, message: str, model: Model, repair: str | None = None, *, rule: str = "unsupported") -> Finding:
    return Finding("error", rule, node.get("id"), message, repair, model.resource)
