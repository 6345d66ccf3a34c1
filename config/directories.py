"""The entries that a new firm's directories begin with, from ``directories.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config import ConfigError, yaml_files

PATH = Path(__file__).with_name("directories.yaml")


class DirectoriesError(ConfigError):
    """The file of directories says something that cannot be; the text tells what."""


def load(path: Path = PATH) -> dict[str, list[dict[str, Any]]]:
    """Return directory -> entries as ``practice.directories.operations.seed`` takes them.

    Raises:
        DirectoriesError: an entry has no name, or a key comes twice.
    """
    said: Mapping[str, Any] = yaml_files.read(path)
    found = {directory: _flat(directory, entries, None, path) for directory, entries in said.items()}
    for directory, entries in found.items():
        keys = [entry["key"] for entry in entries]
        for key in keys:
            if keys.count(key) > 1:
                raise DirectoriesError(f"{path.name} names {directory}/{key} twice.")
    return found


def _flat(directory: str, entries: Mapping[str, Any], parent: str | None, path: Path) -> list[dict[str, Any]]:
    """Write a tree as a list, each entry before those below it."""
    flat: list[dict[str, Any]] = []
    for position, (key, said) in enumerate(entries.items(), 1):
        facts: dict[str, Any] = {"name": said} if isinstance(said, str) else dict(said or {})
        below: Mapping[str, Any] = facts.pop("below", {})
        if not facts.get("name"):
            raise DirectoriesError(f"{path.name} gives {directory}/{key} no name.")
        flat.append({"key": str(key), "parent": parent, "position": position * 10, **facts})
        flat += _flat(directory, below, str(key), path)
    return flat
