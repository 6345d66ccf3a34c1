"""What the demo firm knows of people and organisations beside its matters: owners, insurers, leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.clients import operations as clients
from practice.clients.models import Client
from practice.contacts import operations as contacts
from practice.leads import operations as leads
from practice.parties import duplicates, records
from practice.parties.models import Party
from practice.parties.records import IdentifierGiven, NameGiven, PartyGiven, Profile

#: Telephone numbers that regulators keep free for plays; nobody answers them.
_LONDON, _BERLIN, _NOBODY = "+44 20 7946 0142", "+49 30 23125 077", "+1 202 555 0187"
#: A client of the cases -> how it is written in Latin letters.
_IN_LATIN: Final = {
    "Μαρία Παπαδοπούλου": "Maria Papadopoulou",
    "ООО «Северный ветер»": "Severny Veter",
    "Клавдия Степанова": "Klavdia Stepanova",
    "上海晨光电子有限公司": "Shanghai Chenguang Electronics",
}
#: A company of the cases -> its owner, and who speaks for it.
_BEHIND: Final = {
    "Hofberg Logistik GmbH": ("Albrecht Hofberg", "Birgit Sommer"),
    "Bergbahn Glarus AG": ("Glarner Alpen Holding AG", "Urs Landolt"),
    "上海晨光电子有限公司": ("陈国栋", "周敏"),
}
_INSURERS: Final = {"东海财产保险公司": "苏州远航物流有限公司"}


def furnish(session: Session, *, actor_of: Callable[[str], Actor], now: datetime) -> None:
    """Record it as reception and the partners would have."""
    rosa, katharina = actor_of("rosa"), actor_of("katharina")
    known = {party.name: party for party in session.scalars(sa.select(Party).order_by(Party.created_at, Party.id))}
    for name, latin in _IN_LATIN.items():
        if name in known:
            records.add_name(session, known[name].id, NameGiven(name, "main", latin), by=katharina, now=now)
    for name, (owner, contact) in _BEHIND.items():
        if name in known:
            _stand_behind(session, known[name], owner, contact, by=katharina, now=now)
    for insurer, insured in _INSURERS.items():
        if insurer in known and insured in known:
            records.relate(session, known[insurer].id, known[insured].id, "insurer", by=katharina, now=now)
    fiona = known.get("Fiona MacGregor")
    if fiona is not None:
        quiet = Profile(
            language="en-GB", is_discreet=True, sensitivities="Writes only in the evening; no calls at work."
        )
        records.revise(session, fiona.id, quiet, by=katharina, now=now)
        again = _record(session, "Fiona MacGregor", "person", by=rosa, now=now)
        contacts.record(session, fiona.id, "phone", _LONDON, label="private", by=katharina, now=now)
        contacts.record(session, again.id, "phone", "020 7946 0142", by=rosa, now=now)
        duplicates.propose(session, again, now=now)
    _leads(session, by=rosa, now=now)
    session.flush()


def _stand_behind(session: Session, company: Party, owner: str, contact: str, *, by: Actor, now: datetime) -> None:
    kind = "organisation" if "AG" in owner else "person"
    records.relate(session, _record(session, owner, kind, by=by, now=now).id, company.id, "owner", by=by, now=now)
    speaker = _record(session, contact, "person", by=by, now=now)
    contacts.record(session, speaker.id, "email", "office@hofberg.example", label="office", by=by, now=now)
    records.relate(session, speaker.id, company.id, "contact_person", by=by, now=now)
    client = session.scalar(sa.select(Client).where(Client.party_id == company.id))
    if client is not None:
        clients.revise(
            session,
            client.number,
            segment="key account",
            contact_every_days=30,
            contact_party_id=speaker.id,
            by=by,
            now=now,
        )


def _leads(session: Session, *, by: Actor, now: datetime) -> None:
    harbour = _record(session, "Harbour Lane Bakery Ltd", "organisation", by=by, now=now)
    number = IdentifierGiven("registration_number", "09 412 778", "GB")
    records.identify(session, harbour.id, number, by=by, now=now)
    contacts.record(session, harbour.id, "phone", _NOBODY, label="owner", consent=True, by=by, now=now)
    leads.receive(
        session, harbour.id, "referral", originator="ivan", topic="The landlord wants the shop back", by=by, now=now
    )
    veronika = _record(session, "Veronika Albrecht", "person", by=by, now=now)
    contacts.record(session, veronika.id, "phone", _BERLIN, by=by, now=now)
    lead = leads.receive(
        session, veronika.id, "web", topic="A flight that was cancelled", region="Berlin", by=by, now=now
    )
    leads.contacted(session, lead.number, by=by, now=now)
    pavel = _record(session, "Павел Зимин", "person", by=by, now=now)
    lost = leads.receive(session, pavel.id, "event", originator="katharina", by=by, now=now)
    leads.lose(session, lost.number, reason="Went to the firm that wrote his contract", by=by, now=now)


def _record(session: Session, name: str, kind: str, *, by: Actor, now: datetime) -> Party:
    return records.record(session, PartyGiven(NameGiven(name), Profile(kind=kind)), by=by, now=now)
