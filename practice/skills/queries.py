"""Who is good at what (read side); for people of the firm, like everything about colleagues."""

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.organisation.queries import people_visible_to
from practice.people.models import User
from practice.skills.models import StaffSkill


def of(session: Session, username: str) -> list[str]:
    """Return what one person is good at, in order."""
    return list(
        session.scalars(sa.select(StaffSkill.skill).where(StaffSkill.username == username).order_by(StaffSkill.skill))
    )


def of_people(session: Session, usernames: Collection[str]) -> dict[str, list[str]]:
    """Return what each of these people, read with the reader's rights, is good at."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    query = sa.select(StaffSkill).where(StaffSkill.username.in_(usernames)).order_by(StaffSkill.skill)
    for row in session.scalars(query):
        found[row.username].append(row.skill)
    return dict(found)


def known(session: Session, *, actor: Actor) -> list[tuple[str, int]]:
    """Return every skill that somebody active has whom the actor may look up, with how many have it."""
    query = (
        sa.select(StaffSkill.skill, sa.func.count())
        .join(User, User.username == StaffSkill.username)
        .where(User.is_active, people_visible_to(actor))
        .group_by(StaffSkill.skill)
        .order_by(StaffSkill.skill)
    )
    return [(skill, number) for skill, number in session.execute(query)]
