"""Everything about one party on one card, so far as the reader may see each part of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.clients import queries as clients
from practice.clients.models import Client
from practice.contacts import queries as contacts
from practice.contacts.models import ContactPoint
from practice.leads import queries as leads
from practice.leads.models import Lead
from practice.matters.models import Matter
from practice.parties import duplicates, queries
from practice.parties.models import DuplicateProposal, Party, PartyIdentifier, PartyMerge, PartyName, PartyRelation


@dataclass(frozen=True, slots=True)
class PartyCard:
    """A party with all that belongs to it."""

    party: Party
    names: list[PartyName]
    identifiers: list[PartyIdentifier]
    contact_points: list[ContactPoint]
    #: With the party at the other end.
    relations: list[tuple[PartyRelation, Party]]
    #: With the party's role there.
    matters: list[tuple[Matter, str]]
    leads: list[Lead]
    client: Client | None
    #: Whom to speak to first, when the firm agreed that with a client.
    contact: Party | None
    #: With the party that it may be.
    duplicates: list[tuple[DuplicateProposal, Party]]
    merges: list[PartyMerge]


def of_party(session: Session, party_id: UUID, *, actor: Actor) -> PartyCard:
    """Return the card, or raise ``PartyNotFound``."""
    party = queries.get(session, party_id, actor=actor)
    client = clients.of_party(session, party, actor=actor)
    contact_id = client.contact_party_id if client else None
    seen = queries.by_ids(session, {contact_id} if contact_id else set(), actor=actor)
    return PartyCard(
        party=party,
        names=queries.names_of(session, party),
        identifiers=queries.identifiers_of(session, party),
        contact_points=contacts.of_party(session, party),
        relations=queries.relations_of(session, party, actor=actor),
        matters=queries.matters_of(session, party, actor=actor),
        leads=leads.of_party(session, party),
        client=client,
        contact=seen.get(contact_id) if contact_id else None,
        duplicates=duplicates.proposed_for(session, party, actor=actor),
        merges=queries.merges_of(session, party),
    )
