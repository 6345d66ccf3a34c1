"""Gathers what opens matters to one person and what keeps them from any, for the lists of one request."""

from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from engine import database
from engine.actor import Actor
from engine.prepared import Prepared
from practice import listed, told
from practice.accesses.models import EmergencyAccess
from practice.matters import denials
from practice.organisation.models import OrgUnitReach, StaffRecord
from practice.rights import queries as rights
from practice.rights.models import RightRule
from practice.told import Told

_NONE: Final = "[]"
_KEPT: Final = WeakKeyDictionary[SessionTransaction, dict[tuple[Any, ...], Told]]()


def of(session: Session, actor: Actor) -> Actor:
    """Return the actor as one who is told, in the transaction in which the answer is used.

    One that only reads gathers once, for all its lists. The system itself has nothing to be told.
    """
    if actor.may("*") or isinstance(actor, Told):
        return actor
    if not database.is_read_only(session.connection()):
        return _gathered(session, actor)
    kept = _KEPT.setdefault(cast("SessionTransaction", session.get_transaction()), {})
    asked = actor.username, actor.groups, actor.rights, actor.at
    if asked not in kept:
        kept[asked] = _gathered(session, actor)
    return kept[asked]


def for_reading(session: Session, actor: Actor) -> Actor:
    """Return the actor as one who is told where a request only reads and will ask again; else as they are."""
    return of(session, actor) if database.is_read_only(session.connection()) else actor


def _gathered(session: Session, actor: Actor) -> Told:
    against = denials.of(session, actor)
    kinds: set[str] = {told.RESTRICTED} if denials.RESTRICTED in against.reasons else set()
    lists: dict[str, str] = {}
    if set(against.reasons) - {denials.RESTRICTED}:
        kinds.add(told.DENIED)
        names = (told.DENIED_MATTERS, told.DENIED_CLIENTS, told.DENIED_ENQUIRIES)
        lists |= {name: against.values.get(name, _NONE) for name in names}
    sees_all = actor.may("see_all_matters")
    # A rule opens a client's own record too, to who sees all matters but not all parties.
    if not (sees_all and actor.may("see_all_parties")):
        opened = _opened(session, actor)
        if any(values != _NONE for values in opened.values()):
            kinds.add(told.OPENED)
            lists |= opened
    if actor.may("see_unit_matters") and not sees_all:
        kinds.add(told.UNITS)
        there = _UNITS.rows(session.connection(), {"username": actor.username})[0]
        lists[told.OPENED_UNITS] = there.units
    return Told(actor.username, actor.groups, actor.rights, actor.at, frozenset(kinds), lists)


def _opened(session: Session, actor: Actor) -> dict[str, str]:
    there = _AROUND.rows(session.connection(), {"username": actor.username})[0]
    matters = clients = _NONE
    # Nobody knows whether it has ended where nobody knows the time.
    if there.is_emergency and actor.at is not None:
        matters = _EMERGENCIES.rows(session.connection(), {"username": actor.username, "at": actor.at})[0].matters
    if there.is_allowed:
        clients = session.scalar(sa.select(listed.of(rights.clients(actor, "allow")))) or _NONE
    return {told.OPENED_MATTERS: matters, told.OPENED_CLIENTS: clients}


_USERNAME: sa.BindParameter[str] = sa.bindparam("username", type_=sa.String())
_RUNNING: Final = sa.select(EmergencyAccess.matter_id).where(
    EmergencyAccess.username == _USERNAME, EmergencyAccess.ended_at.is_(None)
)
_ALLOWING: Final = sa.select(RightRule.id).where(
    RightRule.effect == "allow", RightRule.client_party_id.is_not(None), RightRule.event_kind.is_(None)
)
_AROUND: Final = Prepared(
    sa.select(sa.exists(_RUNNING).label("is_emergency"), sa.exists(_ALLOWING).label("is_allowed"))
)
_EMERGENCIES: Final = Prepared(
    sa.select(
        listed.of(_RUNNING.where(EmergencyAccess.until > sa.bindparam("at", type_=EmergencyAccess.until.type))).label(
            "matters"
        )
    )
)
_UNITS: Final = Prepared(
    sa.select(
        listed.of(
            sa.select(OrgUnitReach.unit_id)
            .join(StaffRecord, StaffRecord.org_unit_id == OrgUnitReach.ancestor_id)
            .where(StaffRecord.username == _USERNAME)
        ).label("units")
    )
)
