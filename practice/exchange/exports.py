"""Lists as rows of texts, in the form in which they are imported, with the reader's rights inside the query."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice import money
from practice.clients import queries as clients
from practice.clients.models import Client
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry, MatterTag
from practice.exchange.columns import LISTS
from practice.exchange.errors import ListUnknown
from practice.exchange.models import ImportedRecord
from practice.guards import require_right
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.parties.models import Party, PartyIdentifier, PartyName
from practice.rights import queries as rights

RIGHT: Final = "export_data"
_PAGE = 500
Cells = list[str | None]


def names_of(kind: str) -> list[str]:
    """Return the names of a list's columns, or raise ``ListUnknown``."""
    if kind not in LISTS:
        raise ListUnknown(kind[:40])
    return [column.name for column in LISTS[kind]]


def rows_of(session: Session, kind: str, *, actor: Actor, criteria: matters.Criteria | None = None) -> Iterator[Cells]:
    """Yield what the actor may see and take out, some hundred rows at a time; no telephone number is in a list.

    Matters of the class ``secret`` are never taken out (A25), nor those of clients for whom a rule denies it.

    Raises:
        RightMissing, ListUnknown.
    """
    require_right(actor, RIGHT)
    names = names_of(kind)
    found = _clients(session, actor) if kind == "clients" else _matters(session, actor, criteria or matters.Criteria())
    return ([told.get(name) for name in names] for told in found)


def exportable_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Matter``: of what the actor may see, what may leave the house."""
    denied = Matter.client_party_id.in_(rights.clients(actor, "deny", "export"))
    return sa.and_(matters.visible_to(actor), Matter.confidentiality != "secret", sa.not_(denied))


def _matters(session: Session, actor: Actor, criteria: matters.Criteria) -> Iterator[dict[str, str | None]]:
    query = matters.narrowed(criteria, actor=actor).where(exportable_by(actor)).order_by(Matter.id).limit(_PAGE)
    last: UUID | None = None
    while True:
        rows = list(session.scalars(query if last is None else query.where(Matter.id > last)))
        if not rows:
            return
        last = rows[-1].id
        yield from _told_of_matters(session, rows)
        for row in rows:
            session.expunge(row)


def _told_of_matters(session: Session, rows: list[Matter]) -> Iterator[dict[str, str | None]]:
    ids = [row.id for row in rows]
    entries = directories.of_ids(session, [entry for row in rows for entry in (row.direction_id, row.region_id)])
    keys: dict[UUID | None, str] = {entry_id: entry.key for entry_id, entry in entries.items()}
    tags = _grouped(
        session,
        sa.select(MatterTag.matter_id, DirectoryEntry.key)
        .join(DirectoryEntry, DirectoryEntry.id == MatterTag.tag_id)
        .where(MatterTag.matter_id.in_(ids))
        .order_by(DirectoryEntry.key),
    )
    team = _grouped(
        session,
        sa.select(MatterMember.matter_id, MatterMember.username)
        .where(MatterMember.matter_id.in_(ids), MatterMember.until.is_(None), MatterMember.role != "responsible")
        .order_by(MatterMember.username),
    )
    others = _grouped(
        session,
        sa.select(MatterParty.matter_id, Party.name)
        .join(Party, Party.id == MatterParty.party_id)
        .where(MatterParty.matter_id.in_(ids), MatterParty.role == "other")
        .order_by(Party.name),
    )
    for row in rows:
        yield {
            "reference": row.source_reference or row.number,
            "number": row.number,
            "case_type": row.case_type,
            "client": row.client_name,
            "opponent": row.opponent_name,
            "other_parties": "; ".join(others.get(row.id, ())),
            "responsible": row.responsible,
            "team": "; ".join(dict.fromkeys(team.get(row.id, ()))),
            "state": row.state,
            "opened_on": _day(row.opened_at),
            "archived_on": _day(row.archived_at),
            "archive_location": row.archive_location,
            "retain_until": row.retain_until.isoformat() if row.retain_until else None,
            "court": row.court,
            "court_number": row.court_number,
            "claim_value": None
            if row.claim_value_minor is None
            else str(money.from_minor(row.claim_value_minor, row.currency or "")),
            "currency": row.currency,
            "limitation_on": row.limitation_on.isoformat() if row.limitation_on else None,
            "direction": keys.get(row.direction_id),
            "region": keys.get(row.region_id),
            "tags": "; ".join(tags.get(row.id, ())),
            "confidentiality": row.confidentiality,
            "summary": row.summary,
        }


def _clients(session: Session, actor: Actor) -> Iterator[dict[str, str | None]]:
    denied = Client.party_id.in_(rights.clients(actor, "deny", "export"))
    query = (
        sa.select(Client, Party)
        .join(Party, Party.id == Client.party_id)
        .where(clients.visible_to(actor), sa.not_(denied))
        .order_by(Client.id)
        .limit(_PAGE)
    )
    last: UUID | None = None
    while True:
        rows = [
            (client, party)
            for client, party in session.execute(query if last is None else query.where(Client.id > last))
        ]
        if not rows:
            return
        last = rows[-1][0].id
        yield from _told_of_clients(session, rows)


def _told_of_clients(session: Session, rows: list[tuple[Client, Party]]) -> Iterator[dict[str, str | None]]:
    ids = [party.id for _, party in rows]
    names = _grouped(
        session,
        sa.select(PartyName.party_id, PartyName.written)
        .where(PartyName.party_id.in_(ids), PartyName.kind != "main", PartyName.retired_at.is_(None))
        .order_by(PartyName.created_at, PartyName.id),
    )
    identifiers = {
        (party_id, kind): value
        for party_id, kind, value in session.execute(
            sa.select(PartyIdentifier.party_id, PartyIdentifier.kind, PartyIdentifier.value).where(
                PartyIdentifier.party_id.in_(ids),
                PartyIdentifier.kind.in_(("tax_number", "registration_number")),
            )
        )
    }
    imported = sa.select(ImportedRecord.record_id, ImportedRecord.reference).where(
        ImportedRecord.kind == "clients", ImportedRecord.record_id.in_(ids)
    )
    references = dict(session.execute(imported).all())
    for client, party in rows:
        yield {
            "reference": references.get(party.id) or client.number,
            "number": client.number,
            "name": party.name,
            "kind": party.kind if party.kind != "unknown" else None,
            "other_names": "; ".join(names.get(party.id, ())),
            "language": party.language,
            "born_on": party.born_on.isoformat() if party.born_on else None,
            "tax_number": identifiers.get((party.id, "tax_number")),
            "registration_number": identifiers.get((party.id, "registration_number")),
            "segment": client.segment,
            "contact_every_days": str(client.contact_every_days) if client.contact_every_days else None,
            "source": client.source,
        }


def _grouped(session: Session, query: sa.Select[Any, Any]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for owner, text in session.execute(query):
        found.setdefault(owner, []).append(text)
    return found


def _day(instant: Any) -> str | None:
    return None if instant is None else instant.astimezone(clock.zone()).date().isoformat()
