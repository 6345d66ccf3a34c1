"""For whom a substitute may work on a task that is another's, and that it is on record."""

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import work_rules
from engine.actor import Actor
from practice.audit import operations as audit
from practice.time import away
from tasks.absences.models import Absence, AbsenceSubstitute, AbsenceTaking

_PAST: Final[dict[work_rules.Verb, str]] = {
    "claim": "user_task_claimed_for",
    "complete": "user_task_completed_for",
    "assign": "user_task_assigned_for",
    "delegate": "user_task_delegated_for",
}


@work_rules.stand_in
def substitute(session: Session, work: work_rules.Work, verb: work_rules.Verb, by: Actor, now: datetime) -> str | None:
    """Return who is away and lets ``by`` do their work; 'by for somebody' goes into the audit trail."""
    if work.assignee == by.username:
        absent = _taken_from(session, work, by)
    else:
        found = standing_in(session, work)
        absence_id = next((row.absence_id for row in found if row.username == by.username), None)
        absent = work.assignee if absence_id is not None else None
        if verb == "claim" and absence_id is not None:
            taking = AbsenceTaking(user_task_id=work.id, absence_id=absence_id, taken_by=by.username, taken_at=now)
            session.merge(taking)
    if absent is not None:
        facts = {"for": absent, "element_id": work.element_id, "process_key": work.process_key}
        audit.append(session, "user_task", work.id, _PAST[verb], by=by, now=now, after=facts, matter=work.business_key)
    return absent


def standing_in(session: Session, work: work_rules.Work) -> list[AbsenceSubstitute]:
    """Return who stands in for a task's assignee just now: those of the closest rule that fits."""
    if work.assignee is None:
        return []
    rule = AbsenceSubstitute
    fitting = sa.select(rule).where(
        rule.absent == work.assignee,
        rule.is_active,
        sa.or_(rule.process_key.is_(None), rule.process_key == work.process_key),
        sa.or_(rule.kind.is_(None), rule.kind == work.kind),
    )
    rows = list(session.scalars(fitting.order_by(rule.rank.desc(), rule.username)))
    return [row for row in rows if row.rank == rows[0].rank]


@away.register
def is_away(session: Session, username: str, on_day: date) -> bool:
    """Say whether somebody is booked away on a local date: nobody asks them for hours then."""
    booked = sa.select(Absence.id).where(
        Absence.username == username,
        Absence.state.in_(("booked", "active")),
        Absence.first_on <= on_day,
        Absence.last_on >= on_day,
    )
    return session.scalar(booked.limit(1)) is not None


def lends_authority(session: Session, work: work_rules.Work, *, absent: str, to: str) -> bool:
    """Say whether who is away lets their substitute approve up to their own limits."""
    rows = standing_in(session, work)
    if work.assignee != absent:
        taken = sa.select(AbsenceSubstitute).where(
            AbsenceSubstitute.absent == absent, AbsenceSubstitute.username == to, AbsenceSubstitute.is_active
        )
        rows = list(session.scalars(taken))
    return any(row.username == to and row.with_authority for row in rows)


def _taken_from(session: Session, work: work_rules.Work, by: Actor) -> str | None:
    """Return whose task it is that ``by`` took over as a substitute; None for what was delegated to them."""
    query = (
        sa.select(Absence.username)
        .join(AbsenceTaking, AbsenceTaking.absence_id == Absence.id)
        .where(
            AbsenceTaking.user_task_id == work.id,
            AbsenceTaking.taken_by == by.username,
            Absence.username == work.owner,
            Absence.state == "active",
        )
    )
    return session.scalar(query)
