"""What Babel knows of a language, kept apart from what it knows of others.

Where the months alone are called as in a date, Babel finds that out at the first question and writes the answer into
what several languages share: who read Traditional Chinese after somebody had read Simplified Chinese got their months
(``babel.localedata.LocaleDataDict``, Babel 2).
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Final

from babel import localedata

#: Everything in which one name stands for another; the rest is not written into.
_REFERRING: Final = ("days", "months", "quarters", "eras", "currency_formats")


@lru_cache(maxsize=256)
def kept_apart(locale: str) -> str:
    """Return the locale, of which what is looked up from now on is written into what is its own."""
    known = localedata.load(locale)
    known.update({part: deepcopy(known[part]) for part in _REFERRING if part in known})
    return locale
