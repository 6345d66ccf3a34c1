"""Which languages are offered, from ``languages.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from config import yaml_files

PATH = Path(__file__).with_name("languages.yaml")
#: Catalogues of the interface: ``<locale>/LC_MESSAGES/messages.po``.
TRANSLATIONS = Path(__file__).with_name("translations")
#: Written from right to left by a machine, so that nobody has to read Arabic to see a page that cannot turn round.
PSEUDO = "ar-XB"


class Language(NamedTuple):
    """One language that can be chosen."""

    #: IETF tag.
    tag: str
    #: What the language calls itself.
    name: str
    #: Whose dates and numbers are written where a person chose no region.
    region: str
    #: Whether every text has to be translated.
    is_complete: bool

    @property
    def locale(self) -> str:
        """The name of its catalogue's folder, ``zh_Hant`` for ``zh-Hant``."""
        return "ar" if self.tag == PSEUDO else self.tag.replace("-", "_")


def load(*, with_pseudo: bool = False) -> dict[str, Language]:
    """Return the languages by tag, that of the sources first."""
    said = yaml_files.read(PATH)
    offered = {
        tag: Language(tag, str(one["name"]), str(one["region"]), bool(one["complete"])) for tag, one in said.items()
    }
    if with_pseudo:
        offered[PSEUDO] = Language(PSEUDO, "⟲ Right to left", "EG", is_complete=False)
    return offered
