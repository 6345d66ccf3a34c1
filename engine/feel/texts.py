"""The texts of decision tables that people read: names, labels, notes, and sentences that rules answer."""

import re
from typing import Any

from engine.feel.xml import parse

_SAID = frozenset({"description"})
_NOTED = frozenset({"annotationEntry"})
#: A FEEL text and nothing else.
_LITERAL = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*\Z')


def texts(content: bytes) -> list[str]:
    """Return the texts of a file in the order in which it says them, each once."""
    found: list[str] = []
    for element in parse(content).iter():
        found.extend(_of(element))
    return [text for text in dict.fromkeys(found) if text]


def _of(element: Any) -> list[str]:
    name = _local(element)
    if name == "decision":
        return [element.get("name") or ""]
    if name in ("input", "output"):
        return [element.get("label") or ""]
    if name in _SAID:
        return [(element.text or "").strip()]
    if name == "text":
        above = _local(element.getparent())
        if above in _NOTED:
            return [(element.text or "").strip()]
        if above == "outputEntry":
            literal = _LITERAL.match(element.text or "")
            said = literal.group(1).replace('\\"', '"') if literal else ""
            # One word is a value that the process compares; a sentence is there to be read.
            return [said] if " " in said else []
    return []


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
