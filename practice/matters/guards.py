"""Who may change a matter, and in which state."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice import access
from practice.errors import MatterArchived, MatterNotFound
from practice.matters import queries
from practice.matters.errors import NotOnTheTeam
from practice.matters.models import Matter, MatterMember

#: Changes matters without being on their teams.
EDIT_ANY = "edit_matters"


def writable(session: Session, number: str, *, by: Actor) -> Matter:
    """Return a matter that the actor may change, its row locked.

    That is who is on its team, holds or may take open work of it, or has the right ``edit_matters``.

    Raises:
        MatterNotFound: there is none, or it is not for this person.
        NotOnTheTeam: the person may read it and no more.
        MatterArchived.
    """
    query = sa.select(Matter).where(Matter.number == number, queries.visible_to(by)).with_for_update(of=Matter)
    matter = session.scalar(query.execution_options(populate_existing=True))
    if matter is None:
        raise MatterNotFound(number)
    if not by.may(EDIT_ANY) and not _works_on(session, matter, by):
        raise NotOnTheTeam(number, by.username)
    if matter.state == "archived":
        raise MatterArchived(number)
    return matter


def _works_on(session: Session, matter: Matter, by: Actor) -> bool:
    on_team = sa.exists().where(
        MatterMember.matter_id == matter.id, MatterMember.username == by.username, MatterMember.until.is_(None)
    )
    has_work = sa.literal(matter.number).in_(access.business_keys_with_open_work_for(by))
    return bool(session.scalar(sa.select(sa.or_(on_team, has_work))))
