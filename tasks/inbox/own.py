"""How many tasks stand in front of a person and their groups: counted by ranges of the index, less what is denied."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE
from engine.prepared import Prepared
from practice.anyone import for_anyone
from practice.gathering import asked_after, gathered
from practice.matters.denials import Denials, Reasons
from tasks import access
from tasks.inbox import filters as filtering
from tasks.inbox import statements
from tasks.inbox.tally import Rows, Tally, edges_of, limit_of, place_of, placed
from tasks.snoozes.models import Snooze

_INSTANT = UserTaskCandidate.due_at.type
_NOW = sa.bindparam("now", type_=_INSTANT)
_ROW = UserTaskCandidate
_OWN = sa.bindparam("own", type_=sa.String())
_ME = sa.bindparam("me", type_=sa.String())
_PUT_ASIDE = Prepared(sa.select(Snooze.user_task_id, Snooze.is_held).where(Snooze.username == _ME, Snooze.until > _NOW))
Counting = sa.CompoundSelect[*tuple[Any, ...]]


class Crowd(NamedTuple):
    """What decides how rows are counted."""

    #: Principals that count: the person, and the groups that anything is offered to, the largest first.
    principals: int
    #: So few rows that each may be asked about.
    is_short: bool


class How(NamedTuple):
    """How rows are counted: between how many edges, of whom, and each with its date or range by range."""

    edges: int
    crowd: Crowd
    reads_dates: bool


def crowd_of(session: Session, principals: Sequence[str]) -> tuple[Crowd, list[str]]:
    """Look at the rows of a person; return also the names that count."""
    sizes = statements.rows_of(session, principals)
    groups = sorted((one for one in principals[1:] if sizes[one]), key=lambda one: -sizes[one])
    return Crowd(1 + len(groups), sum(sizes.values()) <= statements.SHORT), [principals[0], *groups]


def of_person(
    session: Session,
    narrowed: filtering.Narrowing,
    bounds: int,
    actor: Actor,
    kept: Denials,
    crowd: Crowd,
    values: dict[str, Any],
) -> dict[str, Tally]:
    """Count one's own tasks, those of one's groups, and those put aside."""
    connection, own = session.connection(), values["own"]
    found = {"mine": Tally(before=[0] * bounds), "group": Tally(before=[0] * bounds)}
    found["asleep"] = Tally(before=[0] * bounds)
    limits = [values[f"bound_{number}"] for number in range(bounds)]
    edges, places = edges_of(values, bounds)
    how = How(len(edges), crowd, reads_dates=_reads_dates(connection, narrowed.shape))
    asked = _of_own(actor, narrowed.shape, how, kept.reasons)
    for row in connection.execute(asked.statement, values | places | kept.values | asked.values):
        found["group" if row.principal else "mine"].add(placed(row, edges, values["now"], limits))
    aside = _PUT_ASIDE.rows(connection, {"me": actor.username, "now": values["now"]})
    held = {row.user_task_id: row.is_held for row in aside}
    rows = list(connection.execute(_special(narrowed.shape, crowd), values))
    if rows and kept:
        rows = _without_denied(session, rows, actor, kept)
    ones_own = {row.user_task_id for row in rows if row.principal == own}
    for row in rows:
        is_own = row.principal == own
        one = Tally(1, row.due_at < values["now"], row.due_at < NO_DUE_DATE, [row.due_at < limit for limit in limits])
        if not is_own and row.user_task_id in ones_own:
            found["group"].add(one, -1)
        elif held.get(row.user_task_id) is is_own:
            found["mine" if is_own else "group"].add(one, -1)
            found["asleep"].add(one)
    return found


def _reads_dates(connection: sa.Connection, narrowed: tuple[str, ...]) -> bool:
    """Say whether rows are read once, with their dates, and not range by range.

    The tasks that words stand for are gathered once. PostgreSQL reads an index that begins otherwise for what is
    narrowed, and all of it for each range.
    """
    return filtering.has_words(narrowed) or (bool(narrowed) and connection.dialect.name == "postgresql")


@for_anyone
def _of_own(actor: Actor, narrowed: tuple[str, ...], how: How, by: Reasons) -> Counting | Rows:
    """Count what stands in front of a person and each of their groups; what is denied is counted again, less than 0."""
    in_one_pass = _in_one_pass(narrowed, how.edges, how.crowd)
    if by and how.crowd.is_short:
        return in_one_pass.where(access.open_work_not_denied(actor, _ROW, by))
    counted = [in_one_pass] if how.reads_dates else _by_range(narrowed, how.edges, how.crowd)
    if by:
        denied = in_one_pass.where(access.denied_open_work(actor, _ROW, by))
        counted.append(denied.with_only_columns(*denied.selected_columns[:2], -denied.selected_columns.every))
    return counted[0] if len(counted) == 1 else sa.union_all(*counted)


def _by_range(narrowed: tuple[str, ...], edges: int, crowd: Crowd) -> list[Rows]:
    """Count range by range of the index: no row's date is read."""
    counted: list[Rows] = []
    for number in range(crowd.principals):
        of_one = [_principal(narrowed) == _name(number), *_wanted(narrowed, number)]
        principal = sa.literal_column(str(number), sa.Integer()).label("principal")
        for place in range(edges + 1):
            wanted = list(of_one)
            if place:
                wanted.append(_ROW.due_at >= limit_of(place - 1))
            if place < edges:
                wanted.append(_ROW.due_at < limit_of(place))
            where = sa.literal_column(str(place), sa.Integer()).label("place")
            counted.append(sa.select(principal, where, sa.func.count().label("every")).where(*wanted))
    return counted


def _in_one_pass(narrowed: tuple[str, ...], edges: int, crowd: Crowd) -> Rows:
    names = [_name(number) for number in range(crowd.principals)]
    number = sa.case((_ROW.principal == names[0], 0), else_=1).label("principal")
    query = sa.select(number, place_of(_ROW.due_at, edges).label("place"), sa.func.count().label("every"))
    query = query.where(_principal(narrowed).in_(names), *_wanted(narrowed, 0))
    if crowd.principals > 2:  # noqa: PLR2004 - the person and one group
        other = aliased(_ROW)
        earlier = sa.and_(
            other.user_task_id == _ROW.user_task_id,
            other.principal.in_(names[1:]),
            sa.or_(other.principal == names[1], other.principal < _ROW.principal),
        )
        counted = sa.exists(sa.select(other.user_task_id).where(earlier).correlate(_ROW))
        query = query.where(sa.or_(_ROW.principal.in_(names[:2]), ~counted))
    return query.group_by(sa.text("1"), sa.text("2"))


@lru_cache(2048)
def _special(narrowed: tuple[str, ...], crowd: Crowd) -> Counting:
    """Select the few counted rows that count otherwise: of tasks that are one's own as well, or were put aside."""
    own = aliased(_ROW)
    ones_own = sa.select(own.user_task_id).where(own.principal == _OWN)
    aside = sa.select(Snooze.user_task_id).where(Snooze.username == _ME, Snooze.until > _NOW)
    found: list[Rows] = []
    for number in range(crowd.principals):
        # Of one's own rows only those put aside count otherwise.
        some = sa.union_all(ones_own.correlate(None), aside.correlate(None)) if number else aside
        query = sa.select(_ROW.principal, _ROW.user_task_id, _ROW.due_at).where(gathered(_ROW.user_task_id, some))
        found.append(query.where(asked_after(_ROW.principal) == _name(number), *_wanted(narrowed, number)))
    return sa.union_all(*found)


def _without_denied(session: Session, rows: Sequence[Any], actor: Actor, kept: Denials) -> list[Any]:
    """Leave out what did not count in the first place; there are as many rows as somebody puts aside by hand."""
    denied = set(access.denied_among(session, actor, list({row.user_task_id for row in rows}), kept))
    return [row for row in rows if row.user_task_id not in denied]


def _principal(narrowed: tuple[str, ...]) -> Any:
    """Return whose a row is; where few tasks are named, no index is read for it."""
    return asked_after(_ROW.principal) if filtering.names_tasks(narrowed) else _ROW.principal


def _name(number: int) -> sa.BindParameter[str]:
    return sa.bindparam(f"for_principal_{number}", type_=sa.String())


def _wanted(narrowed: tuple[str, ...], number: int) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if filtering.needs_task(narrowed):
        wanted.append(UserTask.id == _ROW.user_task_id)
    wanted += filtering.conditions(narrowed, _ROW)
    if number > 1:
        wanted.append(_is_first_group(number))
    return wanted


def _is_first_group(number: int) -> sa.ColumnElement[bool]:
    """Leave out the rows of a task that counts already by an earlier group that it is offered to."""
    other = aliased(_ROW)
    earlier = sa.and_(
        other.user_task_id == _ROW.user_task_id, other.principal.in_([_name(one) for one in range(1, number)])
    )
    return ~sa.exists(sa.select(other.user_task_id).where(earlier).correlate(_ROW))
