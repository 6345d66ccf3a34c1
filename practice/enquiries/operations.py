"""Receiving enquiries and deciding them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice import money
from practice.audit import operations as audit
from practice.enquiries.models import STATES, Enquiry, EnquiryParty
from practice.errors import EnquiryClosed, VariableInvalid
from practice.matters import case_types
from practice.name_index import operations as name_index
from practice.parties.facts import Named, name_of, named
from practice.parties.names import fold
from practice.sequences.operations import next_number
from practice.variables import Variables, long_text, text


def register(
    session: Session,
    facts: Variables,
    *,
    process_instance_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Enquiry:
    """Record an enquiry under the next number of the year.

    ``facts`` may hold ``client_name`` (needed), ``opponent_name``, ``other_parties`` (one name a line),
    ``case_type``, ``source``, ``summary``, ``claim_value`` with ``currency``; anything else is not looked at.

    Raises:
        VariableMissing, VariableInvalid, SamePartyTwice, CaseTypeUnknown, AmountInvalid, CurrencyUnknown.
    """
    parties = named(facts)
    values = _values(session, facts, parties)
    number = f"E-{now.year}-{next_number(session, 'enquiry', year=now.year):04d}"
    enquiry = Enquiry(
        number=number,
        received_at=now,
        received_by=by.username,
        process_instance_id=process_instance_id,
        search_text=_search_text(number, parties),
        parties=[_row(party) for party in parties],
        **values,
    )
    session.add(enquiry)
    session.flush()
    name_index.put(session, "enquiry", number, names=[party.written for party in parties])
    audit.append(session, "enquiry", number, "enquiry_received", by=by, now=now, after=_facts(enquiry))
    return enquiry


def revise(session: Session, enquiry: Enquiry, facts: Variables, *, by: Actor, now: datetime) -> Enquiry:
    """Take over what was corrected while the enquiry is decided; the same facts again change nothing."""
    require_open(enquiry)
    before = _facts(enquiry)
    parties = named(facts)
    for name, value in _values(session, facts, parties).items():
        setattr(enquiry, name, value)
    enquiry.search_text = _search_text(enquiry.number, parties)
    known = {row.normalised_name: row for row in enquiry.parties}
    enquiry.parties = [_changed(known.get(party.normalised), party) for party in parties]
    session.flush()
    name_index.put(session, "enquiry", enquiry.number, names=[party.written for party in parties])
    after = _facts(enquiry)
    if after != before:
        audit.append(session, "enquiry", enquiry.number, "enquiry_revised", by=by, now=now, before=before, after=after)
    return enquiry


def close(
    session: Session, enquiry: Enquiry, outcome: str, *, reason: str | None = None, by: Actor, now: datetime
) -> Enquiry:
    """Decide an enquiry: ``accepted``, ``declined`` or ``withdrawn``. The same outcome again changes nothing."""
    if outcome not in STATES[1:]:
        raise VariableInvalid("outcome", outcome[:80])
    if enquiry.state == outcome:
        return enquiry
    require_open(enquiry)
    enquiry.state = outcome
    enquiry.reason = reason
    enquiry.closed_at = now
    name_index.drop(session, "enquiry", enquiry.number)
    audit.append(
        session,
        "enquiry",
        enquiry.number,
        f"enquiry_{outcome}",
        by=by,
        now=now,
        before={"state": "open"},
        after={"state": outcome, "reason": reason},
    )
    return enquiry


def require_open(enquiry: Enquiry) -> None:
    """Refuse to touch an enquiry that has been decided."""
    if enquiry.state != "open":
        raise EnquiryClosed(enquiry.number, enquiry.state)


def _values(session: Session, facts: Variables, parties: list[Named]) -> dict[str, Any]:
    case_type = text(facts, "case_type", longest=200)
    minor, code = money.claimed(facts)
    return {
        "client_name": name_of(parties, "client"),
        "opponent_name": name_of(parties, "opponent"),
        "case_type": case_types.get(session, case_type).key if case_type else None,
        "source": text(facts, "source", longest=60),
        "summary": long_text(facts, "summary"),
        "claim_value_minor": minor,
        "currency": code,
    }


def _row(party: Named) -> EnquiryParty:
    return EnquiryParty(name=party.written, normalised_name=party.normalised, role=party.role)


def _changed(row: EnquiryParty | None, party: Named) -> EnquiryParty:
    if row is None:
        return _row(party)
    row.name, row.role = party.written, party.role
    return row


def _search_text(number: str, parties: list[Named]) -> str:
    return fold(" ".join([number, *(party.written for party in parties)]))


def _facts(enquiry: Enquiry) -> dict[str, Any]:
    return {
        "client_name": enquiry.client_name,
        "opponent_name": enquiry.opponent_name,
        "other_parties": sorted(party.name for party in enquiry.parties if party.role == "other"),
        "case_type": enquiry.case_type,
        "source": enquiry.source,
        "summary": enquiry.summary,
        "claim_value_minor": enquiry.claim_value_minor,
        "currency": enquiry.currency,
    }
