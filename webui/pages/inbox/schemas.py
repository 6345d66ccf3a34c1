"""What the inbox reads from addresses and bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

SCOPES = ("mine", "group", "all")
BUCKETS = ("late", "today", "week", "later", "none")
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class InboxArgs:
    """Which part of the list; whatever an address says beyond that is ignored."""

    scope: str | None = None
    q: str = ""
    cursor: str | None = None
    #: The group of the line before the first one asked for.
    after: str | None = None

    @classmethod
    def read(cls, args: Mapping[str, str]) -> InboxArgs:
        """Read an address's arguments."""
        scope, after = args.get("scope"), args.get("after")
        return cls(
            scope=scope if scope in SCOPES else None,
            q=args.get("q", "").strip()[:LONGEST_SEARCH],
            cursor=args.get("cursor") or None,
            after=after if after in BUCKETS else None,
        )

    def with_scope(self, scope: str) -> InboxArgs:
        """Return the same with the scope that was chosen for the reader."""
        return replace(self, scope=scope)

    def kept(self) -> dict[str, str]:
        """Return what links from the list carry along."""
        return {name: value for name, value in (("scope", self.scope), ("q", self.q)) if value}
