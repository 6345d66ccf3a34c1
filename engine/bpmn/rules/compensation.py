"""Does every compensation find what it undoes, and every cancelled transaction its way out?"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.compensation import is_compensation
from engine.bpmn.extensions import BPMN
from engine.bpmn.rules.bundle import ACTIVITIES, Bundle, Model, children, label
from engine.bpmn.rules.scopes import is_event_subprocess
from engine.findings import Finding

_SCOPES = ("subProcess", "transaction", "callActivity")
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield handlers without their activity, throws of nothing, and cancel events that stand where none works."""
    for model in bundle.models:
        handlers = {item.get("sourceRef"): model.nodes.get(item.get("targetRef")) for item in model.all("association")}
        for node in model.flow_nodes():
            if is_compensation(node):
                yield from _compensation_event(model, node, handlers)
            if node.get("isForCompensation") == "true":
                yield from _handler(model, node, handlers)
            if node.find(f"{{{BPMN}}}cancelEventDefinition") is not None:
                yield from _cancel_event(model, node)
            if xml.local_name(node) == "transaction" and children(node, *_LOOPS):
                yield _error(
                    model,
                    node,
                    f"Transaction '{label(node)}' is repeated.",
                    "Repeat a subprocess around it.",
                )


def _compensation_event(model: Model, node: Any, handlers: dict[str, Any]) -> Iterator[Finding]:
    name = xml.local_name(node)
    if name == "boundaryEvent":
        handler = handlers.get(node.get("id"))
        if handler is None or handler.get("isForCompensation") != "true" or handler.getparent() is not node.getparent():
            yield _error(
                model, node, f"Compensation event '{label(node)}' leads to no handler.",
                "Draw an association to an activity for compensation beside it.",
            )  # fmt: skip
        if model.leaving(node.get("id")):
            yield _error(
                model, node, f"A flow leaves the compensation event '{label(node)}'.", "Draw an association instead."
            )
        return
    definition = node.find(f"{{{BPMN}}}compensateEventDefinition")
    reference = definition.get("activityRef")
    if reference is not None and name in ("intermediateThrowEvent", "endEvent"):
        activity = model.nodes.get(reference)
        scopes = [node.getparent()]
        while is_event_subprocess(scopes[-1]):
            scopes.append(scopes[-1].getparent())
        if activity is None or activity.getparent() not in scopes or not _can_be_undone(model, activity):
            yield _error(
                model, node, f"'{label(node)}' undoes '{reference}', which cannot be undone from there.",
                "Choose an activity with a compensation boundary event, or a subprocess that holds one.",
            )  # fmt: skip


def _can_be_undone(model: Model, activity: Any) -> bool:
    if xml.local_name(activity) not in ACTIVITIES:
        return False
    own = any(
        is_compensation(event) and event.get("attachedToRef") == activity.get("id")
        for event in model.all("boundaryEvent")
    )
    return own or xml.local_name(activity) in _SCOPES


def _handler(model: Model, node: Any, handlers: dict[str, Any]) -> Iterator[Finding]:
    if not any(handler is node for handler in handlers.values()):
        yield _error(
            model, node, f"Nothing is undone by '{label(node)}'.",
            "Draw an association to it from a compensation boundary event.",
        )  # fmt: skip
    if model.entering(node.get("id")) or model.leaving(node.get("id")):
        yield _error(
            model, node, f"A flow leads to or from '{label(node)}', which is for compensation.", "Delete the flow."
        )
    if any(event.get("attachedToRef") == node.get("id") for event in model.all("boundaryEvent")):
        yield _error(
            model, node, f"A boundary event is attached to '{label(node)}', which is for compensation.",
            "Make it a subprocess, and attach the event to an activity inside.",
        )  # fmt: skip


def _cancel_event(model: Model, node: Any) -> Iterator[Finding]:
    name = xml.local_name(node)
    if name == "endEvent":
        transaction = node.getparent()
        ways_out = [event for event in model.all("boundaryEvent") if _is_way_out(event, transaction)]
        if xml.local_name(transaction) != "transaction":
            yield _error(
                model,
                node,
                f"Cancel event '{label(node)}' stands in no transaction.",
                "Use an error event.",
            )
        elif not ways_out:
            yield _error(
                model, transaction, f"Transaction '{label(transaction)}' is cancelled, and no event says how to go on.",
                "Attach a cancel boundary event to it.",
            )  # fmt: skip
    elif name == "boundaryEvent":
        host = model.nodes.get(node.get("attachedToRef"))
        if host is None or xml.local_name(host) != "transaction":
            yield _error(
                model, node, f"Cancel event '{label(node)}' is attached to no transaction.", "Use an error event."
            )
        elif node.get("cancelActivity") == "false":
            yield _error(model, node, f"Cancel event '{label(node)}' has to interrupt.", "Let it interrupt.")


def _is_way_out(event: Any, transaction: Any) -> bool:
    is_cancel = event.find(f"{{{BPMN}}}cancelEventDefinition") is not None
    return is_cancel and event.get("attachedToRef") == transaction.get("id")


def _error(model: Model, node: Any, message: str, repair: str) -> Finding:
    return Finding("error", "compensation", node.get("id"), message, repair, model.resource)


__all__ = ["check"]
