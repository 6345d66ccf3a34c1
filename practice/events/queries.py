"""Events (read side). An event is seen by who may see its matter and holds the right its kind asks for."""

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from engine.actor import Actor
from practice.anyone import for_alike
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry
from practice.events.errors import EventNotFound
from practice.events.models import DurationFact, Event, EventResponsible
from practice.gathering import among, gathered
from practice.matters import belongings
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import Page, at_most, bounded, place
from practice.pieces import once
from practice.rights import queries as rights


class Duration(NamedTuple):
    """How long events of one group took in one direction before one court."""

    group: DirectoryEntry
    direction: DirectoryEntry | None
    court: str | None
    number: int
    days: int
    shortest: int
    longest: int

    @property
    def mean(self) -> float:
        """Days on average."""
        return round(self.days / self.number, 1)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Event``: its matter may be seen, and its kind (see ``kind_open``); asked of each row."""
    return sa.and_(belongings.seen(Event.matter_id, actor), kind_open(actor))


@once
def kind_open(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Event`` by its kind.

    It asks for no named right that the actor lacks (C31) or a rule allows it all the same, and no rule of the
    actor's department denies it (C28).
    """
    return _is_kind_open(actor, Event)


def _is_kind_open(actor: Actor, event: Any) -> sa.ColumnElement[bool]:
    if actor.may("*"):
        return sa.true()
    is_open = sa.or_(kind_open_to(actor, event.kind_id), rights.event_allowed(actor, event=event))
    return sa.and_(is_open, sa.not_(rights.event_denied(actor, event=event)))


def kind_open_to(actor: Actor, kind_id: sa.ColumnElement[UUID] | Any) -> sa.ColumnElement[bool]:
    """Filter on a column of event kinds: those that ask for no named right, or for one that the actor holds."""
    if actor.may("*"):
        return sa.true()
    return kind_id.not_in(
        sa.select(DirectoryEntry.id).where(
            DirectoryEntry.required_right.is_not(None), DirectoryEntry.required_right.not_in(sorted(actor.rights))
        )
    )


def get(session: Session, event_id: UUID, *, actor: Actor) -> Event:
    """Return an event, or raise ``EventNotFound``."""
    row = session.scalar(sa.select(Event).where(Event.id == event_id, visible_to(actor)))
    if row is None:
        raise EventNotFound(str(event_id))
    return row


def of_read_matter(session: Session, matter: Matter, *, actor: Actor, limit: int = 200) -> list[Event]:
    """Return the events of a matter that was read with the reader's rights, the latest planned first.

    Their kinds are still asked about.
    """
    return list(_of_matter(actor, limit).scalars(session, matter_id=matter.id))


@for_alike
def _of_matter(actor: Actor, limit: int) -> sa.Select[Event]:
    query = _whole().where(Event.matter_id == sa.bindparam("matter_id"), kind_open(actor))
    return query.order_by(Event.planned_start_at.desc(), Event.id.desc()).limit(limit)


def search(
    session: Session,
    *,
    actor: Actor,
    state: str | None = None,
    responsible: str | None = None,
    kind: DirectoryEntry | None = None,
    direction: DirectoryEntry | None = None,
    planned_from: datetime | None = None,
    planned_before: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Event]:
    """Return the events the actor may see, the first planned first; ``kind`` may be an event group."""
    limit = bounded(limit)
    wanted: list[sa.ColumnElement[bool]] = []
    if state:
        wanted.append(Event.state == state)
    if kind is not None:
        wanted.append(Event.kind_id.in_(directories.with_below(kind)))
    if direction is not None:
        below = directories.with_below(direction)
        wanted.append(Event.matter_id.in_(sa.select(Matter.id).where(Matter.direction_id.in_(below))))
    wanted += _when(planned_from, planned_before)
    if responsible:
        held = sa.select(EventResponsible.event_id).where(EventResponsible.username == responsible)
        in_time = [*_when(planned_from, planned_before)]
        wanted.append((among if in_time and _are_soon_read(session, in_time) else gathered)(Event.id, held))
    if cursor:
        key: Any = sa.tuple_(*_IN_ORDER)
        wanted.append(key > sa.tuple_(*place(cursor), types=[column.type for column in _IN_ORDER]))
    are_few = responsible is not None
    ids = belongings.first(session, _ALL.narrowed(*wanted), actor=actor, count=limit + 1, are_few=are_few)
    rows = list(session.scalars(_BY_IDS, {"ids": ids}))
    return Page.cut(rows, limit, lambda row: (row.planned_start_at, row.id))


def _when(planned_from: datetime | None, planned_before: datetime | None) -> list[sa.ColumnElement[bool]]:
    since = [] if planned_from is None else [Event.planned_start_at >= planned_from]
    return since if planned_before is None else [*since, Event.planned_start_at < planned_before]


def _are_soon_read(session: Session, conditions: list[sa.ColumnElement[bool]]) -> bool:
    """Say whether so few events are planned within some time that they are sooner read than all of one colleague's."""
    some = sa.select(Event.id).where(*conditions).limit(at_most(_SOON_READ + 1)).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(some)).one() <= _SOON_READ


def durations(session: Session, *, actor: Actor) -> list[Duration]:
    """Return how long ended events took, per event group, top direction and court (C21), over matters one may see."""
    query = (
        sa.select(
            DurationFact.group_id,
            DurationFact.direction_top_id,
            DurationFact.court,
            sa.func.count(),
            sa.func.sum(DurationFact.days),
            sa.func.min(DurationFact.days),
            sa.func.max(DurationFact.days),
        )
        .where(
            DurationFact.matter_id.in_(sa.select(Matter.id).where(matters.visible_to(actor))),
            DurationFact.event_id.in_(sa.select(Event.id).where(kind_open(actor))),
        )
        .group_by(DurationFact.group_id, DurationFact.direction_top_id, DurationFact.court)
    )
    rows = list(session.execute(query))
    known = directories.of_ids(session, [entry for row in rows for entry in (row[0], row[1])])
    found = [
        Duration(
            known[group],
            known.get(direction) if direction else None,
            court,
            number,
            int(days),
            shortest,
            longest,
        )
        for group, direction, court, number, days, shortest, longest in rows
    ]
    return sorted(found, key=lambda one: (one.group.name, one.direction.name if one.direction else "", one.court or ""))


def _whole() -> sa.Select[Event]:
    return sa.select(Event).options(joinedload(Event.kind), selectinload(Event.responsible), joinedload(Event.matter))


#: Events of the firm within some time, of which those of a colleague are looked for.
_SOON_READ: Final = 10_000
_IN_ORDER: Final = (Event.planned_start_at, Event.id)
_ALL: Final = belongings.Rows(
    sa.select(Event.id, Event.matter_id, Event.kind_id), Event.matter_id, _IN_ORDER, _is_kind_open, is_kept=True
)
_BY_IDS: Final = _whole().where(Event.id.in_(sa.bindparam("ids", expanding=True))).order_by(*_IN_ORDER)
