"""Taking facts out of a process's variables, with refusals that name the field."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from engine import clock
from practice.errors import VariableInvalid, VariableMissing

Variables = Mapping[str, Any]
#: Nine digits, as in what is written: every database has a column for them.
_LARGEST_WHOLE = 999_999_999


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


def instant(variables: Variables, field: str) -> datetime | None:
    """Return an instant written in ISO 8601, None when it is missing or empty; without a zone it is the firm's."""
    value = variables.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as broken:
            raise VariableInvalid(field, value[:80]) from broken
    if not isinstance(value, datetime):
        raise VariableInvalid(field, str(value)[:80])
    try:
        return (value if value.tzinfo else value.replace(tzinfo=clock.zone())).astimezone(UTC)
    except OverflowError as broken:
        raise VariableInvalid(field, str(value)[:80]) from broken


def whole(variables: Variables, field: str) -> int | None:
    """Return a whole number, None when it is missing or empty."""
    value = variables.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip(), re.ASCII):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_WHOLE:
        raise VariableInvalid(field, str(value)[:80])
    return value


def names(variables: Variables, field: str, *, most: int = 50) -> list[str]:
    """Return a list of names (usernames), empty when it is missing."""
    value = variables.get(field)
    if value is None:
        return []
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [None]
    if len(items) > most or not all(isinstance(item, str) for item in items):
        raise VariableInvalid(field, str(items)[:80])
    return [item for item in items if item]
