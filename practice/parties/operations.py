"""Knowing parties again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from engine.actor import Actor
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.parties import hooks, naming
from practice.parties.facts import Named
from practice.parties.models import Party, PartyName

_NOBODY_CHOSEN: Final[Mapping[str, UUID]] = {}


def known_or_new(
    session: Session,
    named: Sequence[Named],
    *,
    chosen: Mapping[str, UUID] = _NOBODY_CHOSEN,
    by: Actor,
    now: datetime,
) -> dict[str, Party]:
    """Return the party for each normalised name, made from the name as written where there is none.

    ``chosen`` says which of several parties of a name is meant. Where nobody said, a name leads to the one
    party that has it, under whatever kind of name; of namesakes to the one that was known first. So opening
    twice never makes a second party.

    The parties' rows stay locked until the caller's transaction ends (always in the same order), so
    that two openings with a name in common see each other.
    """
    parties: dict[str, Party] = {}
    for party in sorted(named, key=lambda party: party.normalised):
        known = chosen.get(party.normalised) or _first_of_name(session, party.normalised)
        if known is None:
            parties[party.normalised] = _by_key(session, party, by, now)
        else:
            parties[party.normalised] = survivor(session, known)
    return parties


def survivor(session: Session, party_id: UUID) -> Party:
    """Return the party, or the one that it was merged into, locked for change."""
    locked = sa.select(Party).with_for_update().execution_options(populate_existing=True)
    party = session.scalars(locked.where(Party.id == party_id)).one()
    while party.merged_into_id is not None:
        party = session.scalars(locked.where(Party.id == party.merged_into_id)).one()
    return party


def _first_of_name(session: Session, normalised: str) -> UUID | None:
    """Return the party that a bare name leads to."""
    return session.scalar(
        sa.select(Party.id)
        .join(PartyName, PartyName.party_id == Party.id)
        .where(PartyName.normalised == normalised, Party.merged_into_id.is_(None))
        .order_by(Party.normalised_name != normalised, Party.created_at, Party.id)
        .limit(1)
    )


def _by_key(session: Session, named: Named, by: Actor, now: datetime) -> Party:
    """Return the party that holds the name's key, made when there is none; whoever is second waits for the first."""
    party_id = new_id()
    session.execute(
        database.insert(session.get_bind().dialect.name, Party)
        .values(
            id=party_id,
            kind="unknown",
            name=named.written,
            normalised_name=named.normalised,
            is_discreet=False,
            search_text="",
            created_at=now,
            created_by=by.username,
        )
        .on_conflict_do_nothing(index_elements=[Party.normalised_name])
    )
    row = session.scalars(sa.select(Party.id).where(Party.normalised_name == named.normalised)).one()
    party = survivor(session, row)
    if not naming.of(session, party.id):  # it is new, or the release before wrote it on this schema
        naming.write(session, party, named.written, kind="main", by=by, now=now)
    if party.id == party_id:
        audit.append(session, "party", party_id, "party_recorded", by=by, now=now, after={"name": named.written})
        hooks.party_changed(session, party_id, "name_written", by=by, now=now)
    return party
