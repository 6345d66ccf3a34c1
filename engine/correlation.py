"""Which message is meant for whom: correlation keys, all of which have to match.

A message carries keys by name; what waits for it says which of them it needs. It takes the message when each key it
needs is there with the same text, and a message may carry more. One key needs no name: a plain text stands for
``{"business_key": text}``, and so does the business key of an instance whose element names no keys of its own. What
needs no key at all takes only a message without any.
"""

import hashlib
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import orjson

from engine.bpmn.messaging import UNNAMED_KEY
from engine.errors import VariablesInvalid
from engine.variables import is_storable

#: A message with more keys is refused; what waits is looked up by every choice of them.
MOST_KEYS = 5
MAX_KEY = 200
#: Before the digest of several keys; a single plain key is stored as it is.
_DIGEST = "keys:"


def checked(given: str | Mapping[str, Any] | None) -> dict[str, str]:
    """Return the keys that somebody gave as a text, as an object or not at all.

    Raises:
        VariablesInvalid: there are too many, or one is empty, too long or no text, number or boolean.
    """
    if given is None:
        return {}
    keys = {UNNAMED_KEY: given} if isinstance(given, str) else dict(given)
    wrong = None
    if len(keys) > MOST_KEYS:
        wrong = f"There are at most {MOST_KEYS} keys."
    for name, value in keys.items():
        if not is_storable(name, MAX_KEY):
            wrong = f"A key's name has 1 to {MAX_KEY} characters, and no NUL among them."
        elif not isinstance(value, (str, int)):
            wrong = f"The key '{name}' is no text, whole number or boolean."
        elif not is_storable(_text(value), MAX_KEY):
            wrong = f"The key '{name}' has 1 to {MAX_KEY} characters, and no NUL among them."
    if wrong:
        raise VariablesInvalid({"correlation_key": wrong})
    return {name: _text(value) for name, value in keys.items()}


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def stored(keys: Mapping[str, str]) -> str | None:
    """Return the text by which exactly these keys are found again; None for no keys."""
    if not keys:
        return None
    if list(keys) == [UNNAMED_KEY]:
        return keys[UNNAMED_KEY]
    canonical = orjson.dumps(dict(keys), option=orjson.OPT_SORT_KEYS)
    return f"{_DIGEST}{hashlib.sha256(canonical).hexdigest()}"


def needs_met_by(keys: Mapping[str, str]) -> list[str | None]:
    """Return the stored text of every need that a message with these keys meets."""
    if not keys:
        return [None]
    choices = [
        stored({name: keys[name] for name in names})
        for count in range(1, len(keys) + 1)
        for names in combinations(sorted(keys), count)
    ]
    return list(choices)
