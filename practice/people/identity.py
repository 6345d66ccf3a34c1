"""Who asks, for every single request: one prepared statement each, because nothing is asked more often.

Measured: loading a person with token and groups through the object mapper costs as much as half a step.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.prepared import Prepared
from practice.organisation.models import StaffRecord
from practice.people.models import ApiToken, Membership, User


@dataclass(frozen=True, slots=True)
class Identity:
    """An active person whose account is not locked, as far as a request needs to know them."""

    id: UUID
    username: str
    full_name: str
    language: str | None
    password_hash: str | None
    groups: frozenset[str]
    time_zone: str | None = None
    region: str | None = None
    hour_cycle: str | None = None
    #: Local date of the last day of work.
    left_on: date | None = None
    #: Sessions of earlier rounds have ended.
    session_round: int = 0

    def has_left(self, today: date) -> bool:
        """Say whether the last day of work is over."""
        return self.left_on is not None and self.left_on < today


_COLUMNS = (
    sa.select(
        User.id,
        User.username,
        User.full_name,
        User.language,
        User.password_hash,
        Membership.group_name,
        User.time_zone,
        User.region,
        User.hour_cycle,
        StaffRecord.left_on,
        User.session_round,
    )
    .select_from(User)
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(StaffRecord, StaffRecord.username == User.username)
)
_BY_ID = Prepared(
    _COLUMNS.where(User.id == sa.bindparam("user_id", type_=sa.Uuid()), User.is_active, User.locked_at.is_(None))
)
_BY_TOKEN = Prepared(
    _COLUMNS.join(ApiToken, ApiToken.user_id == User.id).where(
        ApiToken.token_hash == sa.bindparam("token_hash"),
        ApiToken.revoked_at.is_(None),
        User.is_active,
        User.locked_at.is_(None),
    )
)


def by_id(session: Session, user_id: UUID) -> Identity | None:
    """Return the active person with this id."""
    return _one(session, _BY_ID, {"user_id": user_id})


def by_token(session: Session, token: str) -> Identity | None:
    """Return the active person whose program holds this token (``operations.issue_token``)."""
    return _one(session, _BY_TOKEN, {"token_hash": hashlib.sha256(token.encode()).hexdigest()})


def groups_today(session: Session, usernames: Collection[str], today: date) -> dict[str, frozenset[str]]:
    """Return the groups of those who have an active account, are not locked out and still work here."""
    groups = {username: set[str]() for username in usernames}
    here = set[str]()
    query = _COLUMNS.where(User.username.in_(list(groups)), User.is_active, User.locked_at.is_(None))
    for row in session.execute(query):
        if row.left_on is None or row.left_on >= today:
            here.add(row.username)
            groups[row.username].update({row.group_name} - {None})
    return {username: frozenset(groups[username]) for username in here}


def _one(session: Session, statement: Prepared, parameters: dict[str, Any]) -> Identity | None:
    rows = statement.rows(session.connection(), parameters)
    if not rows:
        return None
    user_id, username, full_name, language, password_hash, _, *chosen, left_on, session_round = rows[0]
    groups = frozenset(row[5] for row in rows if row[5] is not None)
    time_zone, region, hour_cycle = chosen
    return Identity(
        user_id,
        username,
        full_name,
        language,
        password_hash,
        groups,
        time_zone,
        region,
        hour_cycle,
        left_on,
        session_round,
    )
