"""What keeps one person from matters, gathered once for a request: few walls and rules, however many rows are asked.

Spelled out in every part of a statement, walls and rules make it so long that PostgreSQL plans it for longer than it
runs. What they name is little, and goes into statements as lists: matters, clients, enquiries. Rows are asked about
their matter; where open work is listed, marked work alone (``practice.matters.restricted``). Together they say the same
as ``visibility.denied_to``.
"""

from dataclasses import dataclass, field
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction

from engine import database
from engine.actor import Actor
from engine.prepared import Prepared
from practice import listed
from practice.gathering import each
from practice.matters.access import MatterAccess
from practice.matters.models import Matter
from practice.matters.visibility import IS_RESTRICTED, guards
from practice.rights import queries as rights
from practice.walls import queries as walls

#: Which kinds of denial there may be; statements are kept by them.
Reasons = tuple[str, ...]
RESTRICTED: Final = "restricted"
#: By walls and rules: single matters (by id), clients (by party), and enquiries (by number).
MATTERS: Final = "matters"
CLIENTS: Final = "clients"
ENQUIRIES: Final = "enquiries"


@dataclass(frozen=True, slots=True)
class Denials:
    """What one person may be kept from. It is false where nothing keeps them from anything."""

    reasons: Reasons = ()
    #: The values of the lists in a statement.
    values: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.reasons)


def of(session: Session, actor: Actor) -> Denials:
    """Gather what could keep the actor from a matter, in the transaction in which the answer is used.

    One that only reads does so once, for all its lists and counts.
    """
    if actor.may("*"):
        return Denials()
    connection = session.connection()
    if not database.is_read_only(connection):
        return _gathered(session, connection, actor)
    kept = _KEPT.setdefault(cast("SessionTransaction", session.get_transaction()), {})
    asked = actor.username, actor.groups
    if asked not in kept:
        kept[asked] = _gathered(session, connection, actor)
    return kept[asked]


def _gathered(session: Session, connection: Connection, actor: Actor) -> Denials:
    there = _AROUND.rows(connection, {"username": actor.username})[0]
    named = {MATTERS: there.matters, CLIENTS: there.clients, ENQUIRIES: there.enquiries}
    if there.is_ruled:
        by_rule = orjson.loads(session.scalar(sa.select(listed.of(rights.clients(actor, "deny")))) or "[]")
        named[CLIENTS] = listed.written([*orjson.loads(there.clients), *by_rule])
    kept = {name: values for name, values in named.items() if values != _NONE}
    reasons = (RESTRICTED, *kept) if there.is_restricted else tuple(kept)
    return Denials(reasons, {f"denied_{name}": values for name, values in kept.items()})


def denied(business_key: Any, actor: Actor, reasons: Reasons, *, marked: Any = None) -> sa.ColumnElement[bool]:
    """Say of each row whether it is of a matter or an enquiry that the actor may not know of; never NULL.

    ``marked`` is the mark of open work (``practice.matters.restricted``) where the rows have it.
    """
    of_matter: list[sa.ColumnElement[bool]] = []
    if RESTRICTED in reasons:
        of_matter.append(sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor))))
    if MATTERS in reasons:
        of_matter.append(Matter.id.in_(listed.ids("denied_matters")))
    if CLIENTS in reasons:
        of_matter.append(Matter.client_party_id.in_(listed.ids("denied_clients")))
    said: list[sa.ColumnElement[bool]] = []
    if ENQUIRIES in reasons:
        numbers = listed.texts("denied_enquiries")
        of_matter.append(sa.func.coalesce(Matter.enquiry_number, "").in_(numbers))
        said.append(sa.func.coalesce(business_key, "").in_(numbers))
    if of_matter:
        said.append(_any_matter(business_key, sa.or_(*of_matter)))
    found = sa.or_(*said) if said else sa.false()
    return found if marked is None else sa.and_(marked.is_not(None), found)


def denied_of_marked(business_key: Any, actor: Actor, reasons: Reasons, *, marked: Any) -> sa.ColumnElement[bool]:
    """Say the same of much marked work: what is one's own is gathered first.

    What is of a restricted matter and not one's own is denied; only of the rest the matter is asked.
    """
    asked = denied(business_key, actor, reasons)
    if RESTRICTED not in reasons:
        return asked
    access = sa.select(MatterAccess.number).where(MatterAccess.principal == actor.principals[0])
    from_enquiries = sa.select(Matter.enquiry_number).join(MatterAccess, MatterAccess.matter_id == Matter.id)
    from_enquiries = from_enquiries.where(
        IS_RESTRICTED, MatterAccess.principal == actor.principals[0], Matter.enquiry_number.is_not(None)
    )
    own = sa.union_all(access.correlate(None), from_enquiries.correlate(None))
    return sa.case((sa.and_(marked, business_key.not_in(own)), sa.true()), else_=asked)


def _any_matter(business_key: Any, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    found = sa.select(Matter.id).where(condition).correlate(business_key.class_)
    # One each: over an OR of the two numbers SQLite reads the denied matters for every row.
    numbers = (Matter.number, Matter.enquiry_number)
    return sa.or_(*(sa.exists(each(found.where(number == business_key))) for number in numbers))


def _is_own(actor: Actor) -> sa.ColumnElement[bool]:
    own = sa.and_(MatterAccess.matter_id == Matter.id, MatterAccess.principal == actor.principals[0])
    return sa.exists(
        sa.select(sa.literal_column("1", sa.Integer())).select_from(MatterAccess).where(own).correlate(Matter)
    )


def _all_around() -> sa.Select[*tuple[Any, ...]]:
    """Select what walls that keep ``username`` out stand around, and what else there could be at all."""
    guarded = guards()
    scopes = walls.scopes_around(sa.bindparam("username", type_=sa.String()))
    lists = (
        listed.of(sa.select(column).where(column.is_not(None))).label(name)
        for name, column in (
            (MATTERS, scopes.c.matter_id),
            (CLIENTS, scopes.c.client_party_id),
            (ENQUIRIES, scopes.c.enquiry_number),
        )
    )
    return sa.select(*(sa.exists(guarded[name]).label(f"is_{name}") for name in ("restricted", "ruled")), *lists)


#: An empty list, as the databases write it.
_NONE: Final = "[]"
_KEPT: Final = WeakKeyDictionary[SessionTransaction, dict[tuple[str, frozenset[str]], Denials]]()
_AROUND = Prepared(_all_around())
