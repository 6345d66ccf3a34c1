"""``matterflow instance``: look at process instances and help those that are stuck."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from webui.cli.common import Refused, json_option, reading, say_json, say_table, writing

STATES = ("active", "suspended", "completed", "cancelled", "incident")
INSTANCE = click.argument("instance_id", type=click.UUID, metavar="ID")


@click.group()
def instance() -> None:
    """Process instances: runs of processes."""


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
    from engine import history, process_instances

    with reading() as session:
        told = _facts(process_instances.get(session, instance_id))
        told["activities"] = process_instances.activities(session, instance_id)
        told["incidents"] = [
            {"id": one.id, "element_id": one.element_id, "message": one.message, "expression": one.expression}
            for one in _open_incidents(session, instance_id)
        ]
        told["history"] = [
            {"at": event.at, "kind": event.kind, "element_id": event.element_id, "actor": event.actor}
            for event in history.for_instance(session, instance_id)
        ]
    if as_json:
        say_json(told)
        return
    for name in ("id", "process_key", "version", "business_key", "state", "started_by", "started_at", "ended_at"):
        click.echo(f"{name.replace('_', ' '):14} {told[name] if told[name] is not None else '-'}")
    click.echo(f"{'stands at':14} {', '.join(told['activities']['active']) or '-'}")
    for incident in told["incidents"]:
        click.secho(f"{'incident':14} {incident['element_id']}: {incident['message']}", fg="red")
    click.echo()
    say_table(
        ("AT (UTC)", "WHAT", "ELEMENT", "WHO"),
        [(event["at"], event["kind"], event["element_id"], event["actor"]) for event in told["history"]],
    )


@instance.command("retry")
@INSTANCE
def retry(*, instance_id: UUID) -> None:
    """Let the failed steps of a process instance run again."""
    from engine import clock, incidents, process_instances
    from engine.actor import SYSTEM

    with writing() as session:
        process_instances.get(session, instance_id)
        waiting = _open_incidents(session, instance_id)
        if not waiting:
            raise Refused("This process instance has no open incident.")
        for incident in waiting:
            incidents.retry(session, incident.id, by=SYSTEM, now=clock.utc_now())
        session.flush()
        session.expire_all()
        state = process_instances.get(session, instance_id).state
        left = _open_incidents(session, instance_id)
    if left:
        raise Refused(f"Tried again, and it failed again at {left[0].element_id}: {left[0].message}")
    click.echo(f"{len(waiting)} step(s) tried again; the process instance is {state}.")


@instance.command("cancel")
@INSTANCE
@click.option("--reason", required=True, help="Kept in the history.")
def cancel(*, instance_id: UUID, reason: str) -> None:
    """End a process instance before its time."""
    from engine import clock, process_instances
    from engine.actor import SYSTEM

    with writing() as session:
        process_instances.cancel(session, instance_id, reason=reason, by=SYSTEM, now=clock.utc_now())
    click.echo("The process instance is cancelled.")


@instance.command("migrate")
@INSTANCE
def migrate(*, instance_id: UUID) -> None:
    """Move a process instance to a newer version of its process (comes with a later release)."""
    raise Refused(
        f"Moving {instance_id} to another version comes with a later release; "
        "until then it ends on the version it began with."
    )


def _open_incidents(session: Any, instance_id: UUID) -> list[Any]:
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
