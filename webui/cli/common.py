"""What the commands share: settings, a session on a checked schema, answers for people and for programs."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from config import ConfigError
from config import settings as config_settings
from config.logging import configure
from config.settings import Settings
from webui.refusal import Refusal

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

#: For commands whose answer a program reads.
json_option = click.option("--json", "as_json", is_flag=True, help="Answer with JSON, for programs.")


class Refused(Refusal):
    """A command refuses."""


def refusal(error: Exception) -> str | None:
    """Return the sentence for an error that is a refusal and not a bug."""
    if isinstance(error, (Refusal, ConfigError)):
        return str(error)
    from sqlalchemy.exc import InterfaceError, OperationalError

    from engine.errors import MatterflowError

    if isinstance(error, MatterflowError):
        return " ".join(str(error).split())
    if isinstance(error, (OperationalError, InterfaceError)):
        return "The database does not answer: " + " ".join(str(error.orig).split())
    return None


def load_settings() -> Settings:
    """Read the settings, set logging up and say what looks wrong."""
    import logging

    settings = config_settings.from_environment()
    configure(level=settings.log_level, log_format=settings.log_format)
    for name in config_settings.unknown_variables():
        if not name.startswith("MATTERFLOW_TEST_"):
            logging.getLogger("matterflow").warning("%s is no setting of ours; is it misspelt?", name)
    from engine import clock

    clock.set_zone(ZoneInfo(settings.time_zone))
    if settings.clock_offset:
        clock.set_offset(settings.clock_offset)
    from practice.audit import secrets

    secrets.use_key(settings.audit_key)
    return settings


@contextmanager
def open_engine(settings: Settings, *, checked: bool = True) -> Generator[Engine]:
    """Open the database; ``checked`` refuses another release's schema.

    Raises:
        Refused: there is no database yet.
        SchemaBehind: the schema is another release's.
    """
    from engine import database
    from practice.contacts import entrusted
    from webui import upgrades

    entrusted.install(settings.contact_key)
    file = settings.database_file
    if checked and file is not None and not file.exists():
        raise Refused("There is no database yet: `matterflow serve` or `matterflow db upgrade` makes one.")
    settings.make_data_dir()
    engine = database.create_engine(settings.database_url)
    try:
        if checked:
            with database.read_only(engine).connect() as connection:
                upgrades.require_current(connection)
            upgrades.metadata()
            upgrades.import_delegates()
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading() -> Generator[Session]:
    """Open a session that only reads, on the database of the settings."""
    from sqlalchemy.orm import Session

    from engine import database

    with open_engine(load_settings()) as engine, Session(database.read_only(engine)) as session:
        yield session


@contextmanager
def writing() -> Generator[Session]:
    """Open one transaction on the database of the settings; returning commits."""
    from engine import database

    with open_engine(load_settings()) as engine, database.transaction(engine) as session:
        yield session


def say_json(value: Any) -> None:
    """Print JSON for a program."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, default=str, option=options).decode())


def say_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns for a person; nothing when there are none."""
    cells = [tuple(_cell(value) for value in row) for row in rows]
    if not cells:
        return
    widths = [max(len(line[i]) for line in (tuple(headings), *cells)) for i in range(len(headings))]
    for line in (tuple(headings), *cells):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)
