"""What the page of a matter shows about access to it."""

from __future__ import annotations

from dataclasses import dataclass

from practice.accesses import queries
from practice.matters.models import Matter
from practice.walls import queries as walls
from practice.walls.models import Wall
from webui.auth import current_actor
from webui.db import db


@dataclass(frozen=True, slots=True)
class MatterAccess:
    """How a matter answers to outsiders, and what became of that."""

    policy: str
    walls: list[Wall]
    #: Open cases that the reader may see.
    cases: int


def access_of(matter: Matter) -> MatterAccess | None:
    """Return what whoever answers for the matter, or sets its policy, has to know; None for everybody else."""
    session, actor = db.session(), current_actor()
    if matter.responsible != actor.username and not actor.may("set_access_policy"):
        return None
    return MatterAccess(
        policy=queries.policy_of(session, matter),
        walls=walls.around(session, matter.number, actor=actor),
        cases=queries.open_cases(session, matter, actor=actor),
    )
