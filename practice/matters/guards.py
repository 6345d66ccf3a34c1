"""Who may change a matter, and in which state."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.errors import MatterArchived, MatterNotFound
from practice.matters import queries
from practice.matters.errors import NotOnTheTeam
from practice.matters.models import Matter
from practice.rights import decisions

#: Changes matters without being on their teams.
EDIT_ANY = "edit_matters"


def writable(session: Session, number: str, *, by: Actor) -> Matter:
    """Return a matter that the actor may change, its row locked.

    ``practice.rights.decisions.may(..., "change", ...)`` says who that is: its team, who has open work of it, who
    may edit any matter, less what a rule about its client denies.

    Raises:
        MatterNotFound: there is none, or it is not for this person.
        NotOnTheTeam: the person may read it and no more.
        MatterArchived.
    """
    query = sa.select(Matter).where(Matter.number == number, queries.visible_to(by)).with_for_update(of=Matter)
    matter = session.scalar(query.execution_options(populate_existing=True))
    if matter is None:
        raise MatterNotFound(number)
    if matter.state == "archived":
        raise MatterArchived(number)
    if not decisions.may(session, by, "change", matter):
        raise NotOnTheTeam(number, by.username)
    return matter
