"""Compile the interface's translations: ``messages.mo`` beside each ``messages.po``, for ``make front`` and for wheels.

Needs Babel and nothing of ours, so that ``hatch_build.py`` can run it where Matterflow is not installed yet.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent


def build(root: Path = ROOT) -> int:
    """Compile every catalogue; return how many there are."""
    sources = sorted((root / "config" / "translations").glob("*/LC_MESSAGES/messages.po"))
    for source in sources:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
    return len(sources)


if __name__ == "__main__":
    build()
