"""Parties whose names are alike across scripts and spellings: who may be one though no name of theirs is the same.

Likeness alone is weak, so it is taken more narrowly than by the conflict check, which must rather find too much:
initials and one name of several propose nobody, short names and scripts without vowels have to agree nearly wholly, a
name that many bear says nothing, and two whose numbers or birthdays differ are two.
"""

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.name_index import queries as name_index
from practice.name_index.queries import Found
from practice.names import Spoken, spoken
from practice.parties.models import Party, PartyIdentifier, PartyName

#: By what two names have to be alike.
_REASONS: Final = frozenset({"same_name", "same_characters", "other_script", "other_spelling", "translation"})
#: From here on names propose somebody; a long name that is written in two scripts from a little earlier on.
_ALIKE: Final = 0.96
_LONG_ALIKE: Final = 0.9
#: Letters of such a name in Latin script; without vowels it takes more of them.
_LONG: Final = 10
_LONG_WITHOUT_VOWELS: Final = 14
_WITHOUT_VOWELS: Final = frozenset({"arabic", "other"})
#: Of the names of one party so many are looked up; of each so many candidates are compared.
_MOST_NAMES: Final = 5
_MOST_CANDIDATES: Final = 100
#: Names that more parties bear are nobody's in particular.
_COMMON: Final = 8


def like(session: Session, party: Party) -> dict[UUID, float]:
    """Return other parties with a name that is very like one of this party's, and how alike from 0 to 1.

    Reads the index of names, so that the cost does not grow with the parties: at most five look-ups.
    """
    # The index is kept by the conflict check, which knows who is in it; it knows parties, and so comes after them.
    from practice.conflicts import indexing  # noqa: PLC0415

    indexing.ensure_current(session)
    written = _names(session, party)
    found: dict[UUID, float] = {}
    names = [spoken(name) for name in written]
    for name, candidates in zip(names, name_index.find(session, names, limit=_MOST_CANDIDATES), strict=True):
        alike: dict[UUID, float] = {}
        for one in candidates:
            if one.owner_kind != "party" or one.owner_id == str(party.id):
                continue
            if is_alike(name, one):
                owner = UUID(one.owner_id)
                alike[owner] = max(alike.get(owner, 0.0), one.match.score)
        if len(alike) <= _COMMON:
            found |= {owner: max(score, found.get(owner, 0.0)) for owner, score in alike.items()}
    return {owner: score for owner, score in found.items() if owner not in _told_apart(session, party, set(found))}


def is_alike(name: Spoken, found: Found) -> bool:
    """Say whether two names are so alike that somebody should look whether they are one person's."""
    match = found.match
    if match.reason not in _REASONS or match.score < _LONG_ALIKE:
        return False
    if match.score >= _ALIKE:
        return True
    # What is a little off is somebody else's as often as not, unless there is much that agrees.
    other = spoken(found.written)
    is_blind = _WITHOUT_VOWELS & (name.scripts | other.scripts)
    needed = _LONG_WITHOUT_VOWELS if is_blind else _LONG
    return match.reason == "other_script" and max(_length(name), _length(other)) >= needed


def _length(name: Spoken) -> int:
    return max((sum(map(len, reading.words)) for reading in name.readings), default=0)


def _names(session: Session, party: Party) -> list[str]:
    query = sa.select(PartyName.written, PartyName.transliteration).where(PartyName.party_id == party.id)
    rows = session.execute(query.order_by(PartyName.kind != "main", PartyName.created_at, PartyName.id)).all()
    return list(dict.fromkeys(name for row in rows for name in row if name))[:_MOST_NAMES]


def _told_apart(session: Session, party: Party, others: set[UUID]) -> set[UUID]:
    """Return those who were born on another day, or bear another number of the same kind of the same country."""
    if not others:
        return set()
    apart: set[UUID] = set()
    if party.born_on is not None:
        born = sa.select(Party.id).where(
            Party.id.in_(others), Party.born_on.is_not(None), Party.born_on != party.born_on
        )
        apart |= set(session.scalars(born))
    query = sa.select(PartyIdentifier).where(PartyIdentifier.party_id.in_({*others, party.id}))
    numbers: dict[UUID, dict[tuple[str, str | None], set[str]]] = {}
    for row in session.scalars(query):
        numbers.setdefault(row.party_id, {}).setdefault((row.kind, row.country), set()).add(row.normalised)
    own = numbers.get(party.id, {})
    for other in others:
        theirs = numbers.get(other, {})
        shared = own.keys() & theirs.keys()
        if shared and not any(own[kind] & theirs[kind] for kind in shared):
            apart.add(other)
    return apart
