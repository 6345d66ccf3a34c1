"""Definitions ready to run, compiled once per version and process and shared by all instances."""

import threading
from collections import OrderedDict
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.bpmn.compiled import Compiled, compile_process
from engine.errors import ProcessDefinitionNotFound
from engine.feel import decisions
from engine.models import DeploymentResource, ProcessDefinition

#: Versions kept compiled; the least recently used goes first.
CACHE_SIZE = 256


class CompiledDefinition(NamedTuple):
    """One version of a process with everything of its bundle that running it needs."""

    id: UUID
    key: str
    version: int
    process: Compiled
    #: form-js schemas by form key.
    forms: dict[str, dict[str, Any]]


_cache: OrderedDict[UUID, CompiledDefinition] = OrderedDict()
_guard = threading.Lock()


def compiled(session: Session, definition_id: UUID) -> CompiledDefinition:
    """Return a definition ready to run.

    Raises:
        ProcessDefinitionNotFound: there is no such definition.
    """
    with _guard:
        known = _cache.get(definition_id)
        if known is not None:
            _cache.move_to_end(definition_id)
            return known
    fresh = _compile(session, definition_id)
    with _guard:
        # Two threads may have compiled it at once; all go on with the first, whose specs may be in use.
        kept = _cache.setdefault(definition_id, fresh)
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return kept


def forget() -> None:
    """Empty the cache (a definition's rows never change; tests drop whole databases)."""
    with _guard:
        _cache.clear()


def _compile(session: Session, definition_id: UUID) -> CompiledDefinition:
    definition = session.get(ProcessDefinition, definition_id)
    if definition is None:
        raise ProcessDefinitionNotFound(str(definition_id), None)
    rows = session.execute(
        sa.select(DeploymentResource.name, DeploymentResource.content).where(
            DeploymentResource.deployment_id == definition.deployment_id
        )
    )
    resources: dict[str, bytes] = {row.name: row.content for row in rows}
    tables = decisions.parse_all({name: content for name, content in resources.items() if name.endswith(".dmn")})
    models = {name: content for name, content in resources.items() if name.lower().endswith((".bpmn", ".xml"))}
    forms = {
        PurePosixPath(name).stem: orjson.loads(content) for name, content in resources.items() if name.endswith(".form")
    }
    process = compile_process(definition.key, models, tables)
    return CompiledDefinition(definition.id, definition.key, definition.version, process, forms)
