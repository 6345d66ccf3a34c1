"""Do errors, escalations and event subprocesses stand where BPMN lets them, and does somebody catch what is thrown?"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.extensions import BPMN
from engine.bpmn.rules.bundle import Bundle, Model, children, event_definitions, label
from engine.findings import Finding

#: What may start an event subprocess.
EVENT_SUBPROCESS_STARTS = frozenset(
    {
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "conditionalEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "compensateEventDefinition",
    }
)
_CODED = {
    "errorEventDefinition": ("error", "errorRef", "errorCode"),
    "escalationEventDefinition": ("escalation", "escalationRef", "escalationCode"),
}
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every event subprocess, error and escalation that could not be executed as BPMN says."""
    called = {call.get("calledElement") for model in bundle.models for call in model.all("callActivity")}
    for model in bundle.models:
        for node in model.flow_nodes():
            if is_event_subprocess(node):
                yield from _event_subprocess(model, node)
            for definition in event_definitions(node):
                if xml.local_name(definition) in _CODED:
                    yield from _coded(model, node, definition, called)
        yield from _doubles(model)


def is_event_subprocess(node: Any) -> bool:
    """Say whether an element is a subprocess that an event starts."""
    return xml.local_name(node) == "subProcess" and node.get("triggeredByEvent") == "true"


def _event_subprocess(model: Model, node: Any) -> Iterator[Finding]:
    for flow in model.all("sequenceFlow"):
        if node.get("id") in (flow.get("sourceRef"), flow.get("targetRef")):
            yield _error(
                "event_subprocess_flow", flow, f"Flow '{label(flow)}' leads to or from '{label(node)}': an event"
                " subprocess is started by its event alone.", model, "Delete the flow.",
            )  # fmt: skip
    for event in model.all("boundaryEvent"):
        if event.get("attachedToRef") == node.get("id"):
            yield _error(
                "event_subprocess_boundary", event, f"'{label(event)}' is attached to the event subprocess"
                f" '{label(node)}'.", model, "Attach it to an activity inside, or draw another event subprocess.",
            )  # fmt: skip
    if children(node, *_LOOPS):
        yield _error(
            "event_subprocess_loop", node, f"The event subprocess '{label(node)}' cannot be a loop.", model,
            "Put a subprocess that loops inside it.",
        )  # fmt: skip
    starts = children(node, "startEvent")
    if len(starts) != 1:
        yield _error(
            "event_subprocess_start", node, f"The event subprocess '{label(node)}' has {len(starts)} start events.",
            model, "Give it exactly one; draw an event subprocess for each event.",
        )  # fmt: skip
        return
    definitions = [xml.local_name(definition) for definition in event_definitions(starts[0])]
    if not definitions:
        yield _error(
            "event_subprocess_start", starts[0], f"'{label(starts[0])}' does not say which event starts"
            f" '{label(node)}'.", model, "Choose a message, a signal, a timer, an error or an escalation.",
        )  # fmt: skip
    if "compensateEventDefinition" in definitions:
        yield from _undoing(model, node)
    if "errorEventDefinition" in definitions and starts[0].get("isInterrupting") == "false":
        yield _error(
            "error_interrupts", starts[0], f"'{label(starts[0])}': an error always interrupts.", model,
            'Set isInterrupting="true", or use an escalation.',
        )  # fmt: skip


def _undoing(model: Model, node: Any) -> Iterator[Finding]:
    scope = node.getparent()
    if xml.local_name(scope) not in ("subProcess", "transaction") or is_event_subprocess(scope):
        yield _error(
            "event_subprocess_start", node, f"'{label(node)}' undoes the work of a subprocess, and stands in none.",
            model, "Put it into the subprocess that it undoes.",
        )  # fmt: skip
    same = [
        inner
        for inner in children(scope, "subProcess")
        if is_event_subprocess(inner)
        for start in children(inner, "startEvent")
        if start.find(f"{{{BPMN}}}compensateEventDefinition") is not None
    ]
    if len(same) > 1 and same[0] is not node:
        yield _error(
            "event_subprocess_start", node, f"'{label(scope)}' is undone by '{label(same[0])}' and by '{label(node)}'.",
            model, "Keep one of them.",
        )  # fmt: skip


def _coded(model: Model, node: Any, definition: Any, called: set[str | None]) -> Iterator[Finding]:
    what, reference, attribute = _CODED[xml.local_name(definition)]
    named = model.nodes.get(definition.get(reference))
    code = named.get(attribute) if named is not None else None
    if xml.local_name(node) in ("endEvent", "intermediateThrowEvent"):
        if not code:
            yield _error(
                f"{what}_missing", node, f"'{label(node)}' throws an {what} without a code.", model,
                f"Choose an {what} that has a code.",
            )  # fmt: skip
        elif what == "error":
            yield from _uncaught(model, node, code, called)
    if what == "error" and xml.local_name(node) == "boundaryEvent" and node.get("cancelActivity") == "false":
        yield _error(
            "error_interrupts", node, f"'{label(node)}': an error always interrupts.", model,
            'Set cancelActivity="true", or use an escalation.',
        )  # fmt: skip
    if what == "escalation" and xml.local_name(node) == "boundaryEvent":
        host = model.nodes.get(node.get("attachedToRef"))
        if host is not None and xml.local_name(host) not in ("subProcess", "callActivity", "transaction"):
            yield _error(
                "escalation_host", node, f"'{label(node)}' is attached to '{label(host)}', which cannot escalate.",
                model, "Attach it to a subprocess or a call activity.",
            )  # fmt: skip


def _uncaught(model: Model, node: Any, code: str, called: set[str | None]) -> Iterator[Finding]:
    scope, left = node.getparent(), None
    while scope is not None and xml.local_name(scope) != "definitions":
        catching = [
            start
            for inner in children(scope, "subProcess")
            if is_event_subprocess(inner) and inner is not left
            for start in children(inner, "startEvent")
        ]
        catching += [event for event in model.all("boundaryEvent") if event.get("attachedToRef") == scope.get("id")]
        if any(_codes(model, event, "errorEventDefinition") & {code, None} for event in catching):
            return
        if xml.local_name(scope) == "process" and scope.get("id") in called:
            return
        scope, left = scope.getparent(), scope
    yield Finding(
        "warning", "error_uncaught", node.get("id"),
        f"Nothing catches the error '{code}' of '{label(node)}': it will be an incident.",
        "Attach an error boundary event to the subprocess around it, or draw an error event subprocess.",
        model.resource,
    )  # fmt: skip


def _doubles(model: Model) -> Iterator[Finding]:
    """Yield what catches the same error or escalation at the same place: only one of them could ever catch it."""
    places: list[list[Any]] = []
    by_host: dict[str | None, list[Any]] = {}
    for event in model.all("boundaryEvent"):
        by_host.setdefault(event.get("attachedToRef"), []).append(event)
    places.extend(by_host.values())
    for scope in (*model.all("process"), *model.all("subProcess")):
        inner = [item for item in children(scope, "subProcess") if is_event_subprocess(item)]
        places.append([start for item in inner for start in children(item, "startEvent")])
    for events in places:
        for kind, (what, _, _) in _CODED.items():
            seen: set[str | None] = set()
            for event in events:
                for code in _codes(model, event, kind):
                    if code in seen:
                        which = f"the {what} '{code}'" if code else f"every {what}"
                        yield _error(
                            "caught_twice", event, f"'{label(event)}' catches {which}, which another event at the same"
                            " place catches already.", model, "Delete one of them.",
                        )  # fmt: skip
                    seen.add(code)


def _codes(model: Model, event: Any, kind: str) -> set[str | None]:
    """Return the codes an event catches; None stands for every code."""
    _, reference, attribute = _CODED[kind]
    codes: set[str | None] = set()
    for definition in event.iterchildren(f"{{{BPMN}}}{kind}"):
        named = model.nodes.get(definition.get(reference))
        codes.add((named.get(attribute) if named is not None else None) or None)
    return codes


def _error(rule: str, node: Any, message: str, model: Model, repair: str) -> Finding:
    return Finding("error", rule, node.get("id"), message, repair, model.resource)
