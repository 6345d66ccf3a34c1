"""One DMN file: its elements by id, its texts, and what it imports."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from xml.sax.saxutils import escape

from lxml import etree

from engine import limits
from engine.feel import xml
from engine.feel.dmn_types import ItemDefinition
from engine.feel.errors import DecisionInvalid

#: DMN 1.1 to 1.5.
NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)


class File:
    """A DMN file, parsed."""

    def __init__(self, name: str, content: bytes) -> None:
        """Parse it.

        Raises:
            DecisionInvalid: it is no DMN, or an id is missing or there twice.
        """
        self.name = name
        try:
            self._root = _root(content)
            self._namespace = etree.QName(self._root).namespace
            self.target_namespace: str | None = self._root.get("namespace")
            self.decisions = self._by_id("decision")
            self.inputs = self._by_id("inputData")
            self.knowledge = self._by_id("businessKnowledgeModel")
            self.services = self._by_id("decisionService")
            #: Namespaces by the name they are imported under.
            self.imports = self._imports()
        except DecisionInvalid as error:
            error.resource = name
            raise
        items = (ItemDefinition(node, children=self.children) for node in self.children(self._root, "itemDefinition"))
        self.types = {item.name: item for item in items}

    def children(self, element: Any, name: str) -> list[Any]:
        """The direct children of an element with this name."""
        return list(element.iterchildren(f"{{{self._namespace}}}{name}"))

    def child(self, element: Any, name: str) -> Any:
        """The first direct child of an element with this name, or None."""
        return next(element.iterchildren(f"{{{self._namespace}}}{name}"), None)

    def text(self, element: Any, owner_id: str | None) -> str:
        """The text of an expression, stripped.

        Raises:
            DecisionInvalid: it is in another language than FEEL, or stands elsewhere.
        """
        language = element.get("expressionLanguage")
        if language and "feel" not in language.lower():
            raise DecisionInvalid(element.get("id") or owner_id, f"the expression language '{language}' is not FEEL")
        if self.child(element, "importedValues") is not None:
            raise DecisionInvalid(element.get("id") or owner_id, "imported values are not supported")
        text = self.child(element, "text")
        return "" if text is None else "".join(text.itertext()).strip()

    def variable_name(self, element: Any) -> str:
        """The name an element's value is known by: its variable's, else its own."""
        variable = self.child(element, "variable")
        names = (None if variable is None else variable.get("name"), element.get("name"), element.get("id"))
        return next((name for name in names if name), "")

    def beside(self, path: str, files: Mapping[str, "File"]) -> "File | None":
        """The file that ``path`` names from here; a bare name is found wherever it is, when it is there once."""
        if not path.endswith(".dmn"):
            return None
        parts: list[str] = []
        for part in (PurePosixPath(self.name).parent / path).parts:
            if part == ".." and parts:
                parts.pop()
            elif part != ".":
                parts.append(part)
        exact = files.get("/".join(parts))
        if exact is not None:
            return exact
        alike = [file for name, file in files.items() if PurePosixPath(name).name == PurePosixPath(path).name]
        return alike[0] if len(alike) == 1 else None

    def import_of(self, other: "File") -> str | None:
        """The name under which this file imports another."""
        return next((name for name, space in self.imports.items() if space == other.target_namespace and name), None)

    def _by_id(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for element in self.children(self._root, name):
            element_id = element.get("id")
            if not element_id:
                raise DecisionInvalid(None, f"the {_WORDS[name]} '{element.get('name', '')}' has no id")
            if element_id in found:
                raise DecisionInvalid(element_id, f"two {_WORDS[name]}s have this id")
            found[element_id] = element
        return found

    def _imports(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.children(self._root, "import"):
            kind = element.get("importType", "")
            if kind not in NAMESPACES:
                raise DecisionInvalid(element.get("id"), f"the file imports '{kind}', which is not DMN")
            found[element.get("name") or element.get("namespace", "")] = element.get("namespace", "")
        return found


_WORDS: Final = {
    "decision": "decision",
    "inputData": "input",
    "businessKnowledgeModel": "business knowledge model",
    "decisionService": "decision service",
}


def _root(content: bytes) -> Any:
    try:
        root = xml.parse(content, most_bytes=limits.DMN_BYTES)
    except xml.XmlRefused as refusal:
        raise DecisionInvalid(None, str(refusal)) from None
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DecisionInvalid(root.get("id"), f"the file is not DMN 1.1 to 1.5: its root is <{escape(root.tag)}>")
    return root
