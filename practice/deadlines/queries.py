"""Deadlines (read side). Who may see one is who may see its matter, inside every query."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.actor import Actor
from practice.deadlines import library as libraries
from practice.deadlines.errors import DeadlineNotFound
from practice.deadlines.library import Library
from practice.deadlines.models import OPEN_STATES, CalendarDay, Deadline, DeadlineStay
from practice.deadlines.periods import Stay
from practice.matters import belongings
from practice.matters.models import Matter, MatterMember
from practice.paging import Page, bounded, place
from practice.paging import cursor as cursor_at

#: ``mine``: I am responsible. ``team``: of the matters on whose team I am. ``all``: of every matter I may see.
SCOPES = ("mine", "team", "all")


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Deadline``: those of the matters that the actor may see; asked of each row."""
    return belongings.seen(Deadline.matter_id, actor)


def get(session: Session, deadline_id: UUID, *, actor: Actor) -> Deadline:
    """Return the deadline; for people whom its matter does not concern there is none (``DeadlineNotFound``)."""
    found = session.scalar(sa.select(Deadline).where(Deadline.id == deadline_id, visible_to(actor)))
    if found is None:
        raise DeadlineNotFound(str(deadline_id))
    return found


def of_read_matter(session: Session, matter: Matter) -> list[Deadline]:
    """Return every deadline of a matter that was read with the reader's rights, open ones first and by day."""
    return list(session.scalars(_OF_MATTER, {"matter_id": matter.id}))


_OF_MATTER: Final = (
    sa.select(Deadline)
    .where(Deadline.matter_id == sa.bindparam("matter_id"))
    .options(selectinload(Deadline.warnings))
    .order_by(Deadline.ended_at.is_not(None), Deadline.sort_on, Deadline.id)
)


def search(  # noqa: PLR0913 - each of them narrows the list in its own way
    session: Session,
    *,
    actor: Actor,
    scope: str = "all",
    matter: str | None = None,
    states: Sequence[str] = OPEN_STATES,
    due_from: date | None = None,
    due_to: date | None = None,
    fatal: bool | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[tuple[Deadline, str]]:
    """Return deadlines with their matter's number, the first due first; only what the actor may see.

    With ``person`` those that a colleague is responsible for.
    """
    limit = bounded(limit)
    wanted = _wanted(actor, scope, matter, states, due_from, due_to, fatal)
    if person:
        wanted.append(Deadline.responsible == person)
    if cursor:
        at, row_id = place(cursor)
        key: Any = sa.tuple_(Deadline.sort_on, Deadline.id)
        wanted.append(key > sa.tuple_(at.date(), row_id, types=[Deadline.sort_on.type, Deadline.id.type]))
    are_few = scope != "all" or matter is not None or bool(person)
    rows = _first(session, wanted, actor, limit + 1, are_few=are_few)
    items = rows[:limit]
    if len(rows) <= limit:
        return Page(items, None)
    last = items[-1][0]
    return Page(items, cursor_at(datetime.combine(last.sort_on, time(), UTC), last.id))


def count(
    session: Session,
    *,
    actor: Actor,
    scope: str = "all",
    states: Sequence[str] = OPEN_STATES,
    due_from: date | None = None,
    due_to: date | None = None,
) -> int:
    """Count what ``search`` would list."""
    # Until some day there are few.
    seen = visible_to(actor) if due_to is not None else belongings.among(Deadline.matter_id, actor)
    query = sa.select(sa.func.count()).select_from(Deadline).where(seen)
    query = query.where(*_wanted(actor, scope, None, states, due_from, due_to, None))
    return session.scalar(query) or 0


def _wanted(
    actor: Actor,
    scope: str,
    matter: str | None,
    states: Sequence[str],
    due_from: date | None,
    due_to: date | None,
    fatal: bool | None,
) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    # Said as the partial indexes say it.
    if set(states) == set(OPEN_STATES):
        wanted.append(_IS_OPEN)
    else:
        wanted.append(Deadline.state.in_(states))
    if scope == "mine":
        wanted.append(Deadline.responsible == actor.username)
    elif scope == "team":
        mine = sa.select(MatterMember.matter_id).where(
            MatterMember.username == actor.username, MatterMember.until.is_(None)
        )
        wanted.append(Deadline.matter_id.in_(mine))
    if matter is not None:
        wanted.append(Deadline.matter_id.in_(sa.select(Matter.id).where(Matter.number == matter)))
    if due_from is not None:
        wanted += [Deadline.sort_on >= due_from, Deadline.due_on.is_not(None)]
    if due_to is not None:
        # What has no day yet is sorted after every day: said of that one, the index of the open ones is read.
        wanted += [Deadline.sort_on <= due_to, Deadline.due_on.is_not(None)]
    if fatal is not None:
        wanted.append(Deadline.is_fatal == fatal)
    return wanted


def waiting_for_second_person(session: Session, *, actor: Actor, limit: int = 100) -> list[tuple[Deadline, str]]:
    """Return what the actor may decide as the second person: deadlines to verify, endings to confirm."""
    wanted = [
        _IS_OPEN,
        sa.or_(
            sa.and_(Deadline.state == "proposed", Deadline.created_by != actor.username),
            sa.and_(Deadline.ending.is_not(None), Deadline.ending_by != actor.username),
        ),
    ]
    return _first(session, wanted, actor, bounded(limit))


def _first(
    session: Session, wanted: list[sa.ColumnElement[bool]], actor: Actor, count: int, *, are_few: bool = False
) -> list[tuple[Deadline, str]]:
    rows = _OPEN if len(wanted) == 1 and wanted[0] is _IS_OPEN else _ALL.narrowed(*wanted)
    ids = belongings.first(session, rows, actor=actor, count=count, are_few=are_few)
    return [(row[0], row[1]) for row in session.execute(_BY_IDS, {"ids": ids})]


_IS_OPEN: Final = Deadline.ended_at.is_(None)
_IN_ORDER: Final = (Deadline.sort_on, Deadline.id)
_ALL: Final = belongings.Rows(sa.select(Deadline.id), Deadline.matter_id, _IN_ORDER)
_OPEN: Final = belongings.Rows(sa.select(Deadline.id).where(_IS_OPEN), Deadline.matter_id, _IN_ORDER, is_kept=True)
_BY_IDS: Final = (
    sa.select(Deadline, Matter.number)
    .join(Matter, Matter.id == Deadline.matter_id)
    .where(Deadline.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(*_IN_ORDER)
)


def stays(session: Session, matter_id: UUID) -> list[DeadlineStay]:
    """Return the stays of a matter in their order; whoever asks has seen the matter."""
    query = sa.select(DeadlineStay).where(DeadlineStay.matter_id == matter_id)
    return list(session.scalars(query.order_by(DeadlineStay.first_on, DeadlineStay.id)))


def as_periods(found: Sequence[DeadlineStay]) -> list[Stay]:
    """Return stays as the arithmetic wants them."""
    return [Stay(stay.first_on, stay.last_on) for stay in found]


def replaced_by(session: Session, deadline_id: UUID) -> Deadline | None:
    """Return the deadline that replaces this one, the newest if several were proposed."""
    query = sa.select(Deadline).where(Deadline.supersedes_id == deadline_id)
    return session.scalars(query.order_by(Deadline.created_at.desc(), Deadline.id.desc()).limit(1)).first()


def calendar_days(session: Session, calendar: str | None = None) -> list[CalendarDay]:
    """Return the days that the firm has added, by calendar and day."""
    query = sa.select(CalendarDay).order_by(CalendarDay.calendar, CalendarDay.on)
    if calendar is not None:
        query = query.where(CalendarDay.calendar == calendar)
    return list(session.scalars(query))


def library(session: Session) -> Library:
    """Return the packs with the days that the firm has added to their calendars."""
    added: dict[str, Mapping[date, tuple[bool, str]]] = {}
    for day in calendar_days(session):
        known = dict(added.get(day.calendar, {}))
        known[day.on] = (day.is_working, day.name)
        added[day.calendar] = known
    return libraries.current().with_added(added)
