"""Receiving leads and finding out what becomes of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.enquiries import queries as enquiries
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.leads import queries
from practice.leads.errors import LeadClosed
from practice.leads.models import FINAL_STATES, SOURCES, Lead
from practice.parties import queries as parties
from practice.parties import records
from practice.people import queries as people
from practice.sequences.operations import next_number


def receive(
    session: Session,
    party_id: UUID,
    source: str,
    *,
    originator: str | None = None,
    originator_party_id: UUID | None = None,
    topic: str | None = None,
    region: str | None = None,
    by: Actor,
    now: datetime,
) -> Lead:
    """Record that a party may become a client: how they came, and who brought them.

    Raises:
        RightMissing, PartyNotFound, PartyIsMerged, VariableInvalid, NotAnActivePerson.
    """
    party = records.changeable(session, party_id, by=by)
    if source not in SOURCES:
        raise VariableInvalid("source", source[:40])
    colleague = people.by_username(session, originator) if originator else None
    if originator and (colleague is None or not colleague.is_active):
        raise NotAnActivePerson("originator", originator[:80])
    if originator_party_id is not None:
        parties.get(session, originator_party_id, actor=by)
    lead = Lead(
        number=f"LD-{now.year}-{next_number(session, 'lead', year=now.year):04d}",
        party_id=party.id,
        source=source,
        originator=colleague.username if colleague else None,
        originator_party_id=originator_party_id,
        topic=_text("topic", topic, 300),
        region=_text("region", region, 100),
        state="new",
        received_at=now,
        received_by=by.username,
    )
    session.add(lead)
    session.flush()
    audit.append(session, "lead", lead.number, "lead_received", by=by, now=now, after=_facts(lead))
    return lead


def contacted(session: Session, number: str, *, by: Actor, now: datetime) -> Lead:
    """Say that somebody spoke to them; again changes nothing."""
    lead = _open(session, number, by)
    return _move(session, lead, "contacted", by, now) if lead.state == "new" else lead


def enquired(session: Session, number: str, enquiry_number: str, *, by: Actor, now: datetime) -> Lead:
    """Say which enquiry the lead became.

    Raises:
        LeadNotFound, LeadClosed, EnquiryNotFound.
    """
    lead = _open(session, number, by)
    lead.enquiry_number = enquiries.get_by_number(session, enquiry_number, actor=by).number
    return _move(session, lead, "enquired", by, now)


def lose(session: Session, number: str, *, reason: str, by: Actor, now: datetime) -> Lead:
    """Say that nothing comes of it, and why."""
    lead = _open(session, number, by)
    said = _text("reason", reason, 300)
    if said is None:
        raise VariableMissing("reason")
    lead.lost_reason, lead.closed_at = said, now
    return _move(session, lead, "lost", by, now)


def win(session: Session, lead: Lead, *, by: Actor, now: datetime) -> Lead:
    """Say that they became a client: what opening a matter for them does."""
    if lead.state in FINAL_STATES:
        raise LeadClosed(lead.number, lead.state)
    lead.closed_at = now
    return _move(session, lead, "won", by, now)


def _open(session: Session, number: str, by: Actor) -> Lead:
    records.require_right(by)
    lead = queries.get_by_number(session, number, actor=by)
    session.refresh(lead, with_for_update=True)
    if lead.state in FINAL_STATES:
        raise LeadClosed(number, lead.state)
    return lead


def _move(session: Session, lead: Lead, state: str, by: Actor, now: datetime) -> Lead:
    before = {"state": lead.state}
    lead.state = state
    session.flush()
    after = {"state": state, "enquiry_number": lead.enquiry_number, "reason": lead.lost_reason}
    audit.append(session, "lead", lead.number, f"lead_{state}", by=by, now=now, before=before, after=after)
    return lead


def _text(name: str, value: str | None, longest: int) -> str | None:
    said = " ".join((value or "").split())
    if len(said) > longest or "\0" in said:
        raise VariableInvalid(name, said[:80])
    return said or None


def _facts(lead: Lead) -> dict[str, Any]:
    return {
        "party_id": str(lead.party_id),
        "source": lead.source,
        "originator": lead.originator,
        "originator_party_id": None if lead.originator_party_id is None else str(lead.originator_party_id),
        "topic": lead.topic,
        "region": lead.region,
        "state": lead.state,
    }
