"""Keeping what people are good at; work is routed by it, so every change is on record."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.guards import require_right
from practice.organisation.errors import FactInvalid
from practice.people import queries as people
from practice.skills import queries
from practice.skills.models import StaffSkill

RIGHT = "manage_users"
_MOST = 50
_LONGEST = 60


def keep(session: Session, username: str, skills: Collection[str], *, by: Actor, now: datetime) -> list[str]:
    """Say what somebody is good at: exactly these skills, in the firm's own short words; return them in order.

    Raises:
        RightMissing, UserNotFound.
        FactInvalid: more than 50, or one that is empty, too long or holds control characters.
    """
    require_right(by, RIGHT)
    user = people.get(session, username)
    wanted = {_skill(skill) for skill in skills}
    if len(wanted) > _MOST:
        raise FactInvalid("skills", f"{len(wanted)} skills")
    session.refresh(user, with_for_update=True)
    before = queries.of(session, user.username)
    gone = set(before) - wanted
    session.execute(sa.delete(StaffSkill).where(StaffSkill.username == user.username, StaffSkill.skill.in_(gone)))
    session.add_all(StaffSkill(username=user.username, skill=skill) for skill in sorted(wanted - set(before)))
    session.flush()
    after = sorted(wanted)
    if after != before:
        then, since = {"skills": before}, {"skills": after}
        audit.append(session, "user", user.username, "skills_changed", by=by, now=now, before=then, after=since)
    return after


def _skill(said: str) -> str:
    skill = " ".join(said.split()).lower()
    if not 1 <= len(skill) <= _LONGEST or not skill.isprintable():
        raise FactInvalid("skills", said[:80])
    return skill
