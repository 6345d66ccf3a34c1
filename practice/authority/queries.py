"""Limits of authority (read side)."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.authority.models import AuthorityLimit
from practice.matters.models import Matter
from practice.paging import Page, bounded, place
from practice.people import queries as people
from practice.people.models import User

#: Right to read and give limits.
MANAGE = "manage_authority"
__all__ = ["MANAGE", "covers", "limits", "limits_of", "page", "visible_to"]


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``AuthorityLimit``: one's own and one's groups'; all of them with the right to give them."""
    if actor.may(MANAGE) or actor.may("see_audit"):
        return sa.true()
    return sa.or_(AuthorityLimit.username == actor.username, AuthorityLimit.group_name.in_(sorted(actor.groups)))


def limits(
    session: Session, *, actor: Actor, kind: str | None = None, with_revoked: bool = False
) -> list[AuthorityLimit]:
    """Return the limits that the actor may read, by kind and by when they were given."""
    query = sa.select(AuthorityLimit).where(visible_to(actor))
    if kind is not None:
        query = query.where(AuthorityLimit.kind == kind)
    if not with_revoked:
        query = query.where(AuthorityLimit.revoked_at.is_(None))
    return list(session.scalars(query.order_by(AuthorityLimit.kind, AuthorityLimit.created_at, AuthorityLimit.id)))


def page(
    session: Session,
    *,
    actor: Actor,
    kind: str | None = None,
    with_revoked: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[AuthorityLimit]:
    """Return some of the limits that the actor may read, as they were given.

    Raises:
        CursorInvalid.
    """
    limit = bounded(limit)
    query = sa.select(AuthorityLimit).where(visible_to(actor))
    if kind is not None:
        query = query.where(AuthorityLimit.kind == kind)
    if not with_revoked:
        query = query.where(AuthorityLimit.revoked_at.is_(None))
    if cursor:
        key = sa.tuple_(AuthorityLimit.created_at, AuthorityLimit.id)
        types = [AuthorityLimit.created_at.type, AuthorityLimit.id.type]
        query = query.where(key > sa.tuple_(*place(cursor), types=types))
    rows = list(session.scalars(query.order_by(AuthorityLimit.created_at, AuthorityLimit.id).limit(limit + 1)))
    return Page.cut(rows, limit, lambda row: (row.created_at, row.id))


def limits_of(session: Session, user: User, *, actor: Actor) -> list[AuthorityLimit]:
    """Return what a person may approve, by themselves and by their groups, so far as the actor may read it."""
    theirs = sa.or_(AuthorityLimit.username == user.username, AuthorityLimit.group_name.in_(sorted(user.groups)))
    query = sa.select(AuthorityLimit).where(visible_to(actor), theirs, AuthorityLimit.revoked_at.is_(None))
    return list(session.scalars(query.order_by(AuthorityLimit.kind, AuthorityLimit.created_at, AuthorityLimit.id)))


def covers(
    session: Session,
    username: str,
    kind: str,
    *,
    amount_minor: int | None,
    currency: str | None,
    business_key: str | None,
    today: date,
    groups: Collection[str] | None = None,
) -> bool:
    """Say whether somebody may approve one thing of a kind today.

    Without an amount only a limit without a limit covers it; a sum in another currency than the limit's is never
    covered. ``groups`` are the person's when the caller knows them.
    """
    if groups is None:
        user = people.by_username(session, username)
        groups = people.groups_of(session, user) if user is not None else frozenset()
    matter = (
        session.execute(sa.select(Matter.id, Matter.client_party_id).where(Matter.number == business_key)).one_or_none()
        if business_key
        else None
    )
    limit = AuthorityLimit
    query = sa.select(limit.id).where(
        limit.kind == kind,
        limit.revoked_at.is_(None),
        limit.valid_from <= today,
        sa.or_(limit.valid_until.is_(None), limit.valid_until >= today),
        sa.or_(limit.username == username, limit.group_name.in_(sorted(groups))),
        sa.or_(limit.matter_id.is_(None), limit.matter_id == (matter.id if matter else None)),
        sa.or_(limit.client_party_id.is_(None), limit.client_party_id == (matter.client_party_id if matter else None)),
    )
    if amount_minor is None:
        query = query.where(limit.limit_minor.is_(None))
    else:
        enough = sa.and_(limit.limit_minor >= amount_minor, limit.currency == currency)
        query = query.where(sa.or_(limit.limit_minor.is_(None), enough))
    return session.scalar(query.limit(1)) is not None
