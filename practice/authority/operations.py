"""Giving authority and taking it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice import money
from practice.audit import operations as audit
from practice.authority.errors import (
    AuthorityForOneself,
    AuthorityLimitNotFound,
    AuthorityLimitRevoked,
    NobodyNamed,
)
from practice.authority.models import AuthorityLimit
from practice.authority.queries import MANAGE
from practice.errors import NotAnActivePerson, VariableInvalid
from practice.guards import require_right
from practice.matters import queries as matters
from practice.people import queries as people
from practice.people.models import Group
from practice.variables import Variables, day, needed_text, text


def grant(session: Session, facts: Variables, *, by: Actor, now: datetime) -> AuthorityLimit:
    """Let a person (``username``) or a group (``group``) approve a ``kind`` of thing.

    ``limit`` and ``currency`` say up to how much (neither: as much as it may be); ``client_of`` and ``matter`` (numbers
    of matters) for whom; ``valid_from`` and ``valid_until`` (local dates, both included) when.

    Raises:
        RightMissing, AuthorityForOneself, NobodyNamed, NotAnActivePerson, VariableMissing, VariableInvalid,
        AmountInvalid, CurrencyUnknown, MatterNotFound.
    """
    require_right(by, MANAGE)
    username, group = text(facts, "username", longest=150), text(facts, "group", longest=100)
    if (username is None) == (group is None):
        raise NobodyNamed("username")
    _require_somebody(session, username, group)
    if username == by.username or group in by.groups:
        raise AuthorityForOneself(by.username)
    valid_from = day(facts, "valid_from") or now.astimezone(clock.zone()).date()
    valid_until = day(facts, "valid_until")
    if valid_until is not None and valid_until < valid_from:
        raise VariableInvalid("valid_until", valid_until.isoformat())
    currency = money.currency(facts.get("currency")) if facts.get("limit") not in (None, "") else None
    limit = AuthorityLimit(
        kind=needed_text(facts, "kind", longest=60),
        username=username,
        group_name=group,
        limit_minor=money.to_minor(facts["limit"], currency, field="limit") if currency else None,
        currency=currency,
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=now,
        created_by=by.username,
    )
    _narrow(session, limit, facts, by)
    session.add(limit)
    session.flush()
    audit.append(session, "authority_limit", limit.id, "authority_granted", by=by, now=now, after=_told(limit))
    return limit


def revoke(session: Session, authority_limit_id: UUID, *, by: Actor, now: datetime) -> AuthorityLimit:
    """Take authority back; what was approved under it stays approved.

    Raises:
        RightMissing, AuthorityLimitNotFound, AuthorityLimitRevoked.
    """
    require_right(by, MANAGE)
    limit = session.get(AuthorityLimit, authority_limit_id, with_for_update=True, populate_existing=True)
    if limit is None:
        raise AuthorityLimitNotFound(authority_limit_id)
    if limit.revoked_at is not None:
        raise AuthorityLimitRevoked(authority_limit_id)
    limit.revoked_at, limit.revoked_by = now, by.username
    session.flush()
    audit.append(session, "authority_limit", limit.id, "authority_revoked", by=by, now=now, before=_told(limit))
    return limit


def _require_somebody(session: Session, username: str | None, group: str | None) -> None:
    if username is not None:
        user = people.by_username(session, username)
        if user is None or not user.is_active or user.username != username:
            raise NotAnActivePerson("username", username[:80])
    elif session.scalar(sa.select(Group.name).where(Group.name == group)) is None:
        raise VariableInvalid("group", str(group)[:80])


def _narrow(session: Session, limit: AuthorityLimit, facts: Variables, by: Actor) -> None:
    number = text(facts, "matter", longest=40)
    if number is not None:
        limit.matter_id = matters.get_by_number(session, number, actor=by).id
    number = text(facts, "client_of", longest=40)
    if number is not None:
        limit.client_party_id = matters.get_by_number(session, number, actor=by).client_party_id


def _told(limit: AuthorityLimit) -> dict[str, Any]:
    return {
        "kind": limit.kind,
        "username": limit.username,
        "group": limit.group_name,
        "limit": None
        if limit.limit_minor is None or limit.currency is None
        else str(money.from_minor(limit.limit_minor, limit.currency)),
        "currency": limit.currency,
        "valid_from": limit.valid_from.isoformat(),
        "valid_until": limit.valid_until.isoformat() if limit.valid_until else None,
    }
