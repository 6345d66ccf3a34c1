"""Reads one mapping of a pack's YAML, value by value; what is wrong is refused with its place in the file."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from practice.deadlines.errors import PackInvalid

T = TypeVar("T")
_KEY = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
LONGEST_TEXT = 2000


class Reader:
    """One mapping and its place; ``end`` refuses what nobody asked for."""

    def __init__(self, said: object, *, file: str, place: str = "", defaults: Mapping[str, Any] | None = None) -> None:
        self.file, self.place = file, place
        if not isinstance(said, dict):
            raise PackInvalid(file, place or "(the whole file)", "a mapping of names and values is wanted here")
        self._own = cast("dict[str, Any]", said)
        self._said: dict[str, Any] = {**(defaults or {}), **self._own}
        self._asked: set[str] = set()

    def with_defaults(self, defaults: Mapping[str, Any]) -> "Reader":
        """Return the same mapping, with values for what it leaves out."""
        return Reader(self._own, file=self.file, place=self.place, defaults=defaults)

    def refuse(self, field: str, problem: str) -> PackInvalid:
        """Return the refusal of one field."""
        return PackInvalid(self.file, self._at(field), problem)

    def _at(self, field: str) -> str:
        return f"{self.place}.{field}" if self.place else field

    def take(self, field: str, read: Callable[[Any], T | None], wanted: str, default: T | None = None) -> T | None:
        """Return a value as ``read`` makes it of what is said; None of it means that it is not ``wanted``."""
        self._asked.add(field)
        value = self._said.get(field)
        if value is None:
            return default
        try:
            found = read(value)
        except (ValueError, TypeError, LookupError):
            found = None
        if found is None:
            raise self.refuse(field, f"{wanted} is wanted, not {str(value)[:60]!r}")
        return found

    def needed(self, field: str, found: T | None) -> T:
        """Return what was found, or refuse the field as missing."""
        if found is None:
            raise self.refuse(field, "it is missing")
        return found

    def text(self, field: str) -> str | None:
        """Read a text that is not empty."""
        return self.take(field, _text, "a text")

    def words(self, field: str) -> str:
        """Read a text that has to be there."""
        return self.needed(field, self.text(field))

    def key(self, field: str = "key") -> str:
        """Read a key: lower-case words joined by underscores or dots."""
        value = self.words(field)
        if not _KEY.fullmatch(value) or len(value) > 80:  # noqa: PLR2004 - the column's length
            raise self.refuse(field, "a key has up to 80 lower-case letters and digits, joined by _ or .")
        return value

    def one_of(self, field: str, known: Collection[str], default: str | None = None) -> str:
        """Read one of a few words."""
        value = self.take(field, lambda said: said if said in known else None, f"one of {', '.join(known)}", default)
        return self.needed(field, value)

    def number(self, field: str, *, least: int, most: int, default: int | None = None) -> int:
        """Read a whole number."""

        def read(said: Any) -> int | None:
            return said if isinstance(said, int) and not isinstance(said, bool) and least <= said <= most else None

        return self.needed(field, self.take(field, read, f"a whole number from {least} to {most}", default))

    def flag(self, field: str, *, default: bool = False) -> bool:
        """Read true or false."""
        return bool(self.take(field, lambda said: said if isinstance(said, bool) else None, "true or false", default))

    def day(self, field: str) -> date | None:
        """Read a date in ISO 8601."""
        return self.take(field, lambda said: date.fromisoformat(str(said)), "a date like 2026-09-01")

    def month_day(self, field: str) -> tuple[int, int]:
        """Read a day of every year, as ``08-31``."""

        def read(said: Any) -> tuple[int, int] | None:
            found = _MONTH_DAY.fullmatch(str(said))
            if found is None:
                return None
            at = date(2024, int(found[1]), int(found[2]))  # a leap year, so that 02-29 is a day
            return at.month, at.day

        return self.needed(field, self.take(field, read, "a month and a day like 08-31"))

    def whole(self, field: str) -> Any:
        """Return a value that somebody else reads."""
        self._asked.add(field)
        return self._said.get(field)

    def mappings(self, field: str) -> list["Reader"]:
        """Read a list of mappings."""
        found = self._list(field)
        return [Reader(item, file=self.file, place=f"{self._at(field)}[{at}]") for at, item in enumerate(found)]

    def texts(self, field: str) -> list[str]:
        """Read a list of texts."""
        return [self._item(field, at, item, _text, "a text") for at, item in enumerate(self._list(field))]

    def numbers(self, field: str, *, least: int, most: int) -> list[int]:
        """Read a list of whole numbers."""

        def read(said: Any) -> int | None:
            return said if isinstance(said, int) and not isinstance(said, bool) and least <= said <= most else None

        wanted = f"a whole number from {least} to {most}"
        return [self._item(field, at, item, read, wanted) for at, item in enumerate(self._list(field))]

    def sub(self, field: str) -> "Reader | None":
        """Read a mapping within this one."""
        self._asked.add(field)
        value = self._said.get(field)
        return None if value is None else Reader(value, file=self.file, place=self._at(field))

    def end(self) -> None:
        """Refuse what was said and never asked for: most likely misspelt."""
        for field in self._own:
            if field not in self._asked:
                raise self.refuse(str(field), "nothing of this name is read here")

    def _list(self, field: str) -> list[Any]:
        self._asked.add(field)
        value = self._said.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse(field, "a list is wanted")
        return cast("list[Any]", value)

    def _item(self, field: str, at: int, item: Any, read: Callable[[Any], T | None], wanted: str) -> T:
        found = read(item)
        if found is None:
            raise self.refuse(f"{field}[{at}]", f"{wanted} is wanted, not {str(item)[:60]!r}")
        return found


def _text(said: Any) -> str | None:
    if not isinstance(said, str) or len(said) > LONGEST_TEXT:
        return None
    return " ".join(said.split()) or None
