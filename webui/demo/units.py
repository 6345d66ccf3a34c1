"""Where the people of the demo firm work: its branches and departments, posts and skills."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from practice.organisation import operations as organisation
from practice.skills import operations as skills

#: Code, name, kind, code of the unit above.
UNITS: Final = (
    ("head_office", "Head office", "branch", None),
    ("litigation", "Litigation", "department", "head_office"),
    ("registry", "Registry", "department", "head_office"),
    ("athens", "Athens", "branch", None),
    ("taipei", "臺北", "branch", None),
)
#: Who, where, as what, good at what.
PLACES: Final = (
    ("katharina", "head_office", "Managing partner", ()),
    ("helen", "litigation", "Head of litigation", ("construction",)),
    ("amara", "litigation", "Senior lawyer", ("construction", "insurance")),
    ("james", "litigation", "Lawyer", ("employment",)),
    ("tomas", "litigation", "Court representative", ()),
    ("grace", "registry", "Secretary", ()),
    ("jonas", "registry", "Mail registrar", ()),
    ("giorgos", "registry", "Archivist", ()),
    ("nikos", "athens", "Partner", ("maritime",)),
    ("eleni", "athens", "Senior lawyer", ("maritime", "insurance")),
    ("ivan", "athens", "Lawyer", ("contracts",)),
    ("wenjing", "taipei", "Senior lawyer", ("contracts", "intellectual property")),
)


def furnish(session: Session, *, now: datetime) -> None:
    """Found the units and give people their places, before the first matter is opened."""
    for code, name, kind, parent in UNITS:
        organisation.found_unit(session, code, name, kind, parent=parent, by=SYSTEM, now=now)
    for username, unit, post, known in PLACES:
        organisation.place(session, username, unit, post, by=SYSTEM, now=now)
        if known:
            skills.keep(session, username, known, by=SYSTEM, now=now)
