"""Taking facts out of a process's variables, with refusals that name the field."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from practice.errors import VariableInvalid, VariableMissing

Variables = Mapping[str, Any]


def text(variables: Variables, field: str, *, longest: int = 300) -> str | None:
    """Return a text on one line without outer spaces, None when it is missing or empty."""
    value = variables.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise VariableInvalid(field, str(value)[:80])
    return " ".join(value.split()) or None


def needed_text(variables: Variables, field: str, *, longest: int = 300) -> str:
    """Return a text, or raise ``VariableMissing``."""
    value = text(variables, field, longest=longest)
    if value is None:
        raise VariableMissing(field)
    return value


def long_text(variables: Variables, field: str, *, longest: int = 20_000) -> str | None:
    """Return a text that may have several lines, None when it is missing or empty."""
    value = variables.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise VariableInvalid(field, str(value)[:80])
    return value.strip() or None


def day(variables: Variables, field: str) -> date | None:
    """Return a local date written in ISO 8601, None when it is missing or empty."""
    value = variables.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise VariableInvalid(field, str(value)[:80])
    try:
        return date.fromisoformat(value)
    except ValueError as broken:
        raise VariableInvalid(field, value[:80]) from broken


def names(variables: Variables, field: str, *, most: int = 50) -> list[str]:
    """Return a list of names (usernames), empty when it is missing."""
    value = variables.get(field)
    if value is None:
        return []
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [None]
    if len(items) > most or not all(isinstance(item, str) for item in items):
        raise VariableInvalid(field, str(items)[:80])
    return [item for item in items if item]
