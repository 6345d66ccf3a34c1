"""How many tasks are open in the whole firm, for who may see them all: what is hidden from them is counted out.

Counting everything reads a narrow index from end to end. To ask of each task whether somebody may know of it takes
fifty times as long, and the few that they may not know of are found from the other side, matter by matter.
"""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from practice.anyone import Asked, for_anyone
from practice.matters.denials import Denials, Reasons
from tasks import access
from tasks.inbox import filters as filtering
from tasks.inbox.statements import IS_OPEN
from tasks.inbox.tally import Rows, Tally, edges_of, limit_of, place_of, placed

_NO_DATE = sa.bindparam("no_date", type_=UserTaskCandidate.due_at.type)
Counting = sa.CompoundSelect[*tuple[Any, ...]]


def of_everything(
    session: Session,
    narrowed: filtering.Narrowing,
    bounds: int,
    actor: Actor,
    values: dict[str, Any],
    kept: Denials,
) -> Tally:
    """Count the open tasks that the actor, who may see them all, may know of."""
    connection = session.connection()
    limits = [values[f"bound_{number}"] for number in range(bounds)]
    edges, places = edges_of(values, bounds)
    found = Tally(before=[0] * bounds)
    hidden = _hidden(actor, narrowed.shape, len(edges), kept.reasons)
    for times, asked in ((1, Asked(_all(narrowed.shape, len(edges)), {})), (-1, hidden)):
        for row in connection.execute(asked.statement, values | places | kept.values | asked.values):
            found.add(placed(row, edges, values["now"], limits), times)
    return found


@lru_cache(1024)
def _all(narrowed: tuple[str, ...], edges: int) -> Counting | Rows:
    """Count range by range: no row's date is read. What has no date is a range of its own.

    The tasks that words stand for are gathered once, and their dates read.
    """
    if filtering.has_words(narrowed):
        return by_place(narrowed, edges).where(IS_OPEN).group_by(sa.text("1"))
    counted: list[Rows] = []
    for place in range(edges + 1):
        wanted = [IS_OPEN, *filtering.conditions(narrowed, UserTask)]
        if place == edges:
            wanted.append(UserTask.due_at.is_(None))
        else:
            wanted.append(UserTask.due_at < limit_of(place))
            if place:
                wanted.append(UserTask.due_at >= limit_of(place - 1))
        number = sa.literal_column(str(place), sa.Integer()).label("place")
        counted.append(sa.select(number, sa.func.count().label("every")).where(*wanted))
    return sa.union_all(*counted)


@for_anyone
def _hidden(actor: Actor, narrowed: tuple[str, ...], edges: int, by: Reasons) -> Counting:
    query = by_place(narrowed, edges)
    hidden = access.hidden_open_tasks(actor, by)
    return sa.union_all(*(query.where(one).group_by(sa.text("1")) for one in hidden))


def by_place(narrowed: tuple[str, ...], edges: int) -> Rows:
    """Count tasks by how many edges they lie behind; to be grouped by the first column."""
    place = place_of(sa.func.coalesce(UserTask.due_at, _NO_DATE), edges).label("place")
    return sa.select(place, sa.func.count().label("every")).where(*filtering.conditions(narrowed, UserTask))
