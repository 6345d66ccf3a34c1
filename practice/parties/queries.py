"""Parties (read side). Who may see one is part of every query that a person's page makes.

A party is seen with the matters it belongs to, never alone: somebody known only from a matter behind a wall
or in a class of its own is not there for anybody who may not see that matter, whatever other rights they hold.
"""

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from practice import listed
from practice.anyone import for_alike
from practice.gathering import among, each, gathered
from practice.leads.models import Lead
from practice.matters import belongings, colleagues, telling
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterParty
from practice.matters.visibility import reasons
from practice.paging import ROWS_OF_PAGE, Page, bounded, place, size
from practice.parties.errors import PartyNotFound
from practice.parties.models import KINDS, Party, PartyIdentifier, PartyMerge, PartyName, PartyRelation
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.text_index.queries import BY_WORDS, SOON_ASKED, Holding, Looked, Way

#: So many matters are gathered with their parties; of more the list is read in its order.
SOON_GATHERED: Final = 600
_PARTY_ID: sa.BindParameter[Any] = sa.bindparam("party_id")
_NEWEST: Final = (Party.created_at.desc(), Party.id.desc())
_NAMES: Final = (
    sa.select(PartyName)
    .where(PartyName.party_id == _PARTY_ID)
    .order_by(PartyName.kind != "main", PartyName.retired_at.is_not(None), PartyName.created_at, PartyName.id)
)
_IDENTIFIERS: Final = (
    sa.select(PartyIdentifier)
    .where(PartyIdentifier.party_id == _PARTY_ID)
    .order_by(PartyIdentifier.kind, PartyIdentifier.id)
)
_RELATIONS: Final = (
    sa.select(PartyRelation)
    .where(sa.or_(PartyRelation.from_party_id == _PARTY_ID, PartyRelation.to_party_id == _PARTY_ID))
    .order_by(PartyRelation.kind, PartyRelation.id)
)
_MERGES: Final = (
    sa.select(PartyMerge)
    .where(PartyMerge.survivor_id == _PARTY_ID)
    .order_by(PartyMerge.merged_at.desc(), PartyMerge.id.desc())
)


def visible_to(actor: Actor, party: Any = Party) -> sa.ColumnElement[bool]:
    """Filter on ``party``: of a matter the actor may see or related to such a party, or free and theirs to see.

    Free is who is in no matter that is denied to the actor; theirs is what they recorded, took as a lead or
    brought, clients that a rule of the firm allows them, and everybody for whoever holds ``see_all_parties``.

    Who sees all matters or parties is asked row by row, so that a page costs what the page costs; everybody else has
    theirs gathered first. For one party, or a few, ``seen_by`` says the same; ``listed_for`` chooses for a list.
    """
    if actor.may("*") or actor.may("see_all_matters") or actor.may("see_all_parties"):
        return seen_by(actor, party)
    of_matters = _of_visible_matters(actor).cte()
    some = aliased(Party)
    theirs = sa.union(*_theirs(actor, of_matters))
    free = sa.select(some.id).where(gathered(some.id, theirs), _is_free(actor, some)).correlate(None)
    return gathered(party.id, sa.union_all(sa.select(of_matters.c.party_id), free))


def seen_by(actor: Actor, party: Any = Party) -> sa.ColumnElement[bool]:
    """Filter on ``party``: the same as ``visible_to``, asked of each row, for queries that look at few of them."""
    if actor.may("*"):
        return sa.true()
    seen, free = _is_in_seen_matter(actor, party), _is_free(actor, party)
    if actor.may("see_all_parties"):
        return sa.or_(free, seen)
    return sa.or_(seen, sa.and_(sa.or_(*_is_theirs(actor, party)), free))


def way_for(session: Session, actor: Actor, holding: Holding) -> Way:
    """Choose how a list of parties, the newest first, is read for the actor: in the way that costs less.

    Few rows are looked up by the words and asked one by one. Else what little the actor may see is gathered; of more
    the list is read, by its words or in its order, and asked about what is among theirs; who sees so much that the
    newest fill a page soon is asked about each, of the rows that words name until a page is full.
    """
    if holding.count <= SOON_ASKED:
        return "looked_up"
    if actor.may("see_all_parties"):
        return "asked"
    if matters.has_few(session, actor, min(SOON_GATHERED, belongings.FEW)):
        return "gathered"
    if matters.has_few(session, actor):
        return "met" if holding.is_rare else "walked"
    return "in_turns" if holding.is_rare else "asked"


def listed_for(
    actor: Actor, way: Way, looked: Looked, *, party_id: Any = Party.id
) -> tuple[sa.ColumnElement[bool], list[sa.ColumnElement[bool]]]:
    """Return filters on ``Party`` for a list: what the actor may see, and the words that it holds.

    ``party_id`` is the column that names the party in the order of the list.
    """
    is_by_words = way in BY_WORDS
    held = looked.conditions(Party.id, Party.search_text) if is_by_words else looked.by_row(Party.search_text)
    if way == "gathered":
        return visible_to(actor), held
    if way == "met" and looked.is_sqlite:
        return sa.and_(_may_be_seen(actor), seen_by(actor)), held
    if way in ("met", "walked"):
        met = among(party_id if way == "walked" else Party.id, _could_be_seen(actor))
        return sa.and_(met, seen_by(actor)), held
    return seen_by(actor), held


def _could_be_seen(actor: Actor) -> sa.CompoundSelect[Any]:
    """Select whom the actor has any reason to see, though something may still deny them."""
    known = gathered(MatterParty.matter_id, reasons(actor))
    of_matters = sa.select(MatterParty.party_id).where(known).correlate(None).cte()
    return sa.union_all(sa.select(of_matters.c.party_id), *_theirs(actor, of_matters))


def _may_be_seen(actor: Actor) -> sa.ColumnElement[bool]:
    """Say the same of each row: of few that words name. PostgreSQL would gather matters anew for each."""

    def is_known(party_id: Any) -> sa.ColumnElement[bool]:
        rows = sa.select(MatterParty.matter_id).where(MatterParty.party_id == party_id)
        return sa.exists(each(rows.where(among(MatterParty.matter_id, reasons(actor))).correlate_except(MatterParty)))

    related = (sa.select(PartyRelation.id).where(there == Party.id, is_known(here)) for here, there in _ends())
    return sa.or_(
        is_known(Party.id),
        *_is_recorded_or_lead(actor, Party),
        *(sa.exists(each(one.correlate(Party))) for one in related),
    )


def exists_for(actor: Actor, party_id: Any) -> sa.ColumnElement[bool]:
    """Say of a column whether the actor may see the party that it names: for what belongs to a party."""
    some = aliased(Party)
    of = party_id.class_ if hasattr(party_id, "class_") else party_id.table
    return sa.exists(sa.select(some.id).where(some.id == party_id, seen_by(actor, some)).correlate(of))


def _theirs(actor: Actor, of_matters: sa.CTE) -> list[sa.Select[Any]]:
    """Select whom the actor may see for other reasons than a matter, unless a matter hides them."""
    known = sa.select(of_matters.c.party_id)
    recorded, lead = aliased(Party), aliased(Lead)
    return [
        *(sa.select(there).where(here.in_(known)).correlate(None) for here, there in _ends()),
        sa.select(lead.party_id).where(lead.received_by == actor.username).correlate(None),
        sa.select(lead.party_id).where(lead.originator == actor.username).correlate(None),
        sa.select(recorded.id).where(recorded.created_by == actor.username).correlate(None),
        *matters.allowed_clients(actor),
    ]


def _is_theirs(actor: Actor, party: Any) -> list[sa.ColumnElement[bool]]:
    """Say of each row what ``_theirs`` selects."""
    related: list[sa.ColumnElement[bool]] = []
    for here, there in _ends():
        known = (
            sa.select(MatterParty.matter_id)
            .select_from(PartyRelation)
            .join(MatterParty, MatterParty.party_id == here)
            .join(Matter, Matter.id == MatterParty.matter_id)
            .where(there == party.id, matters.seen_by(actor))
        )
        related.append(sa.exists(each(known.correlate(party))))
    return [*_is_recorded_or_lead(actor, party), *related]


def _is_recorded_or_lead(actor: Actor, party: Any) -> list[sa.ColumnElement[bool]]:
    lead = aliased(Lead)
    mine = sa.or_(lead.received_by == actor.username, lead.originator == actor.username)
    return [
        party.created_by == actor.username,
        sa.exists(each(sa.select(lead.id).where(lead.party_id == party.id, mine).correlate(party))),
        *(party.id.in_(clients) for clients in matters.allowed_clients(actor)),
    ]


def _ends() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    ends = (PartyRelation.from_party_id, PartyRelation.to_party_id)
    return ends, (ends[1], ends[0])


def _of_visible_matters(actor: Actor) -> sa.Select[Any]:
    seen = sa.select(Matter.id).where(matters.visible_to(actor)).correlate(None)
    return sa.select(MatterParty.party_id).where(gathered(MatterParty.matter_id, seen)).correlate(None)


def _is_in_seen_matter(actor: Actor, party: Any) -> sa.ColumnElement[bool]:
    return sa.exists(each(_in_matters_of(party).where(matters.seen_by(actor))))


def _is_free(actor: Actor, party: Any) -> sa.ColumnElement[bool]:
    """Say of each row that no matter which is denied to the actor names the party, nor a wall or rule its client."""
    denied = matters.denied_clients(actor)
    return sa.and_(
        ~sa.exists(each(_in_matters_of(party).where(matters.denied_to(actor)))),
        *([party.id.not_in(sa.union_all(*denied))] if denied else []),
    )


def _in_matters_of(party: Any) -> sa.Select[Any]:
    return (
        sa.select(MatterParty.matter_id)
        .join(Matter, Matter.id == MatterParty.matter_id)
        .where(MatterParty.party_id == party.id)
        .correlate(party)
    )


def is_itself(party: Any = Party) -> sa.ColumnElement[bool]:
    """Filter on ``party``: not merged into another. Nearly all are, so no index may be chosen: hence the call."""
    return sa.func.coalesce(party.merged_into_id, sa.null()).is_(None)


def get(session: Session, party_id: UUID, *, actor: Actor) -> Party:
    """Return the party, merged ones too; for people whom it does not concern there is none (``PartyNotFound``)."""
    party = _by_ids(telling.for_reading(session, actor)).scalar(session, party_ids=[party_id])
    if party is None:
        raise PartyNotFound(str(party_id))
    return party


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    kind: str | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Party]:
    """Return the parties the actor may see, the newest first; ``text`` is looked for word by word, in part.

    It is looked for in every name, transliteration and identifier. Merged parties are found as their survivors.
    With ``person`` those whom a colleague recorded or who are in a matter of theirs.
    """
    limit = bounded(limit)
    holding = text_index.holding(session, fold(text or "").split(), key=Party.id, text=Party.search_text)
    if holding.is_nothing:
        return Page([], None)
    wanted: list[sa.ColumnElement[bool]] = []
    if kind in KINDS:
        wanted.append(Party.kind == kind)
    if person:
        in_matters = Party.id.in_(colleagues.party_ids(person, actor=actor))
        wanted.append(sa.or_(Party.created_by == person, in_matters))
    if cursor:
        key: Any = sa.tuple_(Party.created_at, Party.id)
        wanted.append(key < sa.tuple_(*place(cursor), types=[Party.created_at.type, Party.id.type]))
    way, reader = way_for(session, actor, holding), telling.of(session, actor)
    held = holding.read(way)
    with planned_for_anyone(session):
        if way == "in_turns":
            found = session.scalars(_held(held.looked).where(*wanted), held.values).all()
            turn = _turn(reader)
            rows = listed.in_turns(found, lambda ids: turn.scalars(session, turn=ids), count=limit + 1)
        else:
            asked = _newest(reader, way, held.looked).narrowed(*wanted)
            rows = list(asked.scalars(session, **held.values, rows_of_page=size(limit)))
    return Page.cut(rows, limit, lambda row: (row.created_at, row.id))


@for_alike
def _newest(actor: Actor, way: Way, looked: Looked) -> sa.Select[Party]:
    seen, held = listed_for(actor, way, looked)
    return sa.select(Party).where(seen, is_itself(), *held).order_by(*_NEWEST).limit(ROWS_OF_PAGE)


@lru_cache(64)
def _held(looked: Looked) -> sa.Select[UUID]:
    """Select all that hold the words, whoever asks: they are only asked about."""
    return sa.select(Party.id).where(is_itself(), *looked.conditions(Party.id, Party.search_text)).order_by(*_NEWEST)


@for_alike
def _turn(actor: Actor) -> sa.Select[Party]:
    return sa.select(Party).where(gathered(Party.id, listed.ids("turn")), seen_by(actor)).order_by(*_NEWEST)


def named(session: Session, normalised: str, *, actor: Actor) -> list[Party]:
    """Return the visible parties that bear a name, the one that was known first first."""
    query = (
        sa.select(Party)
        .where(
            Party.id.in_(sa.select(PartyName.party_id).where(PartyName.normalised == normalised)),
            Party.merged_into_id.is_(None),
            seen_by(actor),
        )
        .order_by(Party.created_at, Party.id)
    )
    return list(session.scalars(query))


def by_ids(session: Session, party_ids: set[UUID], *, actor: Actor) -> dict[UUID, Party]:
    """Return those of the parties that the actor may see."""
    if not party_ids:
        return {}
    found = _by_ids(telling.for_reading(session, actor)).scalars(session, party_ids=list(party_ids))
    return {party.id: party for party in found}


@for_alike
def _by_ids(actor: Actor) -> sa.Select[Party]:
    return sa.select(Party).where(Party.id.in_(sa.bindparam("party_ids", expanding=True)), seen_by(actor))


def names_of(session: Session, party: Party) -> list[PartyName]:
    """Return a party's names: the main one, those in use, those of before."""
    return list(session.scalars(_NAMES, {"party_id": party.id}))


def identifiers_of(session: Session, party: Party) -> list[PartyIdentifier]:
    """Return what authorities call a party."""
    return list(session.scalars(_IDENTIFIERS, {"party_id": party.id}))


def relations_of(session: Session, party: Party, *, actor: Actor) -> list[tuple[PartyRelation, Party]]:
    """Return a party's relations with the other party of each, so far as the actor may see that one."""
    rows = list(session.scalars(_RELATIONS, {"party_id": party.id}))
    others = by_ids(session, {_other(row, party) for row in rows}, actor=actor)
    return [(row, others[_other(row, party)]) for row in rows if _other(row, party) in others]


def matters_of(session: Session, party: Party, *, actor: Actor, limit: int = 200) -> list[tuple[Matter, str]]:
    """Return the visible matters in which a party has a role, with the role; the newest first."""
    rows = _matters_of(telling.for_reading(session, actor), limit).execute(session, party_id=party.id)
    return [(matter, role) for matter, role in rows]


@for_alike
def _matters_of(actor: Actor, limit: int) -> sa.Select[Matter, str]:
    return (
        sa.select(Matter, MatterParty.role)
        .join(MatterParty, MatterParty.matter_id == Matter.id)
        .where(MatterParty.party_id == _PARTY_ID, matters.seen_by(actor))
        .order_by(Matter.opened_at.desc(), Matter.id.desc(), MatterParty.role)
        .limit(limit)
    )


def merges_of(session: Session, party: Party) -> list[PartyMerge]:
    """Return what was merged into a party, the latest first."""
    return list(session.scalars(_MERGES, {"party_id": party.id}))


def _other(row: PartyRelation, party: Party) -> UUID:
    return row.to_party_id if row.from_party_id == party.id else row.from_party_id
