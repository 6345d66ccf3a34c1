"""What the choices of a bundle's forms are called, so that an earlier answer is shown by its label, not its code."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import compiled
from engine.models import ProcessInstance, UserTask

#: By the key of a field: the label of each of its choices.
Labels = Mapping[str, Mapping[str, str]]

#: What a field is called, the first that is there.
LABELS: Final = ("label", "dateLabel", "timeLabel", "key")

_CACHE_SIZE: Final = 256
_cache: OrderedDict[UUID, Labels] = OrderedDict()
_guard = threading.Lock()


def of_user_task(session: Session, task: UserTask) -> Labels:
    """Return the labels of the version that the task's instance runs."""
    definition_id = session.scalar(
        sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == task.process_instance_id)
    )
    return _of_definition(session, cast(UUID, definition_id))


def labels_of(schemas: Iterable[Mapping[str, Any]]) -> Labels:
    """Return the labels of all choices of these forms; of two forms that name a choice, the first counts."""
    found: dict[str, dict[str, str]] = {}
    for schema in schemas:
        for component in _components(schema):
            key, offered = component.get("key"), component.get("values")
            if not isinstance(key, str) or not isinstance(offered, list):
                continue
            for choice in cast("list[Any]", offered):
                if isinstance(choice, dict):
                    one = cast("dict[str, Any]", choice)
                    if isinstance(one.get("value"), str) and isinstance(one.get("label"), str):
                        found.setdefault(key, {}).setdefault(one["value"], one["label"])
    return found


def forget() -> None:
    """Empty the cache (what is deployed never changes; tests drop whole databases)."""
    with _guard:
        _cache.clear()


def _of_definition(session: Session, definition_id: UUID) -> Labels:
    with _guard:
        if (known := _cache.get(definition_id)) is not None:
            _cache.move_to_end(definition_id)
            return known
    fresh = MappingProxyType(labels_of(compiled(session, definition_id).forms.values()))
    with _guard:
        _cache[definition_id] = fresh
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return fresh


def _components(holder: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    children: Any = holder.get("components")
    for child in cast("list[Any]", children) if isinstance(children, list) else []:
        if isinstance(child, dict):
            component = cast("dict[str, Any]", child)
            yield component
            yield from _components(component)
