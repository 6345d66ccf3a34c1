"""Parses XML that nobody has to trust: no document type, no entities, no network, bounded in every direction."""

import codecs
import re
from typing import Any

from lxml import etree

from engine import limits

#: Those in which a byte below 128 is ASCII, so that markup can be counted before it is parsed.
_ENCODINGS = re.compile(
    r"(?:utf-?8|us-ascii|ascii|iso-8859-\d+|latin\d|windows-125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-\w+)\Z",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_TAG_NAME = re.compile(rb"[^\s/>]*")
_ATTRIBUTE = re.compile(rb"""\s*[^\s=>"']+\s*=\s*(?:"[^"]*"|'[^']*')""")


class XmlRefused(Exception):
    """The text is not XML that we read."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        #: ``xml_syntax``, ``xml_doctype``, ``xml_size`` or ``xml_depth``.
        self.rule = rule


def parse(content: bytes, *, most_bytes: int = limits.MODEL_BYTES) -> Any:
    """Return the root of an XML text.

    Raises:
        XmlRefused: with the rule that was broken.
    """
    if len(content) > most_bytes:
        raise XmlRefused("xml_size", f"The file is larger than {most_bytes // 1_000_000} MB.")
    _check_text(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root: Any = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refusal(error) from None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("xml_doctype", "The file declares a document type; models have none.")
    _check_shape(root)
    return root


def _check_text(content: bytes) -> None:
    """Refuse what would cost the parser itself too much, and encodings that hide it."""
    text = content
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not content.startswith(codecs.BOM_UTF32_LE):
        text = content.decode("utf-16", "replace").encode("utf-8", "replace")
    else:
        declared = _DECLARED.match(content)
        encoding = declared[1].decode("ascii") if declared else "utf-8"
        if not _ENCODINGS.match(encoding) or b"\0" in content[:4]:
            raise XmlRefused("xml_syntax", f"The file is not in UTF-8 ({encoding}).")
    # the parser compares each attribute of an element with all before it: 100,000 of them take minutes
    for piece in text.split(b"<"):
        if len(piece) > limits.XML_ATTRIBUTES * 3 and _attributes_of(piece) > limits.XML_ATTRIBUTES:
            raise XmlRefused("xml_size", f"An element has more than {limits.XML_ATTRIBUTES} attributes.")


def _attributes_of(tag: bytes) -> int:
    """Count the attributes at the start of a text that follows a ``<``."""
    name = _TAG_NAME.match(tag)
    at, count = name.end() if name else 0, 0
    while count <= limits.XML_ATTRIBUTES and (found := _ATTRIBUTE.match(tag, at)):
        at, count = found.end(), count + 1
    return count


def _refusal(error: Exception) -> XmlRefused:
    text = str(error)
    if "depth" in text.lower():
        return XmlRefused("xml_depth", f"The file nests elements more than {limits.XML_DEPTH} deep.")
    if "entit" in text.lower() and "entity '" in text.lower():
        return XmlRefused("xml_doctype", f"The file uses entities; models have none: {text}.")
    return XmlRefused("xml_syntax", f"The file is not well-formed XML: {text}.")


def _check_shape(root: Any) -> None:
    depth = count = 0
    walk: Any = etree.iterwalk(root, events=("start", "end"))
    for event, _ in walk:
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > limits.XML_DEPTH:
            raise XmlRefused("xml_depth", f"The file nests elements more than {limits.XML_DEPTH} deep.")
        if count > limits.XML_ELEMENTS:
            raise XmlRefused("xml_size", f"The file has more than {limits.XML_ELEMENTS} elements.")
