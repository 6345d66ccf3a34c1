"""A database's first day: its schema, the firm's groups and the processes that come with the product."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy.engine import Engine

from config.settings import Settings
from engine import clock, database
from engine.actor import SYSTEM
from webui import upgrades

log = logging.getLogger(__name__)


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
        upgrades.upgrade(engine)
    if new:
        set_up(engine, settings)
    return new


def set_up(engine: Engine, settings: Settings) -> list[str]:
    """Store the groups and deploy the shipped processes; return the processes' keys."""
    from engine import bundles, deployments  # noqa: PLC0415 - the parser is not needed to start
    from practice.people import operations as people  # noqa: PLC0415

    upgrades.metadata()
    upgrades.import_delegates()
    deployed: list[str] = []
    with database.transaction(engine) as session:
        people.seed_groups(session)
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
