"""Kinds of matter: every deployed process whose ``process.yaml`` names a case type is one."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.orm import Session

from engine import deployments
from engine.errors import ProcessDefinitionNotFound
from engine.models import ProcessDefinition
from practice.errors import CaseTypeUnknown


@dataclass(frozen=True, slots=True)
class CaseType:
    """What a matter of one kind is called and how it is numbered."""

    #: Key of the process that carries such a matter.
    key: str
    #: Part of the matter's number: ``CV``.
    code: str
    name: str


def get(session: Session, key: str, *, field: str = "case_type") -> CaseType:
    """Return the case type, or raise ``CaseTypeUnknown`` for the field it was read from."""
    try:
        found = _of(deployments.latest(session, key))
    except ProcessDefinitionNotFound:
        found = None
    if found is None:
        raise CaseTypeUnknown(field, key[:80])
    return found


def deployed(session: Session) -> list[CaseType]:
    """Return the case types that matters can be opened for, by name."""
    found = [_of(definition) for definition in deployments.all_latest(session)]
    return sorted((case_type for case_type in found if case_type), key=lambda case_type: case_type.name)


def _of(definition: ProcessDefinition) -> CaseType | None:
    found = definition.properties.get("case_type")
    said = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if not said.get("code"):
        return None
    return CaseType(definition.key, str(said["code"]), str(said.get("name") or definition.name))
