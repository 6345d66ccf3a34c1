"""The packs that the firm works with: every rule, calendar and chain by its key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from practice.deadlines import packs, periods
from practice.deadlines.calendars import CalendarRule, WorkingCalendar
from practice.deadlines.errors import (
    CalendarUnknown,
    ChainUnknown,
    PackInvalid,
    PackUnknown,
    RuleUnknown,
)
from practice.deadlines.periods import Computation, Stay
from practice.deadlines.rules import Chain, Pack, Rule

Added = Mapping[str, Mapping[date, tuple[bool, str]]]


@dataclass(frozen=True, slots=True)
class Library:
    """All packs, and what the firm has added to their calendars."""

    packs: Mapping[str, Pack]
    calendars: Mapping[str, CalendarRule]
    added: Added = field(default_factory=dict[str, Mapping[date, tuple[bool, str]]])

    def pack(self, key: str, *, field: str = "pack") -> Pack:
        """Return a pack, or raise ``PackUnknown``."""
        try:
            return self.packs[key]
        except KeyError:
            raise PackUnknown(field, key[:80]) from None

    def rule(self, pack: str, key: str, *, on: date, field: str = "rule") -> Rule:
        """Return the rule that is in force on a day, or raise ``RuleUnknown``."""
        for rule in self.pack(pack).rules:
            if rule.key == key and rule.is_valid(on):
                return rule
        raise RuleUnknown(field, pack, key[:80], on)

    def rules_on(self, pack: str, on: date) -> list[Rule]:
        """Return the rules of a pack that are in force on a day, in the order of the file."""
        return [rule for rule in self.pack(pack).rules if rule.is_valid(on)]

    def chain(self, pack: str, key: str, *, field: str = "chain") -> Chain:
        """Return a chain, or raise ``ChainUnknown``."""
        for chain in self.pack(pack).chains:
            if chain.key == key:
                return chain
        raise ChainUnknown(field, pack, key[:80])

    def calendar(self, key: str, *, field: str = "calendar") -> WorkingCalendar:
        """Return a calendar with what the firm has added, or raise ``CalendarUnknown``."""
        try:
            return WorkingCalendar(self.calendars[key], self.added.get(key, {}))
        except KeyError:
            raise CalendarUnknown(field, key[:80]) from None

    def compute(
        self, rule: Rule, anchor: date, *, service_method: str | None = None, stays: Sequence[Stay] = ()
    ) -> Computation:
        """Calculate one deadline with its own calendar (``periods.compute``)."""
        calendar = self.calendar(rule.calendar)
        return periods.compute(rule, anchor, calendar=calendar, service_method=service_method, stays=stays)

    def with_added(self, added: Added) -> "Library":
        """Return the library with these days in its calendars."""
        return Library(self.packs, self.calendars, added)


def collect(found: Iterable[tuple[str, Pack]]) -> Library:
    """Put packs together; each comes with its file's name.

    Raises:
        PackInvalid: two have the same key, or a rule counts with a calendar that no pack has.
    """
    known: dict[str, Pack] = {}
    calendars: dict[str, CalendarRule] = {}
    files: dict[str, str] = {}
    for file, pack in found:
        if pack.key in known:
            raise PackInvalid(file, "pack", f"{files[pack.key]} is the pack {pack.key!r} already")
        for key, calendar in pack.calendars.items():
            if key in calendars:
                raise PackInvalid(file, "calendars", f"another pack has a calendar {key!r} already")
            calendars[key] = calendar
        known[pack.key], files[pack.key] = pack, file
    for key, pack in known.items():
        for at, rule in enumerate(pack.rules):
            if rule.calendar not in calendars:
                raise PackInvalid(files[key], f"rules[{at}].calendar", f"no pack has a calendar {rule.calendar!r}")
    return Library(known, calendars)


def read_folder(folder: Path) -> Library:
    """Read every ``*.yaml`` of a folder.

    Raises:
        PackInvalid: one of them says what cannot be; names file and field.
    """
    return collect((path.name, packs.load(path)) for path in sorted(folder.glob("*.yaml")))


_folder: Path | None = None


def use_folder(folder: Path) -> None:
    """Work with the packs of this folder from now on: whoever puts the application together says which."""
    global _folder  # noqa: PLW0603 - one firm a process
    if folder != _folder:
        _folder = folder
        current.cache_clear()


@cache
def current() -> Library:
    """Return the packs that the firm works with, without what it has added to calendars; read once.

    Raises:
        PackInvalid: one of them says what cannot be; names file and field.
    """
    return Library({}, {}) if _folder is None else read_folder(_folder)
