"""Hours (read side). Who may read a line is part of every query."""

import calendar as months
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.organisation.models import OrgUnit, StaffRecord
from practice.people.models import Membership, User
from practice.time.calendars import at_local, local_day
from practice.time.errors import TimeEntryNotFound, TimesheetNotFound
from practice.time.models import WRITABLE_STATES, TimeEntry, Timesheet

#: Reads everybody's hours.
SEE_ALL: Final = "see_all_hours"
#: Decides about the hours of people whom nobody else leads.
APPROVE: Final = "approve_hours"
#: Whose day is asked for.
FEE_EARNERS: Final = ("lawyers", "associates", "partners", "court_representatives", "case_managers")
#: Days after the end of a month in which its hours can still be entered.
LATE_DAYS: Final = 3
_DEEPEST = 20
_HEADS = "unit_heads"


@dataclass(frozen=True, slots=True)
class Line:
    """One line with the number and title of its matter."""

    entry: TimeEntry
    matter_number: str | None
    matter_title: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Work that was completed on a day and has no line yet."""

    user_task_id: UUID
    matter_number: str
    work: str


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``TimeEntry``: one's own, those of people one leads, of matters one answers for, or everybody's.

    Lines of a matter that the actor may not know of are left out, whatever rights they hold.
    """
    if actor.may("*"):
        return sa.true()
    denied = sa.select(Matter.id).where(matters.denied_to(actor))
    nothing_denies = sa.or_(TimeEntry.matter_id.is_(None), TimeEntry.matter_id.not_in(denied))
    if actor.may(SEE_ALL) or actor.may(APPROVE):
        return nothing_denies
    led = sa.select(Timesheet.id).where(
        Timesheet.username == TimeEntry.username,
        Timesheet.on_day == TimeEntry.on_day,
        Timesheet.leader == actor.username,
    )
    answered = sa.select(Matter.id).where(Matter.responsible == actor.username)
    reasons = (TimeEntry.username == actor.username, sa.exists(led), TimeEntry.matter_id.in_(answered))
    return sa.and_(sa.or_(*reasons), nothing_denies)


def sheets_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Timesheet``: one's own, those one decides about, or everybody's."""
    if actor.may("*") or actor.may(SEE_ALL) or actor.may(APPROVE):
        return sa.true()
    return sa.or_(Timesheet.username == actor.username, Timesheet.leader == actor.username)


def get(session: Session, time_entry_id: UUID, *, actor: Actor) -> TimeEntry:
    """Return a line; for people whom it does not concern there is none (``TimeEntryNotFound``)."""
    found = session.scalar(sa.select(TimeEntry).where(TimeEntry.id == time_entry_id, visible_to(actor)))
    if found is None:
        raise TimeEntryNotFound(str(time_entry_id))
    return found


def get_sheet(session: Session, number: str, *, actor: Actor) -> Timesheet:
    """Return a sheet; for people whom it does not concern there is none (``TimesheetNotFound``)."""
    found = session.scalar(sa.select(Timesheet).where(Timesheet.number == number, sheets_visible_to(actor)))
    if found is None:
        raise TimesheetNotFound(number[:40])
    return found


def sheet_of(session: Session, username: str, on_day: date) -> Timesheet | None:
    """Return the sheet of a person's day. For delegates: no person's rights are asked."""
    return session.scalar(sa.select(Timesheet).where(Timesheet.username == username, Timesheet.on_day == on_day))


def lines(
    session: Session,
    *,
    actor: Actor,
    username: str | None = None,
    first: date | None = None,
    last: date | None = None,
    matter: str | None = None,
    states: Iterable[str] = (),
    limit: int = 500,
) -> list[Line]:
    """Return lines by day and in the order in which they were entered."""
    query = sa.select(TimeEntry, Matter.number, Matter.title).outerjoin(Matter, Matter.id == TimeEntry.matter_id)
    query = query.where(visible_to(actor))
    if username is not None:
        query = query.where(TimeEntry.username == username)
    if first is not None:
        query = query.where(TimeEntry.on_day >= first)
    if last is not None:
        query = query.where(TimeEntry.on_day <= last)
    if matter is not None:
        query = query.where(Matter.number == matter)
    wanted = tuple(states)
    if wanted:
        query = query.where(TimeEntry.state.in_(wanted))
    return [Line(*row) for row in session.execute(query.order_by(TimeEntry.on_day, TimeEntry.id).limit(limit))]


def waiting_for(session: Session, *, actor: Actor, person: str | None = None, limit: int = 300) -> list[Line]:
    """Return the lines that the actor is to decide about, by person and day; never their own."""
    of_its_day = sa.and_(Timesheet.username == TimeEntry.username, Timesheet.on_day == TimeEntry.on_day)
    led = sa.exists(sa.select(Timesheet.id).where(of_its_day, Timesheet.leader == actor.username).correlate(TimeEntry))
    mine = led
    if actor.may(APPROVE):
        other = sa.select(Timesheet.id).where(of_its_day, Timesheet.leader.is_not(None)).correlate(TimeEntry)
        mine = sa.or_(led, sa.not_(sa.exists(other)))
    query = (
        sa.select(TimeEntry, Matter.number, Matter.title)
        .outerjoin(Matter, Matter.id == TimeEntry.matter_id)
        .where(visible_to(actor), TimeEntry.state == "submitted", TimeEntry.username != actor.username, mine)
        .order_by(TimeEntry.username, TimeEntry.on_day, TimeEntry.id)
    )
    if person:
        query = query.where(TimeEntry.username == person)
    return [Line(*row) for row in session.execute(query.limit(limit))]


def missing_days(session: Session, *, actor: Actor, since: date) -> list[Timesheet]:
    """Return the actor's own days that are still to be handed in, the oldest first."""
    query = sa.select(Timesheet).where(
        Timesheet.username == actor.username, Timesheet.state.in_(("open", "returned")), Timesheet.on_day >= since
    )
    return list(session.scalars(query.order_by(Timesheet.on_day)))


def minutes_of_read_matter(session: Session, matter: Matter) -> dict[str, int]:
    """Return the minutes of a matter that was read with the reader's rights: approved ones, and all handed in."""
    found: dict[str, int] = dict(session.execute(_MINUTES, {"matter_id": matter.id}).all())
    approved = int(found.get("approved") or 0)
    return {"approved": approved, "handed_in": approved + int(found.get("submitted") or 0)}


_MINUTES: Final = (
    sa.select(TimeEntry.state, sa.func.sum(TimeEntry.minutes))
    .where(TimeEntry.matter_id == sa.bindparam("matter_id"), TimeEntry.state.in_(("submitted", "approved")))
    .group_by(TimeEntry.state)
)


def totals(
    session: Session, *, actor: Actor, first: date, last: date, by: str = "person"
) -> list[tuple[str | None, int, int]]:
    """Return approved and handed-in minutes of a period by person or by matter, only of what the actor may read."""
    name = TimeEntry.username if by == "person" else Matter.number
    approved = sa.func.sum(sa.case((TimeEntry.state == "approved", TimeEntry.minutes), else_=0))
    query = (
        sa.select(name, approved, sa.func.sum(TimeEntry.minutes))
        .select_from(TimeEntry)
        .outerjoin(Matter, Matter.id == TimeEntry.matter_id)
        .where(visible_to(actor), TimeEntry.on_day.between(first, last))
        .where(TimeEntry.state.in_(("submitted", "approved")))
        .group_by(name)
        .order_by(name)
    )
    return [(row[0], int(row[1] or 0), int(row[2] or 0)) for row in session.execute(query)]


def suggestions(session: Session, username: str, on_day: date) -> list[Suggestion]:
    """Return the person's tasks of a day, in matters, that no line was made of yet."""
    start, end = at_local(on_day, time()), at_local(on_day + timedelta(days=1), time())
    taken = sa.select(TimeEntry.user_task_id).where(
        TimeEntry.username == username, TimeEntry.on_day == on_day, TimeEntry.user_task_id.is_not(None)
    )
    query = (
        sa.select(UserTask.id, Matter.number, UserTask.name)
        .join(Matter, Matter.number == UserTask.business_key)
        .where(
            UserTask.ended_by == username,
            UserTask.state == "completed",
            UserTask.ended_at >= start,
            UserTask.ended_at < end,
            UserTask.id.not_in(taken),
            Matter.state == "open",
        )
        .order_by(UserTask.ended_at, UserTask.id)
        .limit(30)
    )
    return [Suggestion(*row) for row in session.execute(query)]


def leader_of(session: Session, username: str) -> str | None:
    """Return who leads a person: the head of their unit, or of the nearest unit above that has another head."""
    unit_id = session.scalar(sa.select(StaffRecord.org_unit_id).where(StaffRecord.username == username))
    for _ in range(_DEEPEST):
        if unit_id is None:
            return None
        head = session.scalar(
            sa.select(User.username)
            .join(Membership, Membership.user_id == User.id)
            .join(StaffRecord, StaffRecord.username == User.username)
            .where(
                Membership.group_name == _HEADS,
                StaffRecord.org_unit_id == unit_id,
                User.is_active,
                User.username != username,
            )
            .order_by(User.username)
            .limit(1)
        )
        if head is not None:
            return head
        unit_id = session.scalar(sa.select(OrgUnit.parent_id).where(OrgUnit.id == unit_id))
    return None


def fee_earners(session: Session) -> list[str]:
    """Return the active people whose hours are asked for."""
    query = sa.select(User.username).join(Membership, Membership.user_id == User.id)
    query = query.where(User.is_active, Membership.group_name.in_(FEE_EARNERS))
    return list(session.scalars(query.distinct().order_by(User.username)))


def last_day_for(on_day: date) -> date:
    """Return the last day on which hours of a day can be entered."""
    end = date(on_day.year, on_day.month, months.monthrange(on_day.year, on_day.month)[1])
    return end + timedelta(days=LATE_DAYS)


def is_open_day(on_day: date, now: datetime) -> bool:
    """Say whether hours of a day can be entered now."""
    today = local_day(now)
    return on_day <= today <= last_day_for(on_day)


def is_writable(entry: TimeEntry, *, actor: Actor) -> bool:
    """Say whether the actor may change a line."""
    return entry.username == actor.username and entry.state in WRITABLE_STATES


def matter_ids(session: Session, numbers: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of matters by their numbers. For delegates: no person's rights are asked."""
    query = sa.select(Matter.number, Matter.id).where(Matter.number.in_(sorted(numbers)))
    return dict(session.execute(query).all())


def drafted_matters(session: Session, username: str, on_day: date) -> set[UUID]:
    """Return the matters for which a person has a line on a day."""
    query = sa.select(TimeEntry.matter_id).where(TimeEntry.username == username, TimeEntry.on_day == on_day)
    return {found for found in session.scalars(query) if found is not None}
