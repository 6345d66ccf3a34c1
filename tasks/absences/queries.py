"""Absences (read side): who is away when, who stands in, and what a group would be left with."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import work_rules
from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from practice.organisation.queries import OUTSIDE, is_outside
from practice.paging import Page, bounded, place
from practice.people.models import Group, Membership, User
from tasks.absences.errors import AbsenceNotFound
from tasks.absences.models import Absence, AbsenceSubstitute
from tasks.absences.rules import standing_in

OPEN = ("booked", "active")


class Gap(NamedTuple):
    """A group that nobody would be left of on some days."""

    group: str
    title: str
    #: Local dates, both included.
    first_on: date
    last_on: date
    #: Open user tasks that wait for the group just now.
    waiting: int


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Absence``: colleagues know who is away; people from outside see only their own."""
    return Absence.username == actor.username if is_outside(actor) else sa.true()


def may_read_note(actor: Actor, absence: Absence) -> bool:
    """Say whether somebody may read why a person is away: that person, who booked it, and who gives out work."""
    return actor.username in (absence.username, absence.booked_by) or actor.may("assign_user_tasks")


def get(session: Session, number: str, *, actor: Actor) -> Absence:
    """Return an absence, or raise ``AbsenceNotFound`` for whom it does not concern."""
    found = session.scalar(sa.select(Absence).where(Absence.number == number, visible_to(actor)))
    if found is None:
        raise AbsenceNotFound(number[:40])
    return found


def search(
    session: Session,
    *,
    actor: Actor,
    on: date | None = None,
    since: date | None = None,
    username: str | None = None,
    states: Collection[str] | None = None,
    limit: int = 100,
) -> list[Absence]:
    """Return absences by their first day: of one person, those that cover a day, those not over by a day."""
    query = _wanted(actor, on, since, username, states)
    return list(session.scalars(query.limit(max(1, min(limit, 500)))))


def page(
    session: Session,
    *,
    actor: Actor,
    on: date | None = None,
    since: date | None = None,
    username: str | None = None,
    states: Collection[str] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Absence]:
    """Return a page of what ``search`` finds.

    Raises:
        CursorInvalid.
    """
    limit = bounded(limit)
    query = _wanted(actor, on, since, username, states)
    if cursor:
        at, row_id = place(cursor)
        key = sa.tuple_(Absence.first_on, Absence.id)
        query = query.where(key > sa.tuple_(at.date(), row_id, types=[Absence.first_on.type, Absence.id.type]))
    rows = list(session.scalars(query.limit(limit + 1)))
    return Page.cut(rows, limit, lambda row: (datetime.combine(row.first_on, time(), UTC), row.id))


def _wanted(
    actor: Actor, on: date | None, since: date | None, username: str | None, states: Collection[str] | None
) -> sa.Select[Absence]:
    query = sa.select(Absence).where(visible_to(actor))
    if on is not None:
        query = query.where(Absence.first_on <= on, Absence.last_on >= on)
    if since is not None:
        query = query.where(Absence.last_on >= since)
    if username is not None:
        query = query.where(Absence.username == username)
    if states is not None:
        query = query.where(Absence.state.in_(list(states)))
    return query.order_by(Absence.first_on, Absence.id)


def standing_in_for(session: Session, actor: Actor) -> dict[str, str]:
    """Return whose work the actor sees as a substitute just now: names by username."""
    query = (
        sa.select(User.username, User.full_name)
        .join(AbsenceSubstitute, AbsenceSubstitute.absent == User.username)
        .where(AbsenceSubstitute.username == actor.username, AbsenceSubstitute.is_active)
    )
    return dict(session.execute(query).all())


def stands_in(session: Session, task: UserTask, actor: Actor) -> bool:
    """Say whether the actor may do an open task for who holds it and is away."""
    return any(row.username == actor.username for row in standing_in(session, work_rules.Work.of(task)))


def away(first_on: date, last_on: date) -> sa.Select[str]:
    """Select who is away on any of these days."""
    return sa.select(Absence.username).where(
        Absence.state.in_(OPEN), Absence.first_on <= last_on, Absence.last_on >= first_on
    )


def gaps(session: Session, username: str, first_on: date, last_on: date) -> list[Gap]:
    """Return the groups of a person that would have nobody while they are away, because the others are away, too.

    The days of a gap are those between the first and the last day without anybody.
    """
    groups = sa.select(Membership.group_name).join(User, User.id == Membership.user_id).where(User.username == username)
    found: list[Gap] = []
    for name in session.scalars(
        groups.where(Membership.group_name.not_in(sorted(OUTSIDE))).order_by("group_name")
    ).all():
        empty = _days_without_anybody(session, name, username, first_on, last_on)
        if empty is not None:
            title = session.scalar(sa.select(Group.title).where(Group.name == name)) or name
            found.append(Gap(name, title, *empty, _waiting(session, name)))
    return found


def _days_without_anybody(
    session: Session, group: str, username: str, first_on: date, last_on: date
) -> tuple[date, date] | None:
    others = set(
        session.scalars(
            sa.select(User.username)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.group_name == group, User.is_active, User.username != username)
        )
    )
    if not others:
        return first_on, last_on
    away_then: dict[str, list[tuple[date, date]]] = {}
    overlapping = sa.select(Absence.username, Absence.first_on, Absence.last_on).where(
        Absence.username.in_(sorted(others)),
        Absence.state.in_(OPEN),
        Absence.first_on <= last_on,
        Absence.last_on >= first_on,
    )
    for person, begins, ends in session.execute(overlapping):
        away_then.setdefault(person, []).append((max(begins, first_on), min(ends, last_on)))
    if away_then.keys() != others:
        return None
    days = [
        on
        for on in (date.fromordinal(n) for n in range(first_on.toordinal(), last_on.toordinal() + 1))
        if all(any(begins <= on <= ends for begins, ends in spans) for spans in away_then.values())
    ]
    return (days[0], days[-1]) if days else None


def _waiting(session: Session, group: str) -> int:
    rows = sa.select(sa.func.count()).where(UserTaskCandidate.principal == f"group:{group}")
    return session.scalar(rows) or 0
