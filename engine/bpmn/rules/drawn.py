"""What stands on the picture and is not run: a warning where it has no effect, refused where it would have one."""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.extensions import BPMN
from engine.bpmn.rules.bundle import ACTIVITIES, Bundle, Model, children, event_definitions, label
from engine.findings import Finding

#: Drawn for the reader; variables are shared by all elements of an instance, so nothing needs to be carried.
_WITHOUT_EFFECT = {
    "dataObject": "a data object",
    "dataStoreReference": "a data store",
    "dataInputAssociation": "a data association",
    "dataOutputAssociation": "a data association",
    "ioSpecification": "a specification of data input and output",
    "property": "a property",
}
_CHOREOGRAPHIES = ("choreography", "globalChoreographyTask")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield what the engine passes over, and what it must not pass over."""
    for model in bundle.models:
        for process in model.processes():
            for node in process.iter(*(f"{{{BPMN}}}{name}" for name in _WITHOUT_EFFECT)):
                yield _without_effect(model, node)
            yield from _starts(model, process)
        for choreography in model.all(*_CHOREOGRAPHIES):
            yield _refused(choreography, f"'{label(choreography)}': choreographies are not executed.", model)
        for node in model.flow_nodes():
            if xml.local_name(node) in ACTIVITIES:
                yield from _quantities(model, node)


def _without_effect(model: Model, node: Any) -> Finding:
    # Associations and specifications have no name, and often no id: the element they stand on is named.
    named = node if node.get("id") and node.get("name") else node.getparent()
    what = _WITHOUT_EFFECT[xml.local_name(node)]
    return Finding(
        "warning",
        "drawn_only",
        node.get("id") or named.get("id"),
        f"'{label(named)}': {what} is drawn only; values are the instance's variables.",
        None,
        model.resource,
    )


def _starts(model: Model, process: Any) -> Iterator[Finding]:
    plain = [event for event in children(process, "startEvent") if not event_definitions(event)]
    for event in plain[1:]:
        yield _refused(
            event,
            f"'{label(event)}': the process starts plainly at '{label(plain[0])}' already.",
            model,
            "Keep one plain start event; others wait for a message, a signal or a timer.",
        )


def _quantities(model: Model, node: Any) -> Iterator[Finding]:
    for name in ("startQuantity", "completionQuantity"):
        if node.get(name, "1").strip() != "1":
            yield _refused(node, f"'{label(node)}': a {name} other than 1 is not executed.", model)
    for loop in children(node, "multiInstanceLoopCharacteristics"):
        if loop.get("behavior", "All") != "All":
            yield _refused(
                node, f"'{label(node)}': events thrown by the items of a multi-instance are not executed.", model
            )


def _refused(node: Any, message: str, model: Model, repair: str | None = None) -> Finding:
    return Finding("error", "unsupported", node.get("id"), message, repair, model.resource)
