"""The texts of a model that people read: names and documentation."""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from engine.bpmn.extensions import BPMN
from engine.bpmn.xml import local_name, parse

#: Their names are identifiers of groups, messages and the like.
_NOT_SHOWN = frozenset({"lane", "message", "signal", "error", "escalation", "property", "itemDefinition"})
_SAID = frozenset({"documentation", "text"})


def texts(content: bytes) -> list[str]:
    """Return the texts of a model in the order in which the file says them, each once."""
    return list(dict.fromkeys(said.strip() for _, _, said in _places(parse(content)) if said.strip()))


def translated(content: bytes, words: Mapping[str, str], groups: Mapping[str, str] | None = None) -> bytes:
    """Return the model with its texts in other words, and lanes called what ``groups`` says; for showing only."""
    root = parse(content)
    for lane in root.iter(f"{{{BPMN}}}lane"):
        title = (groups or {}).get(lane.get("name"))
        if title:
            lane.set("name", title)
    for element, attribute, said in list(_places(root)):
        other = words.get(said.strip())
        if other and attribute:
            element.set(attribute, other)
        elif other:
            element.text = other
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _places(root: Any) -> Iterator[tuple[Any, str | None, str]]:
    """Yield each element that says something, in which attribute (None: its text), and what."""
    for element in root.iter(f"{{{BPMN}}}*"):
        name = local_name(element)
        if name in _SAID and element.text:
            if not (name == "text" and local_name(element.getparent()) != "textAnnotation"):
                yield element, None, element.text
        elif name not in _NOT_SHOWN and element.get("name"):
            yield element, "name", element.get("name")
