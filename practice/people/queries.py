"""Who is who (read side)."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.prepared import Prepared
from practice import listed
from practice.errors import UserNotFound
from practice.people.models import ApiToken, Group, Membership, User


def by_username(session: Session, username: str) -> User | None:
    """Return the person, active or not; None when nobody has the name."""
    return session.scalar(sa.select(User).where(User.username == username.strip().lower()))


def get(session: Session, username: str) -> User:
    """Return the person, active or not, or raise ``UserNotFound``."""
    user = by_username(session, username)
    if user is None:
        raise UserNotFound(username)
    return user


def everybody(session: Session, *, active: bool | None = None) -> list[User]:
    """Return all people by name; only the active or only the former ones when asked."""
    query = sa.select(User).order_by(User.full_name, User.username)
    if active is not None:
        query = query.where(User.is_active == active)
    return list(session.scalars(query))


def groups(session: Session) -> list[Group]:
    """Return the firm's groups by title."""
    return list(session.scalars(sa.select(Group).order_by(Group.title)))


def groups_of(session: Session, user: User) -> frozenset[str]:
    """Return the names of the groups a person belongs to; a former colleague belongs to none."""
    if not user.is_active:
        return frozenset()
    return frozenset(session.scalars(sa.select(Membership.group_name).where(Membership.user_id == user.id)))


def members(session: Session, group: str) -> list[User]:
    """Return the active members of a group by name."""
    query = (
        sa.select(User)
        .join(Membership)
        .where(Membership.group_name == group, User.is_active)
        .order_by(User.full_name, User.username)
    )
    return list(session.scalars(query))


def display_names(session: Session, usernames: Iterable[str | None]) -> dict[str, str]:
    """Return the full name for each username that is known; former colleagues included."""
    wanted = {username for username in usernames if username}
    if not wanted:
        return {}
    session.flush()
    return dict(_NAMES.rows(session.connection(), {"usernames": listed.written(wanted)}))


_NAMES: Final = Prepared(sa.select(User.username, User.full_name).where(User.username.in_(listed.texts("usernames"))))


def tokens_of(session: Session, user: User) -> list[ApiToken]:
    """Return a person's tokens, the newest first, revoked ones included."""
    query = sa.select(ApiToken).where(ApiToken.user_id == user.id)
    return list(session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))
