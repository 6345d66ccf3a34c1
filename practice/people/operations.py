"""Joining and leaving the firm, passwords and tokens."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import RightMissing
from practice.audit import operations as audit
from practice.errors import (
    ApiTokenNotFound,
    FullNameMissing,
    GroupUnknown,
    LastAdministrator,
    UserInactive,
    UsernameInvalid,
    UsernameTaken,
)
from practice.people import passwords, queries
from practice.people.groups import GROUPS
from practice.people.models import ApiToken, Group, Membership, User
from practice.rights.errors import TwoPersonsNeeded

#: Lets people and programs (secret scanners too) recognise a token of ours.
TOKEN_PREFIX = "mf_"  # noqa: S105 - a prefix, not a secret
_TOKEN_BYTES = 32
_TOKEN_USE_RESOLUTION = timedelta(hours=1)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{0,59}")
#: Nobody may sign in under the name that the product itself acts under.
_RESERVED = frozenset({"system"})


def seed_groups(session: Session) -> None:
    """Make sure that every group of the shipped processes exists."""
    known = set(session.scalars(sa.select(Group.name)))
    session.add_all(Group(name=name, title=title) for name, title in GROUPS.items() if name not in known)
    session.flush()


def create_user(
    session: Session,
    username: str,
    full_name: str,
    *,
    password: str | None,
    groups: Collection[str],
    email: str | None = None,
    language: str | None = None,
    password_hash: str | None = None,
    by: Actor,
    now: datetime,
) -> User:
    """Let somebody join; without a password only their programs come in, by token.

    Who joins by one person's hand belongs to no group yet: groups are rights, and two persons give them.
    ``password_hash`` stands in for ``password`` where people come from another place with an Argon2 hash.

    Raises:
        RightMissing, UsernameInvalid, UsernameTaken, FullNameMissing, PasswordUnfit, GroupUnknown, TwoPersonsNeeded.
    """
    _require_manager(by)
    if groups:
        _require_two_persons(by)
    if not _USERNAME.fullmatch(username) or username in _RESERVED:
        raise UsernameInvalid(username)
    if queries.by_username(session, username) is not None:
        raise UsernameTaken(username)
    user = User(
        username=username,
        full_name=_full_name(username, full_name),
        email=email or None,
        password_hash=password_hash if password is None else passwords.hashed(password),
        language=language,
        created_at=now,
        memberships=[Membership(group_name=name) for name in _known_groups(session, groups)],
    )
    session.add(user)
    session.flush()
    audit.append(session, "user", username, "user_created", by=by, now=now, after=_facts(user))
    return user


def change_groups(session: Session, username: str, groups: Collection[str], *, by: Actor, now: datetime) -> User:
    """Make a person a member of exactly these groups.

    It changes what the person may do, so it happens through ``rights.operations`` by two persons, or from the
    machine's command line.

    Raises:
        TwoPersonsNeeded, UserNotFound, UserInactive, GroupUnknown, LastAdministrator.
    """
    _require_two_persons(by)
    user = _locked(session, username)
    wanted = _known_groups(session, groups)
    before = _facts(user)
    if "administrators" not in wanted:
        _require_another_administrator(session, user)
    kept = [membership for membership in user.memberships if membership.group_name in wanted]
    new = [name for name in wanted if name not in user.groups]
    user.memberships = [*kept, *(Membership(group_name=name) for name in new)]
    session.flush()
    audit.append(session, "user", username, "groups_changed", by=by, now=now, before=before, after=_facts(user))
    return user


def change_password(session: Session, username: str, password: str, *, by: Actor, now: datetime) -> User:
    """Set a password: one's own, or anybody's by who manages users."""
    if by.username != username:
        _require_manager(by)
    user = _locked(session, username)
    user.password_hash = passwords.hashed(password)
    audit.append(session, "user", username, "password_changed", by=by, now=now)
    return user


def change_language(session: Session, username: str, language: str | None, *, by: Actor, now: datetime) -> User:
    """Choose the language of one's pages; None follows the browser."""
    if by.username != username:
        _require_manager(by)
    user = _locked(session, username)
    before, user.language = user.language, language
    audit.append(
        session,
        "user",
        username,
        "language_changed",
        by=by,
        now=now,
        before={"language": before},
        after={"language": language},
    )
    return user


def deactivate_user(session: Session, username: str, *, by: Actor, now: datetime) -> User:
    """Let somebody leave: no log-in, no token, no groups from now on; history keeps the name.

    Doing it again changes nothing. User tasks that the person held stay theirs until somebody with
    the right ``assign_user_tasks`` gives them to others.
    """
    _require_manager(by)
    user = _locked(session, username, active_only=False)
    if not user.is_active:
        return user
    _require_another_administrator(session, user)
    before = _facts(user)
    user.is_active = False
    user.deactivated_at = now
    for token in queries.tokens_of(session, user):
        token.revoked_at = token.revoked_at or now
    session.flush()
    audit.append(session, "user", username, "user_deactivated", by=by, now=now, before=before, after=_facts(user))
    return user


def reactivate_user(session: Session, username: str, *, by: Actor, now: datetime) -> User:
    """Let somebody come back, with the groups they had; their tokens stay revoked."""
    _require_manager(by)
    user = _locked(session, username, active_only=False)
    if user.is_active:
        return user
    user.is_active = True
    user.deactivated_at = None
    session.flush()
    audit.append(session, "user", username, "user_reactivated", by=by, now=now, after=_facts(user))
    return user


def verify_password(session: Session, username: str, password: str) -> User | None:
    """Return the person when the password is theirs and they may come in (active, not locked); only reads.

    Takes the same time for people who do not exist. After it, ``renew_password_hash`` in a transaction
    that may write.
    """
    user = queries.by_username(session, username)
    if not passwords.matches(user.password_hash if user else None, password):
        return None
    return user if user is not None and user.is_active and user.locked_at is None else None


def renew_password_hash(session: Session, username: str, password: str) -> bool:
    """Hash a password again that was just verified, if its hash is weaker than today's; say whether it was.

    Costs nothing when the hash is up to date. Nobody decided anything, so the audit trail is silent.
    """
    user = queries.by_username(session, username)
    if user is None or user.password_hash is None or not passwords.is_outdated(user.password_hash):
        return False
    user.password_hash = passwords.hasher.hash(password)
    session.flush()
    return True


def issue_token(session: Session, username: str, name: str, *, by: Actor, now: datetime) -> str:
    """Return a new token for the person's programs: the only time that it can be read."""
    if by.username != username:
        _require_manager(by)
    user = _locked(session, username)
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        ApiToken(user_id=user.id, name=name.strip()[:100] or "token", token_hash=_token_hash(token), created_at=now)
    )
    session.flush()
    audit.append(session, "user", username, "api_token_issued", by=by, now=now, after={"name": name})
    return token


def revoke_token(session: Session, api_token_id: UUID, *, by: Actor, now: datetime) -> ApiToken:
    """End a token at once: one's own, or anybody's by who manages users."""
    token = session.get(ApiToken, api_token_id)
    if token is None or (by.username != token.user.username and not by.may("manage_users")):
        raise ApiTokenNotFound(str(api_token_id))
    if token.revoked_at is None:
        token.revoked_at = now
        audit.append(
            session, "user", token.user.username, "api_token_revoked", by=by, now=now, before={"name": token.name}
        )
        session.flush()
    return token


def note_token_use(session: Session, token: str, *, now: datetime) -> None:
    """Remember that a token was used; writes at most once an hour."""
    session.execute(
        sa.update(ApiToken)
        .where(
            ApiToken.token_hash == _token_hash(token),
            sa.or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now - _TOKEN_USE_RESOLUTION),
        )
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _facts(user: User) -> dict[str, object]:
    return {
        "full_name": user.full_name,
        "email": user.email,
        "groups": sorted(user.groups),
        "is_active": user.is_active,
    }


def _full_name(username: str, full_name: str) -> str:
    name = " ".join(full_name.split())
    if not 1 <= len(name) <= 200:  # noqa: PLR2004 - the column's width
        raise FullNameMissing(username)
    return name


def _known_groups(session: Session, groups: Collection[str]) -> list[str]:
    wanted = sorted(set(groups))
    known = set(session.scalars(sa.select(Group.name).where(Group.name.in_(wanted))))
    for name in wanted:
        if name not in known:
            raise GroupUnknown(name)
    return wanted


def _locked(session: Session, username: str, *, active_only: bool = True) -> User:
    user = queries.get(session, username)
    session.refresh(user, with_for_update=True)
    if active_only and not user.is_active:
        raise UserInactive(username)
    return user


def _require_manager(by: Actor) -> None:
    if not by.may("manage_users"):
        raise RightMissing("manage_users", by.username)


def _require_two_persons(by: Actor) -> None:
    if not by.may("*"):
        raise TwoPersonsNeeded("groups")


def _require_another_administrator(session: Session, user: User) -> None:
    others = [member for member in queries.members(session, "administrators") if member.id != user.id]
    if "administrators" in user.groups and not others:
        raise LastAdministrator(user.username)
