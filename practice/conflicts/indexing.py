"""Which names the conflict check knows: of parties, open enquiries and interests, kept in the index as they change."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.conflicts.models import StaffInterest
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.name_index import operations as name_index
from practice.parties import hooks
from practice.parties.models import Party, PartyName

_LOCK = 0x636F6E66


def ensure_current(session: Session) -> None:
    """Make the index anew when it was made by other rules, or never: after an upgrade, once."""
    if name_index.is_current(session):
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if name_index.is_current(session):
            return
    name_index.clear(session)
    name_index.put_many(session, "party", _parties(session), pack_after=None)
    name_index.put_many(session, "enquiry", _enquiries(session), pack_after=None)
    interests = sa.select(StaffInterest.id, StaffInterest.name).where(StaffInterest.ended_at.is_(None))
    name_index.put_many(
        session, "interest", [(one, [name]) for one, name in session.execute(interests)], pack_after=None
    )
    name_index.pack(session)
    name_index.note_current(session)


def _parties(session: Session) -> Iterable[tuple[UUID, list[str]]]:
    query = (
        sa.select(PartyName.party_id, PartyName.written, PartyName.transliteration)
        .join(Party, Party.id == PartyName.party_id)
        .where(Party.merged_into_id.is_(None))
        .order_by(PartyName.party_id)
    )
    party_id, names = None, list[str]()
    for owner, written, transliteration in session.execute(query):
        if owner != party_id:
            if party_id is not None:
                yield party_id, list(dict.fromkeys(names))
            party_id, names = owner, []
        names += [name for name in (written, transliteration) if name]
    if party_id is not None:
        yield party_id, list(dict.fromkeys(names))


def _enquiries(session: Session) -> Iterable[tuple[str, list[str]]]:
    query = (
        sa.select(Enquiry.number, EnquiryParty.name)
        .join(EnquiryParty, EnquiryParty.enquiry_id == Enquiry.id)
        .where(Enquiry.state == "open")
    )
    return [(number, [name]) for number, name in session.execute(query)]


def _keep_party(session: Session, party_id: UUID, names: list[str]) -> None:
    if names:
        name_index.put(session, "party", party_id, names=names)
    else:
        name_index.drop(session, "party", party_id)


hooks.on_names.append(_keep_party)
