"""Ties that people of the firm have with somebody outside: declared by themselves, found by every check."""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.conflicts.errors import InterestNotFound
from practice.conflicts.models import INTERESTS, StaffInterest
from practice.errors import VariableInvalid, VariableMissing
from practice.guards import require_right
from practice.name_index import operations as name_index
from practice.parties.names import normalise
from practice.people import queries as people

#: Who may read and declare those of others.
RIGHT: Final = "decide_conflicts"
_LONGEST: Final = 300


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``StaffInterest``: one's own, and everybody's for whoever decides about conflicts."""
    return sa.true() if actor.may(RIGHT) else StaffInterest.username == actor.username


def list_of(session: Session, *, actor: Actor, person: str | None = None, limit: int = 500) -> list[StaffInterest]:
    """Return the interests that the actor may read; those that have ended come last."""
    order = (StaffInterest.ended_at.is_not(None), StaffInterest.username, StaffInterest.declared_at, StaffInterest.id)
    query = sa.select(StaffInterest).where(visible_to(actor))
    if person:
        query = query.where(StaffInterest.username == person)
    return list(session.scalars(query.order_by(*order).limit(limit)))


def declare(
    session: Session,
    name: str,
    kind: str,
    *,
    note: str | None = None,
    username: str | None = None,
    by: Actor,
    now: datetime,
) -> StaffInterest:
    """Keep a tie of one's own; who decides about conflicts may declare one for somebody else.

    Declaring the same again changes nothing.

    Raises:
        VariableMissing, VariableInvalid, RightMissing, UserNotFound.
    """
    whose, name = username or by.username, " ".join(name.split())
    if whose != by.username:
        require_right(by, RIGHT)
        people.get(session, whose)
    if not name:
        raise VariableMissing("name")
    if len(name) > _LONGEST or not normalise(name):
        raise VariableInvalid("name", name[:80])
    if kind not in INTERESTS:
        raise VariableInvalid("kind", kind[:40])
    if note is not None and len(note) > _LONGEST:
        raise VariableInvalid("note", note[:80])
    same = sa.select(StaffInterest).where(
        StaffInterest.username == whose,
        StaffInterest.name == name,
        StaffInterest.kind == kind,
        StaffInterest.ended_at.is_(None),
    )
    known = session.scalar(same)
    if known is not None:
        return known
    row = StaffInterest(
        id=new_id(), username=whose, name=name, kind=kind, note=note or None, declared_at=now, declared_by=by.username
    )
    session.add(row)
    session.flush()
    name_index.put(session, "interest", row.id, names=[name])
    after = {"username": whose, "name": name, "kind": kind}
    audit.append(session, "staff_interest", row.id, "interest_declared", by=by, now=now, after=after)
    return row


def end(session: Session, interest_id: UUID, *, by: Actor, now: datetime) -> StaffInterest:
    """Say that a tie is no more; it stays on record and is no longer found.

    Raises:
        InterestNotFound: there is none, or it is somebody else's.
    """
    query = sa.select(StaffInterest).where(StaffInterest.id == interest_id, visible_to(by)).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise InterestNotFound(str(interest_id))
    if row.ended_at is None:
        row.ended_at = now
        session.flush()
        name_index.put(session, "interest", row.id, names=[])
        audit.append(
            session, "staff_interest", row.id, "interest_ended", by=by, now=now, after={"username": row.username}
        )
    return row
