"""Keeping filters of the inbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.errors import VariableInvalid
from practice.variables import Variables, needed_text, text
from tasks.filters.errors import TaskFilterNameTaken, TaskFilterNotFound, TooManyTaskFilters
from tasks.filters.models import EVERYBODY, TaskFilter

#: What an address of the inbox narrows by.
CRITERIA: Final = (
    "scope",
    "sort",
    "kind",
    "process",
    "matter",
    "client",
    "tag",
    "due",
    "priority",
    "q",
    "asleep",
    "person",
)
MOST: Final = 100
_LONGEST_VALUE: Final = 200


def save(session: Session, facts: Variables, *, by: Actor, now: datetime) -> TaskFilter:
    """Keep a filter: ``name``, ``criteria`` (of ``CRITERIA`` -> text) and ``shared_with``.

    ``shared_with`` is a group of the person who saves it, ``*`` for everybody, or nothing.

    Raises:
        VariableMissing, VariableInvalid, TaskFilterNameTaken, TooManyTaskFilters.
    """
    name, criteria = needed_text(facts, "name", longest=100), _criteria(facts)
    shared_with = _shared_with(facts, by)
    _require_free(session, by, name)
    count = session.scalar(sa.select(sa.func.count()).where(TaskFilter.owner == by.username)) or 0
    if count >= MOST:
        raise TooManyTaskFilters(MOST)
    row = TaskFilter(
        owner=by.username, name=name, criteria=criteria, shared_with=shared_with, created_at=now, changed_at=now
    )
    session.add(row)
    session.flush()
    audit.append(session, "task_filter", row.id, "task_filter_saved", by=by, now=now, after=_facts(row))
    return row


def change(session: Session, filter_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> TaskFilter:
    """Change what ``facts`` names of one's own filter.

    Raises:
        TaskFilterNotFound, TaskFilterNameTaken, VariableMissing, VariableInvalid.
    """
    row = _own(session, filter_id, by)
    before = _facts(row)
    if "name" in facts:
        name = needed_text(facts, "name", longest=100)
        if name != row.name:
            _require_free(session, by, name)
        row.name = name
    if "criteria" in facts:
        row.criteria = _criteria(facts)
    if "shared_with" in facts:
        row.shared_with = _shared_with(facts, by)
    after = _facts(row)
    if after != before:
        row.changed_at = now
        session.flush()
        audit.append(session, "task_filter", row.id, "task_filter_changed", by=by, now=now, before=before, after=after)
    return row


def forget(session: Session, filter_id: UUID, *, by: Actor, now: datetime) -> None:
    """Forget one's own filter, for those with whom it is shared too.

    Raises:
        TaskFilterNotFound.
    """
    row = _own(session, filter_id, by)
    audit.append(session, "task_filter", row.id, "task_filter_forgotten", by=by, now=now, before=_facts(row))
    session.delete(row)
    session.flush()


def _own(session: Session, filter_id: UUID, by: Actor) -> TaskFilter:
    mine = sa.select(TaskFilter).where(TaskFilter.id == filter_id, TaskFilter.owner == by.username)
    row = session.scalar(mine.with_for_update())
    if row is None:
        raise TaskFilterNotFound(filter_id)
    return row


def _require_free(session: Session, by: Actor, name: str) -> None:
    query = sa.select(TaskFilter.id).where(TaskFilter.owner == by.username, TaskFilter.name == name)
    if session.scalar(query) is not None:
        raise TaskFilterNameTaken(name)


def _criteria(facts: Variables) -> dict[str, Any]:
    said = facts.get("criteria")
    if not isinstance(said, Mapping):
        raise VariableInvalid("criteria", str(said)[:80])
    kept: dict[str, Any] = {}
    for key, value in cast("Mapping[Any, Any]", said).items():
        if key not in CRITERIA:
            raise VariableInvalid("criteria", str(key)[:80])
        if not isinstance(value, str) or len(value) > _LONGEST_VALUE or "\x00" in value:
            raise VariableInvalid(f"criteria.{key}", repr(value)[:80])
        if value.strip():
            kept[key] = value.strip()
    return kept


def _shared_with(facts: Variables, by: Actor) -> str | None:
    said = text(facts, "shared_with", longest=100)
    if said is None or said == EVERYBODY or said in by.groups:
        return said
    raise VariableInvalid("shared_with", said[:80])


def _facts(row: TaskFilter) -> dict[str, Any]:
    return {"name": row.name, "criteria": row.criteria, "shared_with": row.shared_with}
