"""Which of our languages a browser would like best."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from babel.core import get_global
from werkzeug.datastructures import LanguageAccept


def best(accepted: LanguageAccept, offered: Collection[str]) -> str | None:
    """Return the offered tag that a browser's ``Accept-Language`` wants most, None when it wants none of them.

    ``zh-TW`` and ``zh-HK`` are read as Traditional Chinese, ``zh`` and ``zh-CN`` as Simplified: nobody sends a script.
    """
    wanted = ((tag, quality) for tag, quality in accepted if quality > 0)
    for tag, _ in sorted(wanted, key=lambda pair: -pair[1]):
        found = match(tag, offered)
        if found is not None:
            return found
    return None


def match(tag: str, offered: Collection[str]) -> str | None:
    """Return the offered tag that a reader of ``tag`` can read."""
    parts = tag.replace("_", "-").split("-")
    if not parts[0].isalpha():
        return None
    by_lower = {one.lower(): one for one in offered}
    return next((by_lower[one] for one in _fitting(parts) if one in by_lower), None)


def _fitting(parts: list[str]) -> Iterable[str]:
    """Yield what would fit, best first, in lower case."""
    yield "-".join(parts).lower()
    language, script = parts[0].lower(), next((part.title() for part in parts[1:] if len(part) == len("Hant")), None)
    region = next((part.upper() for part in parts[1:] if len(part) in (2, 3)), None)
    likely: Mapping[str, str] = get_global("likely_subtags")
    if script is None:
        full = likely.get(f"{language}_{region}") or likely.get(language) or ""
        script = next((part for part in full.split("_")[1:] if len(part) == len("Hant")), None)
    if script is not None:
        yield f"{language}-{script}".lower()
    yield language
