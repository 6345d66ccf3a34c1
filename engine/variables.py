"""What may be put into an instance's data."""

import re
from typing import Any

import orjson

from engine.errors import VariablesInvalid

#: Bytes of one set of variables as JSON.
MAX_BYTES = 2_000_000
MAX_DEPTH = 50
MAX_NAME = 200
_NAME = re.compile(r"[^\W\d]\w*\Z")


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return variables that can be stored and read back unchanged.

    Raises:
        VariablesInvalid: a name is no name, or the whole is too large or nested too deep.
    """
    wrong = {
        str(name)[:100]: "This is no variable name."
        for name in values
        if not _NAME.match(str(name)) or len(str(name)) > MAX_NAME
    }
    if wrong:
        raise VariablesInvalid(wrong)
    for name, value in values.items():
        if _is_deeper_than(value, MAX_DEPTH):
            raise VariablesInvalid({name: f"It is nested more than {MAX_DEPTH} deep."})
    try:
        size = len(orjson.dumps(values))
    except (TypeError, RecursionError) as error:
        raise VariablesInvalid({"variables": f"This is no JSON: {error}"}) from error
    if size > MAX_BYTES:
        raise VariablesInvalid({"variables": f"They are larger than {MAX_BYTES // 1_000_000} MB."})
    return values


def _is_deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ())
        ]
        if not level:
            return False
    return True
