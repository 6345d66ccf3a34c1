"""Two parties that may be one: proposed by what they share, decided by people, merged or told apart for ever."""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.contacts.models import ContactPoint
from practice.parties import likeness, queries, records
from practice.parties.errors import PartyNotFound
from practice.parties.models import DuplicateProposal, Party, PartyIdentifier, PartyName

#: How much each thing that two parties share says, of 100; what several say adds up.
WEIGHTS: Final = {"same_identifier": 90, "same_contact": 50, "same_name": 45, "like_name": 35}
_MOST_CANDIDATES = 50
_PARTY_ID: sa.BindParameter[Any] = sa.bindparam("party_id")
_PROPOSED: Final = (
    sa.select(DuplicateProposal)
    .where(
        DuplicateProposal.state == "proposed",
        sa.or_(DuplicateProposal.first_id == _PARTY_ID, DuplicateProposal.second_id == _PARTY_ID),
    )
    .order_by(DuplicateProposal.score.desc(), DuplicateProposal.id)
)


def propose(session: Session, party: Party, *, now: datetime) -> list[DuplicateProposal]:
    """Look for parties that share a name, an identifier or a contact point with this one, or whose names are alike.

    New pairs are kept for a person to decide.

    A pair that somebody told apart stays apart; one that was proposed before is weighed again.
    """
    found: list[DuplicateProposal] = []
    for other_id, reasons in _likeliest(_shared(session, party)):
        first, second = sorted((party.id, other_id))
        row = session.scalar(
            sa.select(DuplicateProposal).where(
                DuplicateProposal.first_id == first, DuplicateProposal.second_id == second
            )
        )
        if row is None:
            row = DuplicateProposal(first_id=first, second_id=second, proposed_at=now, state="proposed")
            session.add(row)
        elif row.state != "proposed":
            continue
        row.reasons = sorted(reasons)
        row.score = min(100, sum(WEIGHTS[reason] for reason in reasons))
        found.append(row)
    session.flush()
    return sorted(found, key=lambda row: -row.score)


def tell_apart(session: Session, proposal_id: UUID, *, by: Actor, now: datetime) -> DuplicateProposal:
    """Decide that two parties are two; they are not proposed again. Doing it again changes nothing."""
    row = session.get(DuplicateProposal, proposal_id, with_for_update=True)
    if row is None:
        raise PartyNotFound(str(proposal_id))
    for party_id in (row.first_id, row.second_id):
        records.changeable(session, party_id, by=by)
    if row.state == "proposed":
        row.state, row.decided_at, row.decided_by = "distinct", now, by.username
        session.flush()
        pair = {"first_id": str(row.first_id), "second_id": str(row.second_id)}
        audit.append(session, "party", row.first_id, "told_apart", by=by, now=now, after=pair)
    return row


def proposed_for(session: Session, party: Party, *, actor: Actor) -> list[tuple[DuplicateProposal, Party]]:
    """Return with whom a party may be one, so far as the actor may see them; the likeliest first."""
    rows = list(session.scalars(_PROPOSED, {"party_id": party.id}))
    others = {row.id: row.second_id if row.first_id == party.id else row.first_id for row in rows}
    seen = queries.by_ids(session, set(others.values()), actor=actor)
    return [(row, seen[others[row.id]]) for row in rows if others[row.id] in seen]


def all_proposed(session: Session, *, actor: Actor, limit: int = 100) -> list[tuple[DuplicateProposal, Party, Party]]:
    """Return the pairs to decide of which the actor may see both; the likeliest first."""
    query = (
        sa.select(DuplicateProposal)
        .where(
            DuplicateProposal.state == "proposed",
            queries.exists_for(actor, DuplicateProposal.first_id),
            queries.exists_for(actor, DuplicateProposal.second_id),
        )
        .order_by(DuplicateProposal.score.desc(), DuplicateProposal.id)
        .limit(limit)
    )
    rows = list(session.scalars(query))
    ids = {party_id for row in rows for party_id in (row.first_id, row.second_id)}
    known = {party.id: party for party in session.scalars(sa.select(Party).where(Party.id.in_(ids)))} if ids else {}
    return [(row, known[row.first_id], known[row.second_id]) for row in rows]


def _likeliest(shared: dict[UUID, set[str]]) -> list[tuple[UUID, set[str]]]:
    best = sorted(shared.items(), key=lambda one: (-sum(WEIGHTS[reason] for reason in one[1]), one[0]))
    return best[:_MOST_CANDIDATES]


def _shared(session: Session, party: Party) -> dict[UUID, set[str]]:
    names = sa.select(PartyName.normalised).where(PartyName.party_id == party.id)
    identifiers = sa.select(PartyIdentifier.normalised).where(PartyIdentifier.party_id == party.id)
    digests = sa.select(ContactPoint.digest).where(ContactPoint.party_id == party.id)
    tails = sa.select(ContactPoint.tail_digest).where(
        ContactPoint.party_id == party.id, ContactPoint.tail_digest.is_not(None)
    )
    queries_of = {
        "same_name": sa.select(PartyName.party_id).where(PartyName.normalised.in_(names)),
        "same_identifier": sa.select(PartyIdentifier.party_id).where(PartyIdentifier.normalised.in_(identifiers)),
        "same_contact": sa.select(ContactPoint.party_id).where(
            sa.or_(ContactPoint.digest.in_(digests), ContactPoint.tail_digest.in_(tails)),
            ContactPoint.party_id.is_not(None),
        ),
    }
    shared: defaultdict[UUID, set[str]] = defaultdict(set)
    for reason, query in queries_of.items():
        for other_id in session.scalars(query):
            shared[other_id].add(reason)
    for other_id in likeness.like(session, party):
        # One name that is the same says more than another that is alike.
        if "same_name" not in shared[other_id]:
            shared[other_id].add("like_name")
    shared.pop(party.id, None)
    alive = sa.select(Party.id, Party.kind).where(Party.id.in_(shared), Party.merged_into_id.is_(None))
    kinds: dict[UUID, str] = dict(session.execute(alive).all()) if shared else {}
    return {
        other_id: reasons
        for other_id, reasons in shared.items()
        if other_id in kinds and (party.kind == kinds[other_id] or "unknown" in (party.kind, kinds[other_id]))
    }
