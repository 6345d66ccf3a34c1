"""Contact points (read side): masked, found by digest, seen by whoever may see the party."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from practice.contacts import sealing, values
from practice.contacts.errors import ContactPointNotFound
from practice.contacts.models import ContactPoint, Unmasking
from practice.parties import queries as parties
from practice.parties.models import Party

_OF_PARTY: Final = (
    sa.select(ContactPoint)
    .where(ContactPoint.party_id == sa.bindparam("party_id"))
    .order_by(ContactPoint.retired_at.is_not(None), ContactPoint.kind, ContactPoint.id)
)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``ContactPoint``: those of parties that the actor may see. The value is in none of them."""
    return parties.exists_for(actor, ContactPoint.party_id)


def get(session: Session, contact_point_id: UUID, *, actor: Actor) -> ContactPoint:
    """Return the contact point; for people whom its party does not concern there is none."""
    point = session.scalar(sa.select(ContactPoint).where(ContactPoint.id == contact_point_id, visible_to(actor)))
    if point is None:
        raise ContactPointNotFound(str(contact_point_id))
    return point


def of_party(session: Session, party: Party) -> list[ContactPoint]:
    """Return how to reach a party that the caller has found visible; those in use first."""
    return list(session.scalars(_OF_PARTY, {"party_id": party.id}))


def parties_with(session: Session, kind: str, value: str) -> list[tuple[UUID, ContactPoint]]:
    """Return the parties that can be reached under a value, without opening any: for the conflict check.

    A telephone number is the same with and without the country's code. No person's rights are asked.
    """
    checked = values.checked(kind, value)
    same = ContactPoint.digest == sealing.digest(values.family(kind), checked.normalised)
    if checked.tail:
        same = sa.or_(same, ContactPoint.tail_digest == sealing.digest("tail", checked.tail))
    query = sa.select(ContactPoint).where(same, ContactPoint.party_id.is_not(None)).order_by(ContactPoint.id)
    return [(point.party_id, point) for point in session.scalars(query) if point.party_id is not None]


def parties_sharing(session: Session, codes: Collection[str] = (), *, party_id: UUID | None = None) -> set[UUID]:
    """Return the parties that can be reached as these contact points, or as this party, can: for the conflict check.

    What is no longer in use counts as well: it says who somebody was. No person's rights are asked.
    """
    theirs = aliased(ContactPoint)
    of_these = [theirs.code.in_(sorted(codes))] if codes else []
    of_these += [theirs.party_id == party_id] if party_id is not None else []
    if not of_these:
        return set()
    query = (
        sa.select(ContactPoint.party_id)
        .join(theirs, sa.or_(ContactPoint.digest == theirs.digest, ContactPoint.tail_digest == theirs.tail_digest))
        .where(sa.or_(*of_these), ContactPoint.party_id.is_not(None))
        .distinct()
    )
    return {found for found in session.scalars(query) if found is not None and found != party_id}


def look_up(session: Session, kind: str, value: str, *, actor: Actor) -> list[Party]:
    """Return the visible parties that can be reached under a value: who is calling?"""
    found = {party_id for party_id, _ in parties_with(session, kind, value)}
    seen = parties.by_ids(session, found, actor=actor)
    return sorted(seen.values(), key=lambda party: (party.created_at, party.id))


def unmaskings(
    session: Session, *, actor: Actor, may_consent: bool, now: datetime, person: str | None = None, limit: int = 100
) -> list[tuple[Unmasking, ContactPoint, Party]]:
    """Return one's own requests and, for whoever may consent, those of colleagues; the latest first."""
    whose = Unmasking.requested_by == actor.username
    if may_consent:
        waiting = sa.and_(Unmasking.state == "requested", Unmasking.expires_at > now)
        whose = sa.or_(whose, waiting, Unmasking.decided_by == actor.username)
    query = (
        sa.select(Unmasking, ContactPoint, Party)
        .join(ContactPoint, ContactPoint.id == Unmasking.contact_point_id)
        .join(Party, Party.id == ContactPoint.party_id)
        .where(whose, visible_to(actor))
        .order_by(Unmasking.requested_at.desc(), Unmasking.id.desc())
        .limit(limit)
    )
    if person:
        query = query.where(Unmasking.requested_by == person)
    return [(row, point, party) for row, point, party in session.execute(query)]


def unmasking(
    session: Session, unmasking_id: UUID, *, actor: Actor, may_consent: bool
) -> tuple[Unmasking, ContactPoint] | None:
    """Return one request that is the actor's own or theirs to decide."""
    row = session.get(Unmasking, unmasking_id)
    if row is None or not (may_consent or row.requested_by == actor.username):
        return None
    point = session.scalar(sa.select(ContactPoint).where(ContactPoint.id == row.contact_point_id, visible_to(actor)))
    return (row, point) if point is not None else None


def state_of(row: Unmasking, now: datetime) -> str:
    """Return a request's state; one that waited too long has lapsed."""
    return "lapsed" if row.state in ("requested", "approved") and row.expires_at <= now else row.state
