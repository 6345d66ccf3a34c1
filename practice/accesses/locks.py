"""Accounts that nobody comes in with until a case is decided."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.accesses.errors import AccountNotLocked
from practice.audit import operations as audit
from practice.people import queries as people
from practice.people.models import User


def lock(session: Session, username: str, because: str, *, by: Actor, now: datetime) -> bool:
    """Let nobody in with this account, neither by password nor by session or token; say whether it was open.

    ``because`` is the number of the case.
    """
    user = _held(session, username)
    if user.locked_at is not None:
        return False
    user.locked_at = now
    session.flush()
    audit.append(session, "user", username, "account_locked", by=by, now=now, after={"because": because})
    return True


def unlock(session: Session, username: str, because: str, *, by: Actor, now: datetime) -> User:
    """Let the person in again; ``because`` is the number of the case that was decided, or a reason in words.

    Raises:
        UserNotFound, AccountNotLocked.
    """
    user = _held(session, username)
    if user.locked_at is None:
        raise AccountNotLocked(username)
    before, user.locked_at = user.locked_at, None
    session.flush()
    audit.append(
        session, "user", username, "account_unlocked", by=by, now=now,
        before={"locked_at": before.isoformat()}, after={"because": because},
    )  # fmt: skip
    return user


def _held(session: Session, username: str) -> User:
    user = people.get(session, username)
    session.refresh(user, with_for_update=True)
    return user
