"""Who of a file stands on the other side of an open matter, the firm's or the file's own: the gate for rows.

The firm's side is asked of the index of names that the conflict check asks, for names in any script and spelling, but
only about clients and opponents of open matters: nothing else makes a conflict that nobody can approve.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.conflicts import places
from practice.exchange.columns import Values
from practice.exchange.models import ImportedRecord
from practice.exchange.sheets import Flaw
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterParty
from practice.name_index import queries as name_index
from practice.name_index.lists import NameList
from practice.names import SAME, taken_apart
from practice.parties.models import Party, PartyName
from practice.parties.names import normalise

_OTHER: Final = {"client": "opponent", "opponent": "client"}
#: Names of the index that are looked at closely for one name; the same name is found however many bear it.
_CLOSELY: Final = 40
_AT_ONCE: Final = 200
_CHUNK: Final = 500
#: Names whose answer is remembered.
_REMEMBERED: Final = 20_000


class _Named(NamedTuple):
    """Who a cell names: by a name, or as a client who was imported before."""

    column: str
    said: str
    names: tuple[str, ...]
    party_id: str | None = None


@dataclass(slots=True)
class _Firm:
    """Who is client or opponent in the firm's open matters."""

    #: Party -> role -> a matter in which it has it.
    standing: dict[str, dict[str, str]]
    #: Role -> of the index of names, those of the parties that have it.
    numbers: dict[str, set[int]]


@dataclass(slots=True)
class OtherSides:
    """The open matters of the firm and, row by row, those of a file."""

    session: Session
    by: Actor
    _firm: _Firm
    #: Column and name -> parties of that name on the other side, each with the name as the firm has it.
    _same: dict[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    #: Party -> kind -> values, of the rows that are looked at now.
    _identifiers: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _cells: dict[int, list[_Named]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _in_file: dict[str, NameList] = field(default_factory=lambda: {role: NameList() for role in _OTHER})

    @classmethod
    def of(cls, session: Session, *, by: Actor) -> "OtherSides":
        """Read once who stands where."""
        standing: dict[str, dict[str, str]] = {}
        query = (
            sa.select(MatterParty.party_id, MatterParty.role, sa.func.min(Matter.number))
            .join(Matter, Matter.id == MatterParty.matter_id)
            .where(Matter.state == "open", MatterParty.role.in_(_OTHER))
            .group_by(MatterParty.party_id, MatterParty.role)
        )
        for party_id, role, number in session.execute(query.execution_options(yield_per=5_000)):
            standing.setdefault(str(party_id), {})[role] = number
        numbers = {
            role: name_index.numbers_of(session, "party", {one for one, roles in standing.items() if role in roles})
            for role in _OTHER
        }
        return cls(session, by, _Firm(standing, numbers))

    def read(self, rows: Iterable[tuple[int, Values]]) -> None:
        """Look up the names of some rows at once."""
        opened = [(number, values) for number, values in rows if values and values.get("state") != "archived"]
        clients = self._imported({values["client"] for _, values in opened})
        self._cells = {number: list(_cells(values, clients)) for number, values in opened}
        named = [one for cells in self._cells.values() for one in cells]
        self._identifiers.clear()
        if self._firm.standing:
            if len(self._same) > _REMEMBERED:
                self._same.clear()
            for column in _OTHER:
                names = dict.fromkeys(name for one in named if one.column == column for name in one.names)
                self._look_up(column, [name for name in names if (column, name) not in self._same])
        self._seen = self._visible(named)

    def conflicts(self, row: int) -> Iterator[Flaw]:
        """Yield who of a row stands on the other side; after that the row's names count for the rows below it."""
        cells = self._cells.get(row, [])
        for one in cells:
            found = self._in_the_firm(one) or self._in_the_file(one)
            if found is not None:
                yield Flaw(one.column, "conflict", found)
        for one in cells:
            for name in one.names:
                self._in_file[one.column].add(taken_apart(name), row)

    def _in_the_firm(self, one: _Named) -> str | None:
        """Say who it is and where, so far as the importer may know."""
        hits = list(self._hits(one))
        if not hits:
            return None
        for written, number in hits:
            if number in self._seen:
                return f"{one.said} = {written} ({number})"
        return one.said

    def _hits(self, one: _Named) -> Iterator[tuple[str, str]]:
        other = _OTHER[one.column]
        for name in one.names:
            for party_id, written in self._same.get((one.column, name), ()):
                if party_id == one.party_id or not self._told_apart(one.party_id, party_id):
                    yield written, self._firm.standing[party_id][other]

    def _told_apart(self, one: str | None, other: str) -> bool:
        """Say whether a number that both have differs, as the conflict check does."""
        if one is None:
            return False
        unknown = {one, other} - self._identifiers.keys()
        if unknown:
            found = places.identifiers_of(self.session, unknown)
            self._identifiers |= {party_id: found.get(party_id, {}) for party_id in unknown}
        mine, theirs = self._identifiers[one], self._identifiers[other]
        return any(not (mine[kind] & theirs[kind]) for kind in mine.keys() & theirs.keys())

    def _in_the_file(self, one: _Named) -> str | None:
        for name in one.names:
            found = self._in_file[_OTHER[one.column]].find(taken_apart(name))
            if found is not None:
                return f"{one.said} = {found[0]} (#{found[1]})"
        return None

    def _look_up(self, column: str, wanted: Sequence[str]) -> None:
        other = _OTHER[column]
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            exact = self._of_the_same_name(some)
            found = name_index.find(
                self.session,
                [taken_apart(name) for name in some],
                limit=_CLOSELY,
                among=self._firm.numbers[other],
                only_reads=True,
            )
            for name, alike in zip(some, found, strict=True):
                same = dict(exact.get(normalise(name), ()))
                same |= {one.owner_id: one.written for one in alike if one.match.score >= SAME}
                self._same[column, name] = tuple(
                    (party_id, written)
                    for party_id, written in same.items()
                    if other in self._firm.standing.get(party_id, ())
                )

    def _of_the_same_name(self, some: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return by compared name who is called just so, however many they are."""
        known: dict[str, list[tuple[str, str]]] = {}
        query = sa.select(PartyName.normalised, PartyName.party_id, PartyName.written)
        for normalised, party_id, written in self.session.execute(
            query.where(PartyName.normalised.in_({normalise(name) for name in some}))
        ):
            known.setdefault(normalised, []).append((str(party_id), written))
        return known

    def _visible(self, named: Sequence[_Named]) -> set[str]:
        """Return which of the matters that were met the importer may see."""
        numbers = sorted({number for one in named for _, number in self._hits(one)})
        seen: set[str] = set()
        for start in range(0, len(numbers), _CHUNK):
            some = Matter.number.in_(numbers[start : start + _CHUNK])
            seen |= set(self.session.scalars(sa.select(Matter.number).where(some, matters.visible_to(self.by))))
        return seen

    def _imported(self, references: set[str]) -> dict[str, tuple[str, list[str]]]:
        """Return party and names of clients whom cells name by the reference under which they were imported."""
        record_ids: dict[UUID, str] = {}
        wanted = sorted(references)
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(ImportedRecord.record_id, ImportedRecord.reference).where(
                ImportedRecord.kind == "clients", ImportedRecord.reference.in_(wanted[start : start + _CHUNK])
            )
            record_ids |= dict(self.session.execute(query).all())
        known: dict[str, tuple[str, list[str]]] = {}
        ids = list(record_ids)
        for start in range(0, len(ids), _CHUNK):
            current = sa.func.coalesce(Party.merged_into_id, Party.id)
            query = (
                sa.select(Party.id, current, PartyName.written)
                .join(PartyName, PartyName.party_id == current)
                .where(Party.id.in_(ids[start : start + _CHUNK]))
                .order_by(PartyName.kind, PartyName.written)
            )
            for record_id, party_id, written in self.session.execute(query):
                known.setdefault(record_ids[record_id], (str(party_id), []))[1].append(written)
        return known


def _cells(values: Values, clients: dict[str, tuple[str, list[str]]]) -> Iterator[_Named]:
    for column in _OTHER:
        said = values.get(column, "")
        if column == "client" and said in clients:
            party_id, names = clients[said]
            yield _Named(column, said, tuple(names[:5]), party_id)
        elif normalise(said):
            yield _Named(column, said, (said,))
