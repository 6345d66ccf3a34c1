"""Who of a check is already known, and on which side (read side)."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.conflicts import hits as words
from practice.conflicts import indexing, places
from practice.conflicts.hits import Asked, Hit, in_order, outcome_of
from practice.conflicts.models import ConflictCheck, ConflictDecision
from practice.conflicts.places import Place
from practice.contacts import queries as contacts
from practice.name_index import queries as name_index
from practice.name_index.queries import Found
from practice.names import POSSIBLE, SAME, Match, spoken
from practice.parties.facts import Named
from practice.parties.models import PartyIdentifier
from practice.parties.names import normalise
from practice.parties.records import normalised_identifier

__all__ = ["Hit", "checks_of", "find_hits", "last_check", "look", "normalise", "outcome_of"]

#: Hits of one check; the least alike are left out first.
MOST_HITS: Final = 1_000
_CONTACT: Final = Match(0.9, "contact")
_IDENTIFIER: Final = Match(1.0, "identifier")
#: Whose numbers differ is somebody else, however alike the names are.
_TOLD_APART: Final = 0.5
_BY_RELATION: Final = 0.8


def find_hits(
    session: Session,
    parties: Collection[Named | Asked],
    *,
    besides: str | None = None,
    matter: str | None = None,
    on: date | None = None,
) -> list[Hit]:
    """Return where the parties occur, the worst first; only what is alike enough to be looked at."""
    return [hit for hit in look(session, parties, besides=besides, matter=matter, on=on) if hit.counts]


def look(
    session: Session,
    parties: Collection[Named | Asked],
    *,
    besides: str | None = None,
    matter: str | None = None,
    on: date | None = None,
) -> list[Hit]:
    """Return where the parties may occur, the worst first, down to names that are only a little alike.

    ``besides`` is the number of the enquiry that is asked about; it does not meet itself. ``matter`` is the
    matter that is asked about: what it holds is no hit, and its related matters count as the same one. No
    person's rights are asked: a check has to see matters that the person who runs it may not.
    """
    indexing.ensure_current(session)
    asked = [one if isinstance(one, Asked) else Asked.of(one) for one in parties]
    candidates = _candidates(session, asked)
    standing = _Standing(session, candidates, asked, on=on)
    related = places.matters_related_to(session, matter) if matter else set[str]()
    hits: list[Hit] = []
    for one, found in zip(asked, candidates, strict=True):
        hits += standing.hits_of(one, found, besides=besides, matter=matter, related=related)
    return in_order(hits)[:MOST_HITS]


def checks_of(session: Session, subject: str) -> list[ConflictCheck]:
    """Return every check made of one enquiry or matter, the first one first."""
    query = sa.select(ConflictCheck).where(ConflictCheck.subject == subject)
    return list(session.scalars(query.order_by(ConflictCheck.run_at, ConflictCheck.id)))


def last_check(session: Session, subject: str) -> ConflictCheck | None:
    """Return the latest check of one enquiry or matter."""
    query = sa.select(ConflictCheck).where(ConflictCheck.subject == subject)
    return session.scalar(query.order_by(ConflictCheck.run_at.desc(), ConflictCheck.id.desc()).limit(1))


def decisions_about(session: Session, check_id: UUID) -> list[ConflictDecision]:
    """Return what was decided about a check, the last decision first."""
    query = sa.select(ConflictDecision).where(ConflictDecision.check_id == check_id)
    return list(session.scalars(query.order_by(ConflictDecision.decided_at.desc(), ConflictDecision.id.desc())))


def _candidates(session: Session, asked: Sequence[Asked]) -> list[list[Found]]:
    """Return for each party who may be the same: by name, by identifier, by telephone number or address."""
    found = name_index.find(session, [spoken(one.name) for one in asked])
    for one, by_name in zip(asked, found, strict=True):
        known = {(one.owner_kind, one.owner_id): place for place, one in enumerate(by_name)}
        for party_id, match in _by_number(session, one):
            place = known.get(("party", party_id))
            if place is None:
                by_name.insert(0, Found("party", party_id, places.name_of(session, party_id) or one.name, match))
                known = {(other.owner_kind, other.owner_id): at for at, other in enumerate(by_name)}
            elif by_name[place].match.score < match.score:
                by_name[place] = by_name[place]._replace(match=match)
    return found


def _by_number(session: Session, one: Asked) -> list[tuple[str, Match]]:
    found: list[tuple[str, Match]] = []
    for kind, value in one.identifiers:
        same = [PartyIdentifier.normalised == normalised_identifier(value)]
        if kind:
            same.append(PartyIdentifier.kind == kind)
        found += [
            (str(party_id), _IDENTIFIER)
            for party_id in session.scalars(sa.select(PartyIdentifier.party_id).where(*same))
        ]
    own = UUID(one.party_id) if one.party_id is not None else None
    if own is not None or one.contact_codes:
        sharing = contacts.parties_sharing(session, one.contact_codes, party_id=own)
        found += [(str(party_id), _CONTACT) for party_id in sorted(sharing)]
    for kind, value in one.contacts:
        found += [(str(party_id), _CONTACT) for party_id, _ in contacts.parties_with(session, kind, value)]
    return found


class _Standing:
    """Where the candidates of one check stand: read at once, asked many times."""

    def __init__(
        self, session: Session, candidates: Sequence[Sequence[Found]], asked: Sequence[Asked], *, on: date | None
    ) -> None:
        best = sorted((one for found in candidates for one in found), key=lambda one: -one.match.score)[:MOST_HITS]
        self._chosen = {(one.owner_kind, one.owner_id, one.written) for one in best}
        party_ids = {one.owner_id for one in best if one.owner_kind == "party"}
        alike = {one.owner_id for one in best if one.owner_kind == "party" and one.match.score >= SAME}
        self._related: dict[str, list[tuple[str, str, str]]] = {}
        for party_id, other, name, how in places.related_to(session, alike, on=on or date.max):
            self._related.setdefault(party_id, []).append((other, name, how))
            party_ids.add(other)
        self._of_party = places.of_parties(session, party_ids)
        numbered = (
            {one.owner_id for one in best if one.owner_kind == "party"} if _any_identifiers(asked) else set[str]()
        )
        self._identifiers = places.identifiers_of(session, numbered)
        self._of_enquiry = places.of_enquiries(session, {one.owner_id for one in best if one.owner_kind == "enquiry"})
        self._of_interest = places.of_interests(session, {one.owner_id for one in best if one.owner_kind == "interest"})

    def hits_of(
        self, asked: Asked, found: Sequence[Found], *, besides: str | None, matter: str | None, related: set[str]
    ) -> list[Hit]:
        """Return the hits of one party of the check."""
        hits: list[Hit] = []
        seen: set[tuple[str, str | None, str | None]] = set()
        for one in found:
            if (one.owner_kind, one.owner_id, one.written) not in self._chosen:
                continue
            match = self._told_apart(asked, one)
            for place in self._places(one, few=match.score < POSSIBLE):
                of_itself = place.number in (besides, matter) and place.number is not None
                if of_itself and {place.role, asked.role} != {"client", "opponent"}:
                    continue
                if place.found_in == "enquiry" and place.number == besides:
                    continue
                key = (one.owner_id, place.number, place.role)
                if key not in seen:
                    seen.add(key)
                    hits.append(_hit(asked, one, match, place, related=related))
            if match.score >= SAME:
                hits += self._through(asked, one, match, besides, matter, seen)
        return hits

    def _told_apart(self, asked: Asked, one: Found) -> Match:
        """Take two namesakes apart by a number that both have, and that differs."""
        if one.match.reason in ("identifier", "contact") or one.owner_kind != "party":
            return one.match
        theirs = self._identifiers.get(one.owner_id, {})
        for kind, value in asked.identifiers:
            known = theirs.get(kind)
            if known and normalised_identifier(value) not in known:
                return Match(min(one.match.score, _TOLD_APART), "other_number")
        return one.match

    def _places(self, one: Found, *, few: bool) -> Sequence[Place]:
        match one.owner_kind:
            case "enquiry":
                place = self._of_enquiry.get((one.owner_id, one.written))
                return [place] if place else []
            case "interest":
                place = self._of_interest.get(one.owner_id)
                return [place] if place else []
            case _:
                known = self._of_party.get(one.owner_id) or [Place("party", None, "open", None)]
                return known[:1] if few else known

    def _through(
        self,
        asked: Asked,
        one: Found,
        match: Match,
        besides: str | None,
        matter: str | None,
        seen: set[tuple[str, str | None, str | None]],
    ) -> list[Hit]:
        hits: list[Hit] = []
        for other, name, how in self._related.get(one.owner_id, ()):
            for place in self._of_party.get(other, ()):
                key = (other, place.number, place.role)
                if key in seen or (place.number is not None and place.number in (besides, matter)):
                    continue
                seen.add(key)
                near = Match(round(max(match.score * _BY_RELATION, POSSIBLE), 3), match.reason)
                related = Found("party", other, name, near)
                hits.append(_hit(asked, related, near, place, through=how, found_as=one.written))
        return hits


def _any_identifiers(asked: Sequence[Asked]) -> bool:
    return any(one.identifiers for one in asked)


def _hit(
    asked: Asked,
    one: Found,
    match: Match,
    place: Place,
    *,
    related: Collection[str] = (),
    through: str | None = None,
    found_as: str | None = None,
) -> Hit:
    counts = match.score >= POSSIBLE
    adverse = counts and place.role is not None and place.role != asked.role
    opposite = {asked.role, place.role} == {"client", "opponent"}
    # An enquiry is not yet a client, so acting against somebody who only enquired can still be decided; and what
    # is merely like a name, a relative of somebody or reached by the same telephone, is for people to look at.
    absolute = (
        match.score >= SAME
        and match.reason != "contact"
        and through is None
        and place.found_in == "matter"
        and opposite
        and (place.state == "open" or place.number in related)
    )
    # Taking a name apart costs time, and nobody reads the script of what is only a little alike.
    scripts = spoken(found_as or one.written).scripts if counts else frozenset[str]()
    how = "same name, but another registration or identity number" if match.reason == "other_number" else ""
    how = how or words.how(match, scripts)
    stands = words.where(place.found_in, place.state, place.role, place.number)
    reason = f"{how}; {stands}" if through is None else f"{how} as {found_as}, {through}, who {stands}"
    return Hit(
        name=asked.name,
        role=asked.role,
        party_id=one.owner_id if one.owner_kind == "party" else None,
        matches=one.written,
        matter_number=place.number if place.found_in in ("matter", "enquiry", "lead") else None,
        found_in=place.found_in,
        state=place.state,
        matches_role=place.role,
        adverse=adverse,
        absolute=absolute,
        score=match.score,
        why=match.reason,
        script=next(iter(sorted(scripts)), None),
        through=through,
        reason=reason,
    )
