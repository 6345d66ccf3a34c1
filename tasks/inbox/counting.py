"""How many tasks there are: in each scope, in each part of a list, and new since somebody looked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE
from tasks import access
from tasks.inbox import filters as filtering
from tasks.inbox import statements
from tasks.inbox.filters import Filters
from tasks.inbox.statements import IS_OPEN
from tasks.snoozes.models import Snooze
from tasks.watching.models import Watch

_INSTANT = UserTaskCandidate.due_at.type
_NOW = sa.bindparam("now", type_=_INSTANT)
_ROW = UserTaskCandidate
_OWN = sa.bindparam("own", type_=sa.String())
_ME = sa.bindparam("me", type_=sa.String())
#: Most people watch nothing.
_WATCHES = sa.select(sa.exists(sa.select(Watch.id).where(Watch.username == sa.bindparam("me", type_=sa.String()))))
Rows = sa.Select[*tuple[Any, ...]]
Counting = sa.CompoundSelect[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Exact numbers."""

    #: Tasks by scope, and ``overdue`` and ``asleep`` ones.
    by_scope: dict[str, int]
    #: Tasks of the scope that is looked at, by part: before the first bound, between two, after the last, undated.
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many the list has."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list may be narrowed to."""

    kinds: list[str]
    process_keys: list[str]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What decides how rows are counted."""

    #: Principals that count: the person, and the groups that anything is offered to, the largest first.
    principals: int
    #: So few rows that each may be asked about.
    is_short: bool


def _crowd(session: Session, principals: Sequence[str]) -> tuple[Crowd, list[str]]:
    """Look at the rows of a person; return also the names that count."""
    sizes = {one: statements.rows_of(session, one) for one in principals}
    groups = sorted((one for one in principals[1:] if sizes[one]), key=lambda one: -sizes[one])
    return Crowd(1 + len(groups), sum(sizes.values()) <= statements.SHORT), [principals[0], *groups]


def choices(session: Session, actor: Actor) -> Choices:
    """Return the kinds and processes of the open tasks that the actor may see."""
    is_denied = access.is_denied_anything(session, actor)
    found: list[set[str]] = []
    for name in ("kind", "process_key"):
        if actor.may("see_all_user_tasks"):
            column = getattr(UserTask, name)
            query = sa.select(column).where(*_tasks_of("all", actor, is_denied=is_denied))
        else:
            column = getattr(_ROW, name)
            query = sa.select(column).where(_ROW.principal.in_(statements.principals_of(actor, "all")))
            if is_denied:
                query = query.where(access.none_denied(actor, _ROW.business_key))
        found.append(set(session.scalars(query.where(column.is_not(None)).distinct())))
    kinds, process_keys = found
    return Choices(sorted(kinds), sorted(process_keys))


def by_scope(session: Session, actor: Actor, *, now: datetime, filters: Filters) -> dict[str, int]:
    """Return how many tasks each scope has, and how many of ``all`` are ``overdue`` at ``now``."""
    return of_list(session, actor, scope="all", now=now, bounds=(), filters=filters, asleep=False).by_scope


def of_list(
    session: Session,
    actor: Actor,
    *,
    scope: str,
    now: datetime,
    bounds: Sequence[datetime],
    filters: Filters,
    asleep: bool,
) -> Counts:
    """Count by scope, and the list of one scope by part."""
    principals = statements.principals_of(actor, "all")
    crowd, counted = _crowd(session, principals)
    narrowed = filtering.narrowing(session, filters, is_short=crowd.is_short)
    values: dict[str, Any] = {
        "me": actor.username,
        "own": principals[0],
        **{f"for_principal_{number}": name for number, name in enumerate(counted)},
        "now": now,
        "at": now,
        "no_date": NO_DUE_DATE,
        **{f"bound_{number}": bound for number, bound in enumerate(bounds)},
        **narrowed.values,
    }
    denied_to = actor if access.is_denied_anything(session, actor) else None
    split = None if scope == "watched" or (scope == "all" and actor.may("see_all_user_tasks")) else scope
    if asleep:
        split = "asleep"
    tallies = _tallies(session, narrowed, len(bounds), denied_to, crowd, values)
    everything = _Tally(before=[0] * len(bounds))
    for tally in tallies.values():
        everything.add(tally)
    found = {
        "mine": tallies["mine"].every,
        "group": tallies["group"].every,
        "all": everything.every,
        "overdue": everything.late,
        "asleep": tallies["asleep"].every,
    }
    parts = tallies.get(split, everything).parts() if split else ()
    found["watched"] = 0
    if scope == "watched" and not asleep:
        parts = (0,) * (len(bounds) + 2)
    if session.scalar(_WATCHES, values):
        watched = _of_tasks("watched", narrowed.shape, len(bounds), actor, is_denied=False)
        row = session.connection().execute(watched, values).one()
        found["watched"] = row.every
        if scope == "watched" and not asleep:
            parts = _parts_of(row, len(bounds))
    if actor.may("see_all_user_tasks"):
        everything = _of_tasks("all", narrowed.shape, len(bounds), actor, is_denied=denied_to is not None)
        row = session.connection().execute(everything, values).one()
        found |= {"all": row.every, "overdue": row.late}
        if scope == "all" and not asleep:
            parts = _parts_of(row, len(bounds))
    return Counts(found, parts)


def _parts_of(row: Any, bounds: int) -> tuple[int, ...]:
    return tuple(getattr(row, f"part_{number}") for number in range(bounds + 2))


def arrived(session: Session, actor: Actor, *, since: datetime, scope: str, now: datetime) -> int:
    """Return how many tasks of a scope came in front of the actor after ``since``, but for what was put aside."""
    if scope == "watched" or (scope == "all" and actor.may("see_all_user_tasks")):
        is_denied = access.is_denied_anything(session, actor)
        query = _arrived_of_tasks(scope, actor, is_denied=is_denied)
        principals: list[str] = []
    else:
        principals = statements.principals_of(actor, scope)
        denied_to = actor if access.is_denied_anything(session, actor) else None
        query = _arrived_of_own(denied_to)
    values = {"me": actor.username, "own": actor.principals[0], "principals": principals, "at": now, "since": since}
    return session.scalar(query, values) or 0


@lru_cache(2048)
def _of_own(narrowed: tuple[str, ...], edges: int, denied_to: Actor | None, crowd: Crowd) -> Counting:
    """Count what stands in front of a person and of each group, range by range of the index: no row's date is read."""
    limits = [sa.bindparam(f"edge_{number}", type_=_INSTANT) for number in range(edges)]
    counted: list[Rows] = []
    for number in range(crowd.principals):
        of_one = [_is(number), *_wanted(narrowed, denied_to if crowd.is_short else None, number)]
        for place in range(edges + 1):
            wanted = list(of_one)
            if place:
                wanted.append(_ROW.due_at >= limits[place - 1])
            if place < edges:
                wanted.append(_ROW.due_at < limits[place])
            counted.append(_tallied(number, sa.literal_column(str(place), sa.Integer())).where(*wanted))
    return sa.union_all(*counted)


@lru_cache(2048)
def _denied_of_own(narrowed: tuple[str, ...], edges: int, denied_to: Actor, crowd: Crowd) -> Rows:
    """Count those of them that the person may not know of: they are few among many."""
    limits = [sa.bindparam(f"edge_{number}", type_=_INSTANT) for number in range(edges)]
    place: Any = sa.literal_column("0", sa.Integer())
    for limit in limits:
        place += sa.case((_ROW.due_at >= limit, 1), else_=0)
    names = [_name(number) for number in range(crowd.principals)]
    number = sa.case((_ROW.principal == names[0], 0), else_=1).label("principal")
    query = sa.select(number, place.label("place"), sa.func.count().label("every"))
    # All at once: what could be denied is gathered once.
    query = query.where(_ROW.principal.in_(names), *_wanted(narrowed, None, 0))
    if crowd.principals > 2:  # noqa: PLR2004 - the person and one group
        other = aliased(_ROW)
        earlier = sa.and_(
            other.user_task_id == _ROW.user_task_id,
            other.principal.in_(names[1:]),
            sa.or_(other.principal == names[1], other.principal < _ROW.principal),
        )
        counted = sa.exists(sa.select(other.user_task_id).where(earlier).correlate(_ROW))
        query = query.where(sa.or_(_ROW.principal.in_(names[:2]), ~counted))
    query = query.where(access.some_denied(denied_to, _ROW.business_key))
    return query.group_by(sa.text("1"), sa.text("2"))


@lru_cache(2048)
def _special(narrowed: tuple[str, ...], denied_to: Actor | None, crowd: Crowd) -> Counting:
    """Select the few counted rows that count otherwise: of tasks that are one's own as well, or were put aside."""
    own = aliased(_ROW)
    ones_own = sa.select(own.user_task_id).where(own.principal == _OWN)
    aside = sa.select(Snooze.user_task_id).where(Snooze.username == _ME, Snooze.until > _NOW)
    found: list[Rows] = []
    for number in range(crowd.principals):
        # Of one's own rows only those put aside count otherwise.
        some = (sa.union(ones_own.correlate(None), aside.correlate(None)) if number else aside).subquery()
        query = sa.select(_ROW.principal, _ROW.user_task_id, _ROW.due_at)
        query = query.join(some, some.c.user_task_id == _ROW.user_task_id)
        found.append(query.where(_is(number), *_wanted(narrowed, denied_to, number)))
    return sa.union_all(*found)


def _tallied(number: int, place: Any) -> Rows:
    principal = sa.literal_column(str(number), sa.Integer()).label("principal")
    return sa.select(principal, place.label("place"), sa.func.count().label("every"))


def _is(number: int) -> sa.ColumnElement[bool]:
    return _ROW.principal == _name(number)


def _name(number: int) -> sa.BindParameter[str]:
    return sa.bindparam(f"for_principal_{number}", type_=sa.String())


def _wanted(narrowed: tuple[str, ...], denied_to: Actor | None, number: int) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if filtering.needs_task(narrowed):
        wanted.append(UserTask.id == _ROW.user_task_id)
    wanted += filtering.conditions(narrowed, _ROW)
    if number > 1:
        wanted.append(_is_first_group(number))
    if denied_to is not None:
        wanted.append(access.task_not_denied(denied_to, _ROW.business_key))
    return wanted


def _is_first_group(number: int) -> sa.ColumnElement[bool]:
    """Leave out the rows of a task that counts already by an earlier group that it is offered to."""
    other = aliased(_ROW)
    earlier = sa.and_(
        other.user_task_id == _ROW.user_task_id, other.principal.in_([_name(one) for one in range(1, number)])
    )
    return ~sa.exists(sa.select(other.user_task_id).where(earlier).correlate(_ROW))


@dataclass(slots=True)
class _Tally:
    """Counted rows of one sort: all, late, with a date, and before each bound."""

    every: int = 0
    late: int = 0
    dated: int = 0
    before: list[int] = field(default_factory=list)

    def add(self, other: "_Tally", times: int = 1) -> None:
        """Count another tally in, or with -1 out."""
        self.every += times * other.every
        self.late += times * other.late
        self.dated += times * other.dated
        grown = self.before or [0] * len(other.before)
        self.before = [mine + times * theirs for mine, theirs in zip(grown, other.before, strict=True)]

    def parts(self) -> tuple[int, ...]:
        """Return how many lie before, between and after the bounds, and how many have no date."""
        edges = [0, *self.before, self.dated]
        return (*(after - before for before, after in pairwise(edges)), self.every - self.dated)


def _tallies(
    session: Session, narrowed: filtering.Narrowing, bounds: int, denied_to: Actor | None, crowd: Crowd, values: Any
) -> dict[str, _Tally]:
    """Count one's own tasks, those of one's groups, and those put aside."""
    connection, own = session.connection(), values["own"]
    found = {"mine": _Tally(before=[0] * bounds), "group": _Tally(before=[0] * bounds)}
    found["asleep"] = _Tally(before=[0] * bounds)
    limits = [values[f"bound_{number}"] for number in range(bounds)]
    edges = sorted({values["now"], *limits, NO_DUE_DATE})
    placed = {**values, **{f"edge_{number}": edge for number, edge in enumerate(edges)}}
    counted: list[tuple[int, Rows | Counting]] = [(1, _of_own(narrowed.shape, len(edges), denied_to, crowd))]
    if denied_to is not None and not crowd.is_short:
        counted.append((-1, _denied_of_own(narrowed.shape, len(edges), denied_to, crowd)))
    for times, statement in counted:
        for row in connection.execute(statement, placed):
            before = [row.place <= edges.index(limit) for limit in limits]
            is_late, is_dated = row.place <= edges.index(values["now"]), row.place < len(edges)
            one = _Tally(row.every, is_late * row.every, is_dated * row.every, [is_in * row.every for is_in in before])
            found["group" if row.principal else "mine"].add(one, times)
    mine = sa.select(Snooze).where(Snooze.username == values["me"], Snooze.until > values["now"])
    held = {row.user_task_id: row.is_held for row in session.scalars(mine)}
    rows = list(connection.execute(_special(narrowed.shape, denied_to, crowd), values))
    ones_own = {row.user_task_id for row in rows if row.principal == own}
    for row in rows:
        is_own = row.principal == own
        one = _Tally(1, row.due_at < values["now"], row.due_at < NO_DUE_DATE, [row.due_at < limit for limit in limits])
        if not is_own and row.user_task_id in ones_own:
            found["group"].add(one, -1)
        elif held.get(row.user_task_id) is is_own:
            found["mine" if is_own else "group"].add(one, -1)
            found["asleep"].add(one)
    return found


def _is_aside(is_own: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(is_own, _ROW.user_task_id.in_(statements.put_aside(is_held=True))),
        sa.and_(sa.not_(is_own), _ROW.user_task_id.in_(statements.put_aside(is_held=False))),
    )


@lru_cache(2048)
def _of_tasks(scope: str, narrowed: tuple[str, ...], bounds: int, actor: Actor, *, is_denied: bool) -> Rows:
    """Count tasks that are read from their own table: those watched, or all that are open."""
    late = _number(UserTask.due_at < _NOW).label("late")
    columns = [sa.func.count().label("every"), late]
    columns += _parts(UserTask.due_at, bounds, None, undated=UserTask.due_at.is_(None))
    wanted = _tasks_of(scope, actor, is_denied=is_denied)
    return sa.select(*columns).where(*wanted, *filtering.conditions(narrowed, UserTask))


@lru_cache(2048)
def _arrived_of_own(denied_to: Actor | None) -> Rows:
    is_own = _ROW.principal == _OWN
    aside = _is_aside(is_own)
    query = sa.select(sa.func.count(sa.distinct(_ROW.user_task_id))).where(
        _ROW.principal.in_(sa.bindparam("principals", expanding=True)),
        _ROW.came_at > sa.bindparam("since", type_=_INSTANT),
        sa.not_(aside),
    )
    if denied_to is not None:
        query = query.where(access.task_not_denied(denied_to, _ROW.business_key))
    return query


@lru_cache(2048)
def _arrived_of_tasks(scope: str, actor: Actor, *, is_denied: bool) -> Rows:
    since = UserTask.created_at > sa.bindparam("since", type_=_INSTANT)
    return sa.select(sa.func.count()).where(since, *_tasks_of(scope, actor, is_denied=is_denied))


def _tasks_of(scope: str, actor: Actor, *, is_denied: bool) -> list[sa.ColumnElement[bool]]:
    if scope == "watched":
        return [*statements.watched(actor), statements.not_put_aside()]
    wanted = [IS_OPEN, access.not_about_oneself(actor)]
    if is_denied:
        wanted.append(access.none_denied(actor, UserTask.business_key))
    return wanted


def _parts(
    due_at: Any, bounds: int, wanted: sa.ColumnElement[bool] | None, *, undated: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[int]]:
    limits = [sa.bindparam(f"bound_{number}", type_=_INSTANT) for number in range(bounds)]
    made: list[sa.ColumnElement[bool]] = []
    for number in range(bounds + 1):
        between: list[sa.ColumnElement[bool]] = [sa.not_(undated)]
        if number:
            between.append(due_at >= limits[number - 1])
        if number < bounds:
            between.append(due_at < limits[number])
        made.append(sa.and_(*between))
    made.append(undated)
    return [
        _number(part if wanted is None else sa.and_(wanted, part)).label(f"part_{number}")
        for number, part in enumerate(made)
    ]


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
