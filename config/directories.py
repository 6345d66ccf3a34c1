"""The entries that a new firm's directories begin with, from ``directories.yaml`` and ``directories.names.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from config import ConfigError, yaml_files

PATH = Path(__file__).with_name("directories.yaml")
#: What the shipped entries are called in other languages, in this order.
NAMES = Path(__file__).with_name("directories.names.yaml")
TAGS = ("zh-Hant", "zh-Hans", "ru", "el")


class DirectoriesError(ConfigError):
    """The file of directories says something that cannot be; the text tells what."""


def load(path: Path = PATH, names: Path = NAMES) -> dict[str, list[dict[str, Any]]]:
    """Return directory -> entries as ``practice.directories.operations.seed`` takes them.

    Raises:
        DirectoriesError: an entry has no name, a key comes twice, or what is called something is no entry.
    """
    said: Mapping[str, Any] = yaml_files.read(path)
    found = {directory: _flat(directory, entries, None, path) for directory, entries in said.items()}
    for directory, entries in found.items():
        keys = [entry["key"] for entry in entries]
        for key in keys:
            if keys.count(key) > 1:
                raise DirectoriesError(f"{path.name} names {directory}/{key} twice.")
    _call(found, yaml_files.read(names), names)
    return found


def _call(found: Mapping[str, list[dict[str, Any]]], said: Mapping[str, Any], path: Path) -> None:
    """Give entries what they are called in other languages."""
    by_key = {(directory, entry["key"]): entry for directory, entries in found.items() for entry in entries}
    for directory, entries in said.items():
        for key, called in entries.items():
            if (directory, key) not in by_key:
                raise DirectoriesError(f"{path.name} calls {directory}/{key} something, and there is none.")
            texts = cast("list[Any]", called) if isinstance(called, list) else []
            if len(texts) != len(TAGS) or not all(texts):
                raise DirectoriesError(f"{path.name} needs a text for each of {', '.join(TAGS)} of {directory}/{key}.")
            by_key[directory, key]["names"] = dict(zip(TAGS, map(str, texts), strict=True))


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
