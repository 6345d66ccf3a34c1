"""Who may see which matter: the one place that says so, as pieces of queries.

**Somebody sees a matter** when one of these gives a reason and nothing denies it.

Reasons:

- they belong to its team at the instant of asking (``MatterMember``: ``since <= at < until``);
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

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from engine.actor import Actor
from practice import access
from practice.accesses.models import EmergencyAccess
from practice.matters.models import Matter, MatterMember
from practice.rights import queries as rights
from practice.rights.models import RightRule
from practice.walls import queries as walls
from practice.walls.models import Wall, WallScope


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: what the actor may know of (see the module for the rule).

    Each part is a subquery of its own that does not depend on the row at hand, so the database evaluates it
    once: a page costs what the person's own matters cost, not the firm's.
    """
    if actor.may("*"):
        return sa.true()
    nothing_denies = sa.not_(denied_to(actor))
    if actor.may("see_all_matters"):
        return nothing_denies
    return sa.and_(Matter.id.in_(_reasons(actor)), nothing_denies)


def denied_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: what the actor may not know of, whatever reason they have."""
    if actor.may("*"):
        return sa.false()
    return sa.or_(walls.walled_off(actor), *_denials(actor))


def denied_numbers(actor: Actor) -> sa.CompoundSelect[Any]:
    """Select the numbers of the matters and enquiries that the actor may not know of; none of them is NULL."""
    if actor.may("*"):
        return sa.union_all(sa.select(Matter.number).where(sa.false()))
    numbers: list[sa.Select[Any]] = []
    for denial in _denials(actor):
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
    around = sa.select(WallScope.id).where(
        WallScope.wall_id.in_(up),
        sa.or_(
            WallScope.matter_id == matter.id,
            WallScope.client_party_id == matter.client_party_id,
            WallScope.enquiry_number == matter.enquiry_number,
        ),
    )
    of_matter = sa.exists(
        sa.select(matter.id).where(
            sa.or_(matter.number == business_key, matter.enquiry_number == business_key),
            sa.or_(
                matter.confidentiality != "ordinary",
                matter.client_party_id.in_(denied_clients),
                sa.exists(around),
            ),
        )
    )
    of_enquiry = sa.exists(
        sa.select(WallScope.id).where(WallScope.wall_id.in_(up), WallScope.enquiry_number == business_key)
    )
    return sa.or_(of_matter, of_enquiry)


def on_team(actor: Actor) -> sa.Select[UUID]:
    """Select the matters to whose team the actor belongs at the instant of asking."""
    mine = sa.select(MatterMember.matter_id).where(MatterMember.username == actor.username).correlate(None)
    if actor.at is None:
        return mine.where(MatterMember.until.is_(None))
    return mine.where(
        MatterMember.since <= actor.at, sa.or_(MatterMember.until.is_(None), MatterMember.until > actor.at)
    )


def _reasons(actor: Actor) -> sa.CompoundSelect[UUID]:
    worked_on, of_unit, of_client = aliased(Matter), aliased(Matter), aliased(Matter)
    reasons = [
        on_team(actor),
        sa.select(worked_on.id).where(worked_on.number.in_(access.business_keys_with_open_work_for(actor))),
        sa.select(of_client.id).where(of_client.client_party_id.in_(rights.clients(actor, "allow"))),
        _opened_in_emergency(actor),
    ]
    if actor.may("see_unit_matters"):
        reasons.append(sa.select(of_unit.id).where(of_unit.org_unit_id.in_(rights.units_below(actor))))
    return sa.union_all(*reasons)


def _denials(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return what denies a matter beside the walls, reason by reason: each alone is read by an index."""
    without_need = sa.and_(
        Matter.confidentiality != "ordinary",
        Matter.id.not_in(on_team(actor)),
        Matter.number.not_in(access.business_keys_with_own_work_of(actor)),
    )
    return [without_need, Matter.client_party_id.in_(rights.clients(actor, "deny"))]


def _opened_in_emergency(actor: Actor) -> sa.Select[UUID]:
    """Select the matters that the actor opened for a while with a reason; it counts until it ends."""
    found = sa.select(EmergencyAccess.matter_id).where(
        EmergencyAccess.username == actor.username, EmergencyAccess.ended_at.is_(None)
    )
    return found.where(sa.false() if actor.at is None else EmergencyAccess.until > actor.at)
