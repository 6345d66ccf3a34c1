"""What the inbox reads from addresses and bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tasks.inbox.filters import PRIORITIES
from tasks.inbox.queries import SCOPES, SORTS

BUCKETS = ("late", "today", "week", "later", "none")
LONGEST_SEARCH = 100
_LONGEST_NAME = 200
#: What narrows a list, as addresses and kept filters name it, each with what it may say (None: any text).
NARROWING: Final[dict[str, tuple[str, ...] | None]] = {
    "kind": None,
    "process": None,
    "matter": None,
    "client": None,
    "person": None,
    "tag": None,
    "due": BUCKETS,
    "priority": PRIORITIES,
    "asleep": ("yes",),
}


@dataclass(frozen=True, slots=True)
class InboxArgs:
    """Which part of the list; whatever an address says beyond that is ignored."""

    scope: str | None = None
    q: str = ""
    sort: str = "due"
    #: Filter -> value, of ``NARROWING``.
    narrowed: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None
    #: The group of the line before the first one asked for.
    after: str | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> InboxArgs:
        """Read an address's arguments."""
        scope, after, sort = args.get("scope"), args.get("after"), args.get("sort", "")
        said = {name: args.get(name, "").strip()[:_LONGEST_NAME] for name in NARROWING}
        return cls(
            scope=scope if scope in SCOPES else None,
            q=args.get("q", "").strip()[:LONGEST_SEARCH],
            sort=sort if sort in SORTS else "due",
            narrowed={name: value for name, value in said.items() if value and value in (NARROWING[name] or (value,))},
            cursor=args.get("cursor") or None,
            after=after if after in (*BUCKETS, "all") else None,
        )

    @property
    def is_narrowed(self) -> bool:
        """Say whether the list is less than the whole scope."""
        return bool(self.narrowed or self.q)

    def with_scope(self, scope: str) -> InboxArgs:
        """Return the same with the scope that was chosen for the reader."""
        return replace(self, scope=scope)

    def kept(self) -> dict[str, str]:
        """Return what links from the list carry along."""
        sort = {} if self.sort == "due" else {"sort": self.sort}
        named = {"scope": self.scope or "", "q": self.q} | sort | self.narrowed
        return {name: value for name, value in named.items() if value}

    def only_scope(self) -> dict[str, str]:
        """Return what a link carries along that takes every filter away."""
        return {"scope": self.scope} if self.scope else {}

    def without(self, *names: str) -> dict[str, str]:
        """Return what a link carries along that takes these filters away."""
        return {name: value for name, value in self.kept().items() if name not in names}
