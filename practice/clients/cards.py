"""Everything about one client on one card, so far as the reader may see each part of it.

The hearings, deadlines and events of all matters of a client come in three queries, not in three a matter.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from engine.actor import Actor
from practice import listed
from practice.anyone import for_alike
from practice.clients import queries
from practice.clients.models import Client
from practice.contacts import queries as contacts
from practice.contacts.models import ContactPoint
from practice.deadlines.models import OPEN_STATES, Deadline
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.events import queries as events
from practice.events.models import Event
from practice.matters import queries as matters
from practice.matters import telling
from practice.matters.models import Matter
from practice.parties import queries as parties
from practice.parties.models import Party, PartyName, PartyRelation
from practice.proceedings.models import Hearing, Proceeding

_MOST = 50
_PARTY_ID: sa.BindParameter[Any] = sa.bindparam("party_id")


@dataclass(frozen=True, slots=True)
class ClientCard:
    """A client with all that the firm does for it."""

    client: Client
    party: Party
    contact_points: list[ContactPoint]
    #: With the party at the other end.
    relations: list[tuple[PartyRelation, Party]]
    #: Whom to speak to first, when that was agreed.
    contact: Party | None
    #: The newest first; ``more`` when there are more than are shown.
    matters: list[Matter]
    more: bool
    #: Those to come, the next first, with the matter of each.
    hearings: list[tuple[Hearing, Matter]]
    deadlines: list[tuple[Deadline, Matter]]
    #: What was planned or done last.
    events: list[tuple[Event, Matter]]
    enquiries: list[Enquiry]


def of_client(session: Session, number: str, *, actor: Actor, now: datetime) -> ClientCard:
    """Return the card, or raise ``ClientNotFound``."""
    client = queries.get_by_number(session, number, actor=actor)
    # Whoever sees a client sees who it is.
    party = session.get_one(Party, client.party_id)
    relations = parties.relations_of(session, party, actor=actor)
    known = {other.id: other for _, other in relations} | {party.id: party}
    contact_id = client.contact_party_id
    if contact_id and contact_id not in known:
        known |= parties.by_ids(session, {contact_id}, actor=actor)
    theirs, reader = {"party_id": client.party_id}, telling.for_reading(session, actor)
    found = list(_matters(reader).scalars(session, **theirs))
    more = len(found) > _MOST
    # Those matters were read with the reader's rights: only where there are more are the rights asked again.
    of_them = theirs if more else {"matters": listed.written(matter.id.hex for matter in found)}
    return ClientCard(
        client=client,
        party=party,
        contact_points=contacts.of_party(session, party),
        relations=relations,
        contact=known.get(contact_id) if contact_id else None,
        matters=found[:_MOST],
        more=more,
        hearings=_pairs(_hearings(reader, were_read=not more).execute(session, **of_them, now=now)) if found else [],
        deadlines=_pairs(_deadlines(reader, were_read=not more).execute(session, **of_them)) if found else [],
        events=_pairs(_events(actor, were_read=not more).execute(session, **of_them)) if found else [],
        enquiries=list(_enquiries(reader).scalars(session, **theirs)),
    )


def _pairs(rows: Any) -> list[Any]:
    return [(one, matter) for one, matter in rows]


def _theirs(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(Matter.client_party_id == _PARTY_ID, matters.seen_by(actor))


def _of_them(actor: Actor, *, were_read: bool) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: those that were read, or else all of the client's that the actor sees."""
    return Matter.id.in_(listed.ids("matters")) if were_read else _theirs(actor)


@for_alike
def _matters(actor: Actor) -> sa.Select[Matter]:
    newest = sa.select(Matter).where(_theirs(actor)).order_by(Matter.opened_at.desc(), Matter.id.desc())
    return newest.limit(_MOST + 1)


@for_alike
def _hearings(actor: Actor, *, were_read: bool) -> sa.Select[Hearing, Matter]:
    return (
        sa.select(Hearing, Matter)
        .join(Proceeding, Proceeding.id == Hearing.proceeding_id)
        .join(Matter, Matter.id == Proceeding.matter_id)
        .options(contains_eager(Hearing.proceeding))
        .where(
            _of_them(actor, were_read=were_read),
            Hearing.state == "planned",
            Hearing.starts_at >= sa.bindparam("now"),
        )
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(_MOST)
    )


@for_alike
def _deadlines(actor: Actor, *, were_read: bool) -> sa.Select[Deadline, Matter]:
    return (
        sa.select(Deadline, Matter)
        .join(Matter, Matter.id == Deadline.matter_id)
        .where(_of_them(actor, were_read=were_read), Deadline.state.in_(OPEN_STATES))
        .order_by(Deadline.sort_on, Deadline.id)
        .limit(_MOST)
    )


@for_alike
def _events(actor: Actor, *, were_read: bool) -> sa.Select[Event, Matter]:
    return (
        sa.select(Event, Matter)
        .join(Matter, Matter.id == Event.matter_id)
        .where(_of_them(actor, were_read=were_read), events.kind_open(actor))
        .order_by(Event.planned_start_at.desc(), Event.id.desc())
        .limit(_MOST)
    )


@for_alike
def _enquiries(actor: Actor) -> sa.Select[Enquiry]:
    """Select enquiries in which a name of the client's asks, the newest first."""
    names = sa.select(PartyName.normalised).where(PartyName.party_id == _PARTY_ID)
    asking = sa.select(EnquiryParty.enquiry_id).where(
        EnquiryParty.role == "client", EnquiryParty.normalised_name.in_(names)
    )
    query = sa.select(Enquiry).where(Enquiry.id.in_(asking), enquiries.seen_by(actor))
    return query.order_by(Enquiry.received_at.desc(), Enquiry.id.desc()).limit(_MOST)
