"""Which of several people of one name an enquiry means: asked of a person before a matter makes a party of it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.enquiries import queries
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.enquiries.operations import require_open
from practice.parties import queries as parties
from practice.parties.errors import PartyNotFound
from practice.parties.models import Party, PartyName


def namesakes(session: Session, enquiry: Enquiry, *, actor: Actor) -> list[tuple[EnquiryParty, list[Party]]]:
    """Return the names of an enquiry that several parties bear, with those of them that the actor may see."""
    wanted = [row.normalised_name for row in enquiry.parties]
    several = (
        sa.select(PartyName.normalised)
        .join(Party, Party.id == PartyName.party_id)
        .where(PartyName.normalised.in_(wanted), Party.merged_into_id.is_(None))
        .group_by(PartyName.normalised)
        .having(sa.func.count(PartyName.party_id.distinct()) > 1)
    )
    doubtful = set(session.scalars(several)) if wanted else set[str]()
    return [
        (row, parties.named(session, row.normalised_name, actor=actor))
        for row in enquiry.parties
        if row.normalised_name in doubtful
    ]


def choose(
    session: Session, number: str, normalised_name: str, party_id: UUID, *, by: Actor, now: datetime
) -> EnquiryParty:
    """Say which party a name in an open enquiry means; its matter will name that one.

    Raises:
        EnquiryNotFound, EnquiryClosed.
        PartyNotFound: the enquiry does not name it, or it does not bear the name.
    """
    enquiry = queries.get_by_number(session, number, actor=by)
    require_open(enquiry)
    row = next((row for row in enquiry.parties if row.normalised_name == normalised_name), None)
    meant = {party.id: party for party in parties.named(session, normalised_name, actor=by)}.get(party_id)
    if row is None or meant is None:
        raise PartyNotFound(str(party_id))
    before = {"party_id": None if row.party_id is None else str(row.party_id)}
    if row.party_id != party_id:
        row.party_id = party_id
        session.flush()
        after = {"party_id": str(party_id), "name": row.name}
        audit.append(session, "enquiry", number, "party_chosen", by=by, now=now, before=before, after=after)
    return row
