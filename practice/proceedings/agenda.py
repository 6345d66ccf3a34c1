"""The hearings of a stretch of days, over all matters that somebody may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.matters import visibility
from practice.matters.models import Matter
from practice.proceedings.models import HEARING_STATES, Hearing, Proceeding

#: Whose hearings: where one appears oneself, of the matters one works on, all that one may see.
SCOPES: Final = ("mine", "team", "all")
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Appointment:
    """A hearing with what a calendar says of it."""

    hearing: Hearing
    court: str | None
    court_number: str | None
    proceeding: int
    matter: str
    title: str


def between(
    session: Session,
    first: datetime,
    last: datetime,
    *,
    actor: Actor,
    scope: str = "all",
    representative: str | None = None,
    states: tuple[str, ...] = HEARING_STATES,
    limit: int = MOST,
) -> list[Appointment]:
    """Return the hearings that start from ``first`` and before ``last``, the first first, at most 500."""
    query = (
        sa.select(Hearing, Proceeding.court, Proceeding.court_number, Proceeding.number, Matter.number, Matter.title)
        .join(Proceeding, Proceeding.id == Hearing.proceeding_id)
        .join(Matter, Matter.id == Proceeding.matter_id)
        .where(
            Hearing.starts_at >= first, Hearing.starts_at < last, Hearing.state.in_(states), visibility.seen_by(actor)
        )
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(max(1, min(limit, MOST)))
    )
    if scope == "mine":
        query = query.where(Hearing.representative == actor.username)
    if scope == "team":
        query = query.where(Matter.id.in_(visibility.on_team(actor)))
    if representative is not None:
        query = query.where(Hearing.representative == representative)
    return [Appointment(*row) for row in session.execute(query)]
