"""``matterflow import`` and ``matterflow export``."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from webui.cli.common import json_option, load_settings, open_engine, say_json, say_table

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Engine

    from engine.actor import Actor
    from webui.exchange import Transaction

_KINDS = click.Choice(["clients", "matters"])
_AS = click.option("--as", "username", metavar="USERNAME", required=True, help="Who does it, with their own rights.")


@click.command("import")
@click.argument("kind", type=_KINDS)
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only list what is wrong with which row; store nothing.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV file.")
@_AS
@json_option
def import_(*, kind: str, file: BinaryIO, dry_run: bool, encoding: str, username: str, as_json: bool) -> None:
    """Import clients or matters from CSV or XLSX.

    Nothing is stored when a row has a problem. Otherwise rows are stored in batches; when something stops the
    import, run it again with the same file: what is stored is passed over.
    """
    from engine import clock
    from webui import exchange

    with _as(username) as (by, reading, writing):
        if not dry_run:
            counts = exchange.run(
                reading,
                writing,
                kind,
                file,
                encoding=encoding,
                by=by,
                now=clock.utc_now(),
                progress=lambda rows: click.echo(f"\r{rows} rows", nl=False, err=True) if not as_json else None,
            )
            told = f"{counts.imported} rows imported, {counts.known} known before."
            say_json(exchange.as_dict(counts, [])) if as_json else click.echo(told)
            return
        problems: list[Any] = []
        counts = exchange.check(reading, kind, file, encoding=encoding, by=by, told=problems.append)
    if as_json:
        say_json(exchange.as_dict(counts, problems))
    else:
        from practice.exchange.columns import PROBLEMS

        rows = ((one.row, one.column or "-", PROBLEMS[one.code], one.value or "-") for one in problems)
        say_table(("ROW", "COLUMN", "PROBLEM", "VALUE"), rows)
        click.echo(f"{counts.rows} rows, {counts.problem_rows} with problems, {counts.known} imported before.")
    if counts.problem_rows:
        sys.exit(1)


@click.command("export")
@click.argument("kind", type=_KINDS)
@click.argument("file", type=click.File("wb"))
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True)
@_AS
def export(*, kind: str, file: BinaryIO, file_format: str, username: str) -> None:
    """Export clients or matters in the form in which they are imported: what the person may read and take out."""
    from webui import exchange

    with (
        _as(username) as (by, reading, writing),
        exchange.export(reading, writing, kind, file_format, by=by, criteria=None) as found,
    ):
        shutil.copyfileobj(found, file)


@contextmanager
def _as(username: str) -> Generator[tuple[Actor, Transaction, Transaction]]:
    from sqlalchemy.orm import Session

    from config import rights
    from engine import clock, database
    from engine.actor import Actor
    from practice.people import queries as people

    with ExitStack() as stack:
        engine: Engine = stack.enter_context(open_engine(load_settings()))
        readable = database.read_only(engine)
        with Session(readable) as session:
            user = people.get(session, username)
            groups = people.groups_of(session, user)
        by = Actor(user.username, groups, rights.load().of(groups), at=clock.utc_now())
        yield by, lambda: Session(readable), lambda: database.transaction(engine)
