"""Looking a file over without storing anything, and storing its rows batch by batch.

A file is imported only when no row of it has a problem. Its rows are then stored in batches, each in a
transaction of its own: when something stops the import, the batches before stay, and importing the same file
again goes on after them, because a reference that was imported once is passed over.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import MatterflowError
from practice import money
from practice.directories.models import DirectoryEntry
from practice.exchange import records
from practice.exchange.columns import LISTS, Column, Values, flaws_of, split
from practice.exchange.errors import ColumnsWrong, FileUnreadable, ListUnknown
from practice.exchange.models import ImportedRecord
from practice.exchange.opposites import OtherSides
from practice.exchange.sheets import Flaw, Row
from practice.guards import require_right
from practice.matters import case_types
from practice.parties.names import normalise
from practice.people import queries as people

RIGHT: Final = "import_data"
BATCH: Final = 200


class Problem(NamedTuple):
    """What is wrong with a row; ``row`` is the number that a spreadsheet shows."""

    row: int
    column: str
    code: str
    value: str


@dataclass(slots=True)
class Counts:
    """What a file holds."""

    #: Rows below the column names.
    rows: int = 0
    #: Of them, those whose reference was imported before.
    known: int = 0
    #: Rows with at least one problem, and all problems.
    problem_rows: int = 0
    problems: int = 0
    #: Rows that were stored.
    imported: int = 0


@dataclass(slots=True)
class _Known:
    """What the firm's records say, read once a file."""

    lawyers: frozenset[str]
    people: frozenset[str]
    case_types: frozenset[str]
    entries: Mapping[str, frozenset[str]]
    #: Short hashes of references in the file.
    references: set[bytes] = field(default_factory=set)


def examine(session: Session, kind: str, found: Iterable[Row], *, told: Callable[[Problem], None], by: Actor) -> Counts:
    """Look over every row, say each problem as it is found, and return the counts; nothing is stored.

    Raises:
        RightMissing, ListUnknown, ColumnsWrong, FileUnreadable.
    """
    require_right(by, RIGHT)
    known = _known(session)
    sides = OtherSides.of(session, by=by) if kind == "matters" else None
    counts = Counts()
    for batch in batches(kind, found, size=1000):
        before = _imported(session, kind, [values.get("reference", "") for _, values, _ in batch])
        if sides is not None:
            sides.read((row.number, values) for row, values, _ in batch if values.get("reference") not in before)
        for row, values, flaws in batch:
            counts.rows += 1
            if values.get("reference") in before:
                counts.known += 1
                continue
            found_here = [*flaws, *_against(known, row, values, flaws, sides)]
            counts.problem_rows += bool(found_here)
            counts.problems += len(found_here)
            for flaw in found_here:
                told(Problem(row.number, flaw.column, flaw.code, flaw.value))
    return counts


Read = tuple[Row, dict[str, str], list[Flaw]]


def batches(kind: str, found: Iterable[Row], *, size: int = BATCH) -> Iterator[list[Read]]:
    """Yield the rows of a file some at a time, each with its texts by column and what is wrong with them.

    Raises:
        ListUnknown, ColumnsWrong, FileUnreadable.
    """
    columns = LISTS.get(kind)
    if columns is None:
        raise ListUnknown(kind[:40])
    rows = iter(found)
    head = next(rows, None)
    if head is None or head.broken is not None:
        raise FileUnreadable("file", "There is no row of column names.")
    places = _places(head, columns)
    while batch := list(islice(rows, size)):
        yield [(row, *flaws_of(row, columns, places)) for row in batch]


def store(session: Session, kind: str, batch: Sequence[Read], *, by: Actor, now: datetime) -> int:
    """Store a batch of rows that ``examine`` found nothing wrong with, and return how many were new.

    All of the batch or, when something is refused now, nothing of it.

    Raises:
        RightMissing, ListUnknown.
        RowRefused: with the row's number; somebody changed the firm's records since the file was looked over.
    """
    require_right(by, RIGHT)
    known = _imported(session, kind, [values["reference"] for _, values, _ in batch])
    stored = 0
    for row, values, _ in batch:
        if values["reference"] in known:
            continue
        try:
            record_id = records.STORES[kind](session, values, by=by, now=now)
        except MatterflowError as refused:
            raise records.RowRefused(row.number, str(refused)) from refused
        session.add(
            ImportedRecord(
                kind=kind,
                reference=values["reference"],
                record_id=record_id,
                imported_at=now,
                imported_by=by.username,
            )
        )
        stored += 1
    session.flush()
    return stored


def _places(head: Row, columns: tuple[Column, ...]) -> dict[str, int]:
    names = [cell.strip().lower().removeprefix("\ufeff") for cell in head.cells]
    while names and not names[-1]:
        names.pop()
    known = {column.name for column in columns}
    missing = [column.name for column in columns if column.is_needed and column.name not in names]
    unknown = [name[:60] for place, name in enumerate(names) if name not in known or name in names[:place]]
    if missing or unknown:
        raise ColumnsWrong("file", missing, unknown)
    return {name: place for place, name in enumerate(names)}


def _known(session: Session) -> _Known:
    entries: dict[str, set[str]] = {"direction": set(), "region": set(), "tag": set()}
    query = sa.select(DirectoryEntry.directory, DirectoryEntry.key).where(
        DirectoryEntry.directory.in_(entries), DirectoryEntry.is_active
    )
    for directory, key in session.execute(query):
        entries[directory].add(key)
    return _Known(
        lawyers=frozenset(user.username for user in people.members(session, "lawyers")),
        people=frozenset(user.username for user in people.everybody(session, active=True)),
        case_types=frozenset(case_type.key for case_type in case_types.deployed(session)),
        entries={directory: frozenset(keys) for directory, keys in entries.items()},
    )


def _imported(session: Session, kind: str, references: Sequence[str]) -> set[str]:
    query = sa.select(ImportedRecord.reference).where(
        ImportedRecord.kind == kind, ImportedRecord.reference.in_({one for one in references if one})
    )
    return set(session.scalars(query))


def _against(
    known: _Known, row: Row, values: Values, flaws: Sequence[Flaw], sides: OtherSides | None
) -> Iterator[Flaw]:
    """Yield what is wrong with a row beside its single cells."""
    wrong = {flaw.column for flaw in flaws}
    reference = values.get("reference", "")
    if reference and "reference" not in wrong:
        if _short(reference) in known.references:
            yield Flaw("reference", "reference_twice", reference)
        known.references.add(_short(reference))
    if sides is not None and values:
        yield from (flaw for flaw in _against_matters(known, row, values, sides) if flaw.column not in wrong)


def _against_matters(known: _Known, row: Row, values: Values, sides: OtherSides) -> Iterator[Flaw]:
    if values["responsible"] not in known.lawyers:
        yield Flaw("responsible", "not_active_lawyer", values["responsible"])
    for username in split(values["team"]):
        if username not in known.people:
            yield Flaw("team", "not_active_person", username)
    if values["case_type"] not in known.case_types:
        yield Flaw("case_type", "case_type_unknown", values["case_type"])
    for column, directory in (("direction", "direction"), ("region", "region"), ("tags", "tag")):
        for key in split(values[column]):
            if key not in known.entries[directory]:
                yield Flaw(column, "not_in_directory", key)
    yield from _against_sums(values)
    is_open = values["state"] != "archived"
    if not is_open and not values["archived_on"]:
        yield Flaw("archived_on", "missing")
    if values["archived_on"] and _day(values["archived_on"]) < _day(values["opened_on"]):
        yield Flaw("archived_on", "before_opened", values["archived_on"])
    client, opponent = normalise(values["client"]), normalise(values["opponent"])
    if client and client == opponent:
        yield Flaw("opponent", "same_party_twice", values["opponent"])
    elif is_open:
        yield from sides.conflicts(row.number)


def _against_sums(values: Values) -> Iterator[Flaw]:
    if not values["claim_value"]:
        return
    if not values["currency"]:
        yield Flaw("currency", "currency_missing")
        return
    try:
        money.to_minor(values["claim_value"], values["currency"])
    except MatterflowError:
        yield Flaw("claim_value", "not_an_amount", values["claim_value"])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _short(text: str) -> bytes:
    """Stand for a text in a set of many: eight bytes in place of a name."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
