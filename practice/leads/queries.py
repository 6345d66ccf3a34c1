"""Leads (read side): whoever may see the party may see that it came."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.leads.errors import LeadNotFound
from practice.leads.models import STATES, Lead
from practice.paging import Page, bounded, place
from practice.parties import queries as parties
from practice.parties.models import Party
from practice.parties.names import fold

_OF_PARTY: Final = (
    sa.select(Lead).where(Lead.party_id == sa.bindparam("party_id")).order_by(Lead.received_at.desc(), Lead.id.desc())
)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Lead``."""
    return parties.exists_for(actor, Lead.party_id)


def get_by_number(session: Session, number: str, *, actor: Actor) -> Lead:
    """Return the lead; for people whom it does not concern there is none (``LeadNotFound``)."""
    lead = session.scalar(sa.select(Lead).where(Lead.number == number, visible_to(actor)))
    if lead is None:
        raise LeadNotFound(number)
    return lead


def of_party(session: Session, party: Party) -> list[Lead]:
    """Return the leads of a party that the caller has found visible, the newest first."""
    return list(session.scalars(_OF_PARTY, {"party_id": party.id}))


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    state: str | None = None,
    originator: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[tuple[Lead, Party]]:
    """Return the leads the actor may see with their parties, the newest first."""
    limit = bounded(limit)
    query = sa.select(Lead, Party).join(Party, Party.id == Lead.party_id).where(parties.visible_to(actor))
    if state in STATES:
        query = query.where(Lead.state == state)
    if originator:
        query = query.where(Lead.originator == originator)
    for word in fold(text or "").split():
        query = query.where(Party.search_text.contains(word, autoescape=True))
    if cursor:
        key: Any = sa.tuple_(Lead.received_at, Lead.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[Lead.received_at.type, Lead.id.type]))
    query = query.order_by(Lead.received_at.desc(), Lead.id.desc()).limit(limit + 1)
    rows = [(lead, party) for lead, party in session.execute(query)]
    return Page.cut(rows, limit, lambda row: (row[0].received_at, row[0].id))
