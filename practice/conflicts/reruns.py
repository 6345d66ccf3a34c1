"""Checking matters again when what is known of their parties changes: a new name, a number, a relation, a merger.

The change itself is kept at once. Its checks are jobs, one a matter, because a bank is a party of hundreds; what
they find that was not found before is told to the matter's responsible people and to those who decide conflicts.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_kinds, job_table
from engine.actor import SYSTEM, Actor
from engine.job_kinds import DueJob
from engine.models import Job
from practice.conflicts import operations
from practice.conflicts.models import ConflictCheck
from practice.conflicts.queries import last_check
from practice.matters.models import Matter, MatterMember, MatterParty
from practice.notices import operations as notices
from practice.parties import hooks
from practice.people import queries as people
from practice.walls import queries as walls

KIND: Final = "conflict_rerun"
#: The kind of notice that tells of what is new.
FOUND: Final = "conflict_found"
#: Who decides about conflicts, whichever matter it is.
DECIDERS: Final = "conflicts_officers"


def promise(session: Session, party_id: UUID, what: str, by: Actor, now: datetime) -> None:
    """Promise a check of every open matter of a party; what is promised already, and not begun, is not again."""
    query = (
        sa.select(Matter.number)
        .join(MatterParty, MatterParty.matter_id == Matter.id)
        .where(MatterParty.party_id == party_id, Matter.state == "open")
        .distinct()
    )
    numbers = set(session.scalars(query)) - _promised(session, now)
    rows = [
        job_table.values(KIND, due_at=now, by=by.username, now=now, element_id=number, payload={"because": what})
        for number in sorted(numbers)
    ]
    job_table.promise_all(session, rows, now=now)


@job_kinds.handles(KIND)
def rerun(session: Session, job: DueJob, now: datetime) -> None:
    """Check one matter again and tell of what was not known before; a matter that was closed meanwhile is left."""
    matter = session.scalar(sa.select(Matter).where(Matter.number == job.element_id, Matter.state == "open"))
    if matter is None:
        return
    before = last_check(session, matter.number)
    after = operations.recheck_matter(session, matter.number, trigger="party_change", by=SYSTEM, now=now)
    new = _adverse(after) - _adverse(before)
    if not new:
        return
    facts: dict[str, Any] = {"matter": matter.number, "count": len(new), "outcome": after.outcome}
    notices.tell(session, _concerned(session, matter, now), FOUND, str(after.id), facts, now=now)


def _promised(session: Session, now: datetime) -> set[str]:
    """Return the matters whose check waits; one that a worker has taken may have read what was before."""
    waiting = sa.select(Job.element_id).where(Job.kind == KIND, Job.due_at <= now, Job.taken_by.is_(None))
    return set(session.scalars(waiting))


def _adverse(check: ConflictCheck | None) -> set[tuple[str | None, str | None, str | None]]:
    hits = check.hits if check is not None else []
    return {(hit["party_id"], hit["matter_number"], hit["matches_role"]) for hit in hits if hit["adverse"]}


def _concerned(session: Session, matter: Matter, now: datetime) -> set[str]:
    team = sa.select(MatterMember.username).where(
        MatterMember.matter_id == matter.id, sa.or_(MatterMember.until.is_(None), MatterMember.until > now)
    )
    deciders = {user.username for user in people.members(session, DECIDERS)}
    return (set(session.scalars(team)) | deciders) - walls.kept_out(session, matter.number)


hooks.on_party_changed.append(promise)
