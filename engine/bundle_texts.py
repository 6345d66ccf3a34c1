"""What a bundle says to people, and the same in other languages.

A bundle is written in one language. ``translations/<language>.json`` beside its models maps each of its texts, as it is
written there, to what a reader of that language (an IETF tag) is shown instead. A text that is not translated is shown
as it is. Nothing of this changes how a process runs: data, conditions and identifiers have no language.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import PurePosixPath
from typing import Any, Final, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import limits, yaml_text
from engine.bpmn import texts as model_texts
from engine.feel import texts as decision_texts
from engine.findings import Finding
from engine.models import DeploymentResource, ProcessDefinition
from engine.prepared import Prepared

FOLDER: Final = "translations"
_NAME = re.compile(rf"{FOLDER}/([A-Za-z]{{2,8}}(?:-[A-Za-z0-9]{{1,8}})*)\.json")
#: What of a form's component is shown; ``values`` are choices with a label each.
_SHOWN: Final = ("label", "description", "text", "dateLabel", "timeLabel", "content", "title", "alt")
_ADORNED: Final = ("prefixAdorner", "suffixAdorner")
_CACHE_SIZE: Final = 256

Words = Mapping[str, str]
_cache: OrderedDict[tuple[UUID, str], Words] = OrderedDict()
_guard = threading.Lock()


def of_bundle(resources: Mapping[str, bytes]) -> list[str]:
    """Return every text of a bundle that people read, each once."""
    found: list[str] = list(_of_properties(resources.get("process.yaml")))
    for name, content in sorted(resources.items()):
        if name.endswith(".bpmn"):
            found.extend(model_texts.texts(content))
        elif name.endswith(".dmn"):
            found.extend(decision_texts.texts(content))
        elif name.endswith(".form"):
            found.extend(_of_form(orjson.loads(content)))
    return list(dict.fromkeys(text for text in found if any(letter.isalpha() for letter in text)))


def latest(session: Session, language: str) -> dict[str, Words]:
    """Return by process key what the newest version of each process says in a language; for few it says anything.

    The newest version, whichever version an instance runs: a better translation is for everybody at once.
    """
    session.flush()
    rows = _LATEST.rows(session.connection(), {"file": f"{FOLDER}/{language}.json"})
    return {key: _words(session, deployment_id, language) for key, deployment_id in rows}


_NEWEST: Final = (
    sa.select(ProcessDefinition.key, sa.func.max(ProcessDefinition.version).label("version"))
    .group_by(ProcessDefinition.key)
    .subquery()
)
_LATEST: Final = Prepared(
    sa.select(ProcessDefinition.key, ProcessDefinition.deployment_id)
    .join(_NEWEST, (ProcessDefinition.key == _NEWEST.c.key) & (ProcessDefinition.version == _NEWEST.c.version))
    .join(
        DeploymentResource,
        (DeploymentResource.deployment_id == ProcessDefinition.deployment_id)
        & (DeploymentResource.name == sa.bindparam("file")),
    )
)


def form_in_words(schema: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a form with its texts in other words; its keys and values are as they were."""
    return form_with(schema, lambda text: words.get(text) or text)


def form_with(schema: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return a form with each of its texts changed; its keys and values are as they were."""
    made = deepcopy(dict(schema))
    for place, name in _places(made):
        place[name] = change(place[name])
    return made


def keys_of(schema: Mapping[str, Any]) -> set[str]:
    """Return the keys of what a form asks for."""
    found: set[str] = set()
    for child in _mappings(schema.get("components")):
        if isinstance(child.get("key"), str):
            found.add(child["key"])
        found |= keys_of(child)
    return found


def examine(resources: Mapping[str, bytes]) -> list[Finding]:
    """Return what is wrong with the translations of a bundle that is handed in."""
    findings: list[Finding] = []
    for name, content in resources.items():
        if not name.startswith(f"{FOLDER}/"):
            continue
        problem = _problem(name, content)
        if problem:
            findings.append(Finding("error", "translations", None, f"{name}: {problem}", None, name))
    return findings


def forget() -> None:
    """Empty the cache (what is deployed never changes; tests drop whole databases)."""
    with _guard:
        _cache.clear()


def _words(session: Session, deployment_id: UUID, language: str) -> Words:
    with _guard:
        known = _cache.get((deployment_id, language))
        if known is not None:
            _cache.move_to_end((deployment_id, language))
            return known
    content = session.scalar(
        sa.select(DeploymentResource.content).where(
            DeploymentResource.deployment_id == deployment_id,
            DeploymentResource.name == f"{FOLDER}/{language}.json",
        )
    )
    said: dict[str, str] = orjson.loads(content) if content else {}
    fresh = {text: other for text, other in said.items() if other}
    with _guard:
        _cache[deployment_id, language] = fresh
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return fresh


def _problem(name: str, content: bytes) -> str | None:
    if not _NAME.fullmatch(PurePosixPath(name).as_posix()):
        return "a translation is called after its language: translations/zh-Hant.json."
    if len(content) > limits.FORM_BYTES:
        return f"it is larger than {limits.FORM_BYTES // 1_000_000} MB."
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return f"it is not JSON: {error}"
    if not isinstance(said, dict) or not all(isinstance(one, str) for one in cast("dict[str, Any]", said).values()):
        return "it maps texts to texts and holds nothing else."
    return None


def _of_properties(content: bytes | None) -> Iterator[str]:
    said: Any = yaml_text.read(content) if content else {}
    if not isinstance(said, dict):
        return
    properties = cast("dict[str, Any]", said)
    case_type: Any = properties.get("case_type") or {}
    stages: Any = properties.get("stages") or []
    for one in (properties, case_type, *stages):
        for name in ("name", "description"):
            if isinstance(one, dict) and isinstance(text := cast("dict[str, Any]", one).get(name), str):
                yield text


def _of_form(schema: dict[str, Any]) -> Iterator[str]:
    for place, name in _places(schema):
        yield place[name]


def _places(component: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield where a form says something: the mapping and the name in it."""
    for name in _SHOWN:
        if isinstance(component.get(name), str) and component[name] and not component[name].startswith("="):
            yield component, name
    inner: Any = (component.get("appearance"), component.get("validate"))
    for within, names in zip(inner, (_ADORNED, ("patternErrorMessage",)), strict=True):
        for name in names:
            if isinstance(within, dict) and isinstance(cast("dict[str, Any]", within).get(name), str):
                yield cast("dict[str, Any]", within), name
    for listed in (component.get("values"), component.get("columns")):
        for one in _mappings(listed):
            if isinstance(one.get("label"), str):
                yield one, "label"
    for child in _mappings(component.get("components")):
        yield from _places(child)


def _mappings(listed: Any) -> list[dict[str, Any]]:
    found = cast("list[Any]", listed) if isinstance(listed, list) else []
    return [cast("dict[str, Any]", one) for one in found if isinstance(one, dict)]
