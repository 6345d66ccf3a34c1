"""Does every step that somebody else has to do name a step that somebody does?

The property ``notPerformedBy`` of a user task names user tasks or start events of the same process: whoever did one of
them does not do this one. A step of several items may name itself: then each item is another person's.
"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import xml
from engine.bpmn.extensions import BPMN, split_list
from engine.bpmn.rules.bundle import Bundle, Model, children, extensions_of, label
from engine.findings import Finding

PROPERTY = "notPerformedBy"
_PERFORMED = ("userTask", "startEvent")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every name that stands for no step a person does."""
    for model in bundle.models:
        for process in model.processes():
            known = {node.get("id"): xml.local_name(node) for node in process.iter(f"{{{BPMN}}}*")}
            for node in process.iter(f"{{{BPMN}}}*"):
                text = extensions_of(node).properties.get(PROPERTY)
                if text is not None:
                    yield from _names(model, node, split_list(text), known)


def _names(model: Model, node: Any, names: list[str], known: dict[str | None, str]) -> Iterator[Finding]:
    if xml.local_name(node) != "userTask":
        yield _finding(node, f"'{label(node)}' is no user task: nobody performs it.", model, "Take the property off.")
        return
    if not names:
        yield _finding(node, f"'{label(node)}' does not say who may not do it.", model, "Name the steps, by their ids.")
    for name in names:
        if name not in known:
            told = f"'{label(node)}' is not for who did '{name}', and the process has no such element."
            yield _finding(node, told, model, "Name a user task or a start event of this process by its id.")
        elif name == node.get("id") and not children(node, "multiInstanceLoopCharacteristics"):
            told = f"'{label(node)}' is not for who did it before: nobody could do it twice."
            yield _finding(node, told, model, "Name another step.")
        elif known[name] not in _PERFORMED:
            told = f"'{label(node)}' is not for who did '{name}', which no person does."
            yield _finding(node, told, model, "Name a user task or a start event of this process by its id.")


def _finding(node: Any, message: str, model: Model, repair: str) -> Finding:
    return Finding("error", "not_performed_by", node.get("id"), message, repair, model.resource)
