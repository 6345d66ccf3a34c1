"""What a name is in Latin letters: one reading for each way of saying or spelling it."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from practice.names import alphabets, foreign, han, words
from practice.parties.names import fold, normalise

Script = Literal["latin", "cyrillic", "greek", "arabic", "hangul", "han", "kana", "other", "digits"]

_DOTS: Final = re.compile("[·・•‧⋅∙]")
#: Not letters but instructions for showing them: direction, joiners, variation selectors.
_INVISIBLE: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_PIECES: Final = re.compile(
    "(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+)|(?P<hangul>[\uac00-\ud7a3]+)|(?P<kana>[\u3040-\u30ff]+)"
    "|(?P<cyrillic>[\u0400-\u052f]+)|(?P<greek>[\u0370-\u03ff]+)|(?P<arabic>[\u0600-\u06ff\u0750-\u077f]+)"
    "|(?P<digits>[0-9]+)|(?P<latin>[a-z\u00df-\u024f\u1e00-\u1eff]+)|(?P<other>[^\\W\\d_]+)"
)
#: Little words between names, compared only when nothing else is left.
_PARTICLES: Final = frozenset(
    [
        "al",
        "el",
        "ul",
        "ad",
        "as",
        "ar",
        "at",
        "an",
        "bin",
        "ibn",
        "bint",
        "ben",
        "de",
        "da",
        "di",
        "du",
        "del",
        "der",
        "den",
        "van",
        "von",
        "und",
        "and",
        "of",
        "the",
        "la",
        "le",
    ]
)
_MOST_WORDS: Final = 12
_LONGEST: Final = 300
_PINYIN: Final = re.compile(
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in"
    "|un|ia|ie|iu|ua|ue|ui|uo|ve|er|a|o|e|i|u|v)){1,4}"
)
_FROM_PINYIN: Final = re.compile("zh|ch|sh|[zcqxw]")
_SPELLED: Final = {"zh": "j", "ch": "ch", "sh": "sh", "z": "ts", "c": "ts", "q": "ch", "x": "sh", "w": "v"}


class Reading(NamedTuple):
    """A name's words in the letters a-z; which system they come from is said to people."""

    system: str
    words: tuple[str, ...]


class Spoken(NamedTuple):
    """A name taken apart once: what everything else is computed from."""

    written: str
    #: ``practice.parties.names.normalise``: equal means written the same.
    normalised: str
    #: Han characters in simplified form, without what stands between them; empty for other scripts.
    han: str
    scripts: frozenset[str]
    readings: tuple[Reading, ...]
    #: Numbers in the name tell companies apart.
    numbers: frozenset[str]


@lru_cache(maxsize=20_000)
def spoken(written: str) -> Spoken:
    """Take a name apart. Anything is a name, of any length; what cannot be read has no readings."""
    return taken_apart(written)


def taken_apart(written: str) -> Spoken:
    """Take a name apart and remember nothing: for lists so long that nobody asks for most names twice."""
    clean = _INVISIBLE.sub("", unicodedata.normalize("NFKC", written[:_LONGEST]))
    normalised = normalise(clean)
    pieces = _pieces(clean, normalised)
    scripts = frozenset(script for script, _ in pieces if script != "digits")
    numbers = frozenset(text.lstrip("0") or "0" for script, text in pieces if script == "digits")
    runs = [han.unify(text) for script, text in pieces if script == "han"]
    whole = "".join(runs)
    readings: dict[tuple[str, ...], str] = {}
    for system, made in _readings(pieces, clean, runs):
        kept = _without_particles(tuple(word for word in made if word))[:_MOST_WORDS]
        if kept:
            readings.setdefault(kept, system)
    return Spoken(
        written, normalised, whole, scripts, tuple(Reading(said, made) for made, said in readings.items()), numbers
    )


def _pieces(clean: str, normalised: str) -> list[tuple[str, str]]:
    """Cut a name into words of one script each; initials stay apart, legal forms are gone."""
    spaced = {*fold(clean).split(), "and"}
    text: list[str] = []
    for word in normalised.split():
        # ``normalise`` writes "S. P." as one word.
        text += [word] if word in spaced or len(word) > 4 or not word.isalpha() else list(word)  # noqa: PLR2004
    if _DOTS.search(clean):
        text = normalise(_DOTS.sub("\u2063", clean)).split() if not _has_han(clean) else _dotted(clean)
    return [(match.lastgroup or "other", match.group()) for word in text for match in _PIECES.finditer(word)]


def _has_han(text: str) -> bool:
    return any(map(han.is_han, text))


def _dotted(clean: str) -> list[str]:
    return [word for part in _DOTS.split(clean) for word in normalise(part).split()]


def _readings(pieces: list[tuple[str, str]], clean: str, runs: list[str]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    if runs:
        found += _han_readings(pieces, runs, is_foreign=bool(_DOTS.search(clean)))
    else:
        found.append(("", [_latin(script, text) for script, text in pieces]))
    scripts = {script for script, _ in pieces}
    if "latin" in scripts and not runs:
        found += _latin_readings(pieces)
    if "hangul" in scripts:
        found += _korean_readings(pieces)
    if "arabic" in scripts and any("ج" in text for script, text in pieces if script == "arabic"):
        found.append(("Egyptian", [_latin(script, text.replace("ج", "گ")) for script, text in pieces]))
    if "greek" in scripts:
        found += _greek_readings(pieces)
    if not runs:
        found += _translated(pieces)
    return found


def _translated(pieces: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Put the meaning in place of the words that organisations' names are made of."""
    said: list[str] = []
    known = False
    for script, text in pieces:
        parts = words.split_hangul(text) if script == "hangul" else [(text, words.SPACED.get(text))]
        known = known or any(meaning for _, meaning in parts)
        said += [meaning or _latin(script, part) for part, meaning in parts]
    return [("translation", said)] if known and len(said) > 1 else []


def _latin(script: str, text: str) -> str:
    match script:
        case "latin":
            return alphabets.plain_latin(text)
        case "cyrillic":
            return alphabets.cyrillic(text)
        case "greek":
            return alphabets.greek(text)
        case "arabic":
            return alphabets.arabic(text)
        case "hangul":
            return alphabets.hangul(text)
        case "digits":
            return text
        case _:
            return alphabets.other(text)


def _latin_readings(pieces: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    plain = [_latin(script, text) for script, text in pieces]
    found: list[tuple[str, list[str]]] = []
    if len(plain) <= 3 and all(map(_PINYIN.fullmatch, plain)):  # noqa: PLR2004 - a Chinese name
        found.append(("pinyin", [_neutral(word) for word in plain]))
    if any("j" in word for word in plain):
        found.append(("j as y", [word.replace("j", "y") for word in plain]))
    return found


def _greek_readings(pieces: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    text = " ".join(text for script, text in pieces if script == "greek")
    if re.search("μπ|ντ|γκ", text):
        found.append(
            ("Greek", [alphabets.greek(one, voiced=True) if script == "greek" else one for script, one in pieces])
        )
    if "χ" in text:
        found.append(("Greek", [_latin(script, one).replace("kh", "ch") for script, one in pieces]))
    return found


def _neutral(pinyin: str) -> str:
    return _FROM_PINYIN.sub(lambda match: _SPELLED[match.group()], pinyin)


def _han_readings(pieces: list[tuple[str, str]], runs: list[str], *, is_foreign: bool) -> list[tuple[str, list[str]]]:
    rest = [_latin(script, text) for script, text in pieces if script != "han"]
    found: list[tuple[str, list[str]]] = []
    whole = "".join(runs)
    if not is_foreign:
        found.append(("pinyin", [*_as_name([_neutral(one) for one in han.pinyin(whole)], whole), *rest]))
        found.append(("Jyutping", [*_as_name([_from_jyutping(one) for one in han.jyutping(whole)], whole), *rest]))
        if len(whole) in (2, 3) and (korean := han.korean(whole)):
            found += [("Sino-Korean", words_) for _, words_ in _korean_readings([("hangul", korean)])]
    else:
        found.append(("pinyin", ["".join(map(_neutral, han.pinyin(run, as_name=False))) for run in runs] + rest))
    if is_foreign or len(whole) > 2:  # noqa: PLR2004 - a surname alone, or written without dots
        letters = [foreign.latin(run) for run in runs]
        if all(letters):
            found.append(("foreign name", letters + rest))
    if len(whole) > 3 and not is_foreign:  # noqa: PLR2004 - an organisation
        parts = words.split_han(whole)
        if any(meaning for _, meaning in parts):
            said = [meaning or "".join(map(_neutral, han.pinyin(part, as_name=False))) for part, meaning in parts]
            found.append(("translation", said + rest))
            own = [foreign.latin(part) for part, meaning in parts if meaning is None]
            if any(own):
                found.append(("foreign name", own + rest))
    return found


def _from_jyutping(syllable: str) -> str:
    if syllable.startswith("j"):
        syllable = "y" + syllable[1:].removeprefix("y")
    return syllable.replace("z", "ts").replace("c", "ch").replace("eo", "eu").replace("oe", "eu")


def _as_name(syllables: list[str], whole: str) -> list[str]:
    """Write syllables as people write names: surname and given name. What is longer is one word."""
    if 2 <= len(whole) <= 4:  # noqa: PLR2004
        length = han.surname_length(whole)
        return ["".join(syllables[:length]), "".join(syllables[length:])]
    return ["".join(syllables)]


def _korean_readings(pieces: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    if len(pieces) == 1 and 2 <= len(pieces[0][1]) <= 4:  # noqa: PLR2004 - a Korean name
        surname, given = pieces[0][1][:1], alphabets.hangul(pieces[0][1][1:])
        found = [("Hangul", [alphabets.hangul(surname), given])]
        if alphabets.is_customary(surname):
            found.append(("Hangul", [alphabets.korean_surname(surname), given]))
        return found
    if len(pieces) == 2 and alphabets.is_customary(pieces[0][1]):  # noqa: PLR2004
        return [("Hangul", [alphabets.korean_surname(pieces[0][1]), _latin(*pieces[1])])]
    return []


def _without_particles(made: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(word for word in made if word not in _PARTICLES)
    return kept if len(kept) > 1 else made
