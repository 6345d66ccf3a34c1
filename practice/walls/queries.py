"""Who is kept out of what (read side): pieces of queries for everything that a person may see or be given.

A wall counts while it is ``up``. It stands above every right: neither membership in a team nor
``see_all_matters`` leads through it. The product itself (``SYSTEM``) is never kept out.
"""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.actor import Actor
from practice import told
from practice.anyone import for_alike
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.gathering import gathered
from practice.matters.models import Matter
from practice.paging import Page, bounded, place
from practice.parties.models import PartyName
from practice.people.models import User
from practice.told import Told
from practice.walls.errors import WallNotFound
from practice.walls.models import Wall, WallMember, WallScope

#: States in which a decision may name a wall: before it is up, too.
NAMEABLE: Final = ("requested", "up")
#: Walls that the page of a matter names.
_MOST_AROUND: Final = 50


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
    """Select the numbers of matters and enquiries that the actor is kept out of: for work, runs and history.

    One select for each way in which a wall stands around something: each is read by an index.
    """
    if actor.may("*"):
        return sa.union_all(sa.select(Matter.number).where(sa.false()))
    walls = keeping_out(actor.username)
    of_enquiries = _around(WallScope.enquiry_number, walls)
    around = [
        Matter.id.in_(_around(WallScope.matter_id, walls)),
        Matter.client_party_id.in_(_around(WallScope.client_party_id, walls)),
        # It says twice that there is one: the index of those that have one is read then.
        sa.and_(Matter.enquiry_number.is_not(None), Matter.enquiry_number.in_(of_enquiries)),
    ]
    return sa.union_all(
        *(sa.select(Matter.number).where(one) for one in around),
        *(sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), one) for one in around[:2]),
        of_enquiries,
    )


def scopes_around(username: str | sa.ColumnElement[str]) -> sa.CTE:
    """Select what the walls that keep this person out stand around, for use in several parts of one statement.

    One of ``matter_id``, ``client_party_id`` and ``enquiry_number`` in each row.
    """
    scopes = sa.select(WallScope.matter_id, WallScope.client_party_id, WallScope.enquiry_number)
    return scopes.where(gathered(WallScope.wall_id, keeping_out(username))).cte("wall_around")


def enquiry_numbers_walled_off(actor: Actor) -> sa.Select[Any]:
    """Select the numbers of the enquiries around which themselves a wall stands that keeps the actor out."""
    nothing = sa.select(WallScope.enquiry_number).where(sa.false())
    if isinstance(actor, Told):
        return next(iter(told.texts(actor, told.DENIED, told.DENIED_ENQUIRIES)), nothing)
    return nothing if actor.may("*") else _around(WallScope.enquiry_number, keeping_out(actor.username))


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
    # Gathered: PostgreSQL takes far more walls to be around one matter, and looks at each member of all walls.
    out = sa.select(WallMember.username).where(gathered(WallMember.wall_id, walls), WallMember.side == "out")
    enclosed_without = sa.exists(
        sa.select(Wall.id).where(gathered(Wall.id, walls), Wall.kind == "enclosing", User.username.not_in(member))
    )
    return sa.or_(User.username.in_(out), enclosed_without)


def kept_out(session: Session, business_key: str | None) -> frozenset[str]:
    """Return the usernames of those who are kept out of the matter or enquiry with this number."""
    if business_key is None:
        return frozenset()
    return frozenset(session.scalars(sa.select(User.username).where(kept_out_of(business_key))))


def nameable(actor: Actor, business_key: str | None) -> sa.Select[Wall]:
    """Select the walls that a decision may rest on, so far as the actor may see them; the newest first.

    They are asked for or up around the matter or enquiry with this number; None: around anything.
    """
    query = sa.select(Wall).where(Wall.state.in_(NAMEABLE), visible_to(actor))
    if business_key is not None:
        query = query.where(Wall.id.in_(walls_around(business_key, states=NAMEABLE)))
    return query.order_by(Wall.requested_at.desc(), Wall.id.desc())


def walls_around(business_key: str | sa.BindParameter[str], *, states: Collection[str] = ("up",)) -> sa.Select[Any]:
    """Select the ids of the walls that are up (or in other ``states``) around the matter or enquiry with this number.

    An enquiry of a client whose matters are walled off is walled off for everything that is given out: its client is
    recognised by name, as the matter that comes of it will be.
    """
    matter = sa.select(Matter.id, Matter.client_party_id, Matter.enquiry_number).where(Matter.number == business_key)
    around = matter.subquery()
    asking = (
        sa.select(PartyName.party_id)
        .join(EnquiryParty, EnquiryParty.normalised_name == PartyName.normalised)
        .join(Enquiry, Enquiry.id == EnquiryParty.enquiry_id)
        .where(Enquiry.number == business_key, EnquiryParty.role == "client")
    )
    return (
        sa.select(WallScope.wall_id)
        .join(Wall, Wall.id == WallScope.wall_id)
        .where(
            Wall.state.in_(states),
            sa.or_(
                WallScope.matter_id.in_(sa.select(around.c.id)),
                WallScope.client_party_id.in_(sa.select(around.c.client_party_id)),
                WallScope.enquiry_number.in_(sa.select(around.c.enquiry_number)),
                WallScope.enquiry_number == business_key,
                WallScope.client_party_id.in_(asking),
            ),
        )
    )


def numbers_behind(wall_id: UUID) -> sa.CompoundSelect[Any]:
    """Select the numbers of the matters and enquiries that a wall stands around, whether it is up or not."""
    scopes = sa.select(WallScope.matter_id, WallScope.client_party_id, WallScope.enquiry_number)
    scope = scopes.where(WallScope.wall_id == wall_id).subquery()
    behind = sa.or_(
        Matter.id.in_(sa.select(scope.c.matter_id).where(scope.c.matter_id.is_not(None))),
        Matter.client_party_id.in_(sa.select(scope.c.client_party_id).where(scope.c.client_party_id.is_not(None))),
        Matter.enquiry_number.in_(sa.select(scope.c.enquiry_number).where(scope.c.enquiry_number.is_not(None))),
    )
    return sa.union_all(
        sa.select(Matter.number).where(behind),
        sa.select(Matter.enquiry_number).where(behind, Matter.enquiry_number.is_not(None)),
        sa.select(scope.c.enquiry_number).where(scope.c.enquiry_number.is_not(None)),
    )


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Wall``: who oversees access, and who asked for it; whom it keeps out reads only their notice."""
    if actor.may("oversee_access"):
        named_out = sa.select(WallMember.wall_id).where(WallMember.username == actor.username, WallMember.side == "out")
        return Wall.id.not_in(named_out)
    inside = sa.select(WallMember.wall_id).where(WallMember.username == actor.username, WallMember.side == "in")
    return sa.or_(Wall.requested_by == actor.username, Wall.id.in_(inside))


def get_by_number(session: Session, number: str, *, actor: Actor) -> Wall:
    """Return the wall with members and scopes; for people whom it does not concern ``WallNotFound``."""
    query = sa.select(Wall).options(selectinload(Wall.members), selectinload(Wall.scopes))
    wall = session.scalar(query.where(Wall.number == number, visible_to(actor)))
    if wall is None:
        raise WallNotFound(number)
    return wall


def search(
    session: Session,
    *,
    actor: Actor,
    state: str | None = None,
    person: str | None = None,
    around: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Wall]:
    """Return walls, the newest first: in a state, with a person on either side, around a matter or enquiry."""
    limit = bounded(limit)
    query = sa.select(Wall).options(selectinload(Wall.members)).where(visible_to(actor))
    if state:
        query = query.where(Wall.state == state)
    if person:
        query = query.where(Wall.id.in_(sa.select(WallMember.wall_id).where(WallMember.username == person)))
    if around:
        query = query.where(Wall.id.in_(walls_around(around)))
    if cursor:
        key: Any = sa.tuple_(Wall.requested_at, Wall.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[Wall.requested_at.type, Wall.id.type]))
    query = query.order_by(Wall.requested_at.desc(), Wall.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.requested_at, row.id))


def around(session: Session, number: str, *, actor: Actor) -> list[Wall]:
    """Return the walls around the matter or enquiry with this number that the actor may see, the newest first."""
    return list(_up_around(actor).scalars(session, number=number))


@for_alike
def _up_around(actor: Actor) -> sa.Select[Wall]:
    found = visible_to(actor), Wall.id.in_(walls_around(sa.bindparam("number")))
    query = sa.select(Wall).options(selectinload(Wall.members)).where(*found)
    return query.order_by(Wall.requested_at.desc(), Wall.id.desc()).limit(_MOST_AROUND)


def behind(session: Session, wall: Wall, *, actor: Actor) -> list[tuple[str, str]]:
    """Return number and kind of what a wall stands around, so far as the actor may see it; clients by name."""
    from practice.enquiries.queries import visible_to as enquiry_visible_to  # noqa: PLC0415 - it filters by walls
    from practice.matters.queries import visible_to as matter_visible_to  # noqa: PLC0415

    scopes = wall.scopes
    matters = [scope.matter_id for scope in scopes if scope.matter_id is not None]
    clients = [scope.client_party_id for scope in scopes if scope.client_party_id is not None]
    enquiries = [scope.enquiry_number for scope in scopes if scope.enquiry_number is not None]
    numbers = sa.select(Matter.number).where(Matter.id.in_(matters), matter_visible_to(actor))
    names = (
        sa.select(Matter.client_name)
        .where(Matter.client_party_id.in_(clients), matter_visible_to(actor))
        .distinct()
        .order_by(Matter.client_name)
    )
    asked = sa.select(Enquiry.number).where(Enquiry.number.in_(enquiries), enquiry_visible_to(actor))
    return [
        *((number, "matter") for number in session.scalars(numbers.order_by(Matter.number))),
        *((name, "client") for name in session.scalars(names)),
        *((number, "enquiry") for number in session.scalars(asked.order_by(Enquiry.number))),
    ]


def _around(column: Any, walls: sa.Select[Any]) -> sa.Select[Any]:
    return sa.select(column).where(column.is_not(None), WallScope.wall_id.in_(walls))
