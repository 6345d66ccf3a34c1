"""The engine's sentences about a form's answers, in the reader's language.

The engine speaks English and fills figures in itself. Here is what it can say: ``%(a)s`` stands for a figure or a name.
"""

from __future__ import annotations

import re
from functools import cache

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

SENTENCES: dict[str, LazyString] = {
    "This form has no such field.": lazy_gettext("This form has no such field."),
    "This is required.": lazy_gettext("This is required."),
    "This is either ticked or not.": lazy_gettext("This is either ticked or not."),
    "This is not one of the choices.": lazy_gettext("This is not one of the choices."),
    "This is a list of choices.": lazy_gettext("This is a list of choices."),
    "One of these is not among the choices.": lazy_gettext("One of these is not among the choices."),
    "This is a text.": lazy_gettext("This is a text."),
    "This has at most %(a)s characters.": lazy_gettext("This has at most %(a)s characters."),
    "This has at least %(a)s characters.": lazy_gettext("This has at least %(a)s characters."),
    "This does not have the form that is asked for.": lazy_gettext("This does not have the form that is asked for."),
    "This is no e-mail address.": lazy_gettext("This is no e-mail address."),
    "This is no telephone number.": lazy_gettext("This is no telephone number."),
    "This is a number.": lazy_gettext("This is a number."),
    "This is at least %(a)s.": lazy_gettext("This is at least %(a)s."),
    "This is at most %(a)s.": lazy_gettext("This is at most %(a)s."),
    "This has at most %(a)s decimal places.": lazy_gettext("This has at most %(a)s decimal places."),
    "This is a whole number.": lazy_gettext("This is a whole number."),
    "This is no time of day.": lazy_gettext("This is no time of day."),
    "This is no date and time.": lazy_gettext("This is no date and time."),
    "This is no date (YYYY-MM-DD).": lazy_gettext("This is no date (YYYY-MM-DD)."),
    "This is a list of entries.": lazy_gettext("This is a list of entries."),
    "This is a list of files.": lazy_gettext("This is a list of files."),
    "These are more than %(a)s files.": lazy_gettext("These are more than %(a)s files."),
    "Each file has an id and a name.": lazy_gettext("Each file has an id and a name."),
    "This is one file.": lazy_gettext("This is one file."),
    "Entry %(a)s has a field '%(b)s' that the form has not.": lazy_gettext(
        "Entry %(a)s has a field '%(b)s' that the form has not."
    ),
    "Missing data for required field.": lazy_gettext("Missing data for required field."),
    "Unknown field.": lazy_gettext("Unknown field."),
    "Not a valid string.": lazy_gettext("Not a valid string."),
    "Not a valid integer.": lazy_gettext("Not a valid integer."),
    "Not a valid date.": lazy_gettext("Not a valid date."),
    "Field may not be null.": lazy_gettext("Field may not be null."),
}
#: What is wrong with one entry of a list, and in which field: ``Entry 2, Name: This is required.``
_IN_ENTRY = re.compile(r"Entry (?P<number>\d+), (?P<field>.*?): (?P<problem>.*)", re.DOTALL)


def say(sentence: str) -> str:
    """Return an English sentence of the engine in the reader's language; one that is not known as it is."""
    within = _IN_ENTRY.fullmatch(sentence)
    if within:
        return gettext(
            "Entry %(number)s, %(field)s: %(problem)s",
            number=within["number"],
            field=within["field"],
            problem=say(within["problem"]),
        )
    for pattern, ours in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            facts = found.groupdict()
            return str(ours) % facts if facts else str(ours)
    return sentence


@cache
def _patterns() -> list[tuple[re.Pattern[str], LazyString]]:
    return [
        (re.compile(re.sub(r"%\\?\((\w)\\?\)s", r"(?P<\1>.+)", re.escape(english)), re.DOTALL), ours)
        for english, ours in SENTENCES.items()
    ]


#: A refusal as it is kept: its sentence, then what it is about by name.
_REFUSAL = re.compile(r"(.+?\.) \((?P<facts>[a-z][a-z_]*: .*)\)", re.DOTALL)
_NAME = re.compile(r"(?:^|; )[a-z][a-z_]*: ")


def say_refusal(message: str) -> str:
    """Return why a step failed in the reader's language: the sentence, and what it is about without its names."""
    kept = _REFUSAL.fullmatch(message)
    if kept is None:
        return gettext(message) if message else ""
    about = "; ".join(filter(None, (one.strip() for one in _NAME.split(kept["facts"]))))
    said = gettext(kept.group(1))
    return f"{said} ({about})" if about else said
