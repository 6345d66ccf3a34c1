"""Who is kept out of what (read side): pieces of queries for everything that a person may see or be given.

A wall counts while it is ``up``. It stands above every right: neither membership in a team nor
``see_all_matters`` leads through it. The product itself (``SYSTEM``) is never kept out.
"""

from typing import Any

import sqlalchemy as sa

from engine.actor import Actor
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.people.models import User
from practice.walls.models import Wall, WallMember, WallScope


def walled_off(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: the actor may not even know of it. Never NULL, evaluated from short lists."""
    if actor.may("*"):
        return sa.false()
    walls = keeping_out(actor.username)
    return sa.or_(
        Matter.id.in_(_around(WallScope.matter_id, walls)),
        Matter.client_party_id.in_(_around(WallScope.client_party_id, walls)),
        sa.and_(
            Matter.enquiry_number.is_not(None),
            Matter.enquiry_number.in_(_around(WallScope.enquiry_number, walls)),
        ),
    )


def walled_off_enquiries(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Enquiry``: walled off itself, or the matter that came of it is."""
    if actor.may("*"):
        return sa.false()
    of_matters = sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), walled_off(actor))
    around = _around(WallScope.enquiry_number, keeping_out(actor.username))
    return sa.or_(Enquiry.number.in_(around), Enquiry.number.in_(of_matters))


def walled_off_clients(actor: Actor) -> sa.Select[Any]:
    """Select the party ids of clients whose every matter the actor is kept out of."""
    if actor.may("*"):
        return sa.select(WallScope.client_party_id).where(sa.false())
    return _around(WallScope.client_party_id, keeping_out(actor.username))


def walled_off_business_keys(actor: Actor) -> sa.CompoundSelect[Any]:
    """Select the numbers of matters and enquiries that the actor is kept out of: for work, runs and history."""
    return sa.union_all(
        sa.select(Matter.number).where(walled_off(actor)),
        sa.select(Enquiry.number).where(walled_off_enquiries(actor)),
    )


def keeping_out(username: str | sa.ColumnElement[str]) -> sa.Select[Any]:
    """Select the ids of the walls that are up and keep this person out."""
    named = sa.select(WallMember.wall_id).where(WallMember.username == username)
    return sa.select(Wall.id).where(
        Wall.state == "up",
        sa.or_(
            Wall.id.in_(named.where(WallMember.side == "out")),
            sa.and_(Wall.kind == "enclosing", Wall.id.not_in(named)),
        ),
    )


def kept_out_of(business_key: str) -> sa.ColumnElement[bool]:
    """Filter on ``User``: people who are kept out of the matter or enquiry with this number.

    For every list from which somebody is picked, and before anybody is given its work.
    """
    walls = walls_around(business_key)
    member = sa.select(WallMember.username).where(WallMember.wall_id == Wall.id)
    out = sa.select(WallMember.username).where(WallMember.wall_id.in_(walls), WallMember.side == "out")
    enclosed_without = sa.exists(
        sa.select(Wall.id).where(Wall.id.in_(walls), Wall.kind == "enclosing", User.username.not_in(member))
    )
    return sa.or_(User.username.in_(out), enclosed_without)


def walls_around(business_key: str) -> sa.Select[Any]:
    """Select the ids of the walls that are up around the matter or enquiry with this number."""
    matter = sa.select(Matter.id, Matter.client_party_id, Matter.enquiry_number).where(Matter.number == business_key)
    around = matter.subquery()
    return (
        sa.select(WallScope.wall_id)
        .join(Wall, Wall.id == WallScope.wall_id)
        .where(
            Wall.state == "up",
            sa.or_(
                WallScope.matter_id.in_(sa.select(around.c.id)),
                WallScope.client_party_id.in_(sa.select(around.c.client_party_id)),
                WallScope.enquiry_number.in_(sa.select(around.c.enquiry_number)),
                WallScope.enquiry_number == business_key,
            ),
        )
    )


def _around(column: Any, walls: sa.Select[Any]) -> sa.Select[Any]:
    return sa.select(column).where(column.is_not(None), WallScope.wall_id.in_(walls))
