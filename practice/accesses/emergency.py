"""Opening a matter without being on its team, with a reason and for a time; only where its policy says so."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_table
from engine.actor import Actor
from engine.errors import RightMissing
from practice.accesses import attempts
from practice.accesses.attempts import Door
from practice.accesses.errors import EmergencyAccessNotNeeded
from practice.accesses.models import POLICIES, EmergencyAccess, MatterAccessPolicy
from practice.accesses.queries import policy_of
from practice.audit import operations as audit
from practice.errors import MatterNotFound, VariableInvalid
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.matters.visibility import denied_to
from practice.variables import needed_text

#: How long such access lasts, unless its case is decided before.
LASTS: Final = timedelta(hours=24)
SHORTEST_REASON: Final = 10
END_JOB: Final = "end_emergency_access"


def set_policy(session: Session, number: str, policy: str, *, by: Actor, now: datetime) -> MatterAccessPolicy:
    """Say what an outsider of a matter can do: nothing (``deny``), or open it with a reason (``break_glass``).

    Raises:
        MatterNotFound: there is no such matter for this person.
        RightMissing: they neither answer for it nor hold ``set_access_policy``.
        VariableInvalid: there is no such policy.
    """
    matter = matters.get_by_number(session, number, actor=by)
    if matter.responsible != by.username and not by.may("set_access_policy"):
        raise RightMissing("set_access_policy", by.username)
    if policy not in POLICIES:
        raise VariableInvalid("policy", policy[:40])
    before = policy_of(session, matter)
    row = session.get(MatterAccessPolicy, matter.id, with_for_update=True)
    if row is None:
        row = MatterAccessPolicy(matter_id=matter.id)
        session.add(row)
    row.policy, row.changed_at, row.changed_by = policy, now, by.username
    session.flush()
    audit.append(
        session, "matter", number, "access_policy_changed", by=by, now=now,
        before={"access_policy": before}, after={"access_policy": policy},
    )  # fmt: skip
    return row


def break_glass(
    session: Session, number: str, reason: str | None, door: Door, *, by: Actor, now: datetime
) -> EmergencyAccess:
    """Open a matter to somebody outside its team for a day, on record: the owner is told, a case is opened.

    Whether a matter does not exist, denies it or is walled off cannot be told from the refusal.

    Raises:
        VariableMissing, VariableInvalid: the reason is missing or too short to be one.
        EmergencyAccessNotNeeded: it is open to this person already.
        MatterNotFound: there is nothing that could be opened like this.
    """
    said = needed_text({"reason": reason}, "reason", longest=2000)
    if len(said) < SHORTEST_REASON:
        raise VariableInvalid("reason", said)
    number = number.strip()
    if session.scalar(sa.select(Matter.id).where(Matter.number == number, matters.visible_to(by))) is not None:
        raise EmergencyAccessNotNeeded(number)
    matter = session.scalar(sa.select(Matter).where(Matter.number == number, sa.not_(denied_to(by))))
    if matter is None or policy_of(session, matter) != "break_glass":
        raise MatterNotFound(number)
    case = attempts.note_emergency(session, matter, said, door, by=by, now=now)
    access = EmergencyAccess(
        matter_id=matter.id,
        username=by.username,
        reason=said,
        since=now,
        until=now + LASTS,
        breach_case_id=case.id,
    )
    session.add(access)
    session.flush()
    audit.append(
        session, "matter", number, "opened_in_emergency", by=by, now=now,
        after={"username": by.username, "reason": said, "until": access.until.isoformat(), "case": case.number},
    )  # fmt: skip
    job_table.promise(
        session, END_JOB, due_at=access.until, by=by.username, now=now, payload={"emergency_access_id": str(access.id)}
    )
    return access
