"""Hours as people type them: 1.5, 1,5, 1:30, 1h30, 90m; kept as whole minutes."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from practice.time.errors import HoursInvalid
from practice.time.models import LONGEST

_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)
_UNITS: Final = re.compile(r"(?:(\d{1,2})\s*h)?\s*(?:(\d{1,4})\s*(?:m|min)?)?", re.ASCII)
_DECIMAL: Final = re.compile(r"\d{1,2}(?:[.,]\d{1,4})?", re.ASCII)


def minutes_of(text: str | None, *, field: str = "hours", signed: bool = False) -> int:
    """Return the minutes that somebody typed; a sign only where a correction may take some away.

    Raises:
        HoursInvalid: they are no hours, none at all, or more than a day has.
    """
    said = (text or "").strip().lower()
    bare = said.lstrip("+-\N{MINUS SIGN}").strip()
    sign = -1 if said[:1] in ("-", "\N{MINUS SIGN}") else 1
    found = _plain(bare)
    if found is None or not 0 < found <= LONGEST or (said != bare and not signed):
        raise HoursInvalid(field, said[:40])
    return sign * found


def _plain(text: str) -> int | None:
    if match := _CLOCK.fullmatch(text):
        return int(match[1]) * 60 + int(match[2])
    if _DECIMAL.fullmatch(text):
        return int((Decimal(text.replace(",", ".")) * 60).to_integral_value(ROUND_HALF_UP))
    match = _UNITS.fullmatch(text)
    if match and (match[1] or (match[2] and text.rstrip("in").endswith("m"))):
        return int(match[1] or 0) * 60 + int(match[2] or 0)
    return None


def written(minutes: int) -> str:
    """Write minutes as ``1:30``, with a minus sign in front when they are taken away."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}{hours}:{rest:02d}"
