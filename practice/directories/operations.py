"""Keeping the directories: adding, renaming, moving and switching off entries."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.directories import queries
from practice.directories.errors import DirectoryTooDeep, EntryKeyTaken, EntryUnderItself
from practice.directories.models import DirectoryEntry
from practice.errors import VariableInvalid
from practice.guards import require_right
from practice.variables import Variables, needed_text, text

RIGHT: Final = "edit_directories"
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_DEEPEST = 10
_MOST_NAMES = 40
_LARGEST_POSITION = 1_000_000


def add_entry(session: Session, directory: str, facts: Variables, *, by: Actor, now: datetime) -> DirectoryEntry:
    """Add an entry.

    ``facts``: ``name`` (needed), ``key`` (made from the name when missing), ``parent`` and ``region`` (keys),
    ``position``, ``required_right``, ``names`` by language.

    Raises:
        RightMissing, DirectoryUnknown, VariableMissing, VariableInvalid, EntryKeyTaken, EntryUnknown,
        DirectoryTooDeep.
    """
    require_right(by, RIGHT)
    queries.require_known(directory)
    name = needed_text(facts, "name", longest=200)
    key = _key(session, directory, text(facts, "key", longest=60), name)
    parent = queries.chosen(session, directory, text(facts, "parent", longest=60), field="parent")
    entry = DirectoryEntry(
        directory=directory,
        key=key,
        name=name,
        parent_id=parent.id if parent else None,
        path=_path(parent, key),
        position=_position(facts) or 0,
        region_id=_region(session, facts),
        required_right=text(facts, "required_right", longest=60),
        names=_names(facts),
        created_at=now,
        created_by=by.username,
    )
    session.add(entry)
    session.flush()
    audit.append(
        session, "directory_entry", f"{directory}/{key}", "directory_entry_added", by=by, now=now, after=_facts(entry)
    )
    return entry


def change_entry(
    session: Session, directory: str, key: str, facts: Variables, *, by: Actor, now: datetime
) -> DirectoryEntry:
    """Change what ``facts`` names of an entry: as for ``add_entry`` but the key, and ``is_active``.

    An empty ``parent``, ``region`` or ``required_right`` takes the old one away.

    Raises:
        RightMissing, DirectoryUnknown, EntryNotFound, VariableInvalid, EntryUnknown, EntryUnderItself,
        DirectoryTooDeep.
    """
    require_right(by, RIGHT)
    entry = queries.get(session, directory, key)
    session.refresh(entry, with_for_update=True)
    before = _facts(entry)
    if "name" in facts:
        entry.name = needed_text(facts, "name", longest=200)
    if "position" in facts:
        entry.position = _position(facts) or 0
    if "region" in facts:
        entry.region_id = _region(session, facts)
    if "required_right" in facts:
        entry.required_right = text(facts, "required_right", longest=60)
    if "names" in facts:
        entry.names = _names(facts)
    if "is_active" in facts:
        entry.is_active = _flag(facts, "is_active")
    if "parent" in facts:
        _move(session, entry, text(facts, "parent", longest=60))
    session.flush()
    after = _facts(entry)
    if after != before:
        audit.append(
            session,
            "directory_entry",
            f"{directory}/{key}",
            "directory_entry_changed",
            by=by,
            now=now,
            before=before,
            after=after,
        )
    return entry


def seed(session: Session, shipped: Mapping[str, Sequence[Mapping[str, Any]]], *, by: Actor, now: datetime) -> int:
    """Add the shipped entries whose keys are not there yet, and return how many; what the firm changed stays.

    An entry that is still called what it was shipped as gets what it is called in other languages, too.

    ``shipped``: directory -> entries as ``add_entry`` takes them, parents before those below them.
    """
    added = 0
    for directory, wanted in shipped.items():
        known = {entry.key: entry for entry in queries.entries(session, directory)}
        for facts in wanted:
            entry = known.get(facts["key"])
            if entry is None:
                add_entry(session, directory, facts, by=by, now=now)
                added += 1
            elif entry.names is None and entry.name == facts["name"] and facts.get("names"):
                change_entry(session, directory, entry.key, {"names": facts["names"]}, by=by, now=now)
    return added


def _move(session: Session, entry: DirectoryEntry, parent_key: str | None) -> None:
    """Put an entry, with all below it, under another."""
    # Two moves at the same time could make a ring of branches: one after the other.
    session.execute(
        sa.select(DirectoryEntry.id).where(DirectoryEntry.directory == entry.directory).with_for_update()
    ).all()
    parent = queries.chosen(session, entry.directory, parent_key, field="parent")
    if parent is not None:
        session.refresh(parent)
        if parent.path.startswith(entry.path):
            raise EntryUnderItself("parent", entry.key)
    old, new = entry.path, _path(parent, entry.key)
    if old == new:
        return
    below = list(session.scalars(queries_below(entry)))
    for row in below:
        moved = new + row.path[len(old) :]
        if moved.count("/") > _DEEPEST:
            raise DirectoryTooDeep("parent", row.key)
        row.path = moved
    entry.parent_id = parent.id if parent else None


def queries_below(entry: DirectoryEntry) -> sa.Select[DirectoryEntry]:
    """Select an entry and all below it, fresh from the table."""
    return (
        sa.select(DirectoryEntry)
        .where(DirectoryEntry.id.in_(queries.with_below(entry)))
        .execution_options(populate_existing=True)
    )


def _path(parent: DirectoryEntry | None, key: str) -> str:
    path = f"{parent.path if parent else ''}{key}/"
    if path.count("/") > _DEEPEST:
        raise DirectoryTooDeep("parent", key)
    return path


def _key(session: Session, directory: str, said: str | None, name: str) -> str:
    if said is not None:
        if not _KEY.fullmatch(said):
            raise VariableInvalid("key", said)
        if queries.by_key(session, directory, said) is not None:
            raise EntryKeyTaken(directory, said)
        return said
    made = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:50] or directory
    key, number = made, 1
    while queries.by_key(session, directory, key) is not None:
        number += 1
        key = f"{made}_{number}"
    return key


def _position(facts: Variables) -> int | None:
    value = facts.get("position")
    if value is None or value == "":
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 <= number <= _LARGEST_POSITION:
        raise VariableInvalid("position", str(value)[:80])
    return number


def _region(session: Session, facts: Variables) -> Any:
    region = queries.chosen(session, "region", text(facts, "region", longest=60), field="region")
    return region.id if region else None


def _flag(facts: Variables, field: str) -> bool:
    value = facts.get(field)
    if not isinstance(value, bool):
        raise VariableInvalid(field, str(value)[:80])
    return value


def _names(facts: Variables) -> dict[str, Any] | None:
    value = facts.get("names")
    if value is None:
        return None
    said = cast("dict[Any, Any]", value) if isinstance(value, dict) else {"": None}
    if len(said) > _MOST_NAMES:
        raise VariableInvalid("names", f"{len(said)} languages")
    for language, name in said.items():
        if not isinstance(language, str) or not re.fullmatch(r"[A-Za-z0-9-]{2,35}", language):
            raise VariableInvalid("names", str(language)[:80])
        if not isinstance(name, str) or not 1 <= len(name) <= 200:  # noqa: PLR2004 - the width of a name
            raise VariableInvalid(f"names.{language}", str(name)[:80])
    return dict(said)


def _facts(entry: DirectoryEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "path": entry.path,
        "position": entry.position,
        "is_active": entry.is_active,
        "region_id": str(entry.region_id) if entry.region_id else None,
        "required_right": entry.required_right,
        "names": entry.names,
    }
