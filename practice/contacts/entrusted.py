"""Telephone numbers and addresses that come as answers of forms: sealed before any process knows them.

What a process, its history, its forms and its messages hold in their place is what people may see and the
code by which the contact point is used: ``••• ••• 45 · K7QM2XPA``.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import safekeeping
from engine.actor import Actor
from practice.contacts import operations, sealing, values
from practice.contacts.errors import ContactValueInvalid
from practice.contacts.models import ContactPoint
from practice.parties.models import Party

#: The last word of a variable's name says what it is: ``client_phone``, ``email2``, ``opponentFax``.
_NAMED: Final = re.compile(
    r"(?:^|_)(?P<kind>phone|telephone|tel|mobile|cell|fax|email|e_mail)(?:_(?:number|address|no))?_?\d*$"
)
_KINDS: Final = {"fax": "fax", "email": "email", "e_mail": "email"}
_STANDS_FOR: Final = re.compile(rf".* · ([{operations.SIGNS}]{{{operations.CODE_LENGTH}}})")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def install(secret: Callable[[], str]) -> None:
    """Say where the key is, and seal from now on what comes in: what every program of the product does first."""
    sealing.use(secret)
    safekeeping.use(sealed)


def kind_of(name: str) -> str | None:
    """Return which kind of contact point a variable of this name is, None when it is none."""
    found = _NAMED.search(_CAMEL.sub("_", name).lower())
    return None if found is None else _KINDS.get(found["kind"], "phone")


def sealed(session: Session, given: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    """Return variables in which something stands for every contact value, however deep it lies."""
    return cast("dict[str, Any]", _walk(session, given, by, now))


def without_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables without contact values: what was typed and not sent is kept without them."""
    return {name: value for name, value in given.items() if kind_of(name) is None or _code_in(value)}


def codes_by_role(facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what stands for the contact values of an enquiry: those of its client, those of its opponent."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in facts.items():
        code = _code_in(value) if kind_of(name) is not None else None
        if code is not None:
            role = _whose(name)
            found[role] = (*found.get(role, ()), code)
    return found


def attach(
    session: Session, facts: Mapping[str, Any], parties: Mapping[str, Party], *, by: Actor, now: datetime
) -> list[ContactPoint]:
    """Give what an enquiry said to those whose it is: ``opponent_...`` to the opponent, all else to the client."""
    attached: list[ContactPoint] = []
    for name, value in facts.items():
        code = _code_in(value) if kind_of(name) is not None else None
        party = parties.get(_whose(name))
        if code is None or party is None:
            continue
        point = operations.attach(session, code, party, by=by, now=now)
        attached += [point] if point is not None else []
    return attached


def _whose(name: str) -> str:
    return "opponent" if name.startswith("opponent") else "client"


def _walk(session: Session, given: Any, by: Actor, now: datetime) -> Any:
    if isinstance(given, dict):
        holder = cast("dict[str, Any]", given)
        after = {name: _value(session, name, value, by, now) for name, value in holder.items()}
        return after if any(after[name] is not holder[name] for name in after) else holder
    if isinstance(given, list):
        items = cast("list[Any]", given)
        seen = [_walk(session, item, by, now) for item in items]
        return seen if any(new is not old for new, old in zip(seen, items, strict=True)) else items
    return given


def _value(session: Session, name: str, value: Any, by: Actor, now: datetime) -> Any:
    kind = kind_of(name) if isinstance(value, str) and value.strip() else None
    if kind is None:
        return _walk(session, value, by, now)
    if _stands_for_something(session, value):
        return value
    try:
        checked = values.checked(kind, value)
    except ContactValueInvalid:
        # Two numbers in one field, or one with a word beside it: nobody may read it all the same.
        checked = values.Value("messenger", value[: values.LONGEST], value, None, values.HIDDEN)
    point = operations.keep(session, checked, party_id=None, by=by, now=now)
    return f"{point.masked} · {point.code}"


def _stands_for_something(session: Session, value: str) -> bool:
    code = _code_in(value)
    return code is not None and session.scalar(sa.select(ContactPoint.id).where(ContactPoint.code == code)) is not None


def _code_in(value: Any) -> str | None:
    found = _STANDS_FOR.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else found[1]
