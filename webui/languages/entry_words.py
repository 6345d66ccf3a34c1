"""What entries of the firm's directories are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Flask

from practice.directories.models import DirectoryEntry
from practice.events.models import Event
from webui.languages import speech


def init_app(app: Flask) -> None:
    """Offer ``entry|called`` and ``event_title(event, kinds)`` to templates."""
    app.add_template_filter(called, "called")
    app.add_template_global(event_title, "event_title")


def called(entry: DirectoryEntry) -> str:
    """Return what an entry is called in the reader's language; as the firm calls it where nobody said."""
    return (entry.names or {}).get(speech.tag()) or entry.name


def event_title(event: Event, kinds: Mapping[UUID, DirectoryEntry]) -> str:
    """Return the title of an event; one that has none of its own is called what its kind is called."""
    kind = kinds.get(event.kind_id)
    return called(kind) if kind is not None and event.title == kind.name else event.title
