"""How many tasks there are: in each scope, in each part of a list, and new since somebody looked."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE
from engine.prepared import Prepared
from practice.anyone import for_anyone
from practice.matters import denials
from practice.matters.denials import Denials, Reasons
from tasks import access
from tasks.inbox import filters as filtering
from tasks.inbox import own, statements
from tasks.inbox.everything import by_place, of_everything
from tasks.inbox.filters import Filters
from tasks.inbox.statements import IS_OPEN
from tasks.inbox.tally import Rows, Tally, edges_of, placed
from tasks.watching.models import Watch

_INSTANT = UserTaskCandidate.due_at.type
_ROW = UserTaskCandidate
_OWN = sa.bindparam("own", type_=sa.String())
#: Most people watch nothing.
_WATCHED = sa.exists(sa.select(Watch.id).where(Watch.username == sa.bindparam("me", type_=sa.String())))
_WATCHES = Prepared(sa.select(_WATCHED.label("any")))


class Counts(NamedTuple):
    """Exact numbers."""

    #: Tasks by scope, and ``overdue`` and ``asleep`` ones.
    by_scope: dict[str, int]
    #: Tasks of the scope that is looked at, by part: before the first bound, between two, after the last, undated.
    parts: tuple[int, ...]
    #: The scope that is looked at.
    scope: str

    @property
    def total(self) -> int:
        """How many the list has."""
        return sum(self.parts)


class Choices(NamedTuple):
    """What a list may be narrowed to."""

    kinds: list[str]
    process_keys: list[str]


def choices(session: Session, actor: Actor) -> Choices:
    """Return the kinds and processes of the open tasks that the actor may see.

    There are few of either: what there is at all is read from the index, and of each one task is looked for that the
    actor may know of. To ask it of every task takes twenty times as long.
    """
    sees_all, kept = actor.may("see_all_user_tasks"), denials.of(session, actor)
    values: dict[str, Any] = {} if sees_all else {"principals": statements.principals_of(actor, "all")}
    there = session.execute(_sorts_of_work(sees_all=sees_all), values).all()
    one = _one_of_sort(actor, kept.reasons, sees_all=sees_all) if sees_all or kept else None
    values |= kept.values
    kinds, process_keys = set[str | None](), set[str | None]()
    for kind, process_key in there:
        is_known = kind in kinds and process_key in process_keys
        sort = {"kind": kind, "process_key": process_key}
        if not is_known and (one is None or session.scalar(one.statement, values | sort | one.values) is not None):
            kinds.add(kind)
            process_keys.add(process_key)
    return Choices(*(sorted(name for name in names if name is not None) for names in (kinds, process_keys)))


@lru_cache(2)
def _sorts_of_work(*, sees_all: bool) -> Rows:
    row = UserTask if sees_all else _ROW
    return sa.select(row.kind, row.process_key).where(_is_there(sees_all=sees_all)).distinct()


@for_anyone
def _one_of_sort(actor: Actor, by: Reasons, *, sees_all: bool) -> Rows:
    row = UserTask if sees_all else _ROW
    sort = [(row.kind, "kind"), (row.process_key, "process_key")]
    wanted = [_is_there(sees_all=sees_all)]
    wanted += [column.is_not_distinct_from(sa.bindparam(name, type_=sa.String())) for column, name in sort]
    if sees_all:
        wanted.append(access.not_about_oneself(actor))
    if by:
        wanted.append(access.open_work_not_denied(actor, row, by))
    return sa.select(sa.literal(1)).where(*wanted).limit(1)


def _is_there(*, sees_all: bool) -> sa.ColumnElement[bool]:
    return IS_OPEN if sees_all else _ROW.principal.in_(sa.bindparam("principals", expanding=True))


def by_scope(session: Session, actor: Actor, *, now: datetime, filters: Filters) -> dict[str, int]:
    """Return how many tasks each scope has, and how many of ``all`` are ``overdue`` at ``now``."""
    return of_list(session, actor, scope="all", now=now, bounds=(), filters=filters, asleep=False).by_scope


def of_list(
    session: Session,
    actor: Actor,
    *,
    scope: str | None,
    now: datetime,
    bounds: Sequence[datetime],
    filters: Filters,
    asleep: bool,
) -> Counts:
    """Count by scope, and the list of one scope by part; None is one's own work, or the groups' where that is none."""
    principals = statements.principals_of(actor, "all")
    crowd, counted = own.crowd_of(session, principals)
    narrowed = filtering.narrowing(session, filters, is_short=crowd.is_short, counts=True)
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
    kept = denials.of(session, actor)
    values |= kept.values
    tallies = own.of_person(session, narrowed, len(bounds), actor, kept, crowd, values)
    if scope is None:
        scope = "mine" if tallies["mine"].every or not tallies["group"].every else "group"
    split = None if scope == "watched" or (scope == "all" and actor.may("see_all_user_tasks")) else scope
    if asleep:
        split = "asleep"
    everything = Tally(before=[0] * len(bounds))
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
    if _WATCHES.rows(session.connection(), {"me": actor.username})[0].any:
        watched = _of_watched(session, actor, narrowed, bounds, values, kept)
        found["watched"] = watched.every
        if scope == "watched" and not asleep:
            parts = watched.parts()
    if actor.may("see_all_user_tasks"):
        if crowd.is_short:  # what stands in front of oneself is little, and this is not
            narrowed = filtering.narrowing(session, filters, is_short=False, counts=True)
            values |= narrowed.values
        everything = of_everything(session, narrowed, len(bounds), actor, values, kept)
        found |= {"all": everything.every, "overdue": everything.late}
        if scope == "all" and not asleep:
            parts = everything.parts()
    return Counts(found, parts, scope)


def _of_watched(
    session: Session,
    actor: Actor,
    narrowed: filtering.Narrowing,
    bounds: Sequence[datetime],
    values: dict[str, Any],
    kept: Denials,
) -> Tally:
    edges, places = edges_of(values, len(bounds))
    found = Tally(before=[0] * len(bounds))
    asked = _watched_by_place(actor, narrowed.shape, len(edges), kept.reasons)
    for row in session.connection().execute(asked.statement, values | places | asked.values):
        found.add(placed(row, edges, values["now"], bounds))
    return found


def arrived(session: Session, actor: Actor, *, since: datetime, scope: str, now: datetime) -> int:
    """Return how many tasks of a scope came in front of the actor after ``since``, but for what was put aside."""
    kept = denials.of(session, actor)
    if scope == "watched" or (scope == "all" and actor.may("see_all_user_tasks")):
        query = _arrived_of_tasks(actor, scope, kept.reasons)
        principals: list[str] = []
    else:
        principals = statements.principals_of(actor, scope)
        query = _arrived_of_own(actor, kept.reasons)
    values = {"me": actor.username, "own": actor.principals[0], "principals": principals, "at": now, "since": since}
    return session.scalar(query.statement, values | kept.values | query.values) or 0


def _is_aside(is_own: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(is_own, _ROW.user_task_id.in_(statements.put_aside(is_held=True))),
        sa.and_(sa.not_(is_own), _ROW.user_task_id.in_(statements.put_aside(is_held=False))),
    )


@for_anyone
def _watched_by_place(actor: Actor, narrowed: tuple[str, ...], edges: int, by: Reasons) -> Rows:
    return by_place(narrowed, edges).where(*_tasks_of("watched", actor, by)).group_by(sa.text("1"))


@for_anyone
def _arrived_of_own(actor: Actor, by: Reasons) -> Rows:
    is_own = _ROW.principal == _OWN
    aside = _is_aside(is_own)
    query = sa.select(sa.func.count(sa.distinct(_ROW.user_task_id))).where(
        _ROW.principal.in_(sa.bindparam("principals", expanding=True)),
        _ROW.came_at > sa.bindparam("since", type_=_INSTANT),
        sa.not_(aside),
    )
    if by:
        query = query.where(access.open_work_not_denied(actor, _ROW, by))
    return query


@for_anyone
def _arrived_of_tasks(actor: Actor, scope: str, by: Reasons) -> Rows:
    since = UserTask.created_at > sa.bindparam("since", type_=_INSTANT)
    return sa.select(sa.func.count()).where(since, *_tasks_of(scope, actor, by))


def _tasks_of(scope: str, actor: Actor, by: Reasons) -> list[sa.ColumnElement[bool]]:
    if scope == "watched":
        return [*statements.watched(actor, by), statements.not_put_aside()]
    wanted = [IS_OPEN, access.not_about_oneself(actor)]
    if by:
        wanted.append(access.open_work_not_denied(actor, UserTask, by))
    return wanted
