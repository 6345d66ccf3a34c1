"""A wall that is up and a door that somebody stood in front of, so that the demo firm shows both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances, user_tasks
from engine.actor import Actor
from engine.models import UserTask
from practice.accesses import attempts
from practice.accesses.attempts import Door
from practice.matters.models import Matter, MatterMember

COMPLIANCE: Final = "olga"
#: Worked for the other side before; a lawyer of another team.
NEWCOMERS: Final = ("james", "wenjing", "ivan")
CURIOUS: Final = "anna"


def furnish(session: Session, *, today: date, actor_of: Callable[[str], Actor]) -> None:
    """Put a wall around one matter and let somebody try to open another, in the last hours before ``today``."""
    midnight = datetime.combine(today, time(), UTC)
    matters = session.scalars(sa.select(Matter).where(Matter.state == "open").order_by(Matter.number)).all()
    if not matters:
        return  # a firm of one enquiry has no door yet
    walled = matters[0]
    newcomer = next(name for name in NEWCOMERS if name not in _team(session, walled))
    wall = process_instances.start(
        session,
        "ethical_wall",
        variables={
            "wall_name": "Wall North",
            "wall_kind": "excluding",
            "wall_around": walled.number,
            "people_out": [newcomer],
            "wall_basis": "former_employer",
            "wall_reason": "Advised the other side on the same contract in the last firm.",
        },
        by=actor_of(walled.responsible),
        now=midnight - timedelta(hours=9),
    )
    _complete(session, str(wall.business_key), {"wall_decision": "approve"}, actor_of(COMPLIANCE), midnight, hours=8)
    _complete(session, str(wall.business_key), {"acknowledged": True}, actor_of(newcomer), midnight, hours=7)

    for matter in matters[1:]:
        door = Door("view", "page", f"GET /matters/{matter.number}")
        at = midnight - timedelta(hours=6)
        # One that is open to her, for the work she has there, is no attempt.
        if attempts.note_refusal(session, matter.number, door, by=actor_of(CURIOUS), now=at) is not None:
            break


def _team(session: Session, matter: Matter) -> set[str]:
    return set(session.scalars(sa.select(MatterMember.username).where(MatterMember.matter_id == matter.id)))


def _complete(
    session: Session, number: str, answers: dict[str, object], by: Actor, midnight: datetime, *, hours: int
) -> None:
    task = session.scalars(
        sa.select(UserTask.id).where(UserTask.business_key == number, UserTask.state == "created")
    ).one()
    user_tasks.complete(session, task, answers, by=by, now=midnight - timedelta(hours=hours))
