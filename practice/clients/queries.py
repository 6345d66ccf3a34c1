"""Clients (read side): whoever may see the party may see that it is a client."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from practice.anyone import for_alike
from practice.clients.errors import ClientNotFound
from practice.clients.models import Client
from practice.gathering import gathered
from practice.matters import colleagues, telling
from practice.paging import ROWS_OF_PAGE, Page, bounded, place, size
from practice.parties import queries as parties
from practice.parties.models import Party
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.text_index.queries import BY_WORDS, Looked, Way


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Client``: those whose party the actor may see; a party merged away is nobody's client any more."""
    merged = aliased(Party)
    is_merged = sa.select(merged.id).where(merged.id == Client.party_id, merged.merged_into_id.is_not(None))
    return sa.and_(parties.exists_for(actor, Client.party_id), ~sa.exists(is_merged.correlate(Client)))


def get_by_number(session: Session, number: str, *, actor: Actor) -> Client:
    """Return the client; for people whom it does not concern there is none (``ClientNotFound``)."""
    client = _by_number(telling.for_reading(session, actor)).scalar(session, number=number)
    if client is None:
        raise ClientNotFound(number)
    return client


@for_alike
def _by_number(actor: Actor) -> sa.Select[Client]:
    return sa.select(Client).where(Client.number == sa.bindparam("number"), visible_to(actor))


def of_party(session: Session, party: Party, *, actor: Actor) -> Client | None:
    """Return what the party is to the firm when it is a client."""
    return _of_party(telling.for_reading(session, actor)).scalar(session, party_id=party.id)


@for_alike
def _of_party(actor: Actor) -> sa.Select[Client]:
    return sa.select(Client).where(Client.party_id == sa.bindparam("party_id"), visible_to(actor))


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
    words = fold(text or "").split()
    holding = text_index.holding(session, words, key=Party.id, text=Party.search_text)
    wanted: list[sa.ColumnElement[bool]] = []
    if person:
        works_for = Client.party_id.in_(colleagues.client_party_ids(person, actor=actor))
        wanted.append(sa.or_(Client.originator == person, works_for))
    if cursor:
        key: Any = sa.tuple_(Client.since, Client.id)
        wanted.append(key < sa.tuple_(*place(cursor), types=[Client.since.type, Client.id.type]))
    way, reader = parties.way_for(session, actor, holding), telling.of(session, actor)
    held = holding.read(way)
    asked = _newest(reader, way, held.looked).narrowed(*wanted)
    values = {**held.values, "client_number": (text or "").strip().upper()} if words else {}
    with planned_for_anyone(session):
        rows = [(client, party) for client, party in asked.execute(session, **values, rows_of_page=size(limit))]
    return Page.cut(rows, limit, lambda row: (row[0].since, row[0].id))


@for_alike
def _newest(actor: Actor, way: Way, looked: Looked) -> sa.Select[Client, Party]:
    seen, held = parties.listed(actor, way, looked, party_id=Client.party_id)
    query = sa.select(Client, Party).join(Party, Party.id == Client.party_id).where(seen, parties.is_itself())
    if looked.words:
        numbered = sa.select(Client.party_id).where(Client.number == sa.bindparam("client_number"))
        if looked.is_sqlite and way in BY_WORDS:
            # Either is looked up; of an OR, SQLite would read all clients in their order.
            by_words = sa.select(Party.id).where(*held).correlate(None)
            query = query.where(gathered(Party.id, sa.union_all(by_words, numbered)))
        else:
            query = query.where(sa.or_(sa.and_(*held), gathered(Party.id, numbered)))
    return query.order_by(Client.since.desc(), Client.id.desc()).limit(ROWS_OF_PAGE)
