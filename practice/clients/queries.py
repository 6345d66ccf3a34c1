"""Clients (read side): whoever may see the party may see that it is a client."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from practice.clients.errors import ClientNotFound
from practice.clients.models import Client
from practice.gathering import gathered
from practice.matters import colleagues
from practice.paging import Page, bounded, place
from practice.parties import queries as parties
from practice.parties.models import Party
from practice.parties.names import fold
from practice.text_index import queries as text_index


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Client``: those whose party the actor may see; a party merged away is nobody's client any more."""
    merged = aliased(Party)
    is_merged = sa.select(merged.id).where(merged.id == Client.party_id, merged.merged_into_id.is_not(None))
    return sa.and_(parties.exists_for(actor, Client.party_id), ~sa.exists(is_merged.correlate(Client)))


def get_by_number(session: Session, number: str, *, actor: Actor) -> Client:
    """Return the client; for people whom it does not concern there is none (``ClientNotFound``)."""
    client = session.scalar(sa.select(Client).where(Client.number == number, visible_to(actor)))
    if client is None:
        raise ClientNotFound(number)
    return client


def of_party(session: Session, party: Party, *, actor: Actor) -> Client | None:
    """Return what the party is to the firm when it is a client."""
    return session.scalar(sa.select(Client).where(Client.party_id == party.id, visible_to(actor)))


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[tuple[Client, Party]]:
    """Return the clients the actor may see with their parties, the newest first; by words of any of their names.

    With ``person`` those whom a colleague brought or works for.
    """
    limit = bounded(limit)
    query = sa.select(Client, Party).join(Party, Party.id == Client.party_id).where(parties.is_itself())
    words, holding = fold(text or "").split(), None
    if words:
        holding = text_index.holding(session, words, key=Party.id, text=Party.search_text)
        numbered = sa.select(Client.party_id).where(Client.number == (text or "").strip().upper())
        query = query.where(sa.or_(sa.and_(*holding.conditions), gathered(Party.id, numbered)))
    query = query.where(parties.listed_for(session, actor, few=holding is not None and holding.is_rare))
    if person:
        works_for = Client.party_id.in_(colleagues.client_party_ids(person, actor=actor))
        query = query.where(sa.or_(Client.originator == person, works_for))
    if cursor:
        key: Any = sa.tuple_(Client.since, Client.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[Client.since.type, Client.id.type]))
    query = query.order_by(Client.since.desc(), Client.id.desc()).limit(limit + 1)
    rows = [(client, party) for client, party in session.execute(query)]
    return Page.cut(rows, limit, lambda row: (row[0].since, row[0].id))
