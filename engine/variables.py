"""What may be put into an instance's data."""

import math
import re
from typing import Any, cast

import orjson

from engine import limits
from engine.errors import VariablesInvalid

_NAME = re.compile(r"[^\W\d]\w*\Z")


def is_storable(text: str, most: int) -> bool:
    """Say whether a database column of ``most`` characters takes a text."""
    return 0 < len(text) <= most and "\0" not in text


def storable(text: str) -> str:
    """Return a text as a database takes it."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}")


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return variables that can be stored and read back unchanged.

    Raises:
        VariablesInvalid: a name is no name, or the whole is too large or nested too deep.
    """
    wrong = {
        str(name)[:100]: "This is no variable name."
        for name in values
        if not _NAME.match(str(name)) or len(str(name)) > limits.VARIABLE_NAME
    }
    if wrong:
        raise VariablesInvalid(wrong)
    for name, value in values.items():
        if _is_deeper_than(value, limits.VARIABLES_DEPTH):
            raise VariablesInvalid({name: f"It is nested more than {limits.VARIABLES_DEPTH} deep."})
    try:
        written = orjson.dumps(values)
    except (TypeError, RecursionError) as error:
        raise VariablesInvalid({"variables": f"This is no JSON: {error}"}) from error
    if len(written) > limits.VARIABLES_BYTES:
        raise VariablesInvalid({"variables": f"They are larger than {limits.VARIABLES_BYTES // 1_000_000} MB."})
    if b"\\u0000" in written or b"null" in written:  # what may be a NUL character or not a number
        for name, value in values.items():
            if problem := _flaw_of(value):
                raise VariablesInvalid({name: problem})
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


def _flaw_of(value: Any) -> str | None:
    """Find what JSON or a database would not give back: NUL characters, NaN, infinity."""
    ahead: list[Any] = [value]
    while ahead:
        found = ahead.pop()
        if isinstance(found, str) and "\0" in found:
            return "It holds a NUL character, which cannot be stored."
        if isinstance(found, float) and not math.isfinite(found):
            return "It is no finite number."
        if isinstance(found, dict):
            holder = cast("dict[str, Any]", found)
            ahead.extend(holder)
            ahead.extend(holder.values())
        elif isinstance(found, list):
            ahead.extend(cast("list[Any]", found))
    return None
