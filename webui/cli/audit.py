"""``matterflow audit``: proving the trail, and handing it over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webui.cli.common import Refused, json_option, load_settings, open_engine, say_json

if TYPE_CHECKING:
    from practice.audit.verification import Report


@click.group()
def audit() -> None:
    """The record of every change."""


@audit.command()
@click.option("--head", "heads", multiple=True, metavar="POSITION:HASH", help="A head that was kept elsewhere; repeat.")
@click.option(
    "--heads-file",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of audit-heads.jsonl that was kept elsewhere; repeat.",
)
@json_option
def verify(*, heads: tuple[str, ...], files: tuple[Path, ...], as_json: bool) -> None:
    """Find any change, gap, reordering or truncation of the audit trail; exit code 1 when there is one.

    The heads in the data directory are always looked at.
    """
    from sqlalchemy.orm import Session

    from engine import database
    from practice.audit import anchors, verification
    from webui import trail

    settings = load_settings()
    with open_engine(settings) as engine:
        kept = [*(anchors.parse(text) for text in heads), *trail.kept_heads(settings, files)]
        with Session(database.read_only(engine)) as session:
            report = verification.verify(session, heads=kept, progress=_progress)
    if as_json:
        say_json(_told(report, len(kept)))
    else:
        _say(report, len(kept))
    if not report.holds:
        raise Refused(f"The audit trail does not hold: {report.found} finding(s).")


def _told(report: Report, kept: int) -> dict[str, Any]:
    return {
        "holds": report.holds,
        "checked": report.checked,
        "late": report.late,
        "head": str(report.head) if report.head else None,
        "heads_compared": kept,
        "found": report.found,
        "findings": [
            {"kind": one.kind, "position": one.position, "event_id": one.event_id, "sentence": one.sentence}
            for one in report.findings
        ],
        "warnings": report.warnings,
    }


def _say(report: Report, kept: int) -> None:
    for finding in report.findings:
        click.echo(f"{finding.kind}: {finding.sentence}")
    for warning in report.warnings:
        click.echo(f"warning: {warning}")
    late = f" ({report.late} of them sealed later than written)" if report.late else ""
    click.echo(f"{report.checked} events{late}, compared with {kept} kept head(s); the chain ends at {report.head}.")


@audit.command()
def head() -> None:
    """Print the head of the chain, to be kept elsewhere; it is added to audit-heads.jsonl as well."""
    from sqlalchemy.orm import Session

    from engine import clock, database
    from practice.audit import chain
    from webui import trail

    settings = load_settings()
    with open_engine(settings) as engine, Session(database.read_only(engine)) as session:
        found = chain.head(session)
        if found is None:
            raise Refused("The audit trail is empty.")
        trail.HeadKeeper(settings).keep(session, now=clock.utc_now())
    click.echo(str(found))


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", help="Only what this person did.")
@click.option("--kind", help="Only this kind of change, such as matter_opened.")
@click.option("--matter", help="Only what concerns this matter.")
@click.option("--since", type=click.DateTime(), help="From this day on (UTC).")
@click.option("--until", type=click.DateTime(), help="Before this day (UTC).")
def export(*, file: Path, since: Any, until: Any, **wanted: str | None) -> None:
    """Write the trail to FILE, as CSV or, when its name ends with .jsonl, as lines of JSON."""
    from datetime import UTC

    from sqlalchemy.orm import Session

    from engine import database
    from engine.actor import SYSTEM
    from practice.audit import exports, queries

    if file.exists():
        raise Refused(f"{file} exists already; an export never overwrites one.")
    days = {name: day.replace(tzinfo=UTC) for name, day in (("since", since), ("until", until)) if day is not None}
    with (
        open_engine(load_settings()) as engine,
        Session(database.read_only(engine)) as session,
        file.open("x", encoding="utf-8", newline="") as into,
    ):
        form = "jsonl" if file.suffix == ".jsonl" else "csv"
        count = exports.write(session, queries.Wanted(**wanted, **days), into, form=form, actor=SYSTEM)
    click.echo(f"{file} holds {count} events.")


def _progress(checked: int) -> None:
    import sys

    if sys.stderr.isatty() and checked % 50_000 == 0:
        click.echo(f"\r{checked} events looked at", err=True, nl=False)
