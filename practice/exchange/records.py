"""Making records of rows that were looked over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from engine.errors import Conflict
from practice import money
from practice.audit import operations as audit
from practice.clients import operations as clients
from practice.exchange.columns import Values, known_facts, split
from practice.exchange.models import ImportedRecord
from practice.matters import case_types, classification
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.matters.searching import search_text_of
from practice.parties.facts import Named, one_named
from practice.parties.models import Party
from practice.parties.operations import known_or_new
from practice.parties.records import IdentifierGiven, NameGiven, PartyGiven, Profile, record
from practice.sequences.operations import next_number


@dataclass(eq=False)
class RowRefused(Conflict):
    """A row was refused while it was stored; the rows before its batch stay, and the import can go on later."""

    code = "row_refused"
    row: int
    reason: str


def client_of(session: Session, values: Values, *, by: Actor, now: datetime) -> UUID:
    """Record a client; somebody of the same name is another party until somebody merges them."""
    given = PartyGiven(
        name=NameGiven(values["name"]),
        profile=Profile(
            kind=values["kind"] or None,
            born_on=date.fromisoformat(values["born_on"]) if values["born_on"] else None,
            language=values["language"] or None,
        ),
        names=tuple(NameGiven(name) for name in split(values["other_names"])),
        identifiers=tuple(
            IdentifierGiven(kind, values[kind]) for kind in ("tax_number", "registration_number") if values[kind]
        ),
    )
    party = record(session, given, by=by, now=now)
    client = clients.engage(session, party, source=values["source"] or "import", by=by, now=now)
    client.segment = values["segment"] or None
    client.contact_every_days = int(values["contact_every_days"]) if values["contact_every_days"] else None
    session.flush()
    return party.id


def matter_of(session: Session, values: Values, *, by: Actor, now: datetime) -> UUID:
    """Record a matter of another system: under a number of ours, with no process running."""
    case_type = case_types.get(session, values["case_type"])
    opened_on = date.fromisoformat(values["opened_on"])
    client = _client(session, values["client"], by=by, now=now)
    others = [one_named(name, "other", "other_parties") for name in split(values["other_parties"])]
    opponents = [one_named(values["opponent"], "opponent", "opponent")] if values["opponent"] else []
    named: dict[str, Named] = {one.normalised: one for one in [*others, *opponents]}
    known = known_or_new(session, list(named.values()), by=by, now=now)
    roles = {known[key].id: one.role for key, one in named.items()} | {client.id: "client"}
    sequence = next_number(session, f"matter.{case_type.code}", year=opened_on.year)
    code = values["currency"].upper() or None
    is_open = values["state"] != "archived"
    matter = Matter(
        number=f"{opened_on.year}-{case_type.code}-{sequence:04d}",
        title=f"{client.name} – {values['opponent']}" if values["opponent"] else client.name,
        case_type=case_type.key,
        client_party_id=client.id,
        client_name=client.name,
        opponent_name=values["opponent"] or None,
        responsible=values["responsible"],
        claim_value_minor=money.to_minor(values["claim_value"], code or "") if values["claim_value"] else None,
        currency=code,
        summary=values["summary"] or None,
        court=values["court"] or None,
        court_number=values["court_number"] or None,
        limitation_on=_day(values["limitation_on"]),
        state="open" if is_open else "archived",
        opened_at=_morning(opened_on),
        archived_at=None if is_open else _morning(date.fromisoformat(values["archived_on"])),
        archive_location=values["archive_location"] or None,
        retain_until=_day(values["retain_until"]),
        source_reference=values["reference"],
        search_text="",
        parties=[MatterParty(party_id=party_id, role=role) for party_id, role in roles.items()],
        members=_members(values, now),
    )
    matter.search_text = search_text_of(matter)
    session.add(matter)
    session.flush()
    filed: dict[str, Any] = {name: values[name] for name in ("direction", "region", "confidentiality") if values[name]}
    classification.file_under(session, matter, filed | {"tags": split(values["tags"])})
    clients.engage(session, client, source="import", by=by, now=now)
    after = known_facts(values)
    audit.append(session, "matter", matter.number, "matter_imported", by=by, now=now, after=after)
    return matter.id


Store = Callable[..., UUID]
STORES: Final[Mapping[str, Store]] = {"clients": client_of, "matters": matter_of}


def _client(session: Session, said: str, *, by: Actor, now: datetime) -> Party:
    """Return the client that a cell names: by the reference under which it was imported, else by its name."""
    imported = sa.select(ImportedRecord.record_id).where(
        ImportedRecord.kind == "clients", ImportedRecord.reference == said
    )
    party_id = session.scalar(imported)
    if party_id is not None:
        party = session.get_one(Party, party_id)
        while party.merged_into_id is not None:
            party = session.get_one(Party, party.merged_into_id)
        return party
    one = one_named(said, "client", "client")
    return known_or_new(session, [one], by=by, now=now)[one.normalised]


def _members(values: Values, now: datetime) -> list[MatterMember]:
    others = [name for name in dict.fromkeys(split(values["team"])) if name != values["responsible"]]
    return [
        MatterMember(username=values["responsible"], role="responsible", since=now),
        *(MatterMember(username=name, role="member", since=now) for name in others),
    ]


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), clock.zone()).astimezone(UTC)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
