"""A language that runs from right to left and that nobody had to learn: each Latin letter becomes an Arabic one.

Placeholders stay as they are. A text that shows in Latin letters on a page in it was never given to the translators,
and a layout that cannot turn round is seen at once. It is offered where ``MATTERFLOW_PSEUDO_LANGUAGE`` is set.
"""

from __future__ import annotations

import re
from typing import Any

from babel.support import NullTranslations

_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz",
    "ابثدهفغحيجكلمنوقرستزشعخصضط",
)
#: ``%(name)s``, ``{name}``, tags and entities.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|\{\{.*?\}\}|\{\w*\}|<[^>]+>|&\w+;)", re.DOTALL)


def turned(text: str) -> str:
    """Return ``text`` in letters that run from right to left."""
    parts = _KEPT.split(text)
    return "".join(part if index % 2 else part.lower().translate(_LETTERS) for index, part in enumerate(parts))


class Turned(NullTranslations):
    """A catalogue of everything."""

    def gettext(self, message: str) -> str:
        """Turn a text round."""
        return turned(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Turn the form that fits the number round."""
        return turned(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str | object:
        """Turn a text round whatever it is about."""
        return turned(message)

    def npgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        """Turn the form that fits the number round."""
        return turned(singular if num == 1 else plural)

    ugettext: Any = gettext
    ungettext: Any = ngettext
    upgettext: Any = pgettext
    unpgettext: Any = npgettext
