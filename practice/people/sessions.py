"""Ending every session under a name: a browser left open somewhere, a laptop that is gone."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.guards import require_right
from practice.people import queries
from practice.people.models import User

RIGHT = "manage_users"


def sign_out_everywhere(session: Session, username: str, *, by: Actor, now: datetime) -> User:
    """End all of a person's sessions: one's own, or anybody's by who manages users. Tokens of programs stay.

    The sessions themselves are not kept here: they name the round in which they began, and the next one begins now.

    Raises:
        RightMissing, UserNotFound.
    """
    name = username.strip().lower()
    if by.username != name:
        require_right(by, RIGHT)
    user = queries.get(session, name)
    session.refresh(user, with_for_update=True)
    user.session_round += 1
    session.flush()
    audit.append(session, "user", user.username, "signed_out_everywhere", by=by, now=now)
    return user
