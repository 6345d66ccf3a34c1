"""Who is in a matter and on which side: the one way in and out (``conflicts`` checks again after each)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.conflicts import operations as conflicts
from practice.directories import queries as directories
from practice.errors import VariableInvalid
from practice.matters.errors import ClientIsNeeded, MatterPartyNotFound, PartyAlreadyThere
from practice.matters.guards import writable
from practice.matters.models import PARTY_ROLES, SIDES, Matter, MatterParty
from practice.matters.searching import search_text_of
from practice.parties.facts import one_named
from practice.parties.models import Party
from practice.parties.operations import known_or_new
from practice.variables import Variables, needed_text, text


def add_party(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> MatterParty:
    """Put a party into a matter.

    ``facts``: ``name`` (needed), ``role`` (``opponent`` or ``other``, or ``client`` for another one),
    ``side`` (what the role implies when missing) and ``capacity`` (key in the directory ``party_capacity``).

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, VariableMissing, VariableInvalid, EntryUnknown,
        PartyAlreadyThere, and what the conflict check of the new name refuses.
    """
    matter = writable(session, number, by=by)
    role = text(facts, "role", longest=10) or "other"
    if role not in PARTY_ROLES:
        raise VariableInvalid("role", role)
    side = text(facts, "side", longest=10)
    if side is not None and side not in SIDES:
        raise VariableInvalid("side", side)
    capacity = directories.chosen(session, "party_capacity", text(facts, "capacity", longest=60), field="capacity")
    one = one_named(needed_text(facts, "name"), role, "name")
    party = known_or_new(session, [one], by=by, now=now)[one.normalised]
    if session.get(MatterParty, (matter.id, party.id, role)) is not None:
        raise PartyAlreadyThere(number, party.name, role)
    # The party's row is locked by now, so that what is found stays true until the transaction ends.
    conflicts.require_no_absolute(session, number, [one], matter=number)
    row = MatterParty(
        matter_id=matter.id, party_id=party.id, role=role, side=side, capacity_id=capacity.id if capacity else None
    )
    session.add(row)
    if role == "opponent" and matter.opponent_name is None:
        matter.opponent_name = one.written
        matter.title = f"{matter.client_name} – {one.written}"[:620]
        matter.search_text = search_text_of(matter)
    session.flush()
    _changed(session, matter, "party_added", after=_facts(party, row), by=by, now=now)
    return row


def remove_party(
    session: Session, number: str, party_id: UUID, *, role: str | None = None, by: Actor, now: datetime
) -> None:
    """Take a party out of a matter; the audit trail keeps that it was there.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, MatterPartyNotFound.
        ClientIsNeeded: it is the client that the matter is kept for.
    """
    matter = writable(session, number, by=by)
    query = sa.select(MatterParty).where(MatterParty.matter_id == matter.id, MatterParty.party_id == party_id)
    rows = [row for row in session.scalars(query) if role is None or row.role == role]
    if not rows:
        raise MatterPartyNotFound(number, str(party_id))
    if any(row.role == "client" and row.party_id == matter.client_party_id for row in rows):
        raise ClientIsNeeded(number)
    party = session.get_one(Party, party_id)
    for row in rows:
        session.delete(row)
        session.flush()
        _changed(session, matter, "party_removed", before=_facts(party, row), by=by, now=now)
    _name_opponent(session, matter)


def _name_opponent(session: Session, matter: Matter) -> None:
    """Name an opponent who is still there, when the one in the title is gone."""
    query = (
        sa.select(Party.name)
        .join(MatterParty, MatterParty.party_id == Party.id)
        .where(MatterParty.matter_id == matter.id, MatterParty.role == "opponent")
        .order_by(Party.created_at, Party.id)
    )
    names = list(session.scalars(query))
    if matter.opponent_name is not None and matter.opponent_name not in names:
        matter.opponent_name = names[0] if names else None
        matter.title = (f"{matter.client_name} – {names[0]}" if names else matter.client_name)[:620]
        matter.search_text = search_text_of(matter)
        session.flush()


def _changed(
    session: Session,
    matter: Matter,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Record a change of the parties, and check for conflicts again."""
    audit.append(session, "matter", matter.number, kind, by=by, now=now, before=before, after=after)
    conflicts.recheck_matter(session, matter.number, trigger="party_change", by=by, now=now)


def _facts(party: Party, row: MatterParty) -> dict[str, Any]:
    return {
        "party_id": str(party.id),
        "name": party.name,
        "role": row.role,
        "side": row.stands,
        "capacity_id": str(row.capacity_id) if row.capacity_id else None,
    }
