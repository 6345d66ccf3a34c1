"""Everything about one client on one card, so far as the reader may see each part of it.

The hearings, deadlines and events of all matters of a client come in three queries, not in three a matter.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from engine.actor import Actor
from practice.clients import queries
from practice.clients.models import Client
from practice.deadlines.models import OPEN_STATES, Deadline
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.events import queries as events
from practice.events.models import Event
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.parties import cards
from practice.parties.models import PartyName
from practice.proceedings.models import Hearing, Proceeding

_MOST = 50


@dataclass(frozen=True, slots=True)
class ClientCard:
    """A client with all that the firm does for it."""

    client: Client
    card: cards.PartyCard
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
    theirs = sa.and_(Matter.client_party_id == client.party_id, matters.seen_by(actor))
    newest = sa.select(Matter).where(theirs).order_by(Matter.opened_at.desc(), Matter.id.desc())
    found = list(session.scalars(newest.limit(_MOST + 1)))
    coming = (
        sa.select(Hearing, Matter)
        .join(Proceeding, Proceeding.id == Hearing.proceeding_id)
        .join(Matter, Matter.id == Proceeding.matter_id)
        .options(contains_eager(Hearing.proceeding))
        .where(
            theirs,
            Hearing.state == "planned",
            Hearing.starts_at >= now,
        )
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(_MOST)
    )
    running = (
        sa.select(Deadline, Matter)
        .join(Matter, Matter.id == Deadline.matter_id)
        .where(theirs, Deadline.state.in_(OPEN_STATES))
        .order_by(Deadline.sort_on, Deadline.id)
        .limit(_MOST)
    )
    latest = (
        sa.select(Event, Matter)
        .join(Matter, Matter.id == Event.matter_id)
        .where(theirs, events.kind_open(actor))
        .order_by(Event.planned_start_at.desc(), Event.id.desc())
        .limit(_MOST)
    )
    return ClientCard(
        client=client,
        card=cards.of_party(session, client.party_id, actor=actor),
        matters=found[:_MOST],
        more=len(found) > _MOST,
        hearings=[(hearing, matter) for hearing, matter in session.execute(coming)],
        deadlines=[(deadline, matter) for deadline, matter in session.execute(running)],
        events=[(event, matter) for event, matter in session.execute(latest)],
        enquiries=_enquiries(session, client, actor),
    )


def _enquiries(session: Session, client: Client, actor: Actor) -> list[Enquiry]:
    """Return enquiries in which a name of the client's asks, the newest first."""
    names = sa.select(PartyName.normalised).where(PartyName.party_id == client.party_id)
    asking = sa.select(EnquiryParty.enquiry_id).where(
        EnquiryParty.role == "client", EnquiryParty.normalised_name.in_(names)
    )
    query = sa.select(Enquiry).where(Enquiry.id.in_(asking), enquiries.seen_by(actor))
    return list(session.scalars(query.order_by(Enquiry.received_at.desc(), Enquiry.id.desc()).limit(_MOST)))
