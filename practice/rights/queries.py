"""Rules about single clients and kinds of event, as pieces of queries; and the rules and proposals themselves.

A rule about a kind of event is about the kinds below it in the directory too. What denies beats what allows.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.errors import RightMissing
from practice.directories.models import DirectoryEntry
from practice.events.models import Event
from practice.matters.models import Matter
from practice.organisation.models import OrgUnitReach, StaffRecord
from practice.pieces import once
from practice.rights.models import RightRule, RightsChange


@once
def units_above(actor: Actor) -> sa.Select[UUID]:
    """Select the unit that the actor works in and every unit above it."""
    return (
        sa.select(OrgUnitReach.ancestor_id)
        .join(StaffRecord, StaffRecord.org_unit_id == OrgUnitReach.unit_id)
        .where(StaffRecord.username == actor.username)
        .correlate(None)
    )


@once
def units_below(actor: Actor) -> sa.Select[UUID]:
    """Select the unit that the actor works in and every unit under it."""
    return (
        sa.select(OrgUnitReach.unit_id)
        .join(StaffRecord, StaffRecord.org_unit_id == OrgUnitReach.ancestor_id)
        .where(StaffRecord.username == actor.username)
        .correlate(None)
    )


@once
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


@once
def clients(actor: Actor, effect: str, action: str = "read") -> sa.Select[UUID | None]:
    """Select the clients whose matters a rule allows or denies the actor as a whole."""
    said = sa.and_(RightRule.client_party_id.is_not(None), RightRule.event_kind.is_(None), RightRule.effect == effect)
    rules = sa.select(RightRule.client_party_id).where(said, RightRule.action == action, applies_to(actor))
    return rules.correlate(None)


@once
def event_kinds(actor: Actor, effect: str, action: str) -> sa.Select[UUID]:
    """Select the kinds of event (entries of the directory) that a rule for all clients allows or denies the actor."""
    return _kinds(actor, effect, action).where(RightRule.client_party_id.is_(None)).correlate(None)


def event_kinds_of_client(actor: Actor, effect: str, action: str, client_party_id: UUID) -> sa.Select[UUID]:
    """Select the kinds of event that a rule about one client allows or denies the actor."""
    return _kinds(actor, effect, action).where(RightRule.client_party_id == client_party_id).correlate(None)


def event_denied(actor: Actor, action: str = "read", *, event: Any = Event) -> sa.ColumnElement[bool]:
    """Filter on ``Event``: a rule denies the actor this action for its kind, everywhere or for its client.

    With ``event``, on the columns of a subquery that has its ``matter_id`` and ``kind_id``.
    """
    return _said_of_event(actor, "deny", action, event)


def event_allowed(actor: Actor, action: str = "read", *, event: Any = Event) -> sa.ColumnElement[bool]:
    """Filter on ``Event``: a rule allows the actor this action for its kind, everywhere or for its client.

    It opens kinds of event that ask for a named right to those who lack the right.
    """
    return _said_of_event(actor, "allow", action, event)


def rules(session: Session, *, actor: Actor) -> list[RightRule]:
    """Return every rule, the newest first, for who proposes or decides about rights, or reads the audit trail."""
    require_reader(actor)
    return list(session.scalars(sa.select(RightRule).order_by(RightRule.created_at.desc(), RightRule.id.desc())))


def changes(
    session: Session,
    *,
    actor: Actor,
    state: str | None = None,
    subject: str | None = None,
    kind: str | None = None,
    limit: int = 100,
) -> list[RightsChange]:
    """Return proposals, the newest first; people without the right to read them see those about themselves."""
    query = sa.select(RightsChange).order_by(RightsChange.proposed_at.desc(), RightsChange.id.desc()).limit(limit)
    if not is_reader(actor):
        query = query.where(RightsChange.subject == actor.username)
    if state:
        query = query.where(RightsChange.state == state)
    if subject:
        query = query.where(RightsChange.subject == subject)
    if kind:
        query = query.where(RightsChange.kind == kind)
    return list(session.scalars(query))


def is_reader(actor: Actor) -> bool:
    """Say whether the actor may read every rule and proposal."""
    return any(actor.may(right) for right in ("propose_rights_changes", "approve_rights_changes", "see_audit"))


def require_reader(actor: Actor) -> None:
    """Refuse whoever has nothing to do with rights."""
    if not is_reader(actor):
        raise RightMissing("propose_rights_changes", actor.username)


def _said_of_event(actor: Actor, effect: str, action: str, event: Any) -> sa.ColumnElement[bool]:
    if actor.may("*"):
        return sa.literal(effect == "allow")
    return sa.or_(
        event.kind_id.in_(event_kinds(actor, effect, action)),
        sa.tuple_(event.matter_id, event.kind_id).in_(_matters_and_kinds(actor, effect, action)),
    )


@once
def _matters_and_kinds(actor: Actor, effect: str, action: str) -> sa.Select[UUID, UUID]:
    """Select pairs of a matter and a kind of event of which a rule about its client says so; mostly there are none."""
    matter, kind = aliased(Matter), aliased(DirectoryEntry)
    pairs = _kinds(actor, effect, action, kind).join(matter, matter.client_party_id == RightRule.client_party_id)
    return pairs.with_only_columns(matter.id, kind.id).correlate(None)


def _kinds(actor: Actor, effect: str, action: str, kind: type[DirectoryEntry] | None = None) -> sa.Select[Any]:
    named, kind = aliased(DirectoryEntry), kind or aliased(DirectoryEntry)
    is_below = sa.func.substr(kind.path, 1, sa.func.length(named.path)) == named.path
    return (
        sa.select(kind.id)
        .select_from(RightRule)
        .join(named, sa.and_(named.directory == "event_kind", named.key == RightRule.event_kind))
        .join(kind, sa.and_(kind.directory == "event_kind", is_below))
        .where(RightRule.effect == effect, RightRule.action == action, applies_to(actor))
    )
