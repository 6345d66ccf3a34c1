"""Rules about single clients and kinds of event: pieces of queries, nothing is loaded here."""

from uuid import UUID

import sqlalchemy as sa

from engine.actor import Actor
from practice.organisation.models import OrgUnitReach, StaffRecord
from practice.rights.models import RightRule


def units_above(actor: Actor) -> sa.Select[UUID]:
    """Select the unit that the actor works in and every unit above it."""
    return (
        sa.select(OrgUnitReach.ancestor_id)
        .join(StaffRecord, StaffRecord.org_unit_id == OrgUnitReach.unit_id)
        .where(StaffRecord.username == actor.username)
        .correlate(None)
    )


def units_below(actor: Actor) -> sa.Select[UUID]:
    """Select the unit that the actor works in and every unit under it."""
    return (
        sa.select(OrgUnitReach.unit_id)
        .join(StaffRecord, StaffRecord.org_unit_id == OrgUnitReach.ancestor_id)
        .where(StaffRecord.username == actor.username)
        .correlate(None)
    )


def applies_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``RightRule``: those whose every condition the actor meets."""
    mine = sa.and_(StaffRecord.username == actor.username, StaffRecord.post.is_not(None))
    posts = sa.select(StaffRecord.post).where(mine).correlate(None)
    return sa.and_(
        sa.or_(RightRule.username.is_(None), RightRule.username == actor.username),
        sa.or_(RightRule.group_name.is_(None), RightRule.group_name.in_(sorted(actor.groups))),
        sa.or_(RightRule.org_unit_id.is_(None), RightRule.org_unit_id.in_(units_above(actor))),
        sa.or_(RightRule.post.is_(None), RightRule.post.in_(posts)),
    )


def clients(actor: Actor, effect: str, action: str = "read") -> sa.Select[UUID | None]:
    """Select the clients whose matters a rule allows or denies the actor as a whole."""
    said = sa.and_(RightRule.client_party_id.is_not(None), RightRule.event_kind.is_(None), RightRule.effect == effect)
    rules = sa.select(RightRule.client_party_id).where(said, RightRule.action == action, applies_to(actor))
    return rules.correlate(None)
