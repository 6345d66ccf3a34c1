"""The names of days and months for the calendar of a form's date field.

A browser knows them too, but makes them up slowly: forty milliseconds on a telephone, for names that are here anyway.
"""

from __future__ import annotations

from webui.languages import speech

_SUNDAY_FIRST = (6, 0, 1, 2, 3, 4, 5)


def calendar_words() -> dict[str, dict[str, list[str]]]:
    """Return the names in the reader's language, as flatpickr takes them: weeks from Sunday on, short and long."""
    locale = speech.locale()
    days, months = locale.days["stand-alone"], locale.months["stand-alone"]
    lengths = {"shorthand": "abbreviated", "longhand": "wide"}
    return {
        "weekdays": {theirs: [days[ours][at] for at in _SUNDAY_FIRST] for theirs, ours in lengths.items()},
        "months": {theirs: [months[ours][at] for at in range(1, 13)] for theirs, ours in lengths.items()},
    }
