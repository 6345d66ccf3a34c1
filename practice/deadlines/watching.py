"""Watching a deadline's day: a job at every instant at which people are to hear of it, and one when it has passed."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock, job_kinds, job_table
from engine.actor import SYSTEM, Actor
from engine.job_kinds import DueJob
from practice.deadlines.models import Deadline, DeadlineChange, DeadlineWarning
from practice.matters.models import Matter, MatterMember
from practice.notices import operations as notices
from practice.people.models import User

KIND = "deadline_watch"
#: Local time at which people are told: when the office opens.
MORNING = time(8)


def watch(session: Session, deadline: Deadline, *, by: Actor, now: datetime) -> None:
    """Promise to look at a deadline when something about it is due next; a passed warning is due at once."""
    due_at = next_look(session, deadline)
    if due_at is not None:
        payload = {"deadline_id": str(deadline.id)}
        job_table.promise(session, KIND, due_at=max(due_at, now), by=by.username, now=now, payload=payload)


def next_look(session: Session, deadline: Deadline) -> datetime | None:
    """Return the instant of the next warning, or the one at which the day is over; None when nothing is to come."""
    if not deadline.is_open or deadline.due_on is None:
        return None
    next_warning = session.scalar(
        sa.select(sa.func.min(DeadlineWarning.warn_on)).where(
            DeadlineWarning.deadline_id == deadline.id, DeadlineWarning.warned_at.is_(None)
        )
    )
    over = over_at(deadline)
    return over if next_warning is None else min(over, _at(next_warning, MORNING, _zone(deadline)))


def over_at(deadline: Deadline) -> datetime:
    """Return the instant at which the deadline's day has ended where the court is."""
    assert deadline.due_on is not None, "the caller has seen to that"
    return _at(deadline.due_on + timedelta(days=1), time(), _zone(deadline))


@job_kinds.handles(KIND)
def look(session: Session, job: DueJob, now: datetime) -> None:
    """Warn of a deadline, or note that it was missed; what has ended or moved needs nothing."""
    from practice.deadlines import records  # noqa: PLC0415 - they watch each other

    deadline = session.get(
        Deadline, UUID((job.payload or {})["deadline_id"]), with_for_update=True, populate_existing=True
    )
    if deadline is None or not deadline.is_open or deadline.due_on is None:
        return
    _warn(session, deadline, now)
    if over_at(deadline) <= now:
        records.miss(session, deadline, by=SYSTEM, now=now)
        _tell(session, deadline, "deadline_missed", str(deadline.id), now)
        return
    watch(session, deadline, by=SYSTEM, now=now)


def _warn(session: Session, deadline: Deadline, now: datetime) -> None:
    """Tell of the nearest warning that is due; those that were due before it are not told one by one."""
    zone = _zone(deadline)
    today = now.astimezone(zone).date()
    waiting = sa.select(DeadlineWarning).where(
        DeadlineWarning.deadline_id == deadline.id, DeadlineWarning.warned_at.is_(None)
    )
    due = [row for row in session.scalars(waiting) if _at(row.warn_on, MORNING, zone) <= now]
    for row in due:
        row.warned_at = now
    plain = [row for row in due if row.name is None]
    told = [row for row in due if row.name is not None] + ([max(plain, key=lambda row: row.warn_on)] if plain else [])
    for row in told:
        assert deadline.due_on is not None, "the caller has seen to that"
        days = (deadline.due_on - today).days
        reason = row.name or f"{days} days before"
        session.add(DeadlineChange(deadline_id=deadline.id, at=now, by=SYSTEM.username, kind="warned", reason=reason))
        _tell(session, deadline, "deadline_nears", f"{deadline.id}:{row.key}", now, days=days, pre_deadline=row.name)
    session.flush()


def recipients(session: Session, deadline: Deadline) -> list[str]:
    """Return who hears of a deadline: whoever works on the matter now, the responsible person among them."""
    members = sa.select(MatterMember.username).where(
        MatterMember.matter_id == deadline.matter_id, MatterMember.until.is_(None)
    )
    query = sa.select(User.username).where(User.username.in_(members), User.is_active).order_by(User.username)
    return list(session.scalars(query))


def _tell(session: Session, deadline: Deadline, kind: str, about: str, now: datetime, **more: object) -> None:
    matter = session.get(Matter, deadline.matter_id)
    assert matter is not None, "a foreign key says so"
    facts = {
        "matter": matter.number,
        "deadline_id": str(deadline.id),
        "name": deadline.name,
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "is_fatal": deadline.is_fatal,
        "is_verified": deadline.state == "verified",
        **more,
    }
    notices.tell(session, recipients(session, deadline), kind, about, facts, now=now)


def _zone(deadline: Deadline) -> tzinfo:
    return ZoneInfo(deadline.time_zone) if deadline.time_zone else clock.zone()


def _at(day: date, hour: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)
