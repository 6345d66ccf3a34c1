"""Keeping the index: names are written to the tail at once and packed into blocks now and then."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from practice.name_index.models import NameBlock, NameEntry, NameIndexState, NameTail
from practice.names import RULES_VERSION, Spoken, spoken
from practice.names.grams import keys
from practice.names.readings import Reading

#: Names that a check looks through one by one before it has them packed.
LONGEST_TAIL: Final = 3_000
#: Packings that a look-up reads before they are made one.
MOST_PACKINGS: Final = 6
_CHUNK: Final = 2_000
_LOCK: Final = 0x6E616D65
_ENTRY, _TAIL, _BLOCK = (cast("sa.Table", model.__table__) for model in (NameEntry, NameTail, NameBlock))


def put(session: Session, owner_kind: str, owner_id: object, *, names: Iterable[str]) -> None:
    """Make these the names under which somebody is found; names that stay are left alone."""
    wanted = dict.fromkeys(name[:300] for name in names if name)
    owner = (NameEntry.owner_kind == owner_kind, NameEntry.owner_id == str(owner_id))
    known = session.execute(sa.select(NameEntry.no, NameEntry.written).where(*owner)).all()
    gone = [no for no, written in known if written not in wanted]
    _delete(session, gone)
    have = {written for _, written in known}
    put_many(session, owner_kind, [(owner_id, [name for name in wanted if name not in have])], pack_after=None)


def drop(session: Session, owner_kind: str, owner_id: object) -> None:
    """Find somebody no longer."""
    owner = (NameEntry.owner_kind == owner_kind, NameEntry.owner_id == str(owner_id))
    _delete(session, list(session.scalars(sa.select(NameEntry.no).where(*owner))))


def put_many(
    session: Session,
    owner_kind: str,
    owners: Iterable[tuple[object, Sequence[str]]],
    *,
    pack_after: int | None = LONGEST_TAIL,
) -> int:
    """Add the names of owners who have none in the index yet; return how many names that were.

    Meant for imports, so what became a long tail is packed at the end.
    """
    count = 0
    batch: list[dict[str, Any]] = []
    names: list[Spoken] = []
    for owner_id, written in owners:
        for name in written:
            taken_apart = spoken(name[:300])
            names.append(taken_apart)
            batch.append(
                {
                    "owner_kind": owner_kind,
                    "owner_id": str(owner_id),
                    "written": name[:300],
                    "spoken": dumped(taken_apart),
                }
            )
        if len(batch) >= _CHUNK:
            count += _insert(session, batch, names)
            batch, names = [], []
    if batch:
        count += _insert(session, batch, names)
    if pack_after is not None and count > pack_after:
        pack(session)
    return count


def pack(session: Session) -> int:
    """Move the tail into a new packing; return how many names that were, none when another transaction is at it."""
    postgres = session.get_bind().dialect.name == "postgresql"
    if postgres and not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    tail = session.execute(sa.select(_TAIL.c.no, _TAIL.c["keys"]).order_by(_TAIL.c.no)).all()
    if not tail:
        return 0
    posted: dict[int, array[int]] = {}
    for no, packed in tail:
        for key in integers(packed):
            numbers = posted.get(key)
            if numbers is None:
                numbers = posted[key] = array("I")
            numbers.append(no)
    packings = list(session.scalars(sa.select(_BLOCK.c.packing).distinct()))
    packing = max(packings, default=0) + 1
    if len(packings) >= MOST_PACKINGS:
        for key, packed in session.execute(sa.select(_BLOCK.c.key, _BLOCK.c.numbers)):
            posted.setdefault(key, array("I")).extend(integers(packed))
        session.execute(sa.delete(_BLOCK))
    rows = [{"key": key, "packing": packing, "numbers": stored(posted[key])} for key in sorted(posted)]
    for start in range(0, len(rows), _CHUNK * 5):
        session.execute(sa.insert(_BLOCK), rows[start : start + _CHUNK * 5])
    packed_numbers = [no for no, _ in tail]
    for start in range(0, len(packed_numbers), 500):
        session.execute(sa.delete(_TAIL).where(_TAIL.c.no.in_(packed_numbers[start : start + 500])))
    return len(tail)


def clear(session: Session) -> None:
    """Forget every name."""
    for table in (_BLOCK, _TAIL, _ENTRY):
        session.execute(sa.delete(table))


def is_current(session: Session) -> bool:
    """Say whether the index was made by the rules of today."""
    return session.scalar(sa.select(NameIndexState.rules_version)) == RULES_VERSION


def note_current(session: Session) -> None:
    """Note that the index was made by the rules of today."""
    session.execute(
        database.insert(session.get_bind().dialect.name, NameIndexState)
        .values(id=1, rules_version=RULES_VERSION)
        .on_conflict_do_update(index_elements=["id"], set_={"rules_version": RULES_VERSION})
    )


def integers(packed: bytes) -> "array[int]":
    """Read a column of integers."""
    numbers = array("I", packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def stored(numbers: "array[int]") -> bytes:
    """Write a column of integers."""
    if sys.byteorder == "big":
        numbers = array("I", numbers)
        numbers.byteswap()
    return numbers.tobytes()


def dumped(name: Spoken) -> str:
    """Write what a name was taken apart into."""
    return orjson.dumps(
        [
            name.normalised,
            name.han,
            sorted(name.scripts),
            [[reading.system, *reading.words] for reading in name.readings],
            sorted(name.numbers),
        ]
    ).decode()


def loaded(written: str, text: str) -> Spoken:
    """Read what ``dumped`` wrote."""
    normalised, han, scripts, readings, numbers = orjson.loads(text)
    return Spoken(
        written,
        normalised,
        han,
        frozenset(scripts),
        tuple(Reading(system, tuple(words)) for system, *words in readings),
        frozenset(numbers),
    )


def _insert(session: Session, batch: list[dict[str, Any]], names: list[Spoken]) -> int:
    numbers = session.scalars(sa.insert(NameEntry).returning(NameEntry.no, sort_by_parameter_order=True), batch).all()
    tail = [{"no": no, "keys": stored(array("I", keys(name)))} for no, name in zip(numbers, names, strict=True)]
    session.execute(sa.insert(_TAIL), tail)
    return len(tail)


def _delete(session: Session, numbers: list[int]) -> None:
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        session.execute(sa.delete(_TAIL).where(_TAIL.c.no.in_(some)))
        session.execute(sa.delete(_ENTRY).where(_ENTRY.c.no.in_(some)))
