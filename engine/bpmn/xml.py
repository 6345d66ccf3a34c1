"""Reads BPMN text without trusting it."""

from typing import Any

from lxml import etree

from engine.bpmn.extensions import BPMN, CAMUNDA

#: Bytes; the largest model seen in public collections is about 2 MB.
MAX_BYTES = 5_000_000
MAX_DEPTH = 200
MAX_ELEMENTS = 100_000
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


class XmlRefused(Exception):
    """The text is not XML that we read."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        #: ``xml_syntax``, ``xml_doctype``, ``xml_size`` or ``xml_depth``.
        self.rule = rule


def parse(content: bytes) -> Any:
    """Parse XML: no DTD, no entities, no network, bounded size, depth and number of elements.

    Raises:
        XmlRefused: with the rule that was broken.
    """
    if len(content) > MAX_BYTES:
        raise XmlRefused("xml_size", f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refusal(error) from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("xml_doctype", "The file declares a document type; models have none.")
    _check_shape(root)
    return root


def _refusal(error: Exception) -> XmlRefused:
    text = str(error)
    if "depth" in text.lower():
        return XmlRefused("xml_depth", f"The file nests elements more than {MAX_DEPTH} deep.")
    return XmlRefused("xml_syntax", f"The file is not well-formed XML: {text}.")


def _check_shape(root: Any) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH:
            raise XmlRefused("xml_depth", f"The file nests elements more than {MAX_DEPTH} deep.")
        if count > MAX_ELEMENTS:
            raise XmlRefused("xml_size", f"The file has more than {MAX_ELEMENTS} elements.")


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
