"""Who may see which matter: the one place that says so, as pieces of queries.

**Somebody sees a matter** when one of these gives a reason and nothing denies it.

Reasons:

- they belong to its team (``MatterMember`` without ``until``: neither end of a membership is ever planned);
- they hold an open user task of it, or one is offered to a group of theirs;
- it belongs to the unit they work in or to one under it, and they hold ``see_unit_matters``;
- a rule of the firm allows them the matters of its client;
- they opened it in an emergency, and that has not ended;
- they hold ``see_all_matters``.

What denies, whatever gives a reason, ``see_all_matters`` included:

- an ethical wall keeps them out (``practice.walls.queries.walled_off``);
- it is restricted or secret, and they have no need to know: they neither belong to its team nor hold, in
  person, an open user task of it (an offer to a group is no need to know, and neither is an emergency);
- a rule of the firm denies them the matters of its client.

The system itself (the right ``*``) is denied nothing. Everything that belongs to a matter goes through
``visible_to``; what people see for other reasons (a user task in front of them, an instance they started)
leaves out ``denied_numbers``. An enquiry is denied to whom the matter that came of it is, and to whom a wall
keeps out of the enquiry itself.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from engine.actor import Actor
from practice import told
from practice.accesses.models import EmergencyAccess
from practice.gathering import each, gathered
from practice.matters.access import MatterAccess
from practice.matters.models import Matter, MatterMember
from practice.pieces import once
from practice.rights import queries as rights
from practice.rights.models import RightRule
from practice.told import Told
from practice.walls import queries as walls
from practice.walls.models import Wall, WallScope

_ONE = sa.literal_column("1", sa.Integer())
#: Written out, because a database looks into the index of these matters only when it reads this.
IS_RESTRICTED = Matter.confidentiality != sa.literal_column("'ordinary'")


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: what the actor may know of (see the module for the rule).

    For lists, counts and exports: each part is a subquery of its own that does not depend on the row at hand, so
    the database evaluates it once. For one matter by its number, or a few, ``seen_by`` says the same row by row.
    """
    if actor.may("*"):
        return sa.true()
    nothing_denies = _nothing_denies(actor)
    if actor.may("see_all_matters"):
        return nothing_denies
    own = Matter.id.in_(sa.union_all(_own(actor), *_by_exception(actor)))
    return sa.and_(sa.or_(own, *_of_units(actor)), nothing_denies)


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: the same as ``visible_to``, asked of each row, for queries that look at few of them."""
    if actor.may("*"):
        return sa.true()
    return sa.and_(has_reason(actor), _nothing_denies(actor))


def has_reason(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``, asked of each row: the actor has a reason to see it. Nothing is denied here."""
    if actor.may("see_all_matters"):
        return sa.true()
    return sa.or_(_is_own_or_of_client(actor), *(Matter.id.in_(one) for one in _in_emergency(actor)))


def newest_first(
    wanted: sa.Select[Matter], actor: Actor, *, most: sa.BindParameter[int], after: tuple[datetime, UUID] | None = None
) -> sa.Select[Matter]:
    """Select the newest matters of ``wanted`` (criteria alone, no order) that the actor may know of.

    A union of one range for each principal, each in the order of its index: it costs what the page costs, not
    what the actor has.
    """
    key: tuple[Any, Any] = (Matter.opened_at, Matter.id)
    if actor.may("*") or actor.may("see_all_matters"):
        return _page(wanted.where(visible_to(actor)), *key, most=most, after=after)
    nothing_denies = _nothing_denies(actor)
    ranges: list[sa.Select[Any]] = []
    for principal in actor.principals:
        own = wanted.join(MatterAccess, MatterAccess.matter_id == Matter.id)
        own = own.where(MatterAccess.principal == principal, nothing_denies)
        ranges.append(_page(own, MatterAccess.opened_at, MatterAccess.matter_id, most=most, after=after))
    exceptions = _by_exception(actor)
    others = [*([Matter.id.in_(sa.union_all(*exceptions))] if exceptions else []), *_of_units(actor)]
    ranges += [_page(wanted.where(other, nothing_denies), *key, most=most, after=after) for other in others]
    keys = [part.with_only_columns(part.selected_columns.opened_at, part.selected_columns.id) for part in ranges]
    merged = sa.union_all(*(sa.select(part.subquery()) for part in keys)).subquery()
    first = sa.select(merged.c.opened_at, merged.c.id).distinct()
    first_keys = first.order_by(merged.c.opened_at.desc(), merged.c.id.desc()).limit(most).subquery()
    return (
        sa.select(Matter)
        .join(first_keys, first_keys.c.id == Matter.id)
        .order_by(Matter.opened_at.desc(), Matter.id.desc())
    )


def _page(
    query: sa.Select[Matter],
    opened_at: Any,
    matter_id: Any,
    *,
    most: sa.BindParameter[int],
    after: tuple[datetime, UUID] | None,
) -> sa.Select[Matter]:
    if after:
        types = [Matter.opened_at.type, Matter.id.type]
        query = query.where(sa.tuple_(opened_at, matter_id) < sa.tuple_(*after, types=types))
    return query.order_by(opened_at.desc(), matter_id.desc()).limit(most)


def reasons(actor: Actor) -> sa.CompoundSelect[UUID]:
    """Select the matters that the actor has a reason to see, ``see_all_matters`` aside, once for each reason.

    Nothing is denied here: whatever is found by this is still to be asked about.
    """
    return sa.union_all(_own(actor), *_by_exception(actor), *_in_units(actor))


def has_more_than(number: int | sa.BindParameter[int], actor: Actor) -> sa.ColumnElement[bool]:
    """Say whether the actor has reasons for more matters than so many, ``see_all_matters`` aside; counted no further.

    Nothing is denied here, and a matter counts once for each reason: it chooses between ways to read a list.
    """
    some = sa.select(reasons(actor).subquery().c[0]).limit(number + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery() > number


@once
def denied_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: what the actor may not know of, whatever reason they have."""
    if actor.may("*"):
        return sa.false()
    if isinstance(actor, Told):
        return _told_denials(actor)
    return sa.or_(walls.walled_off(actor), *_denials(actor))


@once
def denied_numbers(actor: Actor) -> sa.CompoundSelect[Any]:
    """Select the numbers of the matters and enquiries that the actor may not know of; none of them is NULL."""
    if actor.may("*"):
        return sa.union_all(sa.select(Matter.number).where(sa.false()))
    numbers: list[sa.Select[Any]] = []
    # What is one's own is gathered: it is little, where asking of every restricted matter is thousands of look-ups.
    own = Matter.id.in_(sa.select(MatterAccess.matter_id).where(MatterAccess.principal == actor.principals[0]))
    for denial in (sa.and_(IS_RESTRICTED, sa.not_(own)), _is_of_denied_client(actor)):
        numbers += [
            sa.select(Matter.number).where(denial),
            sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), denial),
        ]
    return sa.union_all(*numbers, *walls.walled_off_business_keys(actor).selects)


def is_guarded(business_key: sa.SQLColumnExpression[str | None]) -> sa.ColumnElement[bool]:
    """Say whether anybody at all could be denied the matter or enquiry with this number.

    Where it is false, and it mostly is, nobody has to be looked up: it names no person, so that a hot path can ask it
    along with what it reads anyway.
    """
    matter, up = aliased(Matter), sa.select(Wall.id).where(Wall.state == "up")
    denied_clients = sa.select(RightRule.client_party_id).where(
        RightRule.effect == "deny", RightRule.client_party_id.is_not(None)
    )
    scope = sa.select(WallScope.id).where(WallScope.wall_id.in_(up))
    # Few walls stand around enquiries: those numbers are gathered.
    walled = sa.select(WallScope.enquiry_number).where(WallScope.wall_id.in_(up), WallScope.enquiry_number.is_not(None))
    around = (
        sa.exists(scope.where(WallScope.matter_id == matter.id)),
        sa.exists(scope.where(WallScope.client_party_id == matter.client_party_id)),
        sa.and_(matter.enquiry_number.is_not(None), matter.enquiry_number.in_(walled)),
    )
    guarded = sa.select(matter.id).where(
        sa.or_(
            matter.confidentiality != "ordinary",
            matter.client_party_id.in_(denied_clients),
            *around,
        )
    )
    # One each: over an OR of the two numbers SQLite reads every restricted matter.
    of_matter = [
        sa.exists(guarded.where(matter.number == business_key)),
        sa.exists(guarded.where(matter.enquiry_number.is_not(None), matter.enquiry_number == business_key)),
    ]
    of_enquiry = sa.func.coalesce(business_key, "").in_(walled)
    return sa.or_(*of_matter, of_enquiry)


def guards() -> dict[str, sa.Select[UUID]]:
    """Select what could keep anybody from anything, reason by reason, each read by an index."""
    return {
        "restricted": sa.select(Matter.id).where(IS_RESTRICTED),
        "walled": sa.select(Wall.id).where(Wall.state == "up"),
        "ruled": sa.select(RightRule.id).where(RightRule.effect == "deny", RightRule.client_party_id.is_not(None)),
    }


def is_anything_guarded() -> sa.ColumnElement[bool]:
    """Say whether ``denied_numbers`` could have anything for anybody."""
    return sa.or_(*(sa.exists(reason) for reason in guards().values()))


@once
def own_numbers(actor: Actor) -> sa.Select[str]:
    """Select the numbers of the matters that the actor has as their own: by team or by open work. Nothing is denied."""
    return sa.select(MatterAccess.number).where(MatterAccess.principal.in_(actor.principals)).correlate(None)


def numbers_by_rule(actor: Actor) -> sa.CompoundSelect[str]:
    """Select the numbers of matters that a right, a rule, an emergency or their unit opens to the actor, no team.

    Nothing is denied here.
    """
    matter = aliased(Matter)
    if actor.may("see_all_matters"):
        return sa.union_all(sa.select(matter.number).correlate(None))
    few = [*_by_exception(actor), *_in_units(actor)] or [sa.select(matter.id).where(sa.false())]
    return sa.union_all(*(sa.select(matter.number).where(matter.id.in_(one)).correlate(None) for one in few))


def on_team(actor: Actor) -> sa.Select[UUID]:
    """Select the matters to whose team the actor belongs."""
    mine = sa.and_(MatterMember.username == actor.username, MatterMember.until.is_(None))
    return sa.select(MatterMember.matter_id).where(mine).correlate(None)


def _is_own(principals: list[str], *, is_each: bool = False) -> sa.ColumnElement[bool]:
    """Say whether a principal has the matter; where nothing else could be a reason PostgreSQL has to be told how."""
    mine = sa.and_(MatterAccess.matter_id == Matter.id, MatterAccess.principal.in_(principals))
    rows = sa.select(_ONE).select_from(MatterAccess).where(mine).correlate(Matter)
    return sa.exists(each(rows) if is_each else rows)


def _by_exception(actor: Actor) -> list[sa.Select[UUID]]:
    return [*_of_clients(actor), *_in_emergency(actor)]


@once
def _of_clients(actor: Actor) -> list[sa.Select[UUID]]:
    """Select the matters of the few clients that a rule opens."""
    of_client = aliased(Matter)
    rows = sa.select(of_client.id).correlate(None)
    return [rows.where(of_client.client_party_id.in_(allowed)) for allowed in allowed_clients(actor)]


def allowed_clients(actor: Actor) -> list[sa.Select[Any]]:
    """Select the clients whose matters a rule opens; nothing at all for whom none is told."""
    if isinstance(actor, Told):
        return told.ids(actor, told.OPENED, told.OPENED_CLIENTS)
    return [rights.clients(actor, "allow")]


def denied_clients(actor: Actor) -> list[sa.Select[Any]]:
    """Select the clients whose every matter a wall or a rule denies; nothing at all for whom none is told."""
    if isinstance(actor, Told):
        return told.ids(actor, told.DENIED, told.DENIED_CLIENTS)
    return [walls.walled_off_clients(actor), rights.clients(actor, "deny")]


def _in_emergency(actor: Actor) -> list[sa.Select[UUID]]:
    """Select the matters that the actor opened for a while with a reason; it counts until it ends."""
    if isinstance(actor, Told):
        return told.ids(actor, told.OPENED, told.OPENED_MATTERS)
    running = sa.and_(EmergencyAccess.username == actor.username, EmergencyAccess.ended_at.is_(None))
    # Nobody knows whether it has ended where nobody knows the time.
    in_time = sa.false() if actor.at is None else EmergencyAccess.until > actor.at
    return [sa.select(EmergencyAccess.matter_id).where(running, in_time).correlate(None)]


@once
def _own(actor: Actor) -> sa.Select[UUID]:
    return sa.select(MatterAccess.matter_id).where(MatterAccess.principal.in_(actor.principals)).correlate(None)


@once
def _is_own_or_of_client(actor: Actor) -> sa.ColumnElement[bool]:
    of_clients = (Matter.id.in_(one) for one in _of_clients(actor))
    return sa.or_(_is_own(actor.principals, is_each=isinstance(actor, Told)), *of_clients, *_of_units(actor))


@once
def _nothing_denies(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.not_(denied_to(actor))


@once
def _of_units(actor: Actor) -> list[sa.ColumnElement[bool]]:
    return [Matter.org_unit_id.in_(units) for units in _units(actor)]


@once
def _in_units(actor: Actor) -> list[sa.Select[UUID]]:
    of_unit = aliased(Matter)
    rows = sa.select(of_unit.id).correlate(None)
    return [rows.where(gathered(of_unit.org_unit_id, units)) for units in _units(actor)]


def _units(actor: Actor) -> list[sa.Select[UUID]]:
    if isinstance(actor, Told):
        return told.ids(actor, told.UNITS, told.OPENED_UNITS)
    return [rights.units_below(actor)] if actor.may("see_unit_matters") else []


def _told_denials(actor: Told) -> sa.ColumnElement[bool]:
    said = [sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor.principals[:1])))] if told.RESTRICTED in actor.kinds else []
    said += [Matter.id.in_(one) for one in told.ids(actor, told.DENIED, told.DENIED_MATTERS)]
    said += [Matter.client_party_id.in_(one) for one in denied_clients(actor)]
    numbers = told.texts(actor, told.DENIED, told.DENIED_ENQUIRIES)
    said += [sa.func.coalesce(Matter.enquiry_number, "").in_(one) for one in numbers]
    return sa.or_(*said) if said else sa.false()


def _denials(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return what denies a matter beside the walls, reason by reason: each alone is read by an index.

    Team and tasks in hand are rows of the person's own principal: they are the need to know.
    """
    without_need = sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor.principals[:1])))
    return [without_need, _is_of_denied_client(actor)]


def _is_of_denied_client(actor: Actor) -> sa.ColumnElement[bool]:
    return Matter.client_party_id.in_(rights.clients(actor, "deny"))
