"""``matterflow instance``: what an operator does to process instances, one or many."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from webui.cli.common import Refused, json_option, load_settings, open_engine, say_json, say_table, writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.bulk import Outcome
    from engine.modifications import Instruction

ID = click.argument("instance_id", type=click.UUID, metavar="ID")
IDS = click.argument("instance_ids", type=click.UUID, metavar="ID...", nargs=-1, required=True)
REASON = click.option("--reason", required=True, help="Kept in the history.")
VARIABLES = click.option(
    "--set", "variables", metavar="NAME=JSON", multiple=True, help="Correct a variable; what is no JSON is a text."
)


@click.command("retry")
@IDS
@VARIABLES
@json_option
def retry(*, instance_ids: tuple[UUID, ...], variables: tuple[str, ...], as_json: bool) -> None:
    """Let the failed steps of process instances run again, with corrected variables if any."""
    from engine import bulk, clock, incidents, process_instances
    from engine.actor import SYSTEM
    from webui.cli.instance import open_incidents

    corrected = _variables(variables)
    tried = 0
    with writing() as session:
        waiting = [incident.id for one in instance_ids for incident in open_incidents(session, one)]
        for one in instance_ids:
            process_instances.get(session, one)
        if not waiting:
            raise Refused("There is no open incident.")

        def again(incident_id: UUID) -> None:
            incidents.retry(session, incident_id, variables=corrected, by=SYSTEM, now=clock.utc_now())

        outcomes = bulk.each(session, waiting, again)
        tried = sum(one.is_done for one in outcomes)
        session.flush()
        session.expire_all()
        left = [incident for one in instance_ids for incident in open_incidents(session, one)]
        states = {str(one): process_instances.get(session, one).state for one in instance_ids}
        failed = [{"element_id": one.element_id, "message": one.message} for one in left]
    if as_json:
        say_json({"tried": tried, "failed_again": failed, "states": states})
    if failed:
        raise Refused(f"Tried again, and it failed again at {failed[0]['element_id']}: {failed[0]['message']}")
    if not as_json:
        click.echo(f"{tried} step(s) tried again; now {', '.join(sorted(set(states.values())))}.")


@click.command("cancel")
@IDS
@REASON
@click.option("--compensate", is_flag=True, help="Let the handlers of what was done work first.")
@json_option
def cancel(*, instance_ids: tuple[UUID, ...], reason: str, compensate: bool, as_json: bool) -> None:
    """End process instances before their time."""
    from functools import partial

    from engine import process_instances

    verb = "told to compensate and end" if compensate else "cancelled"
    _each(partial(process_instances.cancel, compensate=compensate), instance_ids, reason, verb, as_json=as_json)


@click.command("suspend")
@IDS
@REASON
@json_option
def suspend(*, instance_ids: tuple[UUID, ...], reason: str, as_json: bool) -> None:
    """Let nothing of process instances move until they are resumed."""
    from engine import process_instances

    _each(process_instances.suspend, instance_ids, reason, "suspended", as_json=as_json)


@click.command("resume")
@IDS
@REASON
@json_option
def resume(*, instance_ids: tuple[UUID, ...], reason: str, as_json: bool) -> None:
    """Let suspended process instances move again."""
    from engine import process_instances

    _each(process_instances.resume, instance_ids, reason, "resumed", as_json=as_json)


@click.command("modify")
@ID
@click.option("--move", "moves", nargs=2, multiple=True, metavar="FROM TO", help="Put the token somewhere else.")
@click.option("--add", "adds", multiple=True, metavar="TO", help="Put another token before an element.")
@click.option("--remove", "removes", multiple=True, metavar="FROM", help="Take the token away.")
@click.option("--skip", "skips", multiple=True, metavar="FROM", help="Leave an element as if it had been done.")
@VARIABLES
@REASON
@json_option
def modify(
    *,
    instance_id: UUID,
    moves: tuple[tuple[str, str], ...],
    adds: tuple[str, ...],
    removes: tuple[str, ...],
    skips: tuple[str, ...],
    variables: tuple[str, ...],
    reason: str,
    as_json: bool,
) -> None:
    """Move, add, remove and skip tokens and correct variables of a process instance, all together or not at all.

    FROM is an element, or ELEMENT:TOKEN where several tokens stand (`matterflow instance show` lists them).
    """
    from engine import clock, modifications
    from engine.actor import SYSTEM
    from engine.modifications import Add, Move, Remove, SetVariables, Skip

    instructions: list[Instruction] = [SetVariables(_variables(variables))] if variables else []
    instructions += [Skip(*_token(one)) for one in skips]
    instructions += [Move(_token(source)[0], target, _token(source)[1]) for source, target in moves]
    instructions += [Add(one) for one in adds]
    instructions += [Remove(*_token(one)) for one in removes]
    with writing() as session:
        modifications.modify(session, instance_id, instructions, reason=reason, by=SYSTEM, now=clock.utc_now())
        told = _told(session, instance_id)
    _say(told, as_json=as_json)


@click.command("reset")
@ID
@click.option("--to", "target", required=True, metavar="TASK", help="A finished user task: its id or its element.")
@REASON
@json_option
def reset(*, instance_id: UUID, target: str, reason: str, as_json: bool) -> None:
    """Let a process instance go back to a finished user task; of an element, the last one."""
    from engine import clock, resets
    from engine.actor import SYSTEM

    with writing() as session:
        task_id = _finished_task(session, instance_id, target)
        resets.reset(session, instance_id, task_id, reason=reason, by=SYSTEM, now=clock.utc_now())
        told = _told(session, instance_id)
    _say(told, as_json=as_json)


@click.command("undo")
@ID
@json_option
def undo(*, instance_id: UUID, as_json: bool) -> None:
    """Take the last such action on a process instance back, as long as it has not moved since."""
    from engine import clock
    from engine import undo as undoing
    from engine.actor import SYSTEM

    with writing() as session:
        undoing.undo(session, instance_id, by=SYSTEM, now=clock.utc_now())
        told = _told(session, instance_id)
    _say(told, as_json=as_json)


@click.command("migrate")
@click.argument("process_key", metavar="KEY")
@click.option("--from", "source", type=click.IntRange(min=1), required=True, metavar="VERSION")
@click.option("--to", "target", type=click.IntRange(min=1), required=True, metavar="VERSION")
@click.option("--map", "renamed", multiple=True, metavar="OLD=NEW", help="An element that was renamed.")
@click.option("--instance", "instance_ids", type=click.UUID, multiple=True, metavar="ID", help="Only these.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and change nothing.")
@click.option("--batch", type=click.IntRange(1, 500), default=100, show_default=True, help="Instances a transaction.")
@json_option
def migrate(
    *,
    process_key: str,
    source: int,
    target: int,
    renamed: tuple[str, ...],
    instance_ids: tuple[UUID, ...],
    dry_run: bool,
    batch: int,
    as_json: bool,
) -> None:
    """Move the open instances of one version of a process to another.

    Each goes by itself: one that cannot stays as it was and is named. It can be run again at any time.
    """
    from engine import clock, database, migrations
    from engine.actor import SYSTEM

    mapping = dict(_pair(one, "--map OLD=NEW") for one in renamed)
    reports: list[migrations.Report] = []
    after: UUID | None = None
    do = migrations.try_out if dry_run else migrations.apply
    with open_engine(load_settings()) as engine:
        while True:
            with database.transaction(engine) as session:
                plan = migrations.plan(session, process_key, source, target, mapping)
                ids = migrations.instances(session, plan, after=after, limit=batch, ids=instance_ids or None)
                reports += do(session, plan, ids, by=SYSTEM, now=clock.utc_now())
            if len(ids) < batch:
                break
            after = ids[-1]
    refused = [one for one in reports if one.refusal is not None]
    if as_json:
        without = [one.as_dict() for one in plan.without]
        say_json({"dry_run": dry_run, "without": without, "items": [_report(one) for one in reports]})
    else:
        verb = "would move" if dry_run else "moved"
        click.echo(f"{len(reports) - len(refused)} process instance(s) {verb} to version {target}.")
        say_table(("STAYS", "WHY"), [(one.id, _why(one)) for one in refused])
    if refused:
        verb = "would stay" if dry_run else "stay"
        raise Refused(f"{len(refused)} process instance(s) {verb} on version {source}; first: {_why(refused[0])}")


COMMANDS = (retry, cancel, suspend, resume, modify, reset, undo, migrate)


def _each(do: Callable[..., Any], instance_ids: tuple[UUID, ...], reason: str, verb: str, *, as_json: bool) -> None:
    from engine import bulk, clock
    from engine.actor import SYSTEM

    with writing() as session:
        outcomes = bulk.each(
            session, instance_ids, lambda one: do(session, one, reason=reason, by=SYSTEM, now=clock.utc_now())
        )
    _say_outcomes(outcomes, verb, as_json=as_json)


def _say_outcomes(outcomes: list[Outcome], verb: str, *, as_json: bool) -> None:
    refused = [one for one in outcomes if one.refusal is not None]
    if as_json:
        say_json(
            [
                {"id": one.id, "done": one.is_done, "problem": str(one.refusal) if one.refusal else None}
                for one in outcomes
            ]
        )
    elif len(refused) < len(outcomes):
        click.echo(f"{len(outcomes) - len(refused)} process instance(s) {verb}.")
    if refused:
        count = f"{len(refused)} of {len(outcomes)} refused; first: " if len(outcomes) > 1 else ""
        raise Refused(f"{count}{refused[0].refusal}")


def _told(session: Session, instance_id: UUID) -> dict[str, Any]:
    from engine import process_instances

    session.flush()
    session.expire_all()
    found = process_instances.get(session, instance_id)
    active = process_instances.activities(session, instance_id)["active"]
    return {"id": instance_id, "state": found.state, "version": found.version, "active": active}


def _say(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(told)
    else:
        click.echo(f"The process instance is {told['state']} and stands at {', '.join(told['active']) or 'nothing'}.")


def _report(report: Any) -> dict[str, Any]:
    names = ("id", "state", "tokens", "dropped", "added", "user_tasks")
    told = {name: getattr(report, name) for name in names}
    obstacles = [one.as_dict() for one in report.obstacles]
    return told | {"done": report.refusal is None, "problem": _why(report) or None, "obstacles": obstacles}


def _why(report: Any) -> str:
    if report.obstacles:
        return "; ".join(f"{one.element_id}: {one.reason}" for one in report.obstacles)
    return str(report.refusal) if report.refusal is not None else ""


def _finished_task(session: Session, instance_id: UUID, target: str) -> UUID:
    import sqlalchemy as sa

    from engine.models import UserTask

    try:
        return UUID(target)
    except ValueError:
        query = (
            sa.select(UserTask.id)
            .where(
                UserTask.process_instance_id == instance_id,
                UserTask.element_id == target,
                UserTask.state == "completed",
            )
            .order_by(UserTask.ended_at.desc(), UserTask.id.desc())
            .limit(1)
        )
        found = session.scalar(query)
    if found is None:
        raise Refused(f"No user task of this process instance was completed at {target}.")
    return found


def _variables(texts: tuple[str, ...]) -> dict[str, Any]:
    import orjson

    values: dict[str, Any] = {}
    for name, text in (_pair(one, "--set NAME=JSON") for one in texts):
        try:
            values[name] = orjson.loads(text)
        except orjson.JSONDecodeError:
            values[name] = text
    return values


def _pair(text: str, wanted: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise Refused(f"{text!r} is not {wanted}.")
    return name, value


def _token(text: str) -> tuple[str, UUID | None]:
    element_id, _, token = text.partition(":")
    try:
        return element_id, UUID(token) if token else None
    except ValueError:
        raise Refused(f"{token!r} is no token's id.") from None
