"""Locking and opening an account because somebody says so: a lost laptop, a resignation, a lock set by mistake."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.accesses import locks
from practice.accesses.errors import CaseDecides, LockReasonMissing, OwnAccount
from practice.accesses.models import BreachCase
from practice.guards import require_right
from practice.people import queries as people
from practice.people.models import User

RIGHT = "manage_users"
_LONGEST = 2000


def lock(session: Session, username: str, reason: str | None, *, by: Actor, now: datetime) -> User:
    """Let nobody in with an account from now on, by no session and no token; doing it again changes nothing.

    Raises:
        RightMissing, UserNotFound, OwnAccount, LockReasonMissing.
    """
    user = _others(session, username, by)
    locks.lock(session, user.username, _said(reason), by=by, now=now)
    return user


def unlock(session: Session, username: str, reason: str | None, *, by: Actor, now: datetime) -> User:
    """Let somebody in again whom no open case keeps out.

    Raises:
        RightMissing, UserNotFound, OwnAccount, LockReasonMissing, AccountNotLocked.
        CaseDecides: an open case locked the account; whoever decides it opens the account.
    """
    user = _others(session, username, by)
    case = case_that_locks(session, user.username)
    if case is not None:
        raise CaseDecides(user.username, case)
    return locks.unlock(session, user.username, _said(reason), by=by, now=now)


def case_that_locks(session: Session, username: str) -> str | None:
    """Return the number of the open case because of which an account is locked."""
    query = sa.select(BreachCase.number).where(
        BreachCase.username == username, BreachCase.state == "open", BreachCase.has_locked
    )
    return session.scalar(query.order_by(BreachCase.opened_at).limit(1))


def _others(session: Session, username: str, by: Actor) -> User:
    require_right(by, RIGHT)
    user = people.get(session, username)
    if user.username == by.username:
        raise OwnAccount(user.username)
    return user


def _said(reason: str | None) -> str:
    said = (reason or "").strip()
    if not 1 <= len(said) <= _LONGEST:
        raise LockReasonMissing("reason")
    return said
