"""When two names are written the same: the exact comparison of the conflict check and of searching.

Nothing is transliterated or guessed here; what differs only in case, accents, punctuation, spacing,
legal form or in how Unicode spells it is one name.
"""

import re
import unicodedata
from typing import Final

#: Grows when the rules change, so that a stored check says by which rules it was made.
RULES_VERSION: Final = 1

#: Letters that carry no removable mark in Unicode and yet are written without their stroke.
_STROKED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
#: Marks are dropped from letters below here (Latin, Greek, Cyrillic, Hebrew, Arabic); further east they are letters.
_END_OF_OPTIONAL_MARKS = 0x0700
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9`\u00b4\u2032]")
_BETWEEN_HAN = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]) +(?=[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])"
)

# One line a language area: English, German, Romance, Dutch and Nordic, Central and South-East European, Greek.
_RUSSIAN_FORMS: Final = "ооо оао зао пао ао нао нко ано ип тоо тов чп фгуп гуп муп"
_LATIN_AND_GREEK_FORMS: Final = """
    ltd limited llc llp lp inc incorporated corp corporation co company plc pllc pty
    gmbh mbh ag kg kgaa ohg ug gbr se ev eg
    sa sas sarl sasu sci snc srl sl slu spa sapa sc scs ltda eireli
    bv nv vof cv bvba oy oyj ab as asa aps ks
    kft zrt nyrt bt sro spol doo dd dooel ood eood ad ead sia uab ou
    αε εε οε επε ικε μεπε αεβε
"""
_FORMS_AT_THE_START: Final = frozenset(_RUSSIAN_FORMS.split())
_FORMS_AT_THE_END: Final = _FORMS_AT_THE_START | frozenset(_LATIN_AND_GREEK_FORMS.split())
_LONG_FORMS: Final = (
    "общество с ограниченной ответственностью",
    "публичное акционерное общество",
    "акционерное общество",
    "индивидуальный предприниматель",
    "ανωνυμη εταιρεια",
    "ανωνυμη εταιρια",
    "sp zoo",
    "sp z oo",
)
_HAN_FORMS: Final = (
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "合同会社",
    "주식회사",
)


def fold(text: str) -> str:
    """Return text for comparing and partial search: no case, accents, punctuation or repeated spaces."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_STROKED)
    text = _APOSTROPHES.sub("", _without_marks(text))
    text = "".join(character if unicodedata.category(character)[0] in "LNM" else " " for character in text)
    return _BETWEEN_HAN.sub("", " ".join(text.split()))


def normalise(name: str) -> str:
    """Return the form under which a name is compared; empty when nothing but punctuation was given."""
    text = _APOSTROPHES.sub("", name.replace("&", " and ").replace("＆", " and "))
    words = _join_initials(fold(text).split())
    text = f" {' '.join(words)} "
    for form in _FOLDED_LONG_FORMS:
        text = text.replace(f" {form} ", " ") if text.strip() != form else text
    words = _without_forms(text.split())
    text = " ".join(words)
    for form in _HAN_FORMS:
        rest = text.removeprefix(form).removesuffix(form).strip()
        text = rest or text
    return text


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character) and base and ord(base) < _END_OF_OPTIONAL_MARKS:
            continue
        if not unicodedata.combining(character):
            base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


def _join_initials(words: list[str]) -> list[str]:
    """Write ``s a`` (from "S.A.") as one word; the initials of a person stay apart from the name."""
    joined: list[str] = []
    run = ""
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha() and ord(word) < _END_OF_OPTIONAL_MARKS:
            run += word
            continue
        joined += [run] if run else []
        run = ""
        joined += [word] if word else []
    return joined


def _without_forms(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and (words[end - 1] in _FORMS_AT_THE_END or (end < len(words) and words[end - 1] == "and")):
        end -= 1
    start = 0
    while start < end - 1 and words[start] in _FORMS_AT_THE_START:
        start += 1
    return words[start:end]


_FOLDED_LONG_FORMS: Final = tuple(map(fold, _LONG_FORMS))
