"""A database's first day: its schema, the firm's groups and the processes that come with the product."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config import directories as shipped_directories
from config.settings import Settings
from engine import clock, database
from engine.actor import SYSTEM
from webui import upgrades

log = logging.getLogger(__name__)
#: Number of the lock under which a database is set up or upgraded.
_SET_UP_LOCK = 6_034_416


def prepare(engine: Engine, settings: Settings, *, upgrade: bool = False) -> bool:
    """Make sure that the schema is this release's; set a database without any table up and then return True.

    Raises:
        SchemaBehind: the schema is another release's and ``upgrade`` was not asked for.
    """
    settings.make_data_dir()
    with database.read_only(engine).connect() as connection:
        new = upgrades.is_empty(connection)
        if not new and not upgrade:
            upgrades.require_current(connection)
    if new or upgrade:
        with _one_at_a_time(engine):
            with database.read_only(engine).connect() as connection:
                new = upgrades.is_empty(connection)
            upgrades.upgrade(engine)
            if new:
                set_up(engine, settings)
            else:
                seed_directories(engine)
    if not new:
        _take_over_from_the_release_before(engine)
        _follow_packs(engine)
    return new


def _follow_packs(engine: Engine) -> None:
    """Have deadlines calculated anew whose pack this release has in another version."""
    from practice.deadlines import following  # noqa: PLC0415 - not needed to say that the schema is another release's

    with database.transaction(engine) as session:
        following.promise(session, now=clock.utc_now())


def _take_over_from_the_release_before(engine: Engine) -> None:
    """Complete what nodes of the release before wrote on this schema while the firm was upgraded."""
    from practice.parties import naming  # noqa: PLC0415 - not needed to say that the schema is another release's

    upgrades.metadata()
    with Session(database.read_only(engine)) as session:
        if not naming.some_are_unnamed(session):
            return
    with _one_at_a_time(engine), database.transaction(engine) as session:
        naming.name_the_unnamed(session, by=SYSTEM, now=clock.utc_now())


@contextmanager
def _one_at_a_time(engine: Engine) -> Generator[None]:
    """Let nodes that start together on one PostgreSQL wait for the first; an SQLite file has one process anyway."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.begin() as connection:
        # It ends with its transaction, as a pooler by transactions asks for.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SET_UP_LOCK)))
        yield


def seed_directories(engine: Engine) -> None:
    """Add what this release's directories begin with and the firm's do not have yet."""
    from practice.directories import operations as directories  # noqa: PLC0415

    upgrades.metadata()
    with database.transaction(engine) as session:
        directories.seed(session, shipped_directories.load(), by=SYSTEM, now=clock.utc_now())


def set_up(engine: Engine, settings: Settings) -> list[str]:
    """Store the groups and deploy the shipped processes; return the processes' keys."""
    from engine import bundles, deployments  # noqa: PLC0415 - the parser is not needed to start
    from practice.directories import operations as directories  # noqa: PLC0415
    from practice.people import operations as people  # noqa: PLC0415

    upgrades.metadata()
    upgrades.import_delegates()
    deployed: list[str] = []
    with database.transaction(engine) as session:
        people.seed_groups(session)
        directories.seed(session, shipped_directories.load(), by=SYSTEM, now=clock.utc_now())
        for folder in shipped_bundles(settings):
            deployment = deployments.deploy(session, bundles.read(folder), by=SYSTEM, now=clock.utc_now())
            deployed += [definition.key for definition in deployment.process_definitions]
    log.info("deployed %s", ", ".join(deployed) or "no process")
    return deployed


def shipped_bundles(settings: Settings) -> list[Path]:
    """Return the folders of the bundles that come with the product, by name."""
    if not settings.processes_dir.is_dir():
        return []
    return sorted(path.parent for path in settings.processes_dir.glob("*/process.yaml"))
