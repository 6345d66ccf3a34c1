"""What keeps one person from matters, gathered once for a request: few walls and rules, however many rows are asked.

Spelled out in every part of a statement, walls and rules make it so long that PostgreSQL plans it for longer than it
runs. What they name is little: the numbers of matters and enquiries, and clients, which go into statements as two
lists. What is restricted is much, and stays a condition. Together they say the same as ``visibility.denied_to``.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

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
#: By walls and by rules about clients: the lists have something.
NAMED: Final = "named"


@dataclass(frozen=True, slots=True)
class Denials:
    """What one person may be kept from. It is false where nothing keeps them from anything."""

    reasons: Reasons = ()
    #: The values of the two lists in a statement.
    values: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.reasons)


def of(session: Session, actor: Actor) -> Denials:
    """Gather what could keep the actor from a matter, in the transaction in which the answer is used."""
    if actor.may("*"):
        return Denials()
    connection = session.connection()
    there = _GUARDS.rows(connection, {})[0]
    keys = clients = _NOTHING
    if there.walled:
        around = _AROUND.rows(connection, {"username": actor.username})[0]
        keys, clients = around.keys_around, around.clients_around
    if there.ruled:
        of_rules = session.scalar(sa.select(listed.of(rights.clients(actor, "deny"))))
        clients = orjson.dumps([*orjson.loads(clients), *orjson.loads(of_rules or _NOTHING)]).decode()
    is_named = keys != _NOTHING or clients != _NOTHING
    reasons = [name for name, is_so in ((RESTRICTED, there.restricted), (NAMED, is_named)) if is_so]
    return Denials(tuple(reasons), {"denied_keys": keys, "denied_clients": clients} if is_named else {})


def denied(business_key: Any, actor: Actor, reasons: Reasons) -> sa.ColumnElement[bool]:
    """Say of each row whether it is of a matter or an enquiry that the actor may not know of; never NULL."""
    if not reasons:
        return sa.false()
    found = sa.select(Matter.id).where(_is_denied(actor, reasons)).correlate(business_key.class_)
    said: list[sa.ColumnElement[bool]] = [
        # One each: over an OR of the two numbers SQLite reads the denied matters for every row.
        sa.exists(each(found.where(Matter.number == business_key))),
        sa.exists(each(found.where(Matter.enquiry_number == business_key))),
    ]
    if NAMED in reasons:
        said.append(sa.func.coalesce(business_key, "").in_(listed.texts("denied_keys")))
    return sa.or_(*said)


def numbers(actor: Actor, reasons: Reasons, *, before: list[Any] | None = None) -> sa.CompoundSelect[Any]:
    """Select the numbers of the matters and enquiries that the actor may not know of; none of them is NULL.

    Where only open work matters that lies ``before`` some groups, of the restricted matters only theirs.
    """
    found: list[Any] = []
    if RESTRICTED in reasons:
        # What is one's own is gathered: it is little, where asking of every restricted matter is thousands of look-ups.
        own = sa.select(MatterAccess.matter_id).where(MatterAccess.principal == actor.principals[0])
        kept = sa.and_(IS_RESTRICTED, Matter.id.not_in(own))
        theirs = sa.select(Matter.number).where(kept)
        if before is not None:
            some = aliased(MatterAccess)
            lies = sa.select(some.number).where(some.principal.in_(before), some.number == Matter.number)
            # Few of them do, and only of those it is asked whether they are one's own.
            theirs = sa.select(Matter.number).where(
                IS_RESTRICTED, sa.exists(lies.correlate(Matter)), sa.not_(_is_own(actor))
            )
        found += [theirs, sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), kept)]
    if NAMED in reasons:
        of_client = Matter.client_party_id.in_(listed.ids("denied_clients"))
        found += [
            sa.select(Matter.number).where(of_client),
            sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), of_client),
            listed.texts("denied_keys"),
        ]
    return sa.union_all(*(found or [sa.select(Matter.number).where(sa.false())]))


def _is_own(actor: Actor) -> sa.ColumnElement[bool]:
    own = sa.and_(MatterAccess.matter_id == Matter.id, MatterAccess.principal == actor.principals[0])
    return sa.exists(
        sa.select(sa.literal_column("1", sa.Integer())).select_from(MatterAccess).where(own).correlate(Matter)
    )


def _is_denied(actor: Actor, reasons: Reasons) -> sa.ColumnElement[bool]:
    said: list[sa.ColumnElement[bool]] = []
    if RESTRICTED in reasons:
        said.append(sa.and_(IS_RESTRICTED, sa.not_(_is_own(actor))))
    if NAMED in reasons:
        said.append(Matter.client_party_id.in_(listed.ids("denied_clients")))
    return sa.or_(*said)


_NOTHING: Final = "[]"
_GUARDS = Prepared(sa.select(*(sa.exists(reason).label(name) for name, reason in guards().items())))
_KEYS, _CLIENTS = walls.named_around(sa.bindparam("username", type_=sa.String()))
_AROUND = Prepared(sa.select(listed.of(_KEYS).label("keys_around"), listed.of(_CLIENTS).label("clients_around")))
