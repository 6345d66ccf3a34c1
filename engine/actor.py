"""Who asks. The engine knows a name, groups and rights, never a person's record."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or program on whose behalf something happens."""

    username: str
    #: Candidate groups the person belongs to.
    groups: frozenset[str] = field(default=frozenset())
    #: Named rights; ``*`` is every right and belongs to the system alone.
    rights: frozenset[str] = field(default=frozenset())
    #: UTC; the instant of asking, for what somebody may see until a day. None: whatever has an end has ended.
    at: datetime | None = field(default=None, compare=False)

    @property
    def principals(self) -> list[str]:
        """The names under which user tasks are offered: ``user:ana``, then ``group:partners``, ..."""
        return [f"user:{self.username}", *(f"group:{group}" for group in sorted(self.groups))]

    def may(self, right: str) -> bool:
        """Say whether the person holds a named right."""
        return right in self.rights or "*" in self.rights


#: What timers, jobs and the command line act as when nobody asked.
SYSTEM = Actor("system", rights=frozenset({"*"}))
