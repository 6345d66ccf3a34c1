"""How much somebody may see: what tells which way of asking is the short one."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.matters.access import MatterAccess
from practice.matters.models import Matter
from practice.rights import queries as rights

#: Up to so many matters are sooner gathered than met among all in their order.
FEW: Final = 3_000


def has_few(session: Session, actor: Actor) -> bool:
    """Say whether the matters that the actor may see are soon gathered; nothing depends on it but the time it takes."""
    if actor.may("*") or actor.may("see_all_matters"):
        return False
    ranges = [sa.select(MatterAccess.matter_id).where(MatterAccess.principal == one) for one in actor.principals]
    if actor.may("see_unit_matters"):
        ranges.append(sa.select(Matter.id).where(Matter.org_unit_id.in_(rights.units_below(actor))))
    ranges.append(sa.select(Matter.id).where(Matter.client_party_id.in_(rights.clients(actor, "allow"))))
    some = sa.union_all(*(sa.select(one.limit(FEW + 1).subquery()) for one in ranges)).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= FEW
