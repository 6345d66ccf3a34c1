"""Making one party of two that turned out to be one; what was moved is kept for ever."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.errors import RightMissing
from practice.audit import operations as audit
from practice.clients.models import Client
from practice.contacts.models import ContactPoint
from practice.enquiries.models import EnquiryParty
from practice.errors import VariableMissing
from practice.leads.models import Lead
from practice.matters.models import Matter, MatterParty
from practice.parties import duplicates, hooks, naming, queries
from practice.parties.errors import MergedIntoItself, PartiesDiffer, PartiesOppose, PartyIsMerged
from practice.parties.models import DuplicateProposal, Party, PartyMerge, PartyRelation
from practice.walls.models import WallScope

RIGHT: Final = "merge_parties"
#: Columns that name a party and simply follow it, as far as no row of the survivor is in the way.
_FOLLOW: Final = (
    (ContactPoint, ContactPoint.party_id),
    (Matter, Matter.client_party_id),
    (Lead, Lead.party_id),
    (Lead, Lead.originator_party_id),
    (Client, Client.contact_party_id),
)


def merge(session: Session, merged_id: UUID, *, into: UUID, reason: str, by: Actor, now: datetime) -> PartyMerge:
    """Move everything of one party to another, and let the first lead there from now on.

    The person has to see both. Matters that they may not see move along: whose file it is does not depend on
    who tidies up.

    Raises:
        RightMissing, PartyNotFound, VariableMissing.
        MergedIntoItself: it is one party.
        PartyIsMerged: one of them was merged before.
        PartiesDiffer: one is a person, the other an organisation.
        PartiesOppose: they stand on two sides of one matter.
    """
    if not by.may(RIGHT):
        raise RightMissing(RIGHT, by.username)
    if merged_id == into:
        raise MergedIntoItself("into", str(into))
    said = reason.strip()
    if not said:
        raise VariableMissing("reason")
    merged, survivor = _both(session, merged_id, into, by)
    before = {"name": survivor.name, "names": naming.all_names(session, survivor.id)}
    moved: dict[str, Any] = {
        "party_name": [str(name.id) for name in naming.move(session, merged, survivor, now=now)],
        "party_identifier": _move_identifiers(session, merged, survivor),
        "party_relation": _move_relations(session, merged, survivor),
        "matter_party": _move_roles(session, merged, survivor),
        "client": _move_client(session, merged, survivor),
    }
    for model, column in _FOLLOW:
        moved[f"{model.__tablename__}.{column.key}"] = _follow(session, model, column, merged, survivor)
    for model, column in ((EnquiryParty, EnquiryParty.party_id), (WallScope, WallScope.client_party_id)):
        session.execute(sa.update(model).where(column == merged.id).values({column.key: survivor.id}))
    _complete(survivor, merged)
    merged.merged_into_id = survivor.id
    _settle_proposals(session, merged, survivor, by, now)
    row = PartyMerge(
        merged_id=merged.id, survivor_id=survivor.id, reason=said, moved=moved, merged_at=now, merged_by=by.username
    )
    session.add(row)
    session.flush()
    naming.refresh_search_text(session, survivor)
    audit.append(
        session,
        "party",
        survivor.id,
        "parties_merged",
        by=by,
        now=now,
        before=before,
        after={
            "name": survivor.name,
            "names": naming.all_names(session, survivor.id),
            "merged_id": str(merged.id),
            "reason": said,
        },
    )
    audit.append(session, "party", merged.id, "merged_away", by=by, now=now, after={"into": str(survivor.id)})
    session.expire_all()
    duplicates.propose(session, survivor, now=now)
    hooks.party_changed(session, survivor.id, "merged", by=by, now=now)
    return row


def _both(session: Session, merged_id: UUID, into: UUID, by: Actor) -> tuple[Party, Party]:
    """Return both, locked in the order of their ids, so that two merges of one pair do not wait for each other."""
    locked: dict[UUID, Party] = {}
    for party_id in sorted((merged_id, into)):
        queries.get(session, party_id, actor=by)
        locked[party_id] = session.get_one(Party, party_id, with_for_update=True, populate_existing=True)
    for party in locked.values():
        if party.merged_into_id is not None:
            raise PartyIsMerged(str(party.id), str(party.merged_into_id))
    merged, survivor = locked[merged_id], locked[into]
    if "unknown" not in (merged.kind, survivor.kind) and merged.kind != survivor.kind:
        raise PartiesDiffer(merged.kind, survivor.kind)
    _require_one_side(session, merged, survivor)
    return merged, survivor


def _move_identifiers(session: Session, merged: Party, survivor: Party) -> list[str]:
    known = {(row.kind, row.country, row.normalised) for row in survivor.identifiers}
    moved: list[str] = []
    for row in list(merged.identifiers):
        if (row.kind, row.country, row.normalised) not in known:
            row.party_id = survivor.id
            moved.append(str(row.id))
    session.flush()
    session.expire(survivor, ["identifiers"])
    session.expire(merged, ["identifiers"])
    return moved


def _move_relations(session: Session, merged: Party, survivor: Party) -> dict[str, Any]:
    """Move relations; those between the two end here, written down whole, because a party has none to itself."""
    query = sa.select(PartyRelation).where(
        sa.or_(PartyRelation.from_party_id == merged.id, PartyRelation.to_party_id == merged.id)
    )
    moved: list[str] = []
    dropped: list[dict[str, Any]] = []
    for row in list(session.scalars(query)):
        if survivor.id in (row.from_party_id, row.to_party_id):
            ends = {"from_party_id": str(row.from_party_id), "to_party_id": str(row.to_party_id)}
            dropped.append({"kind": row.kind, **ends})
            session.delete(row)
            continue
        if row.from_party_id == merged.id:
            row.from_party_id = survivor.id
        else:
            row.to_party_id = survivor.id
        moved.append(str(row.id))
    session.flush()
    return {"moved": moved, "between_the_two": dropped}


def _move_roles(session: Session, merged: Party, survivor: Party) -> dict[str, Any]:
    """Move the roles in matters; a role that the survivor has there already is one role."""
    rows = list(session.scalars(sa.select(MatterParty).where(MatterParty.party_id == merged.id)))
    of_survivor = sa.select(MatterParty.matter_id, MatterParty.role).where(MatterParty.party_id == survivor.id)
    held = {(matter_id, role) for matter_id, role in session.execute(of_survivor)}
    moved: list[list[str]] = []
    doubled: list[list[str]] = []
    for row in rows:
        key = [str(row.matter_id), row.role]
        this = sa.and_(
            MatterParty.matter_id == row.matter_id, MatterParty.party_id == merged.id, MatterParty.role == row.role
        )
        session.expunge(row)
        if (row.matter_id, row.role) in held:
            doubled.append(key)
            session.execute(sa.delete(MatterParty).where(this))
        else:
            moved.append(key)
            session.execute(sa.update(MatterParty).where(this).values(party_id=survivor.id))
    return {"moved": moved, "doubled": doubled}


def _move_client(session: Session, merged: Party, survivor: Party) -> dict[str, Any] | None:
    """Let the survivor be the client; two clients become the one that was a client first."""
    rows = {
        row.party_id: row
        for row in session.scalars(sa.select(Client).where(Client.party_id.in_((merged.id, survivor.id))))
    }
    mine, theirs = rows.get(survivor.id), rows.get(merged.id)
    if theirs is None:
        return None
    if mine is None:
        theirs.party_id = survivor.id
        session.flush()
        return {"moved": theirs.number}
    mine.since = min(mine.since, theirs.since)
    mine.segment = mine.segment or theirs.segment
    mine.contact_every_days = mine.contact_every_days or theirs.contact_every_days
    mine.contact_party_id = mine.contact_party_id or theirs.contact_party_id
    mine.source, mine.originator = mine.source or theirs.source, mine.originator or theirs.originator
    session.flush()
    return {"kept": mine.number, "superseded": theirs.number}


def _follow(session: Session, model: Any, column: Any, merged: Party, survivor: Party) -> list[str]:
    found = [str(row_id) for row_id in session.scalars(sa.select(model.id).where(column == merged.id))]
    if found:
        session.execute(sa.update(model).where(column == merged.id).values({column.key: survivor.id}))
    return found


def _complete(survivor: Party, merged: Party) -> None:
    """Let the survivor know what only the other one knew."""
    if survivor.kind == "unknown":
        survivor.kind = merged.kind
    survivor.born_on = survivor.born_on or merged.born_on
    survivor.language = survivor.language or merged.language
    said = [text for text in (survivor.sensitivities, merged.sensitivities) if text]
    survivor.sensitivities = "\n".join(dict.fromkeys(said)) or None
    survivor.is_discreet = survivor.is_discreet or merged.is_discreet


def _settle_proposals(session: Session, merged: Party, survivor: Party, by: Actor, now: datetime) -> None:
    """Close what was proposed of the merged party; who was told apart from it is told apart from the survivor."""
    pairs = _pairs_of(session, survivor)
    for other, row in _pairs_of(session, merged).items():
        if row.state == "distinct" and other != survivor.id:
            _tell_apart(session, pairs.get(other), survivor.id, other, row, by, now)
        elif row.state == "proposed":
            row.state, row.decided_at, row.decided_by = "merged", now, by.username
    session.flush()


def _pairs_of(session: Session, party: Party) -> dict[UUID, DuplicateProposal]:
    query = sa.select(DuplicateProposal).where(
        sa.or_(DuplicateProposal.first_id == party.id, DuplicateProposal.second_id == party.id)
    )
    return {row.second_id if row.first_id == party.id else row.first_id: row for row in session.scalars(query)}


def _tell_apart(
    session: Session,
    pair: DuplicateProposal | None,
    survivor_id: UUID,
    other_id: UUID,
    decided: DuplicateProposal,
    by: Actor,
    now: datetime,
) -> None:
    if pair is None:
        first, second = sorted((survivor_id, other_id))
        pair = DuplicateProposal(
            first_id=first, second_id=second, score=decided.score, reasons=decided.reasons, proposed_at=now
        )
        session.add(pair)
    if pair.state != "distinct":
        pair.state, pair.decided_at, pair.decided_by = "distinct", now, by.username


def _require_one_side(session: Session, merged: Party, survivor: Party) -> None:
    """Refuse to make one party of a client and the opponent in the same matter."""
    ours, theirs = aliased(MatterParty), aliased(MatterParty)
    pairs = ((merged.id, survivor.id), (survivor.id, merged.id))
    opposed = sa.or_(*(sa.and_(ours.party_id == one, theirs.party_id == other) for one, other in pairs))
    query = (
        sa.select(ours.matter_id)
        .join(theirs, theirs.matter_id == ours.matter_id)
        .where(opposed, ours.role == "client", theirs.role == "opponent")
    )
    if session.execute(query.limit(1)).first() is not None:
        raise PartiesOppose(str(merged.id), str(survivor.id))
