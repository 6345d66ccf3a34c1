"""What keeps one person from matters, gathered once for a request: few walls and rules, however many rows are asked.

Spelled out in every part of a statement, walls and rules make it so long that PostgreSQL plans it for longer than it
runs. What they name is little: the numbers of matters and enquiries, and clients, which go into statements as two
lists. What is restricted is much, and stays a condition, asked of marked work alone where work is listed. Together they
say the same as ``visibility.denied_to``.
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
#: By walls and rules: single matters and enquiries, and clients with too many matters to name each.
KEYS: Final = "keys"
CLIENTS: Final = "clients"
#: Up to so many matters of clients are named one by one.
_FEW: Final = 300


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
    there = _GUARDS.rows(connection, {})[0]
    keys, clients = list[str](), list[str]()
    if there.walled:
        around = _AROUND.rows(connection, {"username": actor.username})[0]
        keys, clients = orjson.loads(around.keys_around), orjson.loads(around.clients_around)
    if there.ruled:
        clients += orjson.loads(session.scalar(sa.select(listed.of(rights.clients(actor, "deny")))) or "[]")
    if clients:
        rows = _OF_CLIENTS.rows(connection, {"denied_clients": listed.written(clients)})
        if len(rows) <= _FEW:
            keys += [number for row in rows for number in (row.number, row.enquiry_number) if number]
            clients = []
    reasons, values = list[str](), dict[str, str]()
    if there.restricted:
        reasons.append(RESTRICTED)
    for name, those in ((KEYS, keys), (CLIENTS, clients)):
        if those:
            reasons.append(name)
            values[f"denied_{name}"] = listed.written(those)
    return Denials(tuple(reasons), values)


def denied(business_key: Any, actor: Actor, reasons: Reasons, *, marked: Any = None) -> sa.ColumnElement[bool]:
    """Say of each row whether it is of a matter or an enquiry that the actor may not know of; never NULL.

    ``marked`` is the mark of open work (``practice.matters.restricted``) where the rows have it.
    """
    said: list[sa.ColumnElement[bool]] = []
    if RESTRICTED in reasons:
        of_restricted = _any_matter(business_key, sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor))))
        said.append(of_restricted if marked is None else sa.and_(marked.is_not(None), of_restricted))
    if CLIENTS in reasons:
        said.append(_any_matter(business_key, Matter.client_party_id.in_(listed.ids("denied_clients"))))
    if KEYS in reasons:
        said.append(sa.func.coalesce(business_key, "").in_(listed.texts("denied_keys")))
    return sa.or_(*said) if said else sa.false()


def denied_of_marked(business_key: Any, actor: Actor, marked: Any) -> sa.ColumnElement[bool]:
    """Say of much marked work what ``denied`` says of it for being restricted: what is one's own is gathered first.

    Only of that, and of what is in doubt, the matter is asked.
    """
    of_restricted = _any_matter(business_key, sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor))))
    access = sa.select(MatterAccess.number).where(MatterAccess.principal == actor.principals[0])
    from_enquiries = sa.select(Matter.enquiry_number).join(MatterAccess, MatterAccess.matter_id == Matter.id)
    from_enquiries = from_enquiries.where(
        IS_RESTRICTED, MatterAccess.principal == actor.principals[0], Matter.enquiry_number.is_not(None)
    )
    own = sa.union_all(access.correlate(None), from_enquiries.correlate(None))
    return sa.case((sa.and_(marked, business_key.not_in(own)), sa.true()), else_=of_restricted)


def named(reasons: Reasons) -> sa.CompoundSelect[Any]:
    """Select the numbers of the matters and enquiries that walls and rules name; none of them is NULL."""
    found: list[Any] = []
    if KEYS in reasons:
        found.append(listed.texts("denied_keys"))
    if CLIENTS in reasons:
        of_client = Matter.client_party_id.in_(listed.ids("denied_clients"))
        found.append(sa.select(Matter.number).where(of_client))
        found.append(sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), of_client))
    return sa.union_all(*(found or [sa.select(Matter.number).where(sa.false())]))


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


_KEPT: Final = WeakKeyDictionary[SessionTransaction, dict[tuple[str, frozenset[str]], Denials]]()
_GUARDS = Prepared(sa.select(*(sa.exists(reason).label(name) for name, reason in guards().items())))
_KEYS, _CLIENTS = walls.named_around(sa.bindparam("username", type_=sa.String()))
_OF_CLIENTS = Prepared(
    sa.select(Matter.number, Matter.enquiry_number)
    .where(Matter.client_party_id.in_(listed.ids("denied_clients")))
    .limit(sa.literal_column(str(_FEW + 1), sa.Integer()))
)
_AROUND = Prepared(sa.select(listed.of(_KEYS).label("keys_around"), listed.of(_CLIENTS).label("clients_around")))
