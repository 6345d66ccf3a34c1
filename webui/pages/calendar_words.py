"""The names of days and months for the calendar of a form's date field.

A browser knows them too, but makes them up slowly: forty milliseconds on a telephone, for names that are here anyway.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from babel import Locale, localedata
from flask_babel import get_locale

_SUNDAY_FIRST = (6, 0, 1, 2, 3, 4, 5)


def calendar_words() -> dict[str, dict[str, list[str]]]:
    """Return the names in the reader's language, as flatpickr takes them: weeks from Sunday on, short and long."""
    known = _names_in(str(get_locale() or Locale("en")))
    days, months = known["days"]["stand-alone"], known["months"]["stand-alone"]
    lengths = {"shorthand": "abbreviated", "longhand": "wide"}
    return {
        "weekdays": {theirs: [days[ours][at] for at in _SUNDAY_FIRST] for theirs, ours in lengths.items()},
        "months": {theirs: [months[ours][at] for at in range(1, 13)] for theirs, ours in lengths.items()},
    }


@cache
def _names_in(language: str) -> localedata.LocaleDataDict:
    """Return a copy of what Babel knows: what it looks up for one language it writes into what others share.

    Else whoever reads Simplified Chinese would have the months of Traditional Chinese after its first reader.
    """
    known = localedata.load(language)
    return localedata.LocaleDataDict({name: deepcopy(known[name]) for name in ("days", "months")})
