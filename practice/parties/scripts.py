"""Which script a name is written in."""

import unicodedata
from collections import Counter
from typing import Final

#: First word of a letter's Unicode name -> ISO 15924.
_SCRIPTS: Final = {
    "LATIN": "Latn",
    "FULLWIDTH": "Latn",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "CJK": "Hani",
    "HIRAGANA": "Hira",
    "KATAKANA": "Kana",
    "HALFWIDTH": "Kana",
    "HANGUL": "Hang",
    "ARABIC": "Arab",
    "HEBREW": "Hebr",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "DEVANAGARI": "Deva",
    "THAI": "Thai",
}
UNWRITTEN: Final = "Zyyy"
OTHER: Final = "Zzzz"


def script_of(text: str) -> str:
    """Return the script of most letters of a text (ISO 15924): ``Zyyy`` without letters, ``Zzzz`` for others."""
    found = Counter(
        _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0], OTHER)
        for letter in text
        if letter.isalpha()
    )
    return found.most_common(1)[0][0] if found else UNWRITTEN
