"""Keeping searches under a name."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.errors import VariableInvalid
from practice.selections.errors import SelectionNameTaken, SelectionNotFound
from practice.selections.models import ENTITIES, Selection
from practice.variables import Variables, needed_text

_FILTER = re.compile(r"[a-z][a-z_]{0,39}")
_MOST_FILTERS: Final = 30
_LONGEST_VALUE: Final = 300


def save(session: Session, facts: Variables, *, by: Actor, now: datetime) -> Selection:
    """Keep a search: ``entity``, ``name``, ``criteria`` (filter -> text or list of texts), ``is_shared``.

    Raises:
        VariableMissing, VariableInvalid.
        SelectionNameTaken: change that one instead.
    """
    entity = needed_text(facts, "entity", longest=20)
    if entity not in ENTITIES:
        raise VariableInvalid("entity", entity)
    name = needed_text(facts, "name", longest=100)
    criteria = _criteria(facts)
    _require_free(session, by.username, entity, name)
    row = Selection(
        owner=by.username,
        entity=entity,
        name=name,
        criteria=criteria,
        is_shared=facts.get("is_shared") is True,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    audit.append(session, "selection", row.id, "selection_saved", by=by, now=now, after=_facts(row))
    return row


def change(session: Session, selection_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Selection:
    """Change what ``facts`` names of one's own saved search: ``name``, ``criteria``, ``is_shared``.

    Raises:
        SelectionNotFound, SelectionNameTaken, VariableMissing, VariableInvalid.
    """
    row = _own(session, selection_id, by)
    before = _facts(row)
    if "name" in facts:
        name = needed_text(facts, "name", longest=100)
        if name != row.name:
            _require_free(session, row.owner, row.entity, name)
        row.name = name
    if "criteria" in facts:
        row.criteria = _criteria(facts)
    if "is_shared" in facts:
        row.is_shared = facts["is_shared"] is True
    row.changed_at = now
    session.flush()
    after = _facts(row)
    if after != before:
        audit.append(session, "selection", row.id, "selection_changed", by=by, now=now, before=before, after=after)
    return row


def forget(session: Session, selection_id: UUID, *, by: Actor, now: datetime) -> None:
    """Forget one's own saved search.

    Raises:
        SelectionNotFound.
    """
    row = _own(session, selection_id, by)
    audit.append(session, "selection", row.id, "selection_forgotten", by=by, now=now, before=_facts(row))
    session.delete(row)
    session.flush()


def _own(session: Session, selection_id: UUID, by: Actor) -> Selection:
    row = session.scalar(
        sa.select(Selection).where(Selection.id == selection_id, Selection.owner == by.username).with_for_update()
    )
    if row is None:
        raise SelectionNotFound(str(selection_id))
    return row


def _require_free(session: Session, owner: str, entity: str, name: str) -> None:
    query = sa.select(Selection.id).where(Selection.owner == owner, Selection.entity == entity, Selection.name == name)
    if session.scalar(query) is not None:
        raise SelectionNameTaken(name)


def _criteria(facts: Variables) -> dict[str, Any]:
    said = facts.get("criteria")
    if not isinstance(said, Mapping):
        raise VariableInvalid("criteria", str(said)[:80])
    criteria = dict(cast("Mapping[Any, Any]", said))
    if len(criteria) > _MOST_FILTERS:
        raise VariableInvalid("criteria", f"{len(criteria)} filters")
    for key, value in criteria.items():
        if not isinstance(key, str) or not _FILTER.fullmatch(key):
            raise VariableInvalid("criteria", str(key)[:80])
        texts = cast("list[Any]", value) if isinstance(value, list) else [value]
        if len(texts) > _MOST_FILTERS or not all(
            isinstance(one, str) and len(one) <= _LONGEST_VALUE and "\x00" not in one for one in texts
        ):
            raise VariableInvalid(f"criteria.{key}", repr(texts)[:80])
    return criteria


def _facts(row: Selection) -> dict[str, Any]:
    return {"entity": row.entity, "name": row.name, "criteria": row.criteria, "is_shared": row.is_shared}
