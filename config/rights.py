"""Which group holds which rights, from ``rights.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from config import ConfigError, yaml_files

PATH = Path(__file__).with_name("rights.yaml")


class RightsError(ConfigError):
    """The rights file says something that cannot be; the text tells what."""


class Rights(NamedTuple):
    """The firm's rights: what there is, and what each group holds."""

    #: Right -> what it allows, in a few English words.
    titles: Mapping[str, str]
    #: Group -> its rights.
    groups: Mapping[str, frozenset[str]]

    def of(self, groups: Iterable[str]) -> frozenset[str]:
        """Return the rights of a person in these groups; a group the file does not name holds none."""
        return frozenset(right for group in groups for right in self.groups.get(group, ()))


def load(path: Path = PATH) -> Rights:
    """Read the file.

    Raises:
        RightsError: a group is given a right that is not explained under ``rights``.
    """
    said = yaml_files.read(path)
    titles: dict[str, str] = said["rights"]
    groups = {group: frozenset(rights or ()) for group, rights in said["groups"].items()}
    for group, rights in groups.items():
        for right in sorted(rights - titles.keys()):
            raise RightsError(f"{path.name} gives the group {group} a right it does not explain: {right}.")
    return Rights(titles, groups)
