"""Runs every rule over a bundle, then compiles it: what passes both is deployed, what does not is explained."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.bpmn import xml
from engine.bpmn.compiled import Compiled, compile_process
from engine.bpmn.rules import (
    compensation,
    drawn,
    messaging,
    paths,
    properties,
    scopes,
    separation,
    size,
    structure,
    support,
    texts,
    work,
)
from engine.bpmn.rules.bundle import Bundle, Model
from engine.findings import Finding, has_errors

RULES: tuple[Callable[[Bundle], Iterator[Finding]], ...] = (
    structure.check,
    support.check,
    messaging.check,
    paths.check,
    drawn.check,
    scopes.check,
    texts.check,
    compensation.check,
    work.check,
    properties.check,
    separation.check,
)


def lint(
    models: Mapping[str, bytes],
    *,
    forms: Mapping[str, Any],
    decisions: Mapping[str, Any],
    topics: frozenset[str] | None,
) -> tuple[list[Finding], dict[str, Compiled]]:
    """Return the findings on a bundle's BPMN files and, when none is an error, its processes by key."""
    findings: list[Finding] = []
    parsed: list[Model] = []
    for name, content in models.items():
        try:
            parsed.append(Model(name, xml.parse(content)))
        except xml.XmlRefused as refusal:
            findings.append(Finding("error", refusal.rule, None, str(refusal), None, name))
    if findings:
        return findings, {}
    bundle = Bundle(parsed, dict(forms), dict(decisions), topics)
    findings.extend(size.check(bundle))
    if has_errors(findings):
        return findings, {}
    for rule in RULES:
        findings.extend(rule(bundle))
    if has_errors(findings):
        return findings, {}
    compiled: dict[str, Compiled] = {}
    for key in sorted(bundle.process_keys):
        try:
            compiled[key] = compile_process(key, models, decisions)
        except RecursionError:
            findings.append(Finding("error", "too_long", key, f"Process '{key}' has a path too long to run: split it."))
        except ValidationException as error:
            findings.append(_not_runnable(key, error))
        except Exception as error:  # noqa: BLE001 - the library leaks KeyError and others on odd models
            findings.append(Finding("error", "not_runnable", key, f"Process '{key}' cannot be run: {error!r}"))
    return findings, compiled


def _not_runnable(key: str, error: ValidationException) -> Finding:
    element_id = getattr(error, "id", None) or key
    return Finding("error", "not_runnable", element_id, f"'{element_id}': {error.args[0] if error.args else error}")
