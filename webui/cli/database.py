"""``matterflow db``, ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path

import click

from webui.cli.common import json_option, load_settings, open_engine, say_json


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the database to this release's schema; set a new one up."""
    from webui import installation, upgrades

    settings = load_settings()
    with open_engine(settings, checked=False) as engine:
        new = installation.prepare(engine, settings, upgrade=True)
    click.echo(f"The database is {'new and ' if new else ''}at schema {upgrades.head_revision()}.")


@db.command()
@json_option
def current(*, as_json: bool) -> None:
    """Tell which schema the database has and which one this release wants."""
    from engine import database
    from webui import upgrades
    from webui.cli.common import Refused

    settings = load_settings()
    file = settings.database_file
    if file is not None and not file.exists():
        raise Refused("There is no database yet: `matterflow serve` or `matterflow db upgrade` makes one.")
    with open_engine(settings, checked=False) as engine, database.read_only(engine).connect() as connection:
        found = upgrades.current_revision(connection)
    wanted = upgrades.head_revision()
    if as_json:
        say_json({"schema": found, "schema_wanted": wanted})
    else:
        click.echo(f"The database has schema {found or 'of no release'}; this release wants {wanted}.")


@db.command()
@click.argument("role")
def grant(role: str) -> None:
    """Give the PostgreSQL ROLE what servers and workers need, and no right to change history or the audit trail.

    Run it as the owner of the tables, again after each upgrade; MATTERFLOW_DATABASE_URL of servers and workers then
    names ROLE, and only `db upgrade` runs as the owner.
    """
    from webui import privileges

    settings = load_settings()
    with open_engine(settings) as engine, engine.begin() as connection:
        privileges.grant(connection, role)
    click.echo(f"{role} may read and write records, and may only add to {', '.join(privileges.APPEND_ONLY)}.")


@click.command()
@click.argument("archive", type=click.Path(dir_okay=False, path_type=Path))
def backup(archive: Path) -> None:
    """Write database and documents to one ARCHIVE (.zip) while the server runs.

    Whoever reads the archive reads the firm, but for its telephone numbers: the keys that open them stay
    in the data directory's keys/. Copy that folder to another place once, and bring it back before you restore.
    """
    from webui import backups

    settings = load_settings()
    told = backups.backup(settings, archive)
    click.echo(f"{archive} holds the database at schema {told['schema']} and {told['files']} file(s).")
    if settings.keys_dir.is_dir():
        click.echo(f"It does not hold the keys in {settings.keys_dir}: keep a copy of them in another place.", err=True)


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(archive: Path) -> None:
    """Bring an ARCHIVE back into an empty data directory and database; nothing is ever overwritten."""
    from webui import backups

    told = backups.restore(load_settings(), archive)
    click.echo(f"The database of {told['made_at']} is back, with {told['files']} file(s).")
