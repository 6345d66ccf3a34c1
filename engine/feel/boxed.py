"""DMN's boxed expressions, put together to one FEEL expression: contexts, lists, relations, invocations and the rest.

A table has no place inside an expression of FEEL: it is a decision of its own, and refused here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from lxml import etree

from engine import limits
from engine.feel.errors import DecisionInvalid

_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*(?: \w+)*\Z")
_RESULT: Final = "result_of_the_context"


@dataclass
class Boxed:
    """What an expression was put together from."""

    #: (element id, text) of each expression in it.
    pieces: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    #: The names it defines for itself.
    names: list[str] = field(default_factory=list[str])


class Boxes:
    """Puts the boxed expressions of a file together."""

    def __init__(self, text_of: Callable[[Any, str], str]) -> None:
        """``text_of`` reads an expression's text, given the id of what it stands in."""
        self._text_of = text_of

    def feel(self, element: Any, owner_id: str, boxed: Boxed, depth: int = 0) -> str:
        """Return an expression's FEEL, noting its pieces and names in ``boxed``.

        Raises:
            DecisionInvalid: something in it cannot be evaluated; it names the element.
        """
        element_id = element.get("id") or owner_id
        if depth > limits.BOXED_DEPTH:
            raise DecisionInvalid(element_id, f"expressions are nested more than {limits.BOXED_DEPTH} deep")
        name = etree.QName(element).localname
        write = _WRITERS.get(name)
        if write is None:
            what = "a table" if name == "decisionTable" else f"<{name}>"
            raise DecisionInvalid(
                element_id, f"{what} inside another expression is not supported: draw it as a decision"
            )
        return write(self, element, element_id, boxed, depth + 1)

    def _literal(self, element: Any, element_id: str, boxed: Boxed, _depth: int) -> str:
        text = self._text_of(element, element_id)
        if not text:
            raise DecisionInvalid(element_id, "the expression is empty")
        boxed.pieces.append((element_id, text))
        return f"({text}\n)"  # a comment at its end must not hide the bracket

    def _context(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        entries: list[str] = []
        answers = False
        for entry in _children(element, "contextEntry"):
            variable = next(_children(entry, "variable"), None)
            name = None if variable is None else _name(variable, element_id, boxed)
            answers = answers or name is None
            entries.append(f"{_key(name or _RESULT)}: {self._only(entry, element_id, boxed, depth)}")
        if not entries:
            raise DecisionInvalid(element_id, "the context has no entry")
        return f"{{{', '.join(entries)}}}" + (f".{_RESULT}" if answers else "")

    def _list(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        return f"[{', '.join(self.feel(item, element_id, boxed, depth) for item in _expressions(element))}]"

    def _relation(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        columns = [_name(column, element_id, boxed) for column in _children(element, "column")]
        rows: list[str] = []
        for row in _children(element, "row"):
            cells = [self.feel(cell, element_id, boxed, depth) for cell in _expressions(row)]
            if len(cells) != len(columns):
                raise DecisionInvalid(
                    row.get("id") or element_id,
                    f"a row has {len(cells)} cells and the relation {len(columns)} columns",
                )
            entries = (f"{_key(name)}: {cell}" for name, cell in zip(columns, cells, strict=True))
            rows.append(f"{{{', '.join(entries)}}}")
        return f"[{', '.join(rows)}]"

    def _invocation(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        called = next(_expressions(element), None)
        function = "" if called is None else self._text_of(called, element_id)
        if not _PLAIN_NAME.match(function):
            raise DecisionInvalid(element_id, "the invocation does not name what it calls")
        arguments: list[str] = []
        for binding in _children(element, "binding"):
            parameter = next(_children(binding, "parameter"), None)
            if parameter is None:
                raise DecisionInvalid(element_id, "a binding of the invocation names no parameter")
            name = _name(parameter, element_id, Boxed())
            value = next(_expressions(binding), None)
            arguments.append(f"{name}: " + ("null" if value is None else self.feel(value, element_id, boxed, depth)))
        return f"{function}({', '.join(arguments)})"

    def _conditional(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        parts = (self._part(element, name, element_id, boxed, depth) for name in ("if", "then", "else"))
        return "(if {} then {} else {})".format(*parts)

    def _filter(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        items = self._part(element, "in", element_id, boxed, depth)
        boxed.names.append("item")
        return f"{items}[{self._part(element, 'match', element_id, boxed, depth)}]"

    def _iteration(self, element: Any, element_id: str, boxed: Boxed, depth: int) -> str:
        kind = etree.QName(element).localname
        name = element.get("iteratorVariable") or ""
        if not _PLAIN_NAME.match(name):
            raise DecisionInvalid(element_id, f"<{kind}> names no variable to go through the list with")
        boxed.names.extend((name, "partial"))
        items = self._part(element, "in", element_id, boxed, depth)
        word = "return" if kind == "for" else "satisfies"
        return f"({kind} {name} in {items} {word} {self._part(element, word, element_id, boxed, depth)})"

    def _part(self, element: Any, name: str, element_id: str, boxed: Boxed, depth: int) -> str:
        part = next(_children(element, name), None)
        if part is None:
            raise DecisionInvalid(element_id, f"<{etree.QName(element).localname}> has no <{name}>")
        return self._only(part, element_id, boxed, depth)

    def _only(self, element: Any, owner_id: str, boxed: Boxed, depth: int) -> str:
        found = next(_expressions(element), None)
        if found is None:
            raise DecisionInvalid(element.get("id") or owner_id, "the expression is missing")
        return self.feel(found, owner_id, boxed, depth)


_WRITERS: Final[dict[str, Callable[[Boxes, Any, str, Boxed, int], str]]] = {
    "literalExpression": Boxes._literal,  # noqa: SLF001 - its own methods by the element they write
    "context": Boxes._context,  # noqa: SLF001
    "list": Boxes._list,  # noqa: SLF001
    "relation": Boxes._relation,  # noqa: SLF001
    "invocation": Boxes._invocation,  # noqa: SLF001
    "conditional": Boxes._conditional,  # noqa: SLF001
    "filter": Boxes._filter,  # noqa: SLF001
    "for": Boxes._iteration,  # noqa: SLF001
    "some": Boxes._iteration,  # noqa: SLF001
    "every": Boxes._iteration,  # noqa: SLF001
}

#: Every expression of DMN, boxed or not.
LOGICS: Final = ("decisionTable", "functionDefinition", *_WRITERS)


def _name(element: Any, owner_id: str, boxed: Boxed) -> str:
    name = " ".join((element.get("name") or "").split())
    if not name:
        raise DecisionInvalid(element.get("id") or owner_id, "a variable has no name")
    boxed.names.append(name)
    return name


def _key(name: str) -> str:
    return orjson.dumps(name).decode()


def _children(element: Any, name: str) -> Iterator[Any]:
    return element.iterchildren(f"{{{etree.QName(element).namespace}}}{name}")


def _expressions(element: Any) -> Iterator[Any]:
    return (child for child in element if etree.QName(child).localname in LOGICS)
