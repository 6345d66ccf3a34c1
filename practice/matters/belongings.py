"""Lists of what belongs to matters (events, deadlines, proceedings): whose matter the reader may see, and no other.

Who reads much finds a page at the beginning of the list: it is read in its order, and each row asked about, until the
page is full. Who reads little starts from the matters that they may see. Both say the same (``visibility``); they
differ in what they cost.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.anyone import for_alike
from practice.matters.models import Matter
from practice.matters.visibility import has_more_than, seen_by, visible_to

#: Matters for each row of a page. Who has more finds the page in the whole firm's list sooner than by gathering theirs.
MANY: Final = 40
#: Rows that are asked about one by one before what is theirs is gathered all the same: none may be early in the list.
ASKED: Final = 4000
#: Rows that are asked about at the most, where what was found among the first says that so many will do.
MOST_ASKED: Final = 20_000
#: Up to so many matters are sooner gathered than met among all in their order.
FEW: Final = 3000
#: Keeps a database from reading what is gathered in the order of the list, which is reading the whole list.
_ALL: Final = 2**31


def has_few(session: Session, actor: Actor, few: int | None = None) -> bool:
    """Say whether the matters that the actor may see are soon gathered; nothing depends on it but the time it takes."""
    if actor.may("*") or actor.may("see_all_matters"):
        return False
    return not _has_more(actor).scalar(session, few=FEW if few is None else few)


@for_alike
def _has_more(actor: Actor) -> sa.Select[bool]:
    return sa.select(has_more_than(sa.bindparam("few", type_=sa.Integer()), actor))


def seen(matter_id: Any, actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on a column that names a matter which the actor may see, asked of each row: where few are looked at."""
    if actor.may("*"):
        return matter_id.is_not(None)
    # As a value, not a condition: PostgreSQL would join it with all matters that may be seen.
    return _the_matter(matter_id, actor).scalar_subquery().is_not(None)


def among(matter_id: Any, actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on the same column for a count of many rows: gathered, unless the actor may see nearly everything."""
    if actor.may("see_all_matters"):
        return sa.exists(_the_matter(matter_id, actor))
    return matter_id.in_(sa.select(Matter.id).where(visible_to(actor)))


def _the_matter(matter_id: Any, actor: Actor) -> sa.Select[int]:
    row = sa.select(sa.literal(1)).select_from(Matter).where(Matter.id == matter_id, seen_by(actor))
    return row.correlate_except(Matter)


def first(
    session: Session,
    wanted: sa.Select[*tuple[Any, ...]],
    matter_id: Any,
    *key: Any,
    actor: Actor,
    count: int,
    allowed: Callable[[Any], sa.ColumnElement[bool]] | None = None,
    are_few: bool = False,
) -> list[UUID]:
    """Return the ids of the first rows in the order of ``key`` (columns, rising) of matters that the actor may see.

    ``wanted`` selects an id under criteria alone, without order; with ``are_few`` those alone leave few rows, which
    are asked about one by one. ``allowed`` makes what else has to be so for this actor out of the record, or out of
    a subquery with the columns that ``wanted`` selects beside the id.
    """
    wanted_first = wanted.order_by(*key).limit(count)
    if allowed:
        wanted_first = wanted_first.where(allowed(matter_id.class_))
    if are_few:
        return list(session.scalars(wanted_first.where(sa.exists(_the_matter(matter_id, actor)))))
    asked = wanted_first.where(seen(matter_id, actor))
    if actor.may("*") or actor.may("see_all_matters"):
        return list(session.scalars(asked))
    if not has_few(session, actor, MANY * count):
        found, soon = _asked_in_stretches(session, wanted, asked, key, count)
        if soon:
            return found
    names = [f"key_{place}" for place, _ in enumerate(key)]
    theirs = wanted.add_columns(*(column.label(name) for name, column in zip(names, key, strict=True)))
    gathered = theirs.where(among(matter_id, actor)).limit(_ALL).subquery()
    # Asked outside: PostgreSQL reckons with what asking begins with for each matter, and reads the whole table instead.
    query = sa.select(gathered.c[0]).where(*([allowed(gathered.c)] if allowed else []))
    return list(session.scalars(query.order_by(*(gathered.c[name] for name in names)).limit(count)))


def _asked_in_stretches(
    session: Session, wanted: sa.Select[*tuple[Any, ...]], asked: sa.Select[*tuple[Any, ...]], key: Any, count: int
) -> tuple[list[UUID], bool]:
    """Ask about rows in their order, as many at a time as should do; say whether that found all there are to find."""
    types = [column.type for column in key]
    found: list[UUID] = []
    begin, looked_at, stretch = None, 0, ASKED
    while looked_at + stretch <= MOST_ASKED:
        after = [] if begin is None else [sa.tuple_(*key) >= sa.tuple_(*begin, types=types)]
        rest = wanted.with_only_columns(*key).where(*after).order_by(*key)
        far = session.execute(rest.offset(stretch).limit(1)).first()
        until = [] if far is None else [sa.tuple_(*key) < sa.tuple_(*far, types=types)]
        found += session.scalars(asked.where(*after, *until).limit(count - len(found)))
        if far is None or len(found) == count:
            return found, True
        if not found:
            break
        begin, looked_at = far, looked_at + stretch
        # A third more than it should take.
        stretch = (count - len(found)) * looked_at * 4 // (len(found) * 3)
    return found, False
