"""Link events: a throw event leads straight to the catch event of the same name in the same scope."""

from typing import Any

from engine.bpmn.extensions import BPMN

_LINK = f"{{{BPMN}}}linkEventDefinition"


def name_of(node: Any) -> str | None:
    """Return the name of an event's link; None when it is no link event."""
    definition = node.find(_LINK)
    return None if definition is None else (definition.get("name") or "").strip()


def catches_of(node: Any) -> list[Any]:
    """Return the link catch events to which a link throw event leads: those of its name beside it."""
    name = name_of(node)
    return [
        event for event in node.getparent().iterchildren(f"{{{BPMN}}}intermediateCatchEvent") if name_of(event) == name
    ]


def target_of(node: Any) -> Any | None:
    """Return the catch event a link throw event leads to; None for every other element."""
    if node.tag != f"{{{BPMN}}}intermediateThrowEvent" or name_of(node) is None:
        return None
    return next(iter(catches_of(node)), None)
