"""Checks bundles and keeps their versions side by side."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import buffer, bundle_texts, bundles, delegates, form_rules, limits, timer_starts, work_rules, yaml_text
from engine.actor import Actor
from engine.bpmn.compiled import Compiled
from engine.bpmn.extensions import split_list
from engine.bpmn.starts import StartEvent
from engine.definitions import compiled as compiled_of
from engine.errors import DeploymentRefused, ProcessDefinitionNotFound, ResourceNotFound
from engine.feel import decisions, expressions
from engine.findings import Finding, has_errors
from engine.models import Deployment, DeploymentResource, ProcessDefinition
from engine.models.base import detached, new_id
from engine.prepared import Prepared

__all__ = [
    "Finding",
    "all_latest",
    "check",
    "deploy",
    "deploy_and_tell",
    "form",
    "get",
    "latest",
    "may_start",
    "resource",
    "start_form",
    "xml",
]


_OF_KEY = sa.select(cast(sa.Table, ProcessDefinition.__table__)).where(ProcessDefinition.key == sa.bindparam("of_key"))
_NEWEST = Prepared(_OF_KEY.order_by(ProcessDefinition.version.desc()).limit(sa.literal_column("1")))
_VERSION = Prepared(_OF_KEY.where(ProcessDefinition.version == sa.bindparam("of_version")))


def check(resources: Mapping[str, bytes]) -> list[Finding]:
    """Return what is wrong with a bundle, worst first; nothing is stored."""
    return _examine(resources)[0]


def deploy(
    session: Session, resources: Mapping[str, bytes], *, by: Actor, now: datetime, name: str | None = None
) -> Deployment:
    """Store a bundle and give each of its processes the next version.

    The very content that is deployed already is not stored again: its deployment is returned.

    Its timers start to count; the timers of the versions before are taken back.

    Raises:
        DeploymentRefused: with every finding.
    """
    return deploy_and_tell(session, resources, by=by, now=now, name=name)[0]


def deploy_and_tell(
    session: Session, resources: Mapping[str, bytes], *, by: Actor, now: datetime, name: str | None = None
) -> tuple[Deployment, list[Finding]]:
    """Deploy a bundle as ``deploy`` does; return what the check found beside it, which is warnings only.

    Raises:
        DeploymentRefused: with every finding.
    """
    findings, processes, properties = _examine(resources)
    if has_errors(findings):
        raise DeploymentRefused(findings)
    # What the bundle only calls has a deployment of its own; here it is a part, at the version it was handed in.
    processes = {key: one for key, one in processes.items() if key not in properties.get("calls", [])} or processes
    digest = bundles.content_hash(resources)
    known = _current_with(session, digest)
    if known is not None:
        return known, findings
    findings.extend(found for process in processes.values() for found in timer_starts.check(process, now=now))
    findings.extend(_started_elsewhere(session, processes))
    findings.extend(work_rules.of_deployment(session, processes))
    if has_errors(findings):
        raise DeploymentRefused(findings)
    deployment = Deployment(
        id=new_id(),
        name=name or next(iter(sorted(processes))),
        content_hash=digest,
        deployed_by=by.username,
        deployed_at=now,
    )
    deployment.resources = [
        DeploymentResource(deployment_id=deployment.id, name=file, content=content)
        for file, content in sorted(resources.items())
    ]
    session.add(deployment)
    for key, process in sorted(processes.items()):
        version = (
            session.scalar(sa.select(sa.func.max(ProcessDefinition.version)).where(ProcessDefinition.key == key)) or 0
        )
        deployment.process_definitions.append(
            ProcessDefinition(
                id=new_id(),
                key=key,
                version=version + 1,
                name=properties.get("name") if len(processes) == 1 and properties.get("name") else process.name,
                resource_name=process.spec.file or "",
                properties=properties,
                message_names=sorted(set(process.message_names)),
                signal_names=sorted(set(process.signal_names)),
                deployed_at=now,
            )
        )
    session.flush()
    for definition in deployment.process_definitions:
        process = processes[definition.key]
        timer_starts.plan(session, definition, process, now=now)
        starts = [start.name for start in process.starts.values() if start.kind == "message" and start.name]
        if starts:
            buffer.again_for_starts(session, starts, by=by.username, now=now)
    return deployment, findings


def _started_elsewhere(session: Session, processes: Mapping[str, Compiled]) -> list[Finding]:
    """Find the messages that would start two processes: who of them began would be chance."""
    findings: list[Finding] = []
    starts = [
        (start, process)
        for process in processes.values()
        for start in process.starts.values()
        if start.kind == "message" and start.name
    ]
    if not starts:
        return findings
    others = [item for item in all_latest(session) if item.key not in processes]
    for start, process in starts:
        keys = [item.key for item in others if start.name in item.message_names and _starts_on(session, item, start)]
        keys += [other.key for found, other in starts if found.name == start.name and other is not process]
        findings.extend(
            Finding(
                "error",
                "message_starts_two",
                start.element_id,
                f"'{start.element_id}': the message '{start.name}' starts the process '{key}' already.",
                "Give one of them another message.",
                process.spec.file or None,
            )
            for key in sorted(set(keys))
        )
    return findings


def _starts_on(session: Session, definition: ProcessDefinition, start: StartEvent) -> bool:
    return compiled_of(session, definition.id).process.starts_on("message", start.name or "") is not None


def latest(session: Session, key: str) -> ProcessDefinition:
    """Return the newest version of a process.

    Raises:
        ProcessDefinitionNotFound: nothing of that key is deployed.
    """
    return get(session, key, None)


def get(session: Session, key: str, version: int | None) -> ProcessDefinition:
    """Return one version of a process; None is the newest.

    Raises:
        ProcessDefinitionNotFound: there is no such version.
    """
    if version is None:
        found = _NEWEST.one_or_none(session.connection(), {"of_key": key})
    else:
        found = _VERSION.one_or_none(session.connection(), {"of_key": key, "of_version": version})
    if found is None:
        raise ProcessDefinitionNotFound(key, version)
    return detached(ProcessDefinition, found._asdict())


def all_latest(session: Session) -> list[ProcessDefinition]:
    """Return the newest version of every process, by key."""
    newest = (
        sa.select(ProcessDefinition.key, sa.func.max(ProcessDefinition.version).label("version"))
        .group_by(ProcessDefinition.key)
        .subquery()
    )
    wanted = sa.select(ProcessDefinition).join(
        newest, (ProcessDefinition.key == newest.c.key) & (ProcessDefinition.version == newest.c.version)
    )
    return list(session.scalars(wanted.order_by(ProcessDefinition.key)))


def resource(session: Session, definition: ProcessDefinition, name: str) -> bytes:
    """Return one file of the bundle a definition came with.

    Raises:
        ResourceNotFound: the bundle has no such file.
    """
    found = session.scalar(
        sa.select(DeploymentResource.content).where(
            DeploymentResource.deployment_id == definition.deployment_id, DeploymentResource.name == name
        )
    )
    if found is None:
        raise ResourceNotFound(name)
    return found


def xml(session: Session, definition: ProcessDefinition) -> bytes:
    """Return the model a definition came in, as it was handed in."""
    return resource(session, definition, definition.resource_name)


def form(session: Session, definition: ProcessDefinition, form_key: str) -> dict[str, Any]:
    """Return a form-js schema of the bundle a definition came with."""
    return compiled_of(session, definition.id).forms[form_key]


def start_form(session: Session, definition: ProcessDefinition) -> tuple[str, dict[str, Any]] | None:
    """Return the key and schema of the form that starts the process, or None when it starts without one."""
    bundle = compiled_of(session, definition.id)
    plain = bundle.process.start_event(None)
    key = bundle.process.elements[plain.element_id].extensions.get("formKey") if plain is not None else None
    return (key, bundle.forms[key]) if key else None


def may_start(session: Session, definition: ProcessDefinition, actor: Actor) -> bool:
    """Say whether somebody may start a process by hand: its starter groups, or everybody when it names none.

    Nobody starts by hand what only messages, signals or timers start.
    """
    if not compiled_of(session, definition.id).process.starts_by_hand:
        return False
    groups = split_list(compiled_of(session, definition.id).process.extensions.get("candidateStarterGroups"))
    return not groups or bool(actor.groups.intersection(groups)) or actor.may("start_any_process")


def is_offered(session: Session, definition: ProcessDefinition, actor: Actor) -> bool:
    """Say whether a process is among those that somebody is offered to start.

    ``camunda:isStartableInTasklist="false"`` leaves one that begins with facts, and not with a form, to programs.
    """
    extensions = compiled_of(session, definition.id).process.extensions
    return extensions.get("isStartableInTasklist") != "false" and may_start(session, definition, actor)


def _current_with(session: Session, digest: str) -> Deployment | None:
    """A deployment of the same content, when its processes are still the newest of their keys."""
    for found in session.scalars(sa.select(Deployment).where(Deployment.content_hash == digest)):
        if all(get(session, item.key, None).id == item.id for item in found.process_definitions):
            return found
    return None


def _examine(resources: Mapping[str, bytes]) -> tuple[list[Finding], dict[str, Compiled], dict[str, Any]]:
    with expressions.checking(limits.CHECK_SECONDS):
        return _examined(resources)


def _examined(resources: Mapping[str, bytes]) -> tuple[list[Finding], dict[str, Compiled], dict[str, Any]]:
    from engine.bpmn.lint import lint  # noqa: PLC0415 - a page of rules that only who deploys needs

    findings: list[Finding] = []
    models = {
        name: content for name, content in resources.items() if name.lower().endswith((".bpmn", ".bpmn20.xml", ".xml"))
    }
    forms = _forms(resources, findings)
    tables, wrong = decisions.examine({name: content for name, content in resources.items() if name.endswith(".dmn")})
    findings.extend(wrong)
    properties = _properties(resources, findings)
    findings.extend(bundle_texts.examine(resources))
    if not models:
        findings.append(Finding("error", "no_model", None, "The bundle holds no .bpmn file."))
    found, processes = lint(models, forms=forms, decisions=tables, topics=delegates.topics())
    findings.extend(found)
    findings.sort(key=lambda finding: finding.severity != "error")
    return findings, processes, properties


def _forms(resources: Mapping[str, bytes], findings: list[Finding]) -> dict[str, Any]:
    forms: dict[str, Any] = {}
    for name, content in resources.items():
        if name.endswith(".form"):
            schema, wrong = form_rules.read(name, content)
            findings.extend(wrong)
            if schema is not None:
                forms[form_rules.key_of(name)] = schema
    return forms


def _properties(resources: Mapping[str, bytes], findings: list[Finding]) -> dict[str, Any]:
    content = resources.get("process.yaml")
    if content is None:
        return {}
    try:
        properties = yaml_text.read(content)
    except yaml_text.YamlRefused as refusal:
        problem = f"process.yaml does not parse: {refusal}"
        properties = None
    else:
        problem = _properties_problem(properties)
    if problem is not None:
        findings.append(Finding("error", "properties", None, problem, None, "process.yaml"))
        return {}
    return cast("dict[str, Any]", properties)


def _properties_problem(properties: Any) -> str | None:
    if not isinstance(properties, dict):
        return "process.yaml holds no mapping."
    said = cast("dict[Any, Any]", properties)
    name = said.get("name", "")
    if not isinstance(name, str) or len(name) > limits.NAME:
        return f"process.yaml: the name is no text of at most {limits.NAME} characters."
    called = said.get("calls", [])
    if not isinstance(called, list) or not all(isinstance(name, str) for name in cast("list[Any]", called)):
        return "process.yaml: calls is no list of bundles."
    if not isinstance(said.get("case_type", {}), dict):
        return "process.yaml: case_type is no mapping."
    stages = said.get("stages", [])
    if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in cast("list[Any]", stages)):
        return "process.yaml: stages is no list of mappings."
    return None
