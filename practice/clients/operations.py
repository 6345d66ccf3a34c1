"""Becoming a client of the firm, and what the firm agrees with one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.clients import queries
from practice.clients.models import Client
from practice.errors import VariableInvalid
from practice.leads import operations as leads
from practice.leads.models import Lead
from practice.parties import queries as parties
from practice.parties import records
from practice.parties.models import Party
from practice.sequences.operations import next_number


def engage(session: Session, party: Party, *, source: str | None = None, by: Actor, now: datetime) -> Client:
    """Make a party a client of the firm, when it is none; an open lead of theirs is won and says where they came from.

    The caller holds the party's row locked.
    """
    known = session.scalar(sa.select(Client).where(Client.party_id == party.id))
    if known is not None:
        return known
    lead = session.scalar(
        sa.select(Lead).where(Lead.party_id == party.id, Lead.closed_at.is_(None)).order_by(Lead.received_at.desc())
    )
    client = Client(
        number=f"C-{now.year}-{next_number(session, 'client', year=now.year):04d}",
        party_id=party.id,
        source=lead.source if lead else source,
        originator=lead.originator if lead else None,
        since=now,
        created_by=by.username,
    )
    session.add(client)
    session.flush()
    audit.append(session, "client", client.number, "client_engaged", by=by, now=now, after=_facts(client))
    if lead is not None:
        leads.win(session, lead, by=by, now=now)
    return client


def revise(
    session: Session,
    number: str,
    *,
    segment: str | None = None,
    contact_every_days: int | None = None,
    contact_party_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Client:
    """Change what the firm agreed with a client; None leaves a field as it is, an empty segment empties it.

    Raises:
        RightMissing, ClientNotFound, PartyNotFound, VariableInvalid.
    """
    records.require_right(by)
    client = queries.get_by_number(session, number, actor=by)
    session.refresh(client, with_for_update=True)
    before = _facts(client)
    if segment is not None:
        if len(segment) > 60 or "\0" in segment:  # noqa: PLR2004 - the column's width
            raise VariableInvalid("segment", segment[:80])
        client.segment = " ".join(segment.split()) or None
    if contact_every_days is not None:
        if not 1 <= contact_every_days <= 3660:  # noqa: PLR2004 - ten years
            raise VariableInvalid("contact_every_days", str(contact_every_days))
        client.contact_every_days = contact_every_days
    if contact_party_id is not None:
        client.contact_party_id = parties.get(session, contact_party_id, actor=by).id
    session.flush()
    after = _facts(client)
    if after != before:
        audit.append(session, "client", number, "client_revised", by=by, now=now, before=before, after=after)
    return client


def _facts(client: Client) -> dict[str, Any]:
    return {
        "party_id": str(client.party_id),
        "segment": client.segment,
        "contact_every_days": client.contact_every_days,
        "contact_party_id": None if client.contact_party_id is None else str(client.contact_party_id),
        "source": client.source,
        "originator": client.originator,
    }
