"""What a matter is filed under: direction, region, tags, confidentiality, and the matters it has to do with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry, MatterTag
from practice.errors import MatterNotFound, VariableInvalid
from practice.matters import queries, units
from practice.matters.errors import MatterRelatedToItself, NotOnTheTeam
from practice.matters.guards import EDIT_ANY, writable
from practice.matters.models import CONFIDENTIALITY, RELATIONS, Matter, MatterRelation
from practice.variables import Variables, names, text

_MOST_TAGS = 30


def classify(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Matter:
    """File a matter under what ``facts`` names; what it does not name stays as it was.

    ``direction`` and ``region`` (keys; empty takes it away), ``tags`` (a list of keys: exactly these from now
    on), ``confidentiality`` and ``org_unit`` (the code of the unit that works on it; empty takes it away), which only
    the responsible lawyer and who may edit any matter change: they change who reads it.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, EntryUnknown, VariableInvalid.
    """
    matter = writable(session, number, by=by)
    before = _filed(session, matter)
    if "confidentiality" in facts:
        wanted = text(facts, "confidentiality", longest=12)
        if wanted != matter.confidentiality:
            _require_responsible(matter, by)
    if "org_unit" in facts and text(facts, "org_unit", longest=40) != before["org_unit"]:
        _require_responsible(matter, by)
    file_under(session, matter, facts)
    after = _filed(session, matter)
    if after != before:
        audit.append(session, "matter", number, "matter_classified", by=by, now=now, before=before, after=after)
    return matter


def _require_responsible(matter: Matter, by: Actor) -> None:
    if by.username != matter.responsible and not by.may(EDIT_ANY):
        raise NotOnTheTeam(matter.number, by.username)


def file_under(session: Session, matter: Matter, facts: Variables) -> None:
    """File a matter that the caller may change, and records, under what ``facts`` names (see ``classify``)."""
    if "direction" in facts:
        entry = directories.chosen(session, "direction", text(facts, "direction", longest=60), field="direction")
        matter.direction_id = entry.id if entry else None
    if "region" in facts:
        entry = directories.chosen(session, "region", text(facts, "region", longest=60), field="region")
        matter.region_id = entry.id if entry else None
    if "confidentiality" in facts:
        wanted = text(facts, "confidentiality", longest=12)
        if wanted not in CONFIDENTIALITY:
            raise VariableInvalid("confidentiality", str(wanted)[:80])
        matter.confidentiality = wanted
    if "org_unit" in facts:
        matter.org_unit_id = units.named(session, text(facts, "org_unit", longest=40))
    if "tags" in facts:
        _tag(session, matter, names(facts, "tags", most=_MOST_TAGS))
    session.flush()


def relate(
    session: Session, number: str, related: str, kind: str = "related", *, by: Actor, now: datetime
) -> MatterRelation:
    """Say that one matter has to do with another that the actor may see; saying it again changes the kind.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, VariableInvalid, MatterRelatedToItself.
    """
    if kind not in RELATIONS:
        raise VariableInvalid("kind", kind[:80])
    matter = writable(session, number, by=by)
    other = queries.get_by_number(session, related, actor=by)
    if other.id == matter.id:
        raise MatterRelatedToItself("related", number)
    row = session.get(MatterRelation, (matter.id, other.id)) or session.get(MatterRelation, (other.id, matter.id))
    if row is None:
        row = MatterRelation(
            matter_id=matter.id, related_id=other.id, kind=kind, created_at=now, created_by=by.username
        )
        session.add(row)
    elif row.kind == kind:
        return row
    row.kind = kind
    session.flush()
    after = {"related": related, "kind": kind}
    audit.append(session, "matter", number, "matter_related", by=by, now=now, after=after)
    return row


def unrelate(session: Session, number: str, related: str, *, by: Actor, now: datetime) -> None:
    """Say that two matters have nothing to do with each other.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived.
    """
    matter = writable(session, number, by=by)
    other = queries.get_by_number(session, related, actor=by)
    row = session.get(MatterRelation, (matter.id, other.id)) or session.get(MatterRelation, (other.id, matter.id))
    if row is None:
        raise MatterNotFound(related)
    session.delete(row)
    session.flush()
    before = {"related": related, "kind": row.kind}
    audit.append(session, "matter", number, "matter_unrelated", by=by, now=now, before=before)


def _tag(session: Session, matter: Matter, keys: Sequence[str]) -> None:
    wanted = {_tag_of(session, key).id for key in keys}
    present = {row.tag_id: row for row in session.scalars(sa.select(MatterTag).where(MatterTag.matter_id == matter.id))}
    for tag_id, row in present.items():
        if tag_id not in wanted:
            session.delete(row)
    session.add_all(MatterTag(matter_id=matter.id, tag_id=tag_id) for tag_id in sorted(wanted - present.keys()))
    session.flush()


def _tag_of(session: Session, key: str) -> DirectoryEntry:
    entry = directories.chosen(session, "tag", key, field="tags")
    if entry is None:
        raise VariableInvalid("tags", key[:80])
    return entry


def _filed(session: Session, matter: Matter) -> dict[str, Any]:
    known = directories.of_ids(session, [matter.direction_id, matter.region_id])
    tags = (
        sa.select(DirectoryEntry.key)
        .join(MatterTag, MatterTag.tag_id == DirectoryEntry.id)
        .where(MatterTag.matter_id == matter.id)
        .order_by(DirectoryEntry.key)
    )
    keys: dict[UUID | None, str] = {entry_id: entry.key for entry_id, entry in known.items()}
    return {
        "direction": keys.get(matter.direction_id),
        "region": keys.get(matter.region_id),
        "confidentiality": matter.confidentiality,
        "org_unit": units.code_of(session, matter.org_unit_id),
        "tags": list(session.scalars(tags)),
    }
