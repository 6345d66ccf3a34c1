"""Units and people (read side).

Everybody who works in the firm may look the others up; people from outside (clients, co-counsel, experts) find
nobody but themselves.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.anyone import for_alike
from practice.organisation.errors import OrgUnitNotFound
from practice.organisation.models import OrgUnit, OrgUnitReach, StaffRecord
from practice.parties.names import fold
from practice.people.models import Membership, User
from practice.skills.models import StaffSkill

#: Groups of people who do not work in the firm.
OUTSIDE: Final = frozenset({"clients", "co_counsels", "experts"})
_ALL: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the firm, with their record (an empty one when none was kept)."""

    user: User
    record: StaffRecord
    unit: OrgUnit | None


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in the tree: how deep, and how many active people work right there."""

    unit: OrgUnit
    depth: int
    people: int
    parent_code: str | None


def is_outside(actor: Actor) -> bool:
    """Say whether a person comes from outside the firm: they belong to such groups and to no others."""
    return bool(actor.groups) and actor.groups <= OUTSIDE and not actor.may("*")


def people_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``User``: whom the actor may look up."""
    return User.username == actor.username if is_outside(actor) else sa.true()


def by_code(session: Session, code: str) -> OrgUnit | None:
    """Return the unit with this code, closed or not."""
    return session.scalar(sa.select(OrgUnit).where(OrgUnit.code == code))


def get_unit(session: Session, code: str) -> OrgUnit:
    """Return the unit with this code, or raise ``OrgUnitNotFound``."""
    unit = by_code(session, code)
    if unit is None:
        raise OrgUnitNotFound(code[:80])
    return unit


def visible_units(session: Session, *, actor: Actor, with_closed: bool = False) -> list[Place]:
    """Return the tree as ``units`` does, for people of the firm; those from outside see none of it."""
    return [] if is_outside(actor) else units(session, with_closed=with_closed)


def units(session: Session, *, with_closed: bool = False) -> list[Place]:
    """Return the tree from the top down, each unit before those under it, siblings by name."""
    query = sa.select(OrgUnit).order_by(OrgUnit.name, OrgUnit.code)
    found = [unit for unit in session.scalars(query) if with_closed or unit.closed_at is None]
    working = (
        sa.select(StaffRecord.org_unit_id, sa.func.count())
        .join(User, User.username == StaffRecord.username)
        .where(User.is_active, StaffRecord.org_unit_id.is_not(None))
        .group_by(StaffRecord.org_unit_id)
    )
    counts = dict(session.execute(working).all())
    known = {unit.id: unit for unit in found}
    ordered: list[Place] = []
    roots = [unit for unit in found if unit.parent_id not in known]
    ahead = [(unit, 0) for unit in reversed(roots)]
    while ahead:
        unit, depth = ahead.pop()
        parent = known.get(unit.parent_id) if unit.parent_id else None
        ordered.append(Place(unit, depth, counts.get(unit.id, 0), parent.code if parent else None))
        under = [other for other in found if other.parent_id == unit.id]
        ahead += [(other, depth + 1) for other in reversed(under)]
    return ordered


def colleagues(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    unit: str | None = None,
    group: str | None = None,
    skill: str | None = None,
    active: bool | None = True,
) -> list[Colleague]:
    """Return the people by name: of a unit or under it, of a group, with a skill, whose name or post has the words.

    Raises:
        OrgUnitNotFound.
    """
    query = (
        sa.select(User, StaffRecord, OrgUnit)
        .outerjoin(StaffRecord, StaffRecord.username == User.username)
        .outerjoin(OrgUnit, OrgUnit.id == StaffRecord.org_unit_id)
        .where(people_visible_to(actor))
        .order_by(User.full_name, User.username)
    )
    if active is not None:
        query = query.where(User.is_active == active)
    if unit:
        under = sa.select(OrgUnitReach.unit_id).where(OrgUnitReach.ancestor_id == get_unit(session, unit).id)
        query = query.where(StaffRecord.org_unit_id.in_(under))
    if group:
        query = query.where(User.id.in_(sa.select(Membership.user_id).where(Membership.group_name == group)))
    if skill:
        query = query.where(User.username.in_(sa.select(StaffSkill.username).where(StaffSkill.skill == skill.lower())))
    found = [Colleague(user, record or _empty(user), place) for user, record, place in session.execute(query)]
    words = fold(text or "").split()
    return [colleague for colleague in found if _mentions(colleague, words)]


def find(
    session: Session,
    *,
    actor: Actor,
    text: str = "",
    active: bool | None = True,
    besides: sa.ColumnElement[bool] | None = None,
    limit: int = 20,
) -> list[tuple[str, str]]:
    """Return username and full name of who may be picked, by name: those who have all the words, in part.

    ``besides`` filters on ``User`` whom to leave out, such as people behind a wall. Nothing but the two names is read.
    """
    asked = _names(actor, active)
    if besides is not None:
        asked = asked.narrowed(sa.not_(besides))
    words = fold(text).split()
    if not words:
        return [(username, full_name) for username, full_name in asked.execute(session, most=limit)]
    found: list[tuple[str, str]] = []
    # Names are compared folded, which no database of ours does: a firm's people are a few thousand short rows.
    for username, full_name in asked.execute(session, most=_ALL):
        said = f"{fold(full_name)} {username}"
        if all(word in said for word in words):
            found.append((username, full_name))
            if len(found) == limit:
                break
    return found


@for_alike
def _names(actor: Actor, active: bool | None) -> sa.Select[str, str]:
    query = sa.select(User.username, User.full_name).where(people_visible_to(actor))
    if active is not None:
        query = query.where(User.is_active == active)
    return query.order_by(User.full_name, User.username).limit(sa.bindparam("most", type_=sa.Integer()))


def colleague(session: Session, username: str) -> Colleague | None:
    """Return one person, active or not; None when nobody has the name."""
    query = (
        sa.select(User, StaffRecord, OrgUnit)
        .outerjoin(StaffRecord, StaffRecord.username == User.username)
        .outerjoin(OrgUnit, OrgUnit.id == StaffRecord.org_unit_id)
        .where(User.username == username)
    )
    row = session.execute(query).one_or_none()
    return Colleague(row[0], row[1] or _empty(row[0]), row[2]) if row else None


def colleague_for(session: Session, username: str, *, actor: Actor) -> Colleague | None:
    """Return one person as ``colleague`` does, for who may look them up."""
    return None if is_outside(actor) and username != actor.username else colleague(session, username)


def unit_of(session: Session, username: str) -> OrgUnit | None:
    """Return the unit in which a person works."""
    query = sa.select(OrgUnit).join(StaffRecord, StaffRecord.org_unit_id == OrgUnit.id)
    return session.scalar(query.where(StaffRecord.username == username))


def calendar_of(session: Session, username: str) -> str | None:
    """Return the key of the working calendar that a person follows: their own, else the nearest unit's above them."""
    found = colleague(session, username)
    if found is None or found.record.calendar:
        return found.record.calendar if found else None
    unit = found.unit
    while unit is not None:
        if unit.calendar:
            return unit.calendar
        unit = session.get(OrgUnit, unit.parent_id) if unit.parent_id else None
    return None


def has_left(session: Session, username: str, today: date) -> bool:
    """Say whether a person's last day of work is over."""
    left_on = session.scalar(sa.select(StaffRecord.left_on).where(StaffRecord.username == username))
    return left_on is not None and left_on < today


def _empty(user: User) -> StaffRecord:
    return StaffRecord(username=user.username, languages=[])


def _mentions(found: Colleague, words: list[str]) -> bool:
    if not words:
        return True
    parts = (found.user.full_name, found.user.username, found.record.post, found.unit.name if found.unit else None)
    said = fold(" ".join(part for part in parts if part))
    return all(word in said for word in words)
