"""Attempts, cases and emergency access (read side)."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.accesses.errors import BreachCaseNotFound
from practice.accesses.models import AccessAttempt, BreachCase, MatterAccessPolicy
from practice.anyone import for_alike
from practice.matters.models import Matter
from practice.paging import Page, bounded, place

OVERSEE = "oversee_access"


def attempts_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``AccessAttempt``: who oversees access sees all; others see those at matters they answer for."""
    if actor.may(OVERSEE):
        return sa.true()
    mine = sa.select(Matter.number).where(Matter.responsible == actor.username)
    return sa.and_(AccessAttempt.subject.in_(mine), AccessAttempt.username != actor.username)


def cases_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``BreachCase``: as for attempts, and never one's own."""
    if actor.may("*"):
        return sa.true()
    not_mine = BreachCase.username != actor.username
    return not_mine if actor.may(OVERSEE) else sa.and_(not_mine, BreachCase.owner == actor.username)


def attempts(
    session: Session,
    *,
    actor: Actor,
    username: str | None = None,
    subject: str | None = None,
    case: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[AccessAttempt]:
    """Return attempts, the newest first."""
    limit = bounded(limit)
    query = sa.select(AccessAttempt).where(attempts_visible_to(actor))
    if username:
        query = query.where(AccessAttempt.username == username)
    if subject:
        query = query.where(AccessAttempt.subject == subject)
    if case:
        query = query.where(AccessAttempt.breach_case_id.in_(sa.select(BreachCase.id).where(BreachCase.number == case)))
    if since:
        query = query.where(AccessAttempt.at >= since)
    if cursor:
        key: Any = sa.tuple_(AccessAttempt.at, AccessAttempt.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[AccessAttempt.at.type, AccessAttempt.id.type]))
    query = query.order_by(AccessAttempt.at.desc(), AccessAttempt.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.at, row.id))


def cases(
    session: Session,
    *,
    actor: Actor,
    state: str | None = None,
    username: str | None = None,
    subject: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[BreachCase]:
    """Return cases, the newest first."""
    limit = bounded(limit)
    query = sa.select(BreachCase).where(cases_visible_to(actor))
    if state:
        query = query.where(BreachCase.state == state)
    if username:
        query = query.where(BreachCase.username == username)
    if subject:
        query = query.where(BreachCase.subject == subject)
    if cursor:
        key: Any = sa.tuple_(BreachCase.opened_at, BreachCase.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[BreachCase.opened_at.type, BreachCase.id.type]))
    query = query.order_by(BreachCase.opened_at.desc(), BreachCase.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.opened_at, row.id))


def case_by_number(session: Session, number: str, *, actor: Actor) -> BreachCase:
    """Return the case; for people whom it does not concern ``BreachCaseNotFound``."""
    found = session.scalar(sa.select(BreachCase).where(BreachCase.number == number, cases_visible_to(actor)))
    if found is None:
        raise BreachCaseNotFound(number)
    return found


def policy_of(session: Session, matter: Matter) -> str:
    """Return what an outsider of this matter can do: ``deny`` or ``break_glass``."""
    return session.scalar(_POLICY, {"matter_id": matter.id}) or "deny"


_POLICY: Final = sa.select(MatterAccessPolicy.policy).where(MatterAccessPolicy.matter_id == sa.bindparam("matter_id"))


def open_cases(session: Session, matter: Matter, *, actor: Actor) -> int:
    """Count the open cases about a matter that the actor may see."""
    return _open_cases(actor).scalar(session, subject=matter.number) or 0


@for_alike
def _open_cases(actor: Actor) -> sa.Select[int]:
    query = sa.select(sa.func.count()).select_from(BreachCase).where(BreachCase.subject == sa.bindparam("subject"))
    return query.where(BreachCase.state == "open", cases_visible_to(actor))
