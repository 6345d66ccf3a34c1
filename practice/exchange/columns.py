"""The columns of each list, and turning a row into the facts of a record or into what is wrong with it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from engine.errors import MatterflowError
from practice import money
from practice.exchange.sheets import Flaw, Row
from practice.parties import naming

Values = Mapping[str, str]


class Column(NamedTuple):
    """A column: what it is called, whether it is needed, and what its text has to be."""

    name: str
    is_needed: bool = False
    longest: int = 300
    #: Returns a code of ``PROBLEMS`` when the text cannot be.
    check: Callable[[str], str | None] | None = None
    #: Filled in exports, looked over in imports.
    is_told_only: bool = False


#: What can be wrong with a row; the sentences are for people.
PROBLEMS: Final[Mapping[str, str]] = {
    "broken_row": "The row cannot be read.",
    "wrong_encoding": "The cell holds bytes of another encoding.",
    "formula": "The cell is a formula, or would be taken for one.",
    "too_many_cells": "The row has more cells than there are columns.",
    "missing": "The cell has to be filled.",
    "too_long": "The text is too long.",
    "not_a_date": "This is no date; write 2026-11-22.",
    "not_an_amount": "This is no sum of money.",
    "not_a_name": "Nothing of this name can be compared with others.",
    "unknown_value": "This is none of the values that the column takes.",
    "reference_twice": "The file has this reference in an earlier row.",
    "not_active_lawyer": "No active lawyer has this username.",
    "not_active_person": "Nobody active has this username.",
    "case_type_unknown": "There is no such case type.",
    "not_in_directory": "The directory has no such entry.",
    "currency_missing": "A sum needs its currency.",
    "conflict": "Client and opponent stand on the other side of an open matter.",
    "before_opened": "It cannot be archived before it was opened.",
    "same_party_twice": "Client and opponent are the same.",
}


def a_day(text: str) -> str | None:
    """Check a local date."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return "not_a_date"
    return None if len(text) == len("2026-01-01") and found.year > 1800 else "not_a_date"  # noqa: PLR2004


def a_name(text: str) -> str | None:
    """Check a name that is compared."""
    try:
        naming.compared(text)
    except MatterflowError:
        return "not_a_name"
    return None


def one_of(*values: str) -> Callable[[str], str | None]:
    """Check a choice."""
    return lambda text: None if text in values else "unknown_value"


def a_currency(text: str) -> str | None:
    """Check a currency's code."""
    return None if text.upper() in money.EXPONENTS else "unknown_value"


def a_number(text: str) -> str | None:
    """Check a whole number of days."""
    return None if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 3650 else "unknown_value"  # noqa: PLR2004


CLIENTS: Final = (
    Column("reference", is_needed=True, longest=100),
    Column("number", longest=40, is_told_only=True),
    Column("name", is_needed=True, check=a_name),
    Column("kind", check=one_of("person", "organisation")),
    Column("other_names", longest=1_000),
    Column("language", longest=35),
    Column("born_on", check=a_day),
    Column("tax_number", longest=100),
    Column("registration_number", longest=100),
    Column("segment", longest=60),
    Column("contact_every_days", check=a_number),
    Column("source", longest=60),
)
MATTERS: Final = (
    Column("reference", is_needed=True, longest=100),
    Column("number", longest=40, is_told_only=True),
    Column("case_type", is_needed=True, longest=200),
    Column("client", is_needed=True, check=a_name),
    Column("opponent", check=a_name),
    Column("other_parties", longest=3_000),
    Column("responsible", is_needed=True, longest=150),
    Column("team", longest=1_000),
    Column("state", check=one_of("open", "archived")),
    Column("opened_on", is_needed=True, check=a_day),
    Column("archived_on", check=a_day),
    Column("archive_location", longest=200),
    Column("retain_until", check=a_day),
    Column("court"),
    Column("court_number", longest=100),
    Column("claim_value", longest=40),
    Column("currency", check=a_currency),
    Column("limitation_on", check=a_day),
    Column("direction", longest=60),
    Column("region", longest=60),
    Column("tags", longest=1_000),
    Column("confidentiality", check=one_of("ordinary", "restricted", "secret")),
    Column("summary", longest=20_000),
)
LISTS: Final[Mapping[str, tuple[Column, ...]]] = {"clients": CLIENTS, "matters": MATTERS}


def split(text: str) -> list[str]:
    """Return the items of a cell that holds several, written with semicolons or one a line."""
    return [item.strip() for item in text.replace("\n", ";").split(";") if item.strip()]


def flaws_of(row: Row, columns: tuple[Column, ...], places: Mapping[str, int]) -> tuple[dict[str, str], list[Flaw]]:
    """Return the texts of a row by column, and what is wrong with each alone."""
    if row.broken is not None:
        return {}, [Flaw("", "broken_row", row.broken)]
    values: dict[str, str] = {}
    flaws: list[Flaw] = []
    if any(row.cells[max(places.values()) + 1 :]):
        flaws.append(Flaw("", "too_many_cells", str(len(row.cells))))
    for column in columns:
        place = places.get(column.name)
        text = row.cells[place] if place is not None and place < len(row.cells) else ""
        values[column.name] = text
        code = None if column.is_told_only else _flaw_of(column, text, row, place)
        if code is not None:
            flaws.append(Flaw(column.name, code, text[:80]))
    return values, flaws


def _flaw_of(column: Column, text: str, row: Row, place: int | None) -> str | None:
    if place in row.undecoded:
        return "wrong_encoding"
    if place in row.formulas:
        return "formula"
    if not text:
        return "missing" if column.is_needed else None
    if len(text) > column.longest:
        return "too_long"
    return column.check(text) if column.check is not None else None


def known_facts(values: Values) -> dict[str, Any]:
    """Return the cells that are filled."""
    return {name: value for name, value in values.items() if value}
