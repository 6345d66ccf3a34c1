"""Which parts of form-js a form uses beside its core: the others are not sent to the browser.

The names are those of ``webui/frontend/src/islands/parts/index.js``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

_TYPES = {"datetime": "dates", "text": "texts", "html": "html"}


def form_parts(form: Mapping[str, Any] | None) -> list[str]:
    """Return the names of the parts that a form uses, in their order.

    What form-js takes for an expression is a text that begins with ``=``, and for a template one with ``{{`` in it;
    both may stand in any property of a component.
    """
    found = set[str]()
    for holder, value in _values(form or {}):
        if isinstance(value, str) and (value.startswith("=") or "{{" in value):
            found.add("expressions")
        if holder == "type" and value in _TYPES:
            found.add(_TYPES[value])
    return sorted(found)


def _values(node: Any, holder: str = "") -> Generator[tuple[str, Any]]:
    """Yield every value of a form that is no list and no mapping, with the name of the property that holds it."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield from _values(value, str(name))
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, holder)
    else:
        yield holder, node
