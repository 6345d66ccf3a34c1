"""Knowing parties again."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.parties.facts import Named
from practice.parties.models import Party


def known_or_new(session: Session, named: Sequence[Named], *, by: Actor, now: datetime) -> dict[str, Party]:
    """Return the party for each normalised name, made from the name as written where there is none.

    The parties' rows stay locked until the caller's transaction ends (always in the same order), so
    that two openings with a name in common see each other.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    parties: dict[str, Party] = {}
    for party in sorted(named, key=lambda party: party.normalised):
        party_id = new_id()
        session.execute(
            insert(Party)
            .values(
                id=party_id,
                kind="unknown",
                name=party.written,
                normalised_name=party.normalised,
                created_at=now,
                created_by=by.username,
            )
            .on_conflict_do_nothing(index_elements=[Party.normalised_name])
        )
        row = session.scalars(sa.select(Party).where(Party.normalised_name == party.normalised).with_for_update()).one()
        if row.id == party_id:
            audit.append(session, "party", party_id, "party_recorded", by=by, now=now, after={"name": party.written})
        parties[party.normalised] = row
    return parties
