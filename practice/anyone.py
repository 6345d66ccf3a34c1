"""Statements that are put together once for everybody with the same rights, not for each person anew.

To put the statement of a page together takes longer than the database does to run it. It is put together for nobody,
whose name and instant (and, where nothing depends on them, groups) can be written into a statement as values and
refuse anything else: a statement that would come out otherwise for one person than for another is not put together at
all. Wherever those values stand in it there is a parameter afterwards, and the values of whoever asks come along.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any, Concatenate, Final, NamedTuple, NoReturn, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from engine.actor import Actor
from practice.told import Told

#: No username and no group has this letter in it.
_NAME: Final = "\x00anyone"
#: Stands in a list for each group.
_GROUP: Final = "\x00groups"
#: Rights that a statement for anyone may depend on: who differs in others shares it.
RIGHTS: Final = frozenset({
    "*", "oversee_access", "see_all_instances", "see_all_matters", "see_all_user_tasks", "see_unit_matters",
})  # fmt: skip
#: The same of somebody who is told what opens matters to them (``practice.told``): units are a list then.
TOLD_RIGHTS: Final = (RIGHTS - {"see_unit_matters"}) | {"keep_letters", "see_all_parties"}
#: Stands for a principal, with its place behind it.
_PRINCIPAL: Final = "\x00principal"
_Who = TypeVar("_Who", Actor, Actor | None)
_More = ParamSpec("_More")


def _refuse(*_: Any, **__: Any) -> NoReturn:
    message = "a statement for anyone cannot depend on who asks, or when, but by a value in it"
    raise TypeError(message)


def _all_but(of: type, *kept: str) -> dict[str, Any]:
    """Return everything that a class can do as a refusal, but for what it is made of and these."""
    always = {"__class__", "__new__", "__init__", "__init_subclass__", "__subclasshook__", "__getattribute__"}
    always |= {"__setattr__", "__delattr__", "__doc__", "__dir__", "__reduce__", "__reduce_ex__", "__getstate__"}
    return {name: _refuse for name in dir(of) if name not in always | set(kept) and callable(getattr(of, name))}


def _only_of(known: frozenset[str]) -> dict[str, Any]:
    def contains(rights: Any, right: str) -> bool:
        return right in frozenset[str](rights) if right in known else _refuse()

    return _all_but(frozenset, "__hash__", "__eq__", "__repr__") | {"__contains__": contains}


#: A name that may be put into a longer text and into a statement, and not be looked at.
_Name: Any = type("_Name", (str,), _all_but(str, "__format__", "__str__", "__repr__"))
#: An instant that may be put into a statement, and not be compared.
_Instant: Any = type("_Instant", (datetime,), _all_but(datetime, "__str__", "__repr__", "tzinfo", "utcoffset"))
#: Rights of which those may be asked that statements are kept by.
_Rights: Any = type("_Rights", (frozenset,), _only_of(RIGHTS))
_ToldRights: Any = type("_ToldRights", (frozenset,), _only_of(TOLD_RIGHTS))
_THEN: datetime = _Instant(1, 1, 3, tzinfo=UTC)


class _Nobody(Actor):
    """Somebody who does not exist; with the same rights and knowledge of the time they are the same."""

    __slots__ = ()

    @classmethod
    def like(cls, actor: Actor) -> "_Nobody":
        """Return nobody with the rights of somebody."""
        groups: Any = (_Name(_GROUP),)
        return cls(_Name(_NAME), groups, _Rights(actor.rights & RIGHTS), None if actor.at is None else _THEN)

    @property
    def principals(self) -> list[str]:
        return [_Name(principal) for principal in super().principals]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Nobody) and self._known == other._known

    def __hash__(self) -> int:
        return hash(self._known)

    @property
    def _known(self) -> tuple[Any, ...]:
        return self.rights, self.at is None


class _NobodyOfTheirGroups(_Nobody):
    """Nobody with the groups and all the rights of somebody."""

    __slots__ = ()

    @classmethod
    def like(cls, actor: Actor) -> "_NobodyOfTheirGroups":
        """Return nobody with the groups and rights of somebody."""
        return cls(_Name(_NAME), actor.groups, actor.rights, None if actor.at is None else _THEN)

    @property
    def principals(self) -> list[str]:
        own, *groups = Actor.principals.__get__(self)
        return [_Name(own), *groups]

    @property
    def _known(self) -> tuple[Any, ...]:
        return self.groups, self.rights, self.at is None


class _NobodyTold(_Nobody, Told):
    """Nobody with as many principals as somebody who is told, and as much told of them."""

    __slots__ = ("count",)
    count: int

    @classmethod
    def like(cls, actor: Actor) -> "_NobodyTold":
        """Return nobody with the rights of somebody and what is told of them."""
        groups: Any = (_Name(_GROUP),)
        rights, at = _ToldRights(actor.rights & TOLD_RIGHTS), None if actor.at is None else _THEN
        made = cls(_Name(_NAME), groups, rights, at, cast("Told", actor).kinds)
        object.__setattr__(made, "count", len(actor.principals))
        return made

    @property
    def principals(self) -> list[str]:
        return [_Name(f"{_PRINCIPAL}{place}") for place in range(self.count)]

    @property
    def _known(self) -> tuple[Any, ...]:
        return self.kinds, self.rights, self.at is None, self.count


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
    """Keep what ``build`` returns for all whose rights among ``RIGHTS`` are the same, whatever their groups."""
    return _kept_for(_Nobody, build)


def for_alike(build: Callable[Concatenate[_Who, _More], Any]) -> Callable[Concatenate[_Who, _More], Asked]:
    """Keep what ``build`` returns for all who have the same groups and the same rights, so that it may look at both."""
    return _kept_for(_NobodyOfTheirGroups, build)


def _kept_for(
    nobody: type[_Nobody], build: Callable[Concatenate[_Who, _More], Any]
) -> Callable[Concatenate[_Who, _More], Asked]:
    @lru_cache(2048)
    def kept(like: Actor | None, *rest: Any, **more: Any) -> tuple[Any, dict[str, Any]]:
        return _opened(cast("Any", build)(like, *rest, **more))

    @wraps(build)
    def asked(actor: _Who, *rest: _More.args, **more: _More.kwargs) -> Asked:
        if actor is None:
            return Asked(kept(None, *rest, **more)[0], {})
        is_told = isinstance(actor, Told)
        statement, places = kept((_NobodyTold if is_told else nobody).like(actor), *rest, **more)
        values = {name: _of(value, actor) for name, value in places.items()}
        return Asked(statement, values | cast("Told", actor).lists if is_told else values)

    cast("Any", asked).for_anyone = True
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
        return any(_is_groups(one) or _is_nobodys(one) for one in cast("list[Any]", value))
    if _is_groups(value):
        _refuse()  # a person has none or several
    if isinstance(value, str):
        return any(str.__contains__(value, one) for one in (_NAME, _PRINCIPAL))
    return value is _THEN


def _is_groups(value: Any) -> bool:
    return isinstance(value, str) and str.__contains__(value, _GROUP)


def _of(value: Any, actor: Actor) -> Any:
    """Return what stands in the place of a value of nobody; their groups stand in lists alone."""
    if isinstance(value, list | tuple):
        found: list[Any] = []
        for one in cast("list[Any]", value):
            found += _of_groups(one, actor) if _is_groups(one) else [_of(one, actor)]
        return found
    if isinstance(value, str):
        if str.startswith(value, _PRINCIPAL):
            return actor.principals[int(str.removeprefix(value, _PRINCIPAL))]
        return str.replace(value, _NAME, actor.username)
    return actor.at if value is _THEN else value


def _of_groups(value: str, actor: Actor) -> list[str]:
    return [str.replace(value, _GROUP, group) for group in sorted(actor.groups)]
