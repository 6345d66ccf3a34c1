"""Matters (read side). Who may see one is part of every query that a person's page makes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.database import planned_for_anyone
from practice.anyone import for_alike
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry, MatterTag
from practice.errors import MatterNotFound
from practice.matters import telling
from practice.matters.belongings import has_few
from practice.matters.models import MEMBER_ROLES, PARTY_ROLES, Matter, MatterMember, MatterParty, MatterRelation
from practice.matters.visibility import (
    allowed_clients,
    denied_clients,
    denied_numbers,
    denied_to,
    has_reason,
    is_anything_guarded,
    is_guarded,
    newest_first,
    numbers_by_rule,
    own_numbers,
    reasons,
    seen_by,
    visible_to,
)
from practice.paging import ROWS_OF_PAGE, Page, at_most, bounded, place, size
from practice.parties.models import Party
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.text_index.queries import Looked

__all__ = [
    "allowed_clients",
    "denied_clients",
    "denied_numbers",
    "denied_to",
    "get_by_number",
    "has_few",
    "has_reason",
    "is_anything_guarded",
    "is_guarded",
    "newest_first",
    "numbers_by_rule",
    "open_matters_by_lawyer",
    "own_numbers",
    "reasons",
    "search",
    "seen_by",
    "visible_to",
]

_MATTER_ID: sa.BindParameter[Any] = sa.bindparam("matter_id")
_TAGS = (
    sa.select(DirectoryEntry)
    .join(MatterTag, MatterTag.tag_id == DirectoryEntry.id)
    .where(MatterTag.matter_id == _MATTER_ID)
    .order_by(DirectoryEntry.name)
)
_PARTIES = (
    sa.select(MatterParty, Party)
    .join(Party, Party.id == MatterParty.party_id)
    .where(MatterParty.matter_id == _MATTER_ID)
)
_IS_RELATED = sa.select(sa.literal(1)).where(
    sa.or_(
        sa.exists(sa.select(MatterRelation.kind).where(MatterRelation.matter_id == _MATTER_ID)),
        sa.exists(sa.select(MatterRelation.kind).where(MatterRelation.related_id == _MATTER_ID)),
    )
)
_TEAM = sa.select(MatterMember).where(MatterMember.matter_id == _MATTER_ID)


def get_by_number(session: Session, number: str, *, actor: Actor) -> Matter:
    """Return the matter; for people whom it does not concern there is none (``MatterNotFound``)."""
    matter = _by_number(telling.for_reading(session, actor)).scalar(session, number=number)
    if matter is None:
        raise MatterNotFound(number)
    return matter


@for_alike
def _by_number(actor: Actor) -> sa.Select[Matter]:
    return sa.select(Matter).where(Matter.number == sa.bindparam("number"), seen_by(actor))


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a list of matters is narrowed by; everything that is given has to hold (B04)."""

    #: Words of number, names, court or court number, each in part.
    text: str | None = None
    state: str | None = None
    case_type: str | None = None
    #: Username: who answers for it.
    responsible: str | None = None
    #: Username: who works on it in any role (E21).
    person: str | None = None
    #: Entries of directories; whatever lies below them counts.
    direction: DirectoryEntry | None = None
    region: DirectoryEntry | None = None
    #: Every one of these.
    tags: tuple[DirectoryEntry, ...] = ()
    confidentiality: str | None = None
    client_party_id: UUID | None = None
    #: Any role.
    party_id: UUID | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None


def narrowed(criteria: Criteria, *, actor: Actor) -> sa.Select[Matter]:
    """Select the matters that the actor may see and that meet the criteria, in no order."""
    return met_by(criteria).where(visible_to(actor))


def met_by(criteria: Criteria) -> sa.Select[Matter]:
    """Select the matters that meet the criteria, whoever asks: the rights are still to be added."""
    query = sa.select(Matter)
    for column, value in (
        (Matter.state, criteria.state),
        (Matter.case_type, criteria.case_type),
        (Matter.responsible, criteria.responsible),
        (Matter.confidentiality, criteria.confidentiality),
        (Matter.client_party_id, criteria.client_party_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if criteria.person is not None:
        works_on = sa.select(MatterMember.matter_id).where(
            MatterMember.username == criteria.person, MatterMember.until.is_(None)
        )
        query = query.where(Matter.id.in_(works_on))
    if criteria.direction is not None:
        query = query.where(Matter.direction_id.in_(directories.with_below(criteria.direction)))
    if criteria.region is not None:
        query = query.where(Matter.region_id.in_(directories.with_below(criteria.region)))
    for tag in criteria.tags:
        tagged = sa.select(MatterTag.matter_id).where(MatterTag.tag_id.in_(directories.with_below(tag)))
        query = query.where(Matter.id.in_(tagged))
    if criteria.party_id is not None:
        named_in = sa.select(MatterParty.matter_id).where(MatterParty.party_id == criteria.party_id)
        query = query.where(Matter.id.in_(named_in))
    if criteria.opened_from is not None:
        query = query.where(Matter.opened_at >= criteria.opened_from)
    if criteria.opened_before is not None:
        query = query.where(Matter.opened_at < criteria.opened_before)
    for word in fold(criteria.text or "").split():
        query = query.where(Matter.search_text.contains(word, autoescape=True))
    return query


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    state: str | None = None,
    case_type: str | None = None,
    criteria: Criteria | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Matter]:
    """Return the matters the actor may see, the newest first; ``text`` is looked for word by word, in part.

    ``text``, ``state`` and ``case_type`` stand in for ``criteria`` where there are no others.
    """
    limit = bounded(limit)
    wanted = criteria or Criteria(text=text or None, state=state or None, case_type=case_type or None)
    after = place(cursor) if cursor else None
    words = fold(wanted.text or "").split()
    holds = text_index.holding(session, words, key=Matter.id, text=Matter.search_text)
    if holds.is_nothing:
        return Page([], None)
    others = replace(wanted, text=None)
    if others == Criteria() and after is None:
        with planned_for_anyone(session):
            asked = _newest_with(telling.of(session, actor), holds.looked)
            rows = list(asked.scalars(session, **holds.values, rows_of_page=size(limit)))
    else:
        met = met_by(others).where(*holds.looked.conditions(Matter.id, Matter.search_text))
        rows = list(session.scalars(newest_first(met, actor, most=at_most(limit + 1), after=after), holds.values))
    return Page.cut(rows, limit, lambda row: (row.opened_at, row.id))


@for_alike
def _newest_with(actor: Actor, looked: Looked) -> sa.Select[Matter]:
    met = sa.select(Matter).where(*looked.conditions(Matter.id, Matter.search_text))
    if not looked.is_rare:
        return newest_first(met, actor, most=ROWS_OF_PAGE)
    # Few: each is asked once, where each of the reader's ranges would look all of them up.
    few = met.where(seen_by(actor)).order_by(Matter.opened_at.desc(), Matter.id.desc())
    return few.limit(ROWS_OF_PAGE)


def tags_of(session: Session, matter: Matter) -> list[DirectoryEntry]:
    """Return the tags of a matter that was read with the reader's rights."""
    return list(session.scalars(_TAGS, {"matter_id": matter.id}))


def parties_of(session: Session, matter: Matter) -> list[tuple[MatterParty, Party]]:
    """Return who is in a matter that was read with the reader's rights: clients, opponents, then the others."""
    order = {role: place for place, role in enumerate(PARTY_ROLES)}
    rows = [(row, party) for row, party in session.execute(_PARTIES, {"matter_id": matter.id})]
    return sorted(rows, key=lambda one: (order[one[0].role], one[1].name, str(one[1].id)))


def team_of(session: Session, matter: Matter) -> list[MatterMember]:
    """Return who works and worked on a matter that was read with the reader's rights, those of today first."""
    rows = session.scalars(_TEAM, {"matter_id": matter.id})
    order = {role: place for place, role in enumerate(MEMBER_ROLES)}
    return sorted(
        rows,
        key=lambda row: (row.until is not None, order[row.role] if row.until is None else 0, row.since, row.username),
    )


def related(session: Session, matter: Matter, *, actor: Actor) -> list[tuple[Matter, str]]:
    """Return the matters that have to do with one, and how; only those the actor may see."""
    # Most have none, and to be told so takes no rights.
    if session.scalar(_IS_RELATED, {"matter_id": matter.id}) is None:
        return []
    return [
        (other, kind)
        for other, kind in _related(telling.for_reading(session, actor)).execute(session, matter_id=matter.id)
    ]


@for_alike
def _related(actor: Actor) -> sa.Select[Matter, str]:
    ends = (
        sa.select(MatterRelation.related_id.label("other_id"), MatterRelation.kind)
        .where(MatterRelation.matter_id == _MATTER_ID)
        .union_all(
            sa.select(MatterRelation.matter_id, MatterRelation.kind).where(MatterRelation.related_id == _MATTER_ID)
        )
        .subquery()
    )
    query = sa.select(Matter, ends.c.kind).join(ends, ends.c.other_id == Matter.id).where(seen_by(actor))
    return query.order_by(Matter.number)


def open_matters_by_lawyer(session: Session) -> dict[str, int]:
    """Return how many open matters each responsible lawyer has."""
    query = sa.select(Matter.responsible, sa.func.count()).where(Matter.state == "open").group_by(Matter.responsible)
    return dict(session.execute(query).all())
