"""Clients (read side): whoever may see the party may see that it is a client."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from practice import listed
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

_NEWEST: Final = (Client.since.desc(), Client.id.desc())
_OF_PARTIES: Final = sa.select(Client).where(Client.party_id.in_(sa.bindparam("party_ids", expanding=True)))


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


def of_parties(session: Session, party_ids: Collection[UUID]) -> dict[UUID, Client]:
    """Return which of these parties, each of them seen by who asks and none merged, are clients."""
    if not party_ids:
        return {}
    found = session.scalars(_OF_PARTIES, {"party_ids": list(party_ids)})
    return {client.party_id: client for client in found}


def may_be_number(text: str) -> bool:
    """Say whether somebody may have typed a client's number, by which ``search`` finds one whatever the words."""
    return any(letter.isdigit() for letter in text)


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
    # Words are parted where a number has its hyphens.
    values = {**held.values, "client_number": "-".join(words).upper()} if words else {}
    with planned_for_anyone(session):
        if way == "in_turns":
            found = session.scalars(_held(held.looked).where(*wanted), values).all()
            turn = _turn(reader)
            rows = listed.in_turns(found, lambda ids: turn.execute(session, turn=ids), count=limit + 1)
        else:
            asked = _newest(reader, way, held.looked).narrowed(*wanted)
            rows = list(asked.execute(session, **values, rows_of_page=size(limit)))
        rows = [(client, party) for client, party in rows]
    return Page.cut(rows, limit, lambda row: (row[0].since, row[0].id))


@for_alike
def _newest(actor: Actor, way: Way, looked: Looked) -> sa.Select[Client, Party]:
    seen, held = parties.listed_for(actor, way, looked, party_id=Client.party_id)
    query = sa.select(Client, Party).join(Party, Party.id == Client.party_id).where(seen, parties.is_itself())
    if looked.words:
        query = query.where(_holds_or_is(held, is_gathered=looked.is_sqlite and way in BY_WORDS))
    return query.order_by(*_NEWEST).limit(ROWS_OF_PAGE)


@lru_cache(64)
def _held(looked: Looked) -> sa.Select[UUID]:
    """Select all that hold the words, whoever asks: they are only asked about."""
    held = looked.conditions(Party.id, Party.search_text)
    query = sa.select(Client.id).join(Party, Party.id == Client.party_id).where(parties.is_itself())
    return query.where(_holds_or_is(held, is_gathered=looked.is_sqlite)).order_by(*_NEWEST)


@for_alike
def _turn(actor: Actor) -> sa.Select[Client, Party]:
    query = sa.select(Client, Party).join(Party, Party.id == Client.party_id)
    return query.where(gathered(Client.id, listed.ids("turn")), parties.seen_by(actor)).order_by(*_NEWEST)


def _holds_or_is(held: list[sa.ColumnElement[bool]], *, is_gathered: bool) -> sa.ColumnElement[bool]:
    """Say that a party holds the words, or is the client of the number that was typed."""
    numbered = sa.select(Client.party_id).where(Client.number == sa.bindparam("client_number")).correlate(None)
    if not is_gathered:
        return sa.or_(sa.and_(*held), gathered(Party.id, numbered))
    # Either is looked up; of an OR, SQLite would read all clients in their order.
    return gathered(Party.id, sa.union_all(sa.select(Party.id).where(*held).correlate(None), numbered))
