"""BPMN's XML: read without trusting it, and said in the words that the library knows."""

from typing import Any

from lxml import etree

from engine.bpmn.extensions import BPMN, CAMUNDA
from engine.feel.xml import XmlRefused, parse

__all__ = ["XmlRefused", "local_name", "normalise", "parse"]

_NAMESPACE = f"{{{BPMN}}}"
#: Data drawn in a model: every element sees the instance's variables, so nothing is carried.
_DRAWN_ONLY = (
    "dataInputAssociation",
    "dataOutputAssociation",
    "ioSpecification",
    "dataStoreReference",
    "dataStore",
    "dataObjectReference",
    "dataObject",
)


def normalise(root: Any) -> None:
    """Say in plain BPMN what the library reads only in plain BPMN; the stored text stays as it was.

    ``camunda:collection`` and ``camunda:elementVariable`` become loop data; data objects, data
    stores and data associations are annotations to us and are dropped.
    """
    for loop in root.iter(f"{_NAMESPACE}multiInstanceLoopCharacteristics"):
        collection = loop.get(f"{{{CAMUNDA}}}collection")
        item = loop.get(f"{{{CAMUNDA}}}elementVariable")
        if collection and loop.find(f"{_NAMESPACE}loopDataInputRef") is None:
            reference = etree.Element(f"{_NAMESPACE}loopDataInputRef")
            reference.text = collection.strip().lstrip("=").strip()
            loop.insert(0, reference)
            if item:
                loop.insert(1, etree.Element(f"{_NAMESPACE}inputDataItem", id=item, name=item))
    for name in _DRAWN_ONLY:
        for element in list(root.iter(f"{_NAMESPACE}{name}")):
            element.getparent().remove(element)


def local_name(node: Any) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
