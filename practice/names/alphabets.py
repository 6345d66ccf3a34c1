"""From other alphabets to Latin letters, so that the usual systems agree once ``practice.names.sound`` has folded them.

Sources: BGN/PCGN and ISO 9 for Cyrillic, ELOT 743 for Greek, ALA-LC for Arabic (consonants only), the Revised
Romanisation for Hangul. Other scripts go through ``anyascii``.
"""

import re
import unicodedata
from typing import Final

from anyascii import anyascii

_CYRILLIC: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i",
        "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
        "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u", "ђ": "dj", "ј": "y",
        "љ": "l", "њ": "n", "ћ": "ch", "џ": "dzh", "ѓ": "gj", "ќ": "k", "ѕ": "dz", "ә": "a", "ғ": "g", "қ": "k",
        "ң": "ng", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "ӣ": "i", "ӯ": "u", "ҷ": "j", "ҳ": "h", "ѣ": "e",
        "ѳ": "f", "ѵ": "i", "ӑ": "a", "ӗ": "e", "ҫ": "s", "җ": "j", "ҥ": "ng", "ҡ": "k", "ҙ": "z", "ӱ": "u",
    }
)  # fmt: skip
_UKRAINIAN: Final = re.compile("[іїєґ]")
_GREEK: Final = (
    ("ου", "u"), ("αυ", "av"), ("ευ", "ev"), ("ηυ", "iv"), ("ει", "i"), ("οι", "i"), ("υι", "i"), ("αι", "e"),
    ("^μπ", "b"), ("μπ", "mp"), ("^ντ", "d"), ("ντ", "nt"), ("^γκ", "g"), ("γκ", "ng"), ("γγ", "ng"), ("γχ", "nkh"),
    ("γξ", "nx"), ("τζ", "tz"), ("τσ", "ts"),
)  # fmt: skip
_GREEK_LETTERS: Final = str.maketrans(
    {
        "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k",
        "λ": "l", "μ": "m", "ν": "n", "ξ": "ks", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t",
        "υ": "y", "φ": "f", "χ": "kh", "ψ": "ps", "ω": "o", "^": "",
    }
)  # fmt: skip
_ARABIC: Final = str.maketrans(
    {
        "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h",
        "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t",
        "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h",
        "و": "u", "ي": "i", "ى": "a", "ة": "a", "ء": "", "ؤ": "u", "ئ": "i", "پ": "p", "چ": "ch", "ژ": "zh",
        "گ": "g", "ک": "k", "ی": "i", "ڤ": "v", "ھ": "h", "ہ": "h", "ے": "e", "ں": "n", "ٹ": "t", "ڈ": "d",
        "ڑ": "r", "ـ": "",
    }
)  # fmt: skip
_ARABIC_MARKS: Final = re.compile("[\u0610-\u061a\u064b-\u065f\u0670]")
_INITIAL: Final = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_SILENT: Final = _INITIAL.index("")
_MEDIAL: Final = [
    "a",
    "e",
    "ya",
    "ye",
    "o",
    "e",
    "yo",
    "ye",
    "o",
    "wa",
    "we",
    "we",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "u",
    "ui",
    "i",
]
_FINAL: Final = [
    "",
    *[
        "k",
        "k",
        "k",
        "n",
        "n",
        "n",
        "t",
        "l",
        "k",
        "m",
        "l",
        "l",
        "l",
        "p",
        "l",
        "m",
        "p",
        "p",
        "t",
        "t",
        "ng",
        "t",
        "t",
        "k",
        "t",
        "p",
        "t",
    ],
]
#: How bearers of a surname write it, where that is not how it sounds.
_KOREAN_SURNAMES: Final = {
    "이": "lee", "리": "lee", "박": "park", "노": "roh", "로": "roh", "유": "ryu", "류": "ryu", "임": "lim",
    "림": "lim", "나": "ra", "라": "ra", "양": "ryang", "여": "ryo", "우": "u",
}  # fmt: skip


def cyrillic(word: str) -> str:
    """Return a word in Cyrillic, folded to lower case, in Latin letters."""
    if _UKRAINIAN.search(word):
        word = word.replace("г", "h")
    return word.translate(_CYRILLIC)


def greek(word: str, *, voiced: bool = False) -> str:
    """Return a Greek word, folded to lower case and without accents, in Latin letters.

    ``voiced``: μπ, ντ and γκ are b, d and g inside the word, too, as in foreign names.
    """
    if voiced:
        word = word.replace("μπ", "b").replace("ντ", "d").replace("γκ", "g")
    word = f"^{word}"
    for written, sound in _GREEK:
        word = word.replace(written, sound)
    return word.translate(_GREEK_LETTERS)


def arabic(word: str) -> str:
    """Return an Arabic word in Latin letters without its article; short vowels are not written in Arabic."""
    word = _ARABIC_MARKS.sub("", word)
    if word.startswith("ال") and len(word) > 3:  # noqa: PLR2004 - a name is left
        word = word[2:]
    return word.translate(_ARABIC)


def hangul(word: str) -> str:
    """Return a word in Hangul in Latin letters."""
    parts: list[str] = []
    for character in word:
        at = ord(character) - 0xAC00
        if 0 <= at < 11_172:  # noqa: PLR2004 - the syllables of Hangul
            medial = _MEDIAL[at % 588 // 28]
            # Inside a word the w of a syllable is a glide: 과 sounds like goa.
            if parts or at // 588 != _SILENT:
                medial = medial.replace("w", "o")
            parts.append(_INITIAL[at // 588] + medial + _FINAL[at % 28])
    return "".join(parts)


def korean_surname(syllable: str) -> str:
    """Return how a surname in Hangul is usually written in Latin letters."""
    return _KOREAN_SURNAMES.get(syllable) or hangul(syllable)


def is_customary(syllable: str) -> bool:
    """Say whether a surname is written otherwise than it sounds."""
    return syllable in _KOREAN_SURNAMES


def other(word: str) -> str:
    """Return a word of any other script in the letters a-z."""
    return re.sub("[^a-z]", "", anyascii(word).lower())


def plain_latin(word: str) -> str:
    """Return a Latin word, folded to lower case, in the letters a-z."""
    return re.sub("[^a-z0-9]", "", anyascii(unicodedata.normalize("NFC", word)).lower())
