"""One colleague's part of a list (E21): pieces of queries that every list narrows itself with.

They only narrow: what the reader may see stays the list's own filter. What belongs to somebody because they work on
its matter counts for matters alone that the reader may see, so that a filter never tells who works behind a wall.
"""

from typing import Any

import sqlalchemy as sa

from engine.actor import Actor
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.matters.visibility import seen_by


def of(person: str | None, *named: Any, matter_id: Any = None, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Filter a list on one colleague: a column names them, or they work on the matter; nothing without a colleague."""
    if not person:
        return []
    ways: list[sa.ColumnElement[bool]] = [column == person for column in named]
    if matter_id is not None:
        ways.append(matter_id.in_(matter_ids(person, actor=actor)))
    return [sa.or_(*ways)]


def matter_ids(person: str, *, actor: Actor) -> sa.Select[Any]:
    """Select the matters on whose team somebody is today, so far as the actor may see them."""
    return _worked_on(MatterMember.matter_id, person, actor)


def client_party_ids(person: str, *, actor: Actor) -> sa.Select[Any]:
    """Select the clients of those matters."""
    return _worked_on(Matter.client_party_id, person, actor)


def enquiry_numbers(person: str, *, actor: Actor) -> sa.Select[Any]:
    """Select the enquiries that those matters came of."""
    return _worked_on(Matter.enquiry_number, person, actor).where(Matter.enquiry_number.is_not(None))


def party_ids(person: str, *, actor: Actor) -> sa.Select[Any]:
    """Select everybody who is in one of those matters."""
    worked_on = matter_ids(person, actor=actor)
    return sa.select(MatterParty.party_id).where(MatterParty.matter_id.in_(worked_on)).correlate(None)


def business_keys(person: str, *, actor: Actor) -> sa.CompoundSelect[Any]:
    """Select the numbers of those matters and of the enquiries that they came of."""
    return sa.union_all(_worked_on(Matter.number, person, actor), enquiry_numbers(person, actor=actor))


def _worked_on(column: Any, person: str, actor: Actor) -> sa.Select[Any]:
    query = sa.select(column).join_from(MatterMember, Matter, Matter.id == MatterMember.matter_id)
    query = query.where(MatterMember.username == person, MatterMember.until.is_(None), seen_by(actor))
    return query.correlate(None)
