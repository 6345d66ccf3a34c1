"""``matterflow process``: what designers do with bundles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webui.cli.common import Refused, json_option, load_settings, open_engine, reading, say_json, say_table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config.settings import Settings
    from engine.findings import Finding
    from engine.scenarios import Scenario

BUNDLE = click.argument("bundles", nargs=-1, metavar="[BUNDLE]...")


@click.group()
def process() -> None:
    """Process bundles: make, check, prove, deploy.

    A BUNDLE is the name of one that comes with the product (or stands in MATTERFLOW_PROCESSES_DIR), a folder,
    a .bpmn file or a zip; without one, all that come with the product.
    """


@process.command("new")
@click.argument("key")
@click.option("--name", help="What the firm calls it.")
@click.option("--case-type", "code", metavar="CODE", help="Make it a case type; the code stands in matter numbers.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the bundle's folder is made.")
def new(*, key: str, name: str | None, code: str | None, folder: Path | None) -> None:
    """Make the smallest bundle that is complete: diagram, forms, scenario."""
    from webui.cli.scaffolding import scaffold

    for path in scaffold(key, name=name, code=code, folder=folder or _folder_for_new(load_settings())):
        click.echo(path)


@process.command("check")
@BUNDLE
@json_option
def check(*, bundles: tuple[str, ...], as_json: bool) -> None:
    """Check bundles; nothing is stored. Exit code 1 when one could not be deployed."""
    from engine import deployments

    settings = load_settings()
    _know_everything()
    checked = {name: deployments.check(resources) for name, resources in _read(settings, bundles).items()}
    wrong = [name for name, findings in checked.items() if _has_errors(findings)]
    if as_json:
        said = [
            {"bundle": name, "ok": name not in wrong, "findings": [finding.as_dict() for finding in findings]}
            for name, findings in checked.items()
        ]
        say_json(said)
    else:
        for name, findings in checked.items():
            _say_findings(name, findings)
    if wrong:
        raise Refused(f"{', '.join(wrong)} cannot be deployed: the errors above have to be mended first.")


@process.command("test")
@BUNDLE
@json_option
def test(*, bundles: tuple[str, ...], as_json: bool) -> None:
    """Play the bundles' scenarios on the real engine with a simulated clock."""
    from engine import scenarios

    settings = load_settings()
    _know_everything()
    chosen = _read(settings, bundles)
    known = {**_shipped(settings), **{_key_of(name, files): files for name, files in chosen.items()}}
    failed, said = [], []
    for name, files in chosen.items():
        key = _key_of(name, files)
        report = scenarios.run_all(scenarios.load(files, key), known, prepare=_seed_people)
        said.append({"bundle": name, **report.as_dict()})
        if not report.ok:
            failed.append(name)
        if not as_json:
            click.secho(name, bold=True)
            for result in report.results:
                click.echo(f"  {result}")
            _say_coverage(report.coverage(key), len(report.results))
    if as_json:
        say_json(said)
    if failed:
        raise Refused(f"{', '.join(failed)}: a scenario did not go as told.")


@process.command("deploy")
@BUNDLE
@json_option
def deploy(*, bundles: tuple[str, ...], as_json: bool) -> None:
    """Deploy bundles: new instances start on the new version, running ones stay on theirs."""
    from engine import clock, database, deployments
    from engine.actor import SYSTEM
    from engine.errors import DeploymentRefused

    settings = load_settings()
    chosen = _read(settings, bundles)
    said: list[dict[str, Any]] = []
    with open_engine(settings) as engine:
        for name, files in chosen.items():
            try:
                with database.transaction(engine) as session:
                    deployment = deployments.deploy(session, files, by=SYSTEM, now=clock.utc_now())
                    versions = [{"key": one.key, "version": one.version} for one in deployment.process_definitions]
                    said.append({"bundle": name, "id": deployment.id, "process_definitions": versions})
            except DeploymentRefused as refused:
                if not as_json:
                    _say_findings(name, refused.findings)
                raise
    if as_json:
        say_json(said)
    else:
        for one in said:
            click.echo(
                "; ".join(f"{d['key']} is deployed as version {d['version']}" for d in one["process_definitions"])
            )


@process.command("list")
@json_option
def list_deployed(*, as_json: bool) -> None:
    """List what is deployed, every version."""
    import sqlalchemy as sa

    from engine.models import ProcessDefinition as Definition
    from engine.models import ProcessInstance

    running = sa.select(ProcessInstance.definition_id, sa.func.count().label("running"))
    running = running.where(ProcessInstance.ended_at.is_(None)).group_by(ProcessInstance.definition_id)
    counts = running.subquery()
    query = (
        sa.select(Definition.key, Definition.version, Definition.name, Definition.deployed_at, counts.c.running)
        .outerjoin(counts, counts.c.definition_id == Definition.id)
        .order_by(Definition.key, Definition.version)
    )
    with reading() as session:
        rows = [tuple(row) for row in session.execute(query)]
    if as_json:
        say_json(
            [
                dict(zip(("key", "version", "name", "deployed_at", "running"), (*row[:4], row[4] or 0), strict=True))
                for row in rows
            ]
        )
    else:
        say_table(("KEY", "VERSION", "NAME", "DEPLOYED (UTC)", "RUNNING"), [(*row[:4], row[4] or 0) for row in rows])


@process.command("export")
@click.argument("key")
@click.option("--version", type=click.IntRange(min=1), help="Default: the newest.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder or .zip to write; default: ./KEY.")
def export(*, key: str, version: int | None, output: Path | None) -> None:
    """Write the files of a deployed bundle, as they were deployed, into a folder or a zip."""
    import sqlalchemy as sa

    from engine import deployments
    from engine.models import DeploymentResource

    with reading() as session:
        definition = deployments.get(session, key, version)
        query = sa.select(DeploymentResource.name, DeploymentResource.content)
        query = query.where(DeploymentResource.deployment_id == definition.deployment_id)
        files = dict(iter(session.execute(query.order_by(DeploymentResource.name))))
    target = output or Path(key)
    if target.exists():
        raise Refused(f"{target} exists already.")
    if target.suffix == ".zip":
        import zipfile

        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        for name, content in files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    click.echo(f"{target}: {len(files)} file(s) of {key}, version {definition.version}.")


def _folder_for_new(settings: Settings) -> Path:
    """Return where designers keep bundles; the installed product's own folder is nobody's to write in."""
    from config.reading import ROOT

    installed = settings.processes_dir.is_relative_to(ROOT) and not (ROOT / "pyproject.toml").is_file()
    return Path.cwd() if installed else settings.processes_dir


def _know_everything() -> None:
    from webui import upgrades

    upgrades.metadata()
    upgrades.import_delegates()


def _read(settings: Settings, names: tuple[str, ...]) -> dict[str, dict[str, bytes]]:
    """Read the bundles that were named, or all that come with the product."""
    from engine import bundles

    if not names:
        found = _shipped(settings)
        if not found:
            raise Refused(f"There is no bundle in {settings.processes_dir}.")
        return found
    return {name.rstrip("/"): bundles.read(_place_of(settings, name)) for name in names}


def _place_of(settings: Settings, name: str) -> Path:
    by_name = settings.processes_dir / name
    if "/" not in name and "\\" not in name and by_name.is_dir():
        return by_name
    return Path(name)


def _shipped(settings: Settings) -> dict[str, dict[str, bytes]]:
    from engine import bundles
    from webui import installation

    return {folder.name: bundles.read(folder) for folder in installation.shipped_bundles(settings)}


def _key_of(name: str, files: Mapping[str, bytes]) -> str:
    """Return the process's key: what ``process.yaml`` says, else the model's file name."""
    import yaml

    try:
        said = yaml.safe_load(files.get("process.yaml", b""))
    except yaml.YAMLError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("key"), str):
        return said["key"]
    models = [Path(file).stem for file in files if file.endswith(".bpmn")]
    return models[0] if models else Path(name).stem


def _seed_people(session: Session, scenario: Scenario) -> None:
    from engine.actor import SYSTEM
    from practice.people import operations

    operations.seed_groups(session)
    for username, groups in scenario.people.items():
        operations.create_user(
            session,
            username,
            username.replace("_", " ").title(),
            password=None,
            groups=groups,
            by=SYSTEM,
            now=scenario.start,
        )


def _has_errors(findings: list[Finding]) -> bool:
    from engine.findings import has_errors

    return has_errors(findings)


def _say_findings(name: str, findings: list[Finding]) -> None:
    if not findings:
        click.echo(f"{name}: nothing to mend.")
    for finding in findings:
        place = "#".join(part for part in (finding.resource, finding.element_id) if part)
        repair = f" {finding.repair}" if finding.repair else ""
        colour = "red" if finding.severity == "error" else "yellow"
        severity = click.style(finding.severity, fg=colour)
        click.echo(f"{name}: {severity} {place or '-'} [{finding.rule}] {finding.message}{repair}")


def _say_coverage(coverage: Any, scenarios: int) -> None:
    if not scenarios:
        click.echo("  no scenarios")
        return
    click.echo(
        f"  {scenarios} scenario(s) walked {len(coverage.taken & coverage.flows)} of {len(coverage.flows)} flows"
    )
    for flow in coverage.missing:
        click.echo(f"  nobody walked {flow}")
