"""The firm's directories."""

from __future__ import annotations

from typing import Any

from engine import clock
from practice.directories import operations, queries
from practice.directories.models import DirectoryEntry
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.directory_schemas import ChangedEntrySchema, EntriesSchema, EntrySchema, NewEntrySchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "directories", __name__, url_prefix="/directories", description="Lists that the firm keeps itself, without code."
)


@bp.get("/<string:directory>/entries")
@bp.response(200, EntriesSchema)
@operation("list_directory_entries", 404)
def list_entries(directory: str) -> dict[str, Any]:
    """List a directory as a tree is read, what is switched off included."""
    return {"items": queries.entries(db.session(), directory)}


@bp.post("/<string:directory>/entries")
@bp.arguments(NewEntrySchema)
@bp.response(201, EntrySchema)
@operation("add_directory_entry", 403, 404)
def add(args: dict[str, Any], directory: str) -> DirectoryEntry:
    """Add an entry."""
    return operations.add_entry(db.session(), directory, args, by=current_actor(), now=clock.utc_now())


@bp.patch("/<string:directory>/entries/<string:key>")
@bp.arguments(ChangedEntrySchema)
@bp.response(200, EntrySchema)
@operation("change_directory_entry", 403, 404)
def change(args: dict[str, Any], directory: str, key: str) -> DirectoryEntry:
    """Rename, move or switch an entry; nothing is deleted, because records name it."""
    return operations.change_entry(db.session(), directory, key, args, by=current_actor(), now=clock.utc_now())
