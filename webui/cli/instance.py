"""``matterflow instance``: look at process instances and help those that are stuck."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

import click

from webui.cli import operations
from webui.cli.common import json_option, reading, say_json, say_table

STATES = ("active", "suspended", "completed", "cancelled", "incident")
INSTANCE = click.argument("instance_id", type=click.UUID, metavar="ID")


@click.group()
def instance() -> None:
    """Process instances: runs of processes."""


for command in operations.COMMANDS:
    instance.add_command(command)


@instance.command("list")
@click.option("--state", type=click.Choice(STATES))
@click.option("--process", "process_key", metavar="KEY")
@click.option("--business-key", metavar="KEY", help="Most often the matter's number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_instances(
    *, state: str | None, process_key: str | None, business_key: str | None, limit: int, as_json: bool
) -> None:
    """List process instances, the newest first."""
    import sqlalchemy as sa

    from engine.models import ProcessInstance

    query = (
        sa.select(ProcessInstance).order_by(ProcessInstance.started_at.desc(), ProcessInstance.id.desc()).limit(limit)
    )
    for column, wanted in (
        (ProcessInstance.state, state),
        (ProcessInstance.process_key, process_key),
        (ProcessInstance.business_key, business_key),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    with reading() as session:
        found = [_facts(row) for row in session.scalars(query)]
    if as_json:
        say_json(found)
    else:
        names = ("id", "process_key", "version", "business_key", "state", "started_at", "last_progress_at")
        headings = ("ID", "PROCESS", "VERSION", "BUSINESS KEY", "STATE", "STARTED (UTC)", "LAST MOVED (UTC)")
        say_table(headings, [[one[name] for name in names] for one in found])


@instance.command("show")
@INSTANCE
@json_option
def show(*, instance_id: UUID, as_json: bool) -> None:
    """Show one process instance: where its tokens are, what failed and what happened."""
    from engine import history, modifications, process_instances

    with reading() as session:
        told = _facts(process_instances.get(session, instance_id))
        told["tokens"] = [asdict(token) for token in modifications.tokens(session, instance_id)]
        told["activities"] = process_instances.activities(session, instance_id)
        told["incidents"] = [
            {"id": one.id, "element_id": one.element_id, "message": one.message, "expression": one.expression}
            for one in open_incidents(session, instance_id)
        ]
        told["history"] = [
            {
                "at": event.at,
                "kind": event.kind,
                "element_id": event.element_id,
                "user_task_id": event.user_task_id,
                "actor": event.actor,
            }
            for event in history.for_instance(session, instance_id)
        ]
    if as_json:
        say_json(told)
        return
    for name in ("id", "process_key", "version", "business_key", "state", "started_by", "started_at", "ended_at"):
        click.echo(f"{name.replace('_', ' '):14} {told[name] if told[name] is not None else '-'}")
    click.echo(f"{'stands at':14} {', '.join(told['activities']['active']) or '-'}")
    for token in told["tokens"]:
        click.echo(f"{'token':14} {token['element_id']}:{token['token_id']} {token['state']}")
    for incident in told["incidents"]:
        click.secho(f"{'incident':14} {incident['element_id']}: {incident['message']}", fg="red")
    click.echo()
    say_table(
        ("AT (UTC)", "WHAT", "ELEMENT", "WHO"),
        [(event["at"], event["kind"], event["element_id"], event["actor"]) for event in told["history"]],
    )


def open_incidents(session: Any, instance_id: UUID) -> list[Any]:
    """Return what failed in a process instance and waits to be mended, oldest first."""
    import sqlalchemy as sa

    from engine.models import Incident

    query = sa.select(Incident).where(Incident.process_instance_id == instance_id, Incident.resolved_at.is_(None))
    return list(session.scalars(query.order_by(Incident.created_at, Incident.id)))


def _facts(row: Any) -> dict[str, Any]:
    names = (
        "id",
        "process_key",
        "version",
        "business_key",
        "state",
        "started_by",
        "started_at",
        "ended_at",
        "last_progress_at",
    )
    return {name: getattr(row, name) for name in names}
