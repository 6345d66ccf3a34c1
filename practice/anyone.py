"""Statements that are put together once for everybody with the same groups and rights, not for each person anew.

To put the statement of a page together takes longer than the database does to run it. It is put together for somebody
who does not exist; wherever their name or their instant stands in it as a value, there is a parameter afterwards, and
the values of whoever asks come along.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from engine.actor import Actor

#: No username has this letter in it.
_NAME = "\x00anyone"
_THEN = datetime(1, 1, 3, tzinfo=UTC)
_Who = TypeVar("_Who", Actor, Actor | None)
_More = ParamSpec("_More")


class Asked(NamedTuple):
    """A statement, and the values of the person who asks."""

    statement: Any
    values: dict[str, Any]

    def narrowed(self, *conditions: sa.ColumnElement[bool]) -> "Asked":
        """Return the same under more conditions."""
        return Asked(self.statement.where(*conditions), self.values) if conditions else self

    def execute(self, session: Session, **more: Any) -> Any:
        """Run it; ``more`` are the values of the parameters that it was built with."""
        return session.execute(self.statement, self.values | more)

    def scalars(self, session: Session, **more: Any) -> sa.ScalarResult[Any]:
        """Run it for the first of what each row has."""
        return session.scalars(self.statement, self.values | more)

    def scalar(self, session: Session, **more: Any) -> Any:
        """Run it for the first of what its first row has."""
        return session.scalar(self.statement, self.values | more)


def for_anyone(build: Callable[Concatenate[_Who, _More], Any]) -> Callable[Concatenate[_Who, _More], Asked]:
    """Keep what ``build`` returns by everything that it is given but for who the person is, and when they ask."""

    @lru_cache(2048)
    def kept(like: Actor | None, _has_instant: bool, *rest: Any, **more: Any) -> tuple[Any, dict[str, Any]]:
        return _opened(cast("Any", build)(like, *rest, **more))

    @wraps(build)
    def asked(actor: _Who, *rest: _More.args, **more: _More.kwargs) -> Asked:
        if actor is None:
            return Asked(kept(None, False, *rest, **more)[0], {})
        has_instant = actor.at is not None
        like = Actor(_NAME, actor.groups, actor.rights, _THEN if has_instant else None)
        statement, places = kept(like, has_instant, *rest, **more)
        return Asked(statement, {name: _of(value, actor) for name, value in places.items()})

    return asked


def _opened(statement: Any) -> tuple[Any, dict[str, Any]]:
    """Put parameters where values of nobody stand; return also what stood there."""
    places: dict[str, Any] = {}

    def parameter(element: Any, **_: Any) -> Any:
        if not isinstance(element, sa.BindParameter):
            return None
        value: Any = cast("Any", element).value
        if not _is_nobodys(value):
            return None
        name = f"of_actor_{len(places)}"
        places[name] = value
        old = cast("Any", element)
        made: Any = sa.bindparam(name, type_=old.type, expanding=old.expanding)
        made.expand_op = old.expand_op
        return made

    return cast("Any", visitors).replacement_traverse(statement, {}, parameter), places


def _is_nobodys(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_nobodys(one) for one in cast("list[Any]", value))
    return value == _THEN if isinstance(value, datetime) else isinstance(value, str) and _NAME in value


def _of(value: Any, actor: Actor) -> Any:
    if isinstance(value, list | tuple):
        return [_of(one, actor) for one in cast("list[Any]", value)]
    if isinstance(value, datetime):
        return actor.at if value == _THEN else value
    return value.replace(_NAME, actor.username) if isinstance(value, str) else value
