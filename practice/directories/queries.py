"""The firm's directories (read side). Everybody who is signed in may read them."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.prepared import Prepared
from practice.directories.errors import DirectoryUnknown, EntryNotFound, EntryUnknown
from practice.directories.models import DIRECTORIES, DirectoryEntry

_ENTRIES: Final = sa.select(DirectoryEntry).where(
    DirectoryEntry.directory.in_(sa.bindparam("directories", expanding=True))
)
_ACTIVE: Final = _ENTRIES.where(DirectoryEntry.is_active)
_BY_ID: Final = sa.select(DirectoryEntry).where(DirectoryEntry.id.in_(sa.bindparam("ids", expanding=True)))


def entries(session: Session, directory: str, *, active_only: bool = False) -> list[DirectoryEntry]:
    """Return a directory's entries as a tree is read: each before those below it, siblings by position and name.

    Raises:
        DirectoryUnknown.
    """
    return entries_of(session, [directory], active_only=active_only)[directory]


def entries_of(
    session: Session, names: Collection[str], *, active_only: bool = False
) -> dict[str, list[DirectoryEntry]]:
    """Return the entries of several directories, each as ``entries`` does, in one query."""
    found: dict[str, list[DirectoryEntry]] = {name: [] for name in names}
    for name in found:
        require_known(name)
    for entry in session.scalars(_ACTIVE if active_only else _ENTRIES, {"directories": list(found)}):
        found[entry.directory].append(entry)
    return {name: _in_order(some) for name, some in found.items()}


def _in_order(found: list[DirectoryEntry]) -> list[DirectoryEntry]:
    below: dict[UUID | None, list[DirectoryEntry]] = {}
    known = {entry.id for entry in found}
    for entry in found:
        # Below an entry that is switched off, an entry that is on stands on the top level.
        below.setdefault(entry.parent_id if entry.parent_id in known else None, []).append(entry)
    return list(_walk(below, None))


def _walk(below: dict[UUID | None, list[DirectoryEntry]], at: UUID | None) -> Iterable[DirectoryEntry]:
    for entry in sorted(below.get(at, ()), key=lambda entry: (entry.position, entry.name, entry.key)):
        yield entry
        yield from _walk(below, entry.id)


def get(session: Session, directory: str, key: str) -> DirectoryEntry:
    """Return an entry, or raise ``DirectoryUnknown`` or ``EntryNotFound``."""
    require_known(directory)
    entry = by_key(session, directory, key)
    if entry is None:
        raise EntryNotFound(directory, key[:80])
    return entry


def by_key(session: Session, directory: str, key: str) -> DirectoryEntry | None:
    """Return an entry, switched on or off; None when there is none."""
    return session.scalar(
        sa.select(DirectoryEntry).where(DirectoryEntry.directory == directory, DirectoryEntry.key == key)
    )


def chosen(session: Session, directory: str, key: str | None, *, field: str) -> DirectoryEntry | None:
    """Return the entry that a field names by its key, None when it names none.

    Raises:
        EntryUnknown: there is none, or it is switched off.
    """
    if not key:
        return None
    entry = by_key(session, directory, key)
    if entry is None or not entry.is_active:
        raise EntryUnknown(field, directory, key[:80])
    return entry


def by_name(session: Session, directory: str, name: str) -> DirectoryEntry | None:
    """Return the entry that is switched on and has exactly this name, None when none or several do."""
    found = list(
        session.scalars(
            sa.select(DirectoryEntry)
            .where(DirectoryEntry.directory == directory, DirectoryEntry.name == name, DirectoryEntry.is_active)
            .limit(2)
        )
    )
    return found[0] if len(found) == 1 else None


def of_ids(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, DirectoryEntry]:
    """Return entries by id."""
    wanted = {entry_id for entry_id in ids if entry_id is not None}
    if not wanted:
        return {}
    return {entry.id: entry for entry in session.scalars(_BY_ID, {"ids": list(wanted)})}


def with_below(entry: DirectoryEntry) -> sa.Select[UUID]:
    """Select the ids of an entry and of all entries below it."""
    return sa.select(DirectoryEntry.id).where(
        DirectoryEntry.directory == entry.directory, DirectoryEntry.path.startswith(entry.path, autoescape=True)
    )


def ids_below(session: Session, directory: str, key: str) -> list[UUID]:
    """Return the ids of the entry with this key and of all entries below it; none when there is no such entry."""
    return [row.id for row in _IDS_BELOW.rows(session.connection(), {"directory": directory, "key": key})]


_ENTRY, _BELOW = aliased(DirectoryEntry), aliased(DirectoryEntry)
_IS_BELOW = sa.and_(
    _BELOW.directory == _ENTRY.directory, sa.func.substr(_BELOW.path, 1, sa.func.length(_ENTRY.path)) == _ENTRY.path
)
_IDS_BELOW = Prepared(
    sa.select(_BELOW.id)
    .join(_ENTRY, _IS_BELOW)
    .where(_ENTRY.directory == sa.bindparam("directory"), _ENTRY.key == sa.bindparam("key"))
)


def top_of(session: Session, entry: DirectoryEntry) -> DirectoryEntry:
    """Return the entry at the top of the branch in which an entry lies: an event kind's group."""
    key = entry.path.split("/", 1)[0]
    return entry if key == entry.key else get(session, entry.directory, key)


def level_of(entry: DirectoryEntry) -> int:
    """Return how deep an entry lies; 0 on the top level."""
    return entry.path.count("/") - 1


def require_known(directory: str) -> None:
    """Refuse a directory that there is not."""
    if directory not in DIRECTORIES:
        raise DirectoryUnknown(directory[:40])
