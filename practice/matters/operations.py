"""Opening, keeping and archiving matters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances
from engine.actor import Actor
from engine.models import UserTask
from practice import money
from practice.audit import operations as audit
from practice.clients import operations as clients
from practice.conflicts import operations as conflicts
from practice.contacts import entrusted
from practice.enquiries import operations as enquiries
from practice.enquiries.models import Enquiry
from practice.errors import (
    MatterArchived,
    MatterHasOpenWork,
    MatterNotFound,
    NotAnActiveLawyer,
    NotAnActivePerson,
    SamePartyTwice,
)
from practice.matters import case_types, classification, units
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.matters.searching import search_text_of
from practice.parties.facts import Named, name_of, named
from practice.parties.models import Party
from practice.parties.operations import known_or_new
from practice.people import queries as people
from practice.sequences.operations import next_number
from practice.variables import Variables, day, long_text, names, needed_text, text
from practice.walls import operations as walls

#: What the enquiry form calls them, and what we do.
_FILED_UNDER = ("direction", "region", "tags", "confidentiality", "org_unit")
_KINDS = {"person": "person", "company": "organisation"}


def open_matter(session: Session, enquiry: Enquiry, facts: Variables, *, by: Actor, now: datetime) -> Matter:
    """Make a matter of an enquiry: number, parties, team, and the process that its case type names.

    ``facts`` may hold ``client_name``, ``case_type``, ``responsible`` (needed), ``opponent_name``,
    ``direction``, ``region``, ``tags``, ``confidentiality`` and ``org_unit`` (``classification.classify``; without
    a unit it is that of the responsible lawyer),
    ``other_parties`` (one name a line), ``client_kind`` (``person`` or ``company``), ``claim_value`` with
    ``currency``, ``summary`` and ``team`` (usernames); anything else is not looked at. Whoever opens the
    matter belongs to its team.

    Raises:
        EnquiryClosed: it was decided before.
        ConflictCheckMissing, ConflictCheckOutdated, ConflictIsAbsolute, ConflictNotDecided, ConsentWallMissing,
        ConsentWallNotUp: whatever the diagram says.
        VariableMissing, VariableInvalid, SamePartyTwice, CaseTypeUnknown, NotAnActiveLawyer,
        NotAnActivePerson, PersonKeptOut, AmountInvalid, CurrencyUnknown.
    """
    session.refresh(enquiry, with_for_update=True)
    enquiries.require_open(enquiry)
    parties = named(facts)
    client = parties[0]
    case_type = case_types.get(session, needed_text(facts, "case_type", longest=200))
    responsible = _lawyer(session, needed_text(facts, "responsible"))
    team = [_active_person(session, username) for username in names(facts, "team")]
    walls.require_not_kept_out(session, enquiry.number, [responsible], field="responsible")
    walls.require_not_kept_out(session, enquiry.number, team, field="team")
    minor, code = money.claimed(facts)

    chosen = {row.normalised_name: row.party_id for row in enquiry.parties if row.party_id is not None}
    known = known_or_new(session, parties, chosen=chosen, by=by, now=now)
    _require_two_sides(parties, known)
    conflicts.require_cleared(session, enquiry, parties)
    if known[client.normalised].kind == "unknown":
        known[client.normalised].kind = _KINDS.get(text(facts, "client_kind") or "", "unknown")
    clients.engage(session, known[client.normalised], source=enquiry.source, by=by, now=now)
    entrusted.attach(
        session, facts, {party.role: known[party.normalised] for party in reversed(parties)}, by=by, now=now
    )

    number = f"{now.year}-{case_type.code}-{next_number(session, f'matter.{case_type.code}', year=now.year):04d}"
    opponent_name = name_of(parties, "opponent")
    matter = Matter(
        number=number,
        title=f"{client.written} – {opponent_name}" if opponent_name else client.written,
        case_type=case_type.key,
        client_party_id=known[client.normalised].id,
        client_name=client.written,
        opponent_name=opponent_name,
        responsible=responsible,
        org_unit_id=units.of_lawyer(session, responsible),
        claim_value_minor=minor,
        currency=code,
        summary=long_text(facts, "summary"),
        search_text="",
        opened_at=now,
        enquiry_number=enquiry.number,
        parties=[
            MatterParty(party_id=party_id, role=role)
            for party_id, role in dict.fromkeys((known[party.normalised].id, party.role) for party in parties)
        ],
        members=_members(session, responsible, team, by, now),
    )
    matter.search_text = search_text_of(matter)
    session.add(matter)
    session.flush()
    classification.file_under(session, matter, {key: facts[key] for key in _FILED_UNDER if facts.get(key)})
    audit.append(session, "matter", number, "matter_opened", by=by, now=now, after=_facts(matter))
    enquiries.close(session, enquiry, "accepted", by=by, now=now)
    _start_process(session, matter, by=by, now=now)
    return matter


def _require_two_sides(parties: Sequence[Named], known: Mapping[str, Party]) -> None:
    """Refuse a client who is the opponent under another of their names."""
    client = known[parties[0].normalised]
    for party in parties:
        if party.role == "opponent" and known[party.normalised].id == client.id:
            raise SamePartyTwice("opponent_name", party.written)


def keep_facts(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Matter:
    """Keep what became known in the course of the matter.

    That is ``court``, ``court_number``, ``claim_value`` with ``currency``, ``limitation_on``,
    ``judgment_served_on``, ``outcome``, ``summary``.

    What is missing or empty stays as it was; anything else is not looked at.

    Raises:
        MatterNotFound, MatterArchived, VariableMissing, VariableInvalid, AmountInvalid, CurrencyUnknown.
    """
    matter = _locked(session, number)
    if matter.state == "archived":
        raise MatterArchived(number)
    before = _facts(matter)
    matter.court = text(facts, "court") or matter.court
    matter.court_number = text(facts, "court_number", longest=100) or matter.court_number
    matter.limitation_on = day(facts, "limitation_on") or matter.limitation_on
    matter.judgment_served_on = day(facts, "judgment_served_on") or matter.judgment_served_on
    matter.outcome = text(facts, "outcome", longest=200) or matter.outcome
    matter.summary = long_text(facts, "summary") or matter.summary
    minor, code = money.claimed({**facts, "currency": facts.get("currency") or matter.currency})
    if minor is not None:
        matter.claim_value_minor, matter.currency = minor, code
    matter.search_text = search_text_of(matter)
    after = _facts(matter)
    if after != before:
        audit.append(session, "matter", number, "matter_facts_changed", by=by, now=now, before=before, after=after)
    return matter


def archive(
    session: Session,
    number: str,
    facts: Variables,
    *,
    process_instance_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Matter:
    """Make a matter read-only; archiving it again changes nothing.

    ``facts`` may hold ``location`` of the paper file and ``retain_until``. What is still open in the
    instance ``process_instance_id``, which archives the matter as its last act, does not count.

    Raises:
        MatterNotFound, VariableInvalid.
        MatterHasOpenWork: somebody still has a user task of it.
    """
    matter = _locked(session, number)
    if matter.state == "archived":
        return matter
    waiting = sa.select(UserTask.name).where(UserTask.business_key == number, UserTask.state == "created")
    if process_instance_id is not None:
        waiting = waiting.where(UserTask.process_instance_id != process_instance_id)
    open_user_tasks = list(session.scalars(waiting.order_by(UserTask.created_at)))
    if open_user_tasks:
        raise MatterHasOpenWork(number, open_user_tasks)
    conflicts.require_closable(session, number, by=by, now=now)
    matter.state = "archived"
    matter.archived_at = now
    matter.archive_location = text(facts, "location", longest=200)
    matter.retain_until = day(facts, "retain_until")
    after = {
        "state": "archived",
        "location": matter.archive_location,
        "retain_until": _iso(matter.retain_until),
    }
    audit.append(session, "matter", number, "matter_archived", by=by, now=now, before={"state": "open"}, after=after)
    return matter


def _start_process(session: Session, matter: Matter, *, by: Actor, now: datetime) -> None:
    """Start the process of the case type; the decision to open the matter is the right to do so."""
    instance = process_instances.start(
        session,
        matter.case_type,
        business_key=matter.number,
        variables={
            "matter_number": matter.number,
            "enquiry_number": matter.enquiry_number,
            "case_type": matter.case_type,
            "client_name": matter.client_name,
            "opponent_name": matter.opponent_name,
            "responsible": matter.responsible,
            "claim_value": _number(matter),
            "currency": matter.currency,
            "summary": matter.summary,
        },
        by=replace(by, rights=by.rights | {"start_any_process"}),
        now=now,
    )
    matter.process_instance_id = instance.id


def _number(matter: Matter) -> int | float | None:
    """Return the claim's value for decision tables to compare; the sum that counts is the matter's own."""
    if matter.claim_value_minor is None or matter.currency is None:
        return None
    value = money.from_minor(matter.claim_value_minor, matter.currency)
    return int(value) if value == value.to_integral_value() else float(value)


def _members(session: Session, responsible: str, team: Collection[str], by: Actor, now: datetime) -> list[MatterMember]:
    members = [MatterMember(username=responsible, role="responsible", since=now)]
    if people.by_username(session, by.username) is not None:
        members.append(MatterMember(username=by.username, role="approver", since=now))
    others = dict.fromkeys(username for username in team if username != responsible)
    return members + [MatterMember(username=username, role="member", since=now) for username in others]


def _lawyer(session: Session, username: str) -> str:
    user = people.by_username(session, username)
    if user is None or not user.is_active or "lawyers" not in user.groups:
        raise NotAnActiveLawyer("responsible", username[:80])
    return user.username


def _active_person(session: Session, username: str) -> str:
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("team", username[:80])
    return user.username


def _locked(session: Session, number: str) -> Matter:
    matter = session.scalar(sa.select(Matter).where(Matter.number == number).with_for_update())
    if matter is None:
        raise MatterNotFound(number)
    return matter


def _facts(matter: Matter) -> dict[str, Any]:
    return {
        "title": matter.title,
        "case_type": matter.case_type,
        "responsible": matter.responsible,
        "claim_value_minor": matter.claim_value_minor,
        "currency": matter.currency,
        "summary": matter.summary,
        "court": matter.court,
        "court_number": matter.court_number,
        "limitation_on": _iso(matter.limitation_on),
        "judgment_served_on": _iso(matter.judgment_served_on),
        "outcome": matter.outcome,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
