"""What a deadline rule says; packs in ``config/jurisdictions/`` hold them as data (``packs`` reads and checks them)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

UNITS: Final = ("days", "working_days", "weeks", "months", "years")
#: What a period runs from or towards.
ANCHORS: Final = (
    "served",
    "filed",
    "pronounced",
    "final_form",
    "sent",
    "known",
    "due",
    "event",
    "hearing",
    "notice",
    "deadline",
)
#: ``excluded``: the day of the event does not count and the last day bears its number or name (BGB 187 I, 188 II
#: first case). ``included``: it counts, so months end on the day before (187 II, 188 II second case). ``next_day``:
#: the period begins with the following day as if that were counted (Taiwan's Civil Code 120, 121). ``year_end``: it
#: begins when the year of the event has ended (BGB 199 I).
STARTS: Final = ("excluded", "included", "next_day", "year_end")
#: A month without the day: its last day, or the first of the next month.
MONTH_ENDS: Final = ("last_day", "next_day")
#: ``onward`` goes on in the direction of counting (FRCP 6(a)(5)).
ROLLS: Final = ("none", "next", "previous", "onward")
#: ``stop``: the days of a stay are added. ``restart``: the period begins anew after it.
STAYS: Final = ("ignore", "stop", "restart")
UNCONFIRMED: Final = "to be confirmed by a lawyer"
STATUSES: Final = (UNCONFIRMED, "confirmed")


class Offset(NamedTuple):
    """How long: a number of units, negative when counted back from the anchor."""

    n: int
    unit: str


class ServiceMethod(NamedTuple):
    """What a way of service adds."""

    key: str
    name: str
    offset: Offset
    #: ``start``: service is deemed so much later. ``end``: so much is added when the period is over.
    at: str = "start"
    roll: str = "none"
    citation: str = ""


class PreDeadline(NamedTuple):
    """A day of the firm's own before the deadline; missing it costs nothing but time."""

    key: str
    name: str
    #: Before the deadline.
    offset: Offset


@dataclass(frozen=True, slots=True)
class Rule:
    """How one deadline is calculated, and how careful one has to be with it."""

    key: str
    name: str
    #: What sets it running, in words: "judgment served".
    trigger: str
    anchor: str
    offset: Offset
    calendar: str
    citation: str
    start: str = "excluded"
    #: Clear days: the last day does not count either. "At least 3 days before the hearing".
    clear: bool = False
    #: Periods of so many days or fewer count working days only; 0: none do.
    working_days_up_to: int = 0
    month_end: str = "last_day"
    roll: str = "next"
    #: A period has to hold so many working days (Regulation 1182/71, article 3(5)); 0: no matter.
    least_working_days: int = 0
    service_methods: tuple[ServiceMethod, ...] = ()
    stays: str = "ignore"
    #: Does not run in the calendar's recess.
    honours_recess: bool = False
    pre_deadlines: tuple[PreDeadline, ...] = ()
    #: Days before the deadline on which people are warned, the most first.
    warnings: tuple[int, ...] = ()
    is_fatal: bool = False
    #: Persons who have to stand for it: 1, or 2 for fatal ones.
    persons: int = 1
    #: The rule leaves a choice; somebody decides whether it applies.
    possible: str | None = None
    note: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid(self, on: date) -> bool:
        """Say whether the rule is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def service_method(self, key: str) -> ServiceMethod | None:
        """Return a way of service by its key."""
        return next((method for method in self.service_methods if method.key == key), None)


class Link(NamedTuple):
    """One deadline of a chain, and where it starts from."""

    rule: str
    #: ``anchor``, or the rule of a link before it: its calculated day is then the anchor.
    after: str = "anchor"


class Chain(NamedTuple):
    """Deadlines that hang on one another, forward and backward from one anchor."""

    key: str
    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """One jurisdiction's rules."""

    key: str
    name: str
    version: str
    #: ``to be confirmed by a lawyer`` until one has.
    status: str
    #: Who confirmed it, when somebody has.
    confirmed_by: str | None
    #: IANA name of the zone whose midnight ends a day; None: the firm's.
    time_zone: str | None
    rules: tuple[Rule, ...]
    chains: tuple[Chain, ...]
    note: str | None = None
    #: Key -> what the rules of this pack count with; other packs' calendars are known by their own.
    calendars: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_confirmed(self) -> bool:
        """Say whether a lawyer of the jurisdiction has signed it."""
        return self.status == "confirmed"
