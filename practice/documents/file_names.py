"""What a file may be called: the person's own name for it, without what would harm another computer."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 180
#: Kept of a name's end when it is cut.
_LONGEST_ENDING: Final = 12
_NAMELESS: Final = "document"
#: Names that Windows keeps for devices.
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')


def clean(name: str | None) -> str:
    """Return the last part of a path, on one line and without signs that no file system takes or that hide its end.

    Signs that turn the direction of writing are left out: ``invoice_[RLO]fdp.exe`` reads as a PDF.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name or ""))[-1]
    visible = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    tidy = " ".join(_FORBIDDEN.sub("_", visible).split()).strip(". ")
    if not tidy or _DEVICES.match(tidy):
        tidy = f"{_NAMELESS}_{tidy}".strip("_ ")
    return _cut(tidy)


def ending(name: str) -> str:
    """Return a name's extension in lower case without its point, empty when it has none."""
    stem, point, last = name.rpartition(".")
    return last.lower() if stem and point and len(last) <= _LONGEST_ENDING else ""


def stem(name: str) -> str:
    """Return a name without its extension."""
    last = ending(name)
    return name[: -len(last) - 1] if last else name


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    last = ending(name)
    return f"{name[: LONGEST - len(last) - 1].rstrip('. ')}.{last}" if last else name[:LONGEST]
