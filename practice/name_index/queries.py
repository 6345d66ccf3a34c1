"""Finding names: candidates by the keys they share, the rarer the better, then a closer look at the best of them."""

import math
from array import array
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.name_index.models import NameBlock, NameEntry, NameTail
from practice.name_index.operations import LONGEST_TAIL, integers, loaded, pack
from practice.names import Match, Spoken, compare
from practice.names.grams import keys

#: Candidates for one name.
MOST_CANDIDATES: Final = 1_000
#: Candidates that are compared closely; those that share as much as the best one always are.
_CLOSELY: Final = 80
_AS_GOOD: Final = 0.95
#: Names that are counted for a name, before its commoner keys are left out.
_BUDGET: Final = 20_000
#: What sharing keys alone is worth at most.
_BY_KEYS: Final = 0.6
_CHUNK: Final = 400


class Found(NamedTuple):
    """A name of the index that may be the one asked for."""

    owner_kind: str
    owner_id: str
    written: str
    match: Match


def find(
    session: Session,
    names: Sequence[Spoken],
    *,
    limit: int = MOST_CANDIDATES,
    among: Collection[int] | None = None,
    only_reads: bool = False,
) -> list[list[Found]]:
    """Return for each name the best candidates, the most alike first.

    With ``among`` only these of the index's names are looked at (``numbers_of``). ``only_reads`` leaves a long tail
    as it is.
    """
    asked = [keys(name) for name in names]
    posted, count = _posted(session, {key for some in asked for key in some}, only_reads=only_reads)
    if among is not None:
        posted = {
            key: [array("I", [no for no in numbers if no in among]) for numbers in lists]
            for key, lists in posted.items()
        }
    weighed = [weigh(some, posted, count, limit) for some in asked]
    entries = _entries(session, {no for candidates in weighed for no, _ in candidates})
    return [_compared(name, candidates, entries) for name, candidates in zip(names, weighed, strict=True)]


def numbers_of(session: Session, owner_kind: str, owner_ids: Collection[str]) -> set[int]:
    """Return the numbers of the names of many owners of one kind."""
    query = sa.select(NameEntry.no, NameEntry.owner_id).where(NameEntry.owner_kind == owner_kind)
    return {no for no, owner_id in session.execute(query.execution_options(yield_per=5_000)) if owner_id in owner_ids}


def _posted(session: Session, wanted: set[int], *, only_reads: bool) -> tuple[dict[int, list["array[int]"]], int]:
    """Return the numbers of the names under each key, and about how many names there are."""
    # The tail comes first: what is packed meanwhile is then met twice rather than not at all.
    tail: list[tuple[int, bytes]] = [
        (no, packed) for no, packed in session.execute(sa.select(NameTail.no, NameTail.keys))
    ]
    if len(tail) > LONGEST_TAIL and not only_reads and pack(session):
        tail = []
    posted: dict[int, list[array[int]]] = {key: [] for key in wanted}
    in_order = sorted(wanted)
    for start in range(0, len(in_order), _CHUNK):
        some = in_order[start : start + _CHUNK]
        rows = session.execute(sa.select(NameBlock.key, NameBlock.numbers).where(NameBlock.key.in_(some)))
        for key, packed in rows:
            posted[key].append(integers(packed))
    fresh: dict[int, array[int]] = {}
    for no, packed in tail:
        for key in wanted.intersection(integers(packed)):
            fresh.setdefault(key, array("I")).append(no)
    for key, numbers in fresh.items():
        posted[key].append(numbers)
    return posted, session.scalar(sa.select(sa.func.max(NameEntry.no))) or 1


def weigh(
    asked: Sequence[int],
    posted: Mapping[int, Sequence["array[int]"]],
    count: int,
    limit: int,
    *,
    budget: int = _BUDGET,
) -> list[tuple[int, float]]:
    """Return the candidates for one name with what they share of it, from 0 to 1.

    ``posted`` holds the numbers of the names under each key, ``count`` is how many names there are. Once ``budget``
    numbers were counted, the commoner keys are left out: they say next to nothing.
    """
    lists = sorted((sum(map(len, posted[key])), key) for key in asked)
    weights: dict[int, float] = {}
    whole, used = 0.0, 0
    for size, key in lists:
        weight = math.log(1 + count / max(size, 1)) ** 2
        whole += weight
        if not size or (used and used + size > budget):
            continue
        used += size
        for numbers in posted[key]:
            for no in numbers:
                weights[no] = weights.get(no, 0.0) + weight
    best = list(weights.items())
    if len(best) > limit:
        least = sorted(weights.values(), reverse=True)[limit - 1]
        best = [item for item in best if item[1] >= least]
    best.sort(key=itemgetter(1), reverse=True)
    return [(no, min(weight / whole, 1.0)) for no, weight in best[:limit]]


def _entries(session: Session, wanted: set[int]) -> dict[int, tuple[str, str, str, str]]:
    entries: dict[int, tuple[str, str, str, str]] = {}
    in_order = sorted(wanted)
    columns = (NameEntry.no, NameEntry.owner_kind, NameEntry.owner_id, NameEntry.written, NameEntry.spoken)
    for start in range(0, len(in_order), _CHUNK):
        some = in_order[start : start + _CHUNK]
        for no, *rest in session.execute(sa.select(*columns).where(NameEntry.no.in_(some))):
            entries[no] = (rest[0], rest[1], rest[2], rest[3])
    return entries


def _compared(
    name: Spoken, candidates: Sequence[tuple[int, float]], entries: dict[int, tuple[str, str, str, str]]
) -> list[Found]:
    best = candidates[0][1] if candidates else 0.0
    found: list[Found] = []
    for place, (no, shared) in enumerate(candidates):
        entry = entries.get(no)
        if entry is None:
            continue
        kind, owner, written, text = entry
        if place < _CLOSELY or shared >= _AS_GOOD * best:
            match = compare(name, loaded(written, text))
            if match.score < shared * _BY_KEYS:
                match = Match(round(shared * _BY_KEYS, 3), "similar")
        else:
            match = Match(round(shared * _BY_KEYS, 3), "similar")
        found.append(Found(kind, owner, written, match))
    found.sort(key=lambda one: (-one.match.score, one.written, one.owner_id))
    return found
