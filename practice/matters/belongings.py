"""Lists of what belongs to matters (events, deadlines, proceedings): whose matter the reader may see, and no other.

Who reads much finds a page at the beginning of the list: it is read in its order, and each row asked about, until the
page is full. Who reads little starts from the matters that they may see. Both say the same (``visibility``); they
differ in what they cost.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from engine import database
from engine.actor import Actor
from practice.anyone import Asked, for_alike
from practice.gathering import among as is_among
from practice.matters import telling
from practice.matters.models import Matter
from practice.matters.visibility import has_more_than, reasons, seen_by, visible_to
from practice.paging import at_most

#: Matters for each row of a page. Who has more finds the page in the whole firm's list sooner than by gathering theirs.
MANY: Final = 20
#: Rows that are asked about one by one before what is theirs is gathered all the same: none may be early in the list.
ASKED: Final = 4000
#: Rows that are asked about at the most, where what was found among the first says that so many will do.
MOST_ASKED: Final = 20_000
#: Up to so many matters are gathered, to ask only about rows that are among theirs; who has more is asked about each.
FEW: Final = 3000
#: Keeps a database from reading what is gathered in the order of the list, which is reading the whole list.
_ALL: Final = 2**31
#: What is known in a transaction that only reads.
_KEPT: Final = WeakKeyDictionary[SessionTransaction, dict[Actor, tuple[int, int]]]()


def has_few(session: Session, actor: Actor, few: int | None = None) -> bool:
    """Say whether the matters that the actor may see are soon gathered; nothing depends on it but the time it takes."""
    if actor.may("*") or actor.may("see_all_matters"):
        return False
    reader, number = telling.of(session, actor), FEW if few is None else few
    if not database.is_read_only(session.connection()):
        return not _has_more(reader).scalar(session, few=number)
    kept = _KEPT.setdefault(cast("SessionTransaction", session.get_transaction()), {})
    # More than the one, and no more than the other; several lists of one search ask.
    more, most = kept.get(reader, (-1, _ALL))
    if more < number < most:
        if _has_more(reader).scalar(session, few=number):
            more = number
        else:
            most = number
        kept[reader] = more, most
    return number >= most


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


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A list of what belongs to matters, whoever asks. Of one that a module keeps statements are put together once."""

    #: Selects an id under criteria alone, without order.
    wanted: sa.Select[*tuple[Any, ...]]
    matter_id: Any
    #: Columns, rising.
    key: tuple[Any, ...]
    #: Makes what else has to be so for an actor out of the record, or out of a subquery with the columns that
    #: ``wanted`` selects beside the id.
    allowed: Callable[[Actor, Any], sa.ColumnElement[bool]] | None = None
    is_kept: bool = False

    def narrowed(self, *conditions: sa.ColumnElement[bool]) -> "Rows":
        """Return the same list under more criteria."""
        if not conditions:
            return self
        return Rows(self.wanted.where(*conditions), self.matter_id, self.key, self.allowed)


def first(session: Session, rows: Rows, *, actor: Actor, count: int, are_few: bool = False) -> list[UUID]:
    """Return the ids of the first rows in their order of matters that the actor may see.

    With ``are_few`` the criteria alone leave few rows, which are asked about one by one.
    """
    if are_few:
        return list(_asked_for(_few_asked, actor, rows, count).scalars(session))
    if actor.may("*") or actor.may("see_all_matters"):
        return list(_asked_for(_in_order, actor, rows, count).scalars(session))
    with database.planned_for_anyone(session) if rows.is_kept else nullcontext():
        if not has_few(session, actor, min(MANY * count, FEW)):
            found, soon = _asked_in_stretches(session, rows, actor, count)
            if soon:
                return found
        return list(_asked_for(_gathered, actor, rows, count).scalars(session))


def _asked_for(build: Callable[..., Asked], actor: Actor, rows: Rows, count: int, **more: bool) -> Asked:
    """Put a statement together, or take the one that is kept."""
    if rows.is_kept:
        return build(actor, rows, count, **more)
    return Asked(cast("Any", build).__wrapped__(actor, rows, count, **more), {})


@for_alike
def _few_asked(actor: Actor, rows: Rows, count: int) -> sa.Select[*tuple[Any, ...]]:
    return _first_of(actor, rows, sa.exists(_the_matter(rows.matter_id, actor))).limit(at_most(count))


@for_alike
def _in_order(actor: Actor, rows: Rows, count: int) -> sa.Select[*tuple[Any, ...]]:
    return _first_of(actor, rows, seen(rows.matter_id, actor)).limit(at_most(count))


@for_alike
def _within(
    actor: Actor, rows: Rows, count: int, *, begins: bool, ends: bool, is_walked: bool
) -> sa.Select[*tuple[Any, ...]]:
    bounds = [_place(rows) >= _bound(rows, "begin")] if begins else []
    bounds += [_place(rows) < _bound(rows, "end")] if ends else []
    if is_walked:
        bounds.append(is_among(rows.matter_id, reasons(actor)))
    return _first_of(actor, rows, *bounds, seen(rows.matter_id, actor)).limit(at_most(count))


@for_alike
def _gathered(actor: Actor, rows: Rows, count: int) -> sa.Select[*tuple[Any, ...]]:
    names = [f"key_{place}" for place, _ in enumerate(rows.key)]
    theirs = rows.wanted.add_columns(*(column.label(name) for name, column in zip(names, rows.key, strict=True)))
    gathered = theirs.where(among(rows.matter_id, actor)).limit(at_most(_ALL)).subquery()
    # Asked outside: PostgreSQL reckons with what asking begins with for each matter, and reads the whole table instead.
    query = sa.select(gathered.c[0]).where(*([rows.allowed(actor, gathered.c)] if rows.allowed else []))
    return query.order_by(*(gathered.c[name] for name in names)).limit(at_most(count))


def _first_of(actor: Actor, rows: Rows, *conditions: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    allowed = [rows.allowed(actor, rows.matter_id.class_)] if rows.allowed else []
    return rows.wanted.where(*allowed, *conditions).order_by(*rows.key)


def _place(rows: Rows) -> Any:
    return sa.tuple_(*rows.key)


def _bound(rows: Rows, name: str) -> Any:
    parts = [sa.bindparam(f"{name}_{place}", type_=column.type) for place, column in enumerate(rows.key)]
    return sa.tuple_(*parts, types=[column.type for column in rows.key])


def _asked_in_stretches(session: Session, rows: Rows, actor: Actor, count: int) -> tuple[list[UUID], bool]:
    """Ask about rows in their order, as many at a time as should do; say whether that found all there are to find."""
    found: list[UUID] = []
    begin: dict[str, Any] = {}
    looked_at, stretch, is_walked = 0, ASKED, has_few(session, actor)
    while looked_at + stretch <= MOST_ASKED:
        rest = rows.wanted.with_only_columns(*rows.key).order_by(*rows.key)
        if begin:
            rest = rest.where(_place(rows) >= _bound(rows, "begin"))
        far = session.execute(rest.offset(stretch).limit(1), begin).first()
        end = {} if far is None else {f"end_{place}": value for place, value in enumerate(far)}
        asked = _asked_for(_within, actor, rows, count, begins=bool(begin), ends=bool(end), is_walked=is_walked)
        found += list(asked.scalars(session, **begin, **end))[: count - len(found)]
        if far is None or len(found) == count:
            return found, True
        if not found:
            break
        begin, looked_at = {f"begin_{place}": value for place, value in enumerate(far)}, looked_at + stretch
        # A third more than it should take.
        stretch = (count - len(found)) * looked_at * 4 // (len(found) * 3)
    return found, False
