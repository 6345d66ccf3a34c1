"""The catalogues of the interface, read once a process and language.

A built product holds compiled catalogues (``scripts/compile_catalogues.py``). Where one is missing or older than its
source, the source is compiled in memory, so that a translator sees the work at once.
"""

from __future__ import annotations

import io
import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import g
from flask_babel import Domain, get_locale

from config.languages import TRANSLATIONS
from webui.languages import pseudo

_guard = threading.Lock()
_known: dict[str, NullTranslations] = {}


class Catalogues(Domain):
    """Flask-Babel's domain, with catalogues that all requests share."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[str(TRANSLATIONS)], domain="messages")

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the reader's language."""
        # A page asks some hundred times, and what a locale is called takes longer than the rest. Flask-Babel's own
        # place for it is empty while another locale is forced, and has what was there before afterwards.
        context: Any = g.get("_flask_babel") if g else None
        kept: NullTranslations | None = getattr(context, "babel_translations", None)
        if kept is not None:
            return kept
        locale = get_locale()
        if locale is None:
            return NullTranslations()
        found = of(str(locale))
        g._flask_babel.babel_translations = found  # noqa: SLF001 - its cache
        return found


def of(locale: str) -> NullTranslations:
    """Return a locale's catalogue; one that says everything in English where there is none."""
    found = _known.get(locale)
    if found is None:
        with _guard:
            found = _known.get(locale) or _known.setdefault(locale, _load(locale))
    return found


def forget() -> None:
    """Read the catalogues again when they are asked for next."""
    with _guard:
        _known.clear()


def compiled(source: Path) -> bytes:
    """Compile a catalogue; what nobody is sure of is left in English."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


@cache
def script_ids() -> list[str | list[str]]:
    """Return the English texts that the pages' scripts say; those with a number as singular and plural."""
    path = TRANSLATIONS / "script.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def _load(locale: str) -> NullTranslations:
    source = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    target = source.with_suffix(".mo")
    if _is_fresh(target, source):
        with target.open("rb") as file:
            return Translations(file)
    if source.is_file():
        return Translations(io.BytesIO(compiled(source)))
    return pseudo.Turned() if locale == "ar" else NullTranslations()


def _is_fresh(target: Path, source: Path) -> bool:
    if not target.is_file():
        return False
    return not source.is_file() or target.stat().st_mtime_ns >= source.stat().st_mtime_ns
