"""What each post finds at its desk, from ``desks.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

PATH = Path(__file__).with_name("desks.yaml")


class Desk(NamedTuple):
    """The home of a post, by the names of its pieces in the order in which they lie there."""

    key: str
    groups: frozenset[str]
    numbers: tuple[str, ...]
    parts: tuple[str, ...]
    actions: tuple[str, ...]


@cache
def load() -> dict[str, Desk]:
    """Return the desks by key, the more particular posts first; the last is for everybody else."""
    said = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return {
        key: Desk(
            key,
            frozenset(desk["groups"]),
            tuple(desk["numbers"]),
            tuple(desk["parts"]),
            tuple(desk["actions"]),
        )
        for key, desk in said.items()
    }


def of(groups: Collection[str]) -> list[Desk]:
    """Return the desks of somebody in these groups: one a post, or the one for everybody else."""
    *posts, everybody = load().values()
    return [desk for desk in posts if not desk.groups.isdisjoint(groups)] or [everybody]
