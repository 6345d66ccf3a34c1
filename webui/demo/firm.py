"""Makes the demo firm in an empty database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config import directories as shipped_directories
from config import rights
from engine import bundles, database, deployments, incidents
from engine.actor import SYSTEM, Actor
from engine.models import ProcessDefinition, UserTask
from practice.directories import operations as directories
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.people import operations as people
from practice.people import passwords
from practice.people.models import User
from webui.demo import PASSWORD, SEED, closed_doors, papers, parties, units
from webui.demo.cases import CASES
from webui.demo.cast import CAST
from webui.demo.simulation import Simulation

#: The firm began to work with Matterflow so many days ago.
FOUNDED_DAYS_AGO = 240
#: Begins by itself every evening: deployed today, or the past would be full of empty sheets.
LAST = frozenset({"timesheet_evening"})


@dataclass(frozen=True, slots=True)
class Made:
    """What the demo firm holds."""

    open_matters: int
    archived_matters: int
    open_enquiries: int
    open_user_tasks: int
    incidents: int


def is_untouched(engine: Engine) -> bool:
    """Say whether nobody and nothing is in the database yet (the tables may be there)."""
    with database.read_only(engine).connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        ours = [model for model in (User, ProcessDefinition) if model.__tablename__ in tables]
        # Tables of anybody else are no place for us either.
        if not ours:
            return not tables
        return all(connection.scalar(sa.select(sa.func.count()).select_from(model)) == 0 for model in ours)


def make(session: Session, folders: Sequence[Path], *, today: date, seed: int = SEED) -> Made:
    """Found the firm, deploy the bundles in ``folders`` and live its past up to the midnight before ``today``.

    The same seed and day make the same firm, ids apart.

    Raises:
        LostTheWay, NoRecipe: a shipped process changed and the demo did not.
    """
    founded = datetime.combine(today, time(9), UTC) - timedelta(days=FOUNDED_DAYS_AGO)
    people.seed_groups(session)
    directories.seed(session, shipped_directories.load(), by=SYSTEM, now=founded)
    # Hashing is slow on purpose; everybody has the same password, so once is enough.
    password_hash = passwords.hashed(PASSWORD)
    for member in CAST:
        people.create_user(
            session,
            member.username,
            member.full_name,
            password=None,
            groups=member.groups,
            email=f"{member.username}@matterflow.example",
            password_hash=password_hash,
            by=SYSTEM,
            now=founded,
        )
    units.furnish(session, now=founded)
    for folder in folders:
        if folder.name not in LAST:
            deployments.deploy(session, bundles.read(folder), by=SYSTEM, now=founded)
    actor_of = _actor_of()
    simulation = Simulation(session, seed=seed, today=today, actor_of=actor_of)
    for case in CASES:
        simulation.plan(case)
    simulation.run()
    parties.furnish(session, actor_of=actor_of, now=datetime.combine(today, time(), UTC) - timedelta(hours=8))
    if {"ethical_wall", "access_breach"} <= {folder.name for folder in folders}:
        closed_doors.furnish(session, today=today, actor_of=actor_of)
    if {folder.name for folder in folders} >= papers.NEEDED:
        papers.furnish(session, today=today, actor_of=actor_of)
    for folder in folders:
        if folder.name in LAST:
            deployments.deploy(session, bundles.read(folder), by=SYSTEM, now=datetime.combine(today, time(), UTC))
    return _told(session)


def _actor_of() -> Callable[[str], Actor]:
    known = rights.load()
    groups = {member.username: frozenset(member.groups) for member in CAST}
    return lambda username: Actor(username, groups[username], known.of(groups[username]))


def _told(session: Session) -> Made:
    def number(query: sa.Select[int]) -> int:
        return session.scalar(query) or 0

    matters = sa.select(sa.func.count()).select_from(Matter)
    return Made(
        open_matters=number(matters.where(Matter.state == "open")),
        archived_matters=number(matters.where(Matter.state == "archived")),
        open_enquiries=number(sa.select(sa.func.count()).select_from(Enquiry).where(Enquiry.state == "open")),
        open_user_tasks=number(sa.select(sa.func.count()).select_from(UserTask).where(UserTask.state == "created")),
        incidents=len(incidents.list_open(session)),
    )
