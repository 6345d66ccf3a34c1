"""Who is reminded of a user task, and when they work.

Nobody is reminded of what they may not know of: what is sent leaves out whom a wall, a rule or a matter's class keeps
away, as the lists of the product do.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from practice.deadlines import queries as deadlines
from practice.deadlines.errors import CalendarUnknown, DayOutOfRange
from practice.organisation import queries as organisation
from practice.organisation.models import OrgUnitReach, StaffRecord
from practice.people.models import Membership, User
from practice.walls import queries as walls
from tasks import access
from tasks.notifications.operations import is_guarded
from tasks.reminders.working_time import Days, WorkingTime


class Addressee(NamedTuple):
    """Somebody who may be told."""

    username: str
    email: str | None
    language: str | None


def of_task(session: Session, task: UserTask, *, now: datetime) -> list[Addressee]:
    """Return whom a task stands in front of: its assignee, or each member of its groups while nobody holds it.

    Whoever stands in for an assignee who is away has it in front of them as well.
    """
    if task.assignee is not None:
        rows = sa.select(UserTaskCandidate.principal).where(UserTaskCandidate.user_task_id == task.id)
        persons = [name.removeprefix("user:") for name in session.scalars(rows) if name.startswith("user:")]
        return fit(session, task, {task.assignee, *persons}, now=now)
    return fit(session, task, _members(session, task.candidate_groups), now=now)


def of_escalation(session: Session, task: UserTask, to: str, *, now: datetime) -> list[Addressee]:
    """Return who hears that a task took too long: a person, or those of a group who are over the people at work.

    Of a group of heads that is whoever works in the unit of one of them or in one above it; when nobody does, all.
    """
    if to.startswith("user:"):
        return fit(session, task, [to.removeprefix("user:")], now=now)
    members = _members(session, [to])
    at_work = [task.assignee] if task.assignee else _members(session, [g for g in task.candidate_groups if g != to])
    units = sa.select(StaffRecord.org_unit_id).where(StaffRecord.username.in_(at_work))
    above = sa.select(OrgUnitReach.ancestor_id).where(OrgUnitReach.unit_id.in_(units))
    heads = sa.select(StaffRecord.username).where(StaffRecord.username.in_(members), StaffRecord.org_unit_id.in_(above))
    near = [name for name in session.scalars(heads.order_by(StaffRecord.username)) if name not in at_work]
    return fit(session, task, near or members, now=now)


def fit(session: Session, task: UserTask, usernames: Collection[str], *, now: datetime) -> list[Addressee]:
    """Return those of these people who work here and may know of a task, by name."""
    if not usernames:
        return []
    query = sa.select(User).where(User.username.in_(usernames), User.is_active, User.locked_at.is_(None))
    found = list(session.scalars(query.order_by(User.username)))
    kept_out = walls.kept_out(session, task.business_key)
    found = [user for user in found if user.username not in kept_out]
    if is_guarded(session, task.business_key):
        found = [user for user in found if _may_know(session, task, user, now)]
    return [Addressee(user.username, user.email, user.language) for user in found]


def working_times(session: Session, usernames: Sequence[str]) -> dict[str, WorkingTime]:
    """Return when each of these people works: their own calendar, else that of their unit."""
    library = deadlines.library(session)
    known: dict[str | None, WorkingTime] = {}
    found: dict[str, WorkingTime] = {}
    for username in usernames:
        key = organisation.calendar_of(session, username)
        if key not in known:
            try:
                days = library.calendar(key) if key else None
            except CalendarUnknown:
                days = None
            known[key] = WorkingTime(_Forgiving(days) if days else None, clock.zone())
        found[username] = known[key]
    return found


class _Forgiving:
    """A calendar that says of days it does not reach what their weekday says."""

    def __init__(self, days: Days) -> None:
        self._days = days

    def is_working(self, day: date) -> bool:
        """Say whether a day is a working day."""
        try:
            return self._days.is_working(day)
        except DayOutOfRange:
            return day.weekday() < 5  # noqa: PLR2004 - Saturday


def _members(session: Session, groups: Iterable[str]) -> list[str]:
    query = (
        sa.select(User.username)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.group_name.in_(list(groups)), User.is_active)
        .distinct()
        .order_by(User.username)
    )
    return list(session.scalars(query))


def _may_know(session: Session, task: UserTask, user: User, now: datetime) -> bool:
    actor = Actor(user.username, user.groups, at=now)
    return (
        session.scalar(sa.select(UserTask.id).where(UserTask.id == task.id, access.task_not_denied(actor))) is not None
    )
