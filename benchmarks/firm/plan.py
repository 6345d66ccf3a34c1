"""What the firm consists of, and how many of each."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

#: When the firm opened its first matter on record, and today.
SINCE = datetime(2016, 1, 4, 8, 0, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the firm is (the issue's numbers)."""

    clients: int = 60_000
    #: Parties that are nobody's client.
    opponents: int = 40_000
    matters: int = 200_000
    proceedings: int = 120_000
    events: int = 600_000
    deadlines: int = 100_000
    enquiries: int = 60_000
    #: There is no table of calls yet: as many rows of the audit trail, which is the nearest.
    audit_events: int = 1_000_000
    people: int = 300
    walls: int = 40

    def scaled(self, share: float) -> "Plan":
        """Return a firm of this share of the size, with all of its people."""
        small = {field.name: max(20, int(getattr(self, field.name) * share)) for field in fields(self)}
        return replace(self, **{**small, "people": self.people, "walls": max(2, int(self.walls * share))})


#: How many of 300 people belong to each group, in order of their numbers.
GROUPS = (
    ("managing_partners", 1),
    ("partners", 9),
    ("lawyers", 200),
    ("case_managers", 50),
    ("secretaries", 15),
    ("conflicts_officers", 5),
    ("auditors", 5),
    ("reception", 15),
)
BRANCHES = ("Taipei", "Kaohsiung", "Moskau", "Athen", "London", "Wien", "Seoul", "Dubai", "Shanghai", "Hamburg")
DEPARTMENTS = ("Litigation", "Corporate", "Injury", "Criminal")


def groups_of(number: int) -> list[str]:
    """Return the groups of a person by their number; each branch's first lawyer heads a unit."""
    end = 0
    for name, size in GROUPS:
        end += size
        if number < end:
            return [name, "unit_heads"] if name == "lawyers" and number % 20 == 0 else [name]
    return ["reception"]


def username(number: int) -> str:
    """Return the name under which a person signs in."""
    return f"p{number:03}"
