"""Where somebody stands with the firm: matters, open enquiries, leads, clients, and ties of the firm's people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.clients.models import Client
from practice.conflicts.models import StaffInterest
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.leads.models import FINAL_STATES, Lead
from practice.matters.models import Matter, MatterParty, MatterRelation
from practice.parties.models import Party, PartyIdentifier, PartyRelation

_CHUNK: Final = 500
#: Read "from is the ... of to", and the other way round.
_RELATIONS: Final = {
    "owner": ("the owner of", "owned by"),
    "relative": ("a relative of", "a relative of"),
    "affiliate": ("affiliated with", "affiliated with"),
    "director": ("a director of", "directed by"),
    "insurer": ("the insurer of", "insured by"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One standing of one party."""

    found_in: str
    number: str | None
    state: str
    role: str | None


def of_parties(session: Session, party_ids: Collection[str]) -> dict[str, list[Place]]:
    """Return where parties stand; who is on record only has no place."""
    places: dict[str, list[Place]] = {}
    for some in _chunks(party_ids):
        query = (
            sa.select(MatterParty.party_id, Matter.number, Matter.state, MatterParty.role)
            .join(Matter, Matter.id == MatterParty.matter_id)
            .where(MatterParty.party_id.in_(some))
            .order_by(Matter.state.desc(), Matter.number, MatterParty.role)
        )
        for party_id, number, state, role in session.execute(query):
            places.setdefault(str(party_id), []).append(Place("matter", number, state, role))
        leads = sa.select(Lead.party_id, Lead.number, Lead.state).where(
            Lead.party_id.in_(some), Lead.state.not_in(FINAL_STATES)
        )
        for party_id, number, state in session.execute(leads):
            places.setdefault(str(party_id), []).append(Place("lead", number, state, "client"))
        clients = sa.select(Client.party_id, Client.number).where(Client.party_id.in_(some))
        for party_id, number in session.execute(clients):
            known = places.setdefault(str(party_id), [])
            if not any(place.role == "client" and place.found_in == "matter" for place in known):
                known.append(Place("client", number, "open", "client"))
    return places


def name_of(session: Session, party_id: str) -> str | None:
    """Return the name that a party goes by."""
    return session.scalar(sa.select(Party.name).where(Party.id == UUID(party_id)))


def of_enquiries(session: Session, numbers: Collection[str]) -> dict[tuple[str, str], Place]:
    """Return the standing of names of open enquiries, by number and name as written."""
    places: dict[tuple[str, str], Place] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _CHUNK):
        query = (
            sa.select(Enquiry.number, EnquiryParty.name, EnquiryParty.role)
            .join(EnquiryParty, EnquiryParty.enquiry_id == Enquiry.id)
            .where(Enquiry.number.in_(wanted[start : start + _CHUNK]), Enquiry.state == "open")
        )
        for number, name, role in session.execute(query):
            places[number, name] = Place("enquiry", number, "open", role)
    return places


def of_interests(session: Session, ids: Collection[str]) -> dict[str, Place]:
    """Return the interests that are still declared."""
    places: dict[str, Place] = {}
    for some in _chunks(ids):
        query = sa.select(StaffInterest).where(StaffInterest.id.in_(some), StaffInterest.ended_at.is_(None))
        for row in session.scalars(query):
            places[str(row.id)] = Place("interest", row.username, row.kind, "interest")
    return places


def identifiers_of(session: Session, party_ids: Collection[str]) -> dict[str, dict[str, set[str]]]:
    """Return the identifiers of parties: party -> kind -> values as compared."""
    found: dict[str, dict[str, set[str]]] = {}
    for some in _chunks(party_ids):
        query = sa.select(PartyIdentifier.party_id, PartyIdentifier.kind, PartyIdentifier.normalised)
        for party_id, kind, value in session.execute(query.where(PartyIdentifier.party_id.in_(some))):
            found.setdefault(str(party_id), {}).setdefault(kind, set()).add(value)
    return found


def related_to(session: Session, party_ids: Collection[str], *, on: date) -> list[tuple[str, str, str, str]]:
    """Return who is tied to these parties today: party, the other one, the other's name, and how, in words."""
    found: list[tuple[str, str, str, str]] = []
    for some in _chunks(party_ids):
        for mine, theirs, way in (
            (PartyRelation.from_party_id, PartyRelation.to_party_id, 0),
            (PartyRelation.to_party_id, PartyRelation.from_party_id, 1),
        ):
            query = (
                sa.select(mine, theirs, Party.name, PartyRelation.kind)
                .join(Party, Party.id == theirs)
                .where(
                    mine.in_(some),
                    PartyRelation.kind.in_(_RELATIONS),
                    sa.or_(PartyRelation.until_on.is_(None), PartyRelation.until_on >= on),
                )
            )
            for party_id, other_id, name, kind in session.execute(query):
                found.append((str(party_id), str(other_id), name, f"{_RELATIONS[kind][way]} {name}"))
    return found


def matters_related_to(session: Session, number: str) -> set[str]:
    """Return the numbers of the matter and of those related to it."""
    own = sa.select(Matter.id).where(Matter.number == number).correlate(None).scalar_subquery()
    query = sa.select(Matter.number).where(
        sa.or_(
            Matter.number == number,
            Matter.id.in_(sa.select(MatterRelation.related_id).where(MatterRelation.matter_id == own)),
            Matter.id.in_(sa.select(MatterRelation.matter_id).where(MatterRelation.related_id == own)),
        )
    )
    return set(session.scalars(query))


def _chunks(ids: Iterable[str]) -> Iterable[list[UUID]]:
    wanted = sorted({UUID(one) for one in ids})
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
