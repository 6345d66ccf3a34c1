"""DMN's types: a ``typeRef`` followed through the item definitions of its file to what it stands for.

Source: DMN 1.3, 7.3.2 (item definitions) and 10.3.2.9 (FEEL's types). Names that other tools write are taken too.
"""

from collections.abc import Callable
from typing import Any, Final

from engine.feel.model import Type

#: FEEL's names, those of DMN 1.1 and those that other modelers offer, in lower case without spaces.
_BASES: Final = {
    "any": "Any",
    "string": "string",
    "boolean": "boolean",
    "number": "number",
    "double": "number",
    "integer": "integer",
    "long": "integer",
    "date": "date",
    "time": "time",
    "datetime": "date and time",
    "dateandtime": "date and time",
    "daytimeduration": "days and time duration",
    "daysandtimeduration": "days and time duration",
    "yearmonthduration": "years and months duration",
    "yearsandmonthsduration": "years and months duration",
    "context": "context",
}
_MAX_DEPTH: Final = 20


class TypeUnknown(Exception):
    """A type is named that is neither FEEL's nor defined."""


def base(name: str) -> Type | None:
    """Return FEEL's own type of this name, or None; ``feel:string`` is DMN 1.1's spelling of ``string``."""
    plain = name.rsplit(":", 1)[-1] if name.lower().startswith("feel:") else name
    found = _BASES.get(plain.replace(" ", "").lower())
    return None if found is None else Type(found)


def resolve(name: str, definition: Callable[[str], "ItemDefinition | None"], *, depth: int = 0) -> Type:
    """Return what a ``typeRef`` stands for; ``definition`` finds an item definition by name.

    Raises:
        TypeUnknown: nothing of this name is defined, or it is defined by itself.
    """
    if depth > _MAX_DEPTH:
        message = f"the type '{name}' is defined by itself"
        raise TypeUnknown(message)
    item = definition(name)
    if item is not None:
        return _described(item, definition, depth + 1)
    own = base(name)
    if own is None:
        message = f"the type '{name}' is not defined"
        raise TypeUnknown(message)
    return own


class ItemDefinition:
    """An ``itemDefinition`` or ``itemComponent``: a name for a type of one's own."""

    def __init__(self, element: Any, *, children: Callable[[Any, str], list[Any]]) -> None:
        """Read it; ``children`` finds an element's children by name."""
        self.name: str = element.get("name") or ""
        self.many: bool = element.get("isCollection") == "true"
        self.reference: str | None = next((text for node in children(element, "typeRef") if (text := node.text)), None)
        self.allowed: str | None = None
        for constraint in (*children(element, "allowedValues"), *children(element, "typeConstraint")):
            for text in children(constraint, "text"):
                self.allowed = (text.text or "").strip() or None
        self.components = [ItemDefinition(node, children=children) for node in children(element, "itemComponent")]


def _described(item: ItemDefinition, definition: Callable[[str], ItemDefinition | None], depth: int) -> Type:
    if item.components:
        fields = tuple((part.name, _described(part, definition, depth + 1)) for part in item.components)
        return Type("context", many=item.many, allowed=item.allowed, fields=fields)
    if item.reference is None:
        return Type("Any", many=item.many, allowed=item.allowed)
    kind = resolve(item.reference.strip(), definition, depth=depth)
    return Type(kind.base, many=item.many or kind.many, allowed=item.allowed or kind.allowed, fields=kind.fields)
