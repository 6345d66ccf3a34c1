"""How like each other two names are, from 0 to 1, and why, in a code that pages put into words."""

from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from practice.names.readings import Reading, Spoken
from practice.names.sound import consonants, sound

#: From here on two names are taken for one person's until something better than a name tells them apart.
SAME: Final = 0.85
#: From here on somebody has to look.
POSSIBLE: Final = 0.78

#: Scripts that leave out short vowels.
_WITHOUT_VOWELS: Final = frozenset({"arabic", "other"})
_CJK: Final = frozenset({"han", "hangul", "kana"})
#: A name of one word says little about a name of two.
_ONE_OF_SEVERAL: Final = 0.78
_EXTRA_WORDS: Final = 0.95
_FAMILY_NAME: Final = 0.8


class Match(NamedTuple):
    """What comparing two names came to."""

    score: float
    #: ``same_name``, ``same_characters``, ``other_script``, ``other_spelling``, ``initials``, ``translation``,
    #: ``sounds_alike``, ``similar``.
    reason: str
    #: The script or system in which they agree, for ``other_script``.
    system: str = ""


_NOTHING: Final = Match(0.0, "similar")


def compare(one: Spoken, other: Spoken) -> Match:
    """Compare two names; the order of the two does not matter."""
    if one.normalised and one.normalised == other.normalised:
        return Match(1.0, "same_name")
    if one.han and one.han == other.han and one.numbers == other.numbers:
        return Match(1.0, "same_characters")
    best = _NOTHING
    across = one.scripts != other.scripts
    # East Asian scripts put the surname first; nobody else's order can be relied on.
    ordered = one.scripts <= _CJK and other.scripts <= _CJK
    blind = bool(_WITHOUT_VOWELS & (one.scripts | other.scripts))
    for mine in one.readings:
        for theirs in other.readings:
            if (
                not across
                and mine.system != theirs.system
                and ("translation" in (mine.system, theirs.system) or one.han)
            ):
                # A translated name meets translations, and Cantonese is not compared with Korean.
                continue
            match = _readings(mine, theirs, across=across, blind=blind, ordered=ordered)
            if match.score > best.score:
                best = match
    return _bounded(best, one, other)


def _bounded(best: Match, one: Spoken, other: Spoken) -> Match:
    """Take back what readings promise too much."""
    score, reason = best.score, best.reason
    if one.numbers != other.numbers:
        score = min(score, 0.5 if one.numbers and other.numbers else 0.8)
    if one.han and other.han and score > _SOUNDS_ALIKE and max(len(one.han), len(other.han)) <= _LONGEST_HAN_NAME:
        # Other characters are another name, however alike they sound.
        score, reason = _SOUNDS_ALIKE, "sounds_alike"
    if score < SAME and reason not in ("sounds_alike", "translation"):
        reason = "similar"
    return Match(round(score, 3), reason, best.system)


_SOUNDS_ALIKE: Final = 0.74
_LONGEST_HAN_NAME: Final = 4


def _readings(mine: Reading, theirs: Reading, *, across: bool, blind: bool, ordered: bool) -> Match:
    foreign = "foreign name" in (mine.system, theirs.system)
    short, long = sorted((mine.words, theirs.words), key=lambda words: (len(words), words))
    joined = 0.0
    if len(short) != len(long) or across:
        joined = _alike("".join(short), "".join(long), across=across, blind=blind, foreign=foreign)
    if across and not ordered and len(short) == len(long) == 2:  # noqa: PLR2004 - surname first or last
        joined = max(
            joined, _alike(short[1] + short[0], long[0] + long[1], across=across, blind=blind, foreign=foreign)
        )
    score, initials = (0.0, False)
    if ordered and len(short) == len(long) == 2:  # noqa: PLR2004
        pairs = [_alike(a, b, across=across, blind=blind, foreign=foreign) for a, b in zip(short, long, strict=True)]
        score = 0.5 * sum(pairs) / 2 + 0.5 * min(pairs)
    else:
        score, initials = _words(short, long, across=across, blind=blind, foreign=foreign)
    if joined >= score:
        score, initials = joined, False
    reason = "other_script" if across else "initials" if initials else "other_spelling"
    system = mine.system or theirs.system
    if "translation" in (mine.system, theirs.system) and len(short) > 1:
        reason = "translation"
    return Match(score, reason, system)


def _words(
    short: tuple[str, ...], long: tuple[str, ...], *, across: bool, blind: bool, foreign: bool
) -> tuple[float, bool]:
    """Give each word of the shorter name its best word of the longer one; the worst pair counts half."""
    left = list(long)
    scores: list[float] = []
    weights: list[int] = []
    full: list[float] = []
    initials = False
    for word in sorted(short, key=len, reverse=True):
        if not left:
            break
        best, at, initial = 0.0, 0, False
        for place, other in enumerate(left):
            if (len(word) == 1) != (len(other) == 1):
                like, is_initial = (0.9, True) if _starts_alike(word, other) else (0.0, True)
            else:
                like, is_initial = _alike(word, other, across=across, blind=blind, foreign=foreign), False
            if like > best:
                best, at, initial = like, place, is_initial
        left.pop(at)
        scores.append(best)
        if not initial:
            full.append(best)
        weights.append(len(word) if not initial else 2)
        initials = initials or initial
    if not scores or (initials and max(full, default=0.0) < _FAMILY_NAME):
        # An initial stands for a given name; what it belongs to has to be there in full.
        return 0.0, False
    mean = sum(score * weight for score, weight in zip(scores, weights, strict=True)) / sum(weights)
    score = 0.5 * mean + 0.5 * min(scores)
    if len(long) > len(short):
        score *= _ONE_OF_SEVERAL if len(short) == 1 else _EXTRA_WORDS
    return score, initials


def _starts_alike(one: str, other: str) -> bool:
    if one[0] == other[0]:
        return True
    first, second = consonants(one), consonants(other)
    return (
        bool(first) and bool(second) and first[0] == second[0] and (first[0] != "A" or sound(one)[0] == sound(other)[0])
    )


def _alike(one: str, other: str, *, across: bool, blind: bool, foreign: bool) -> float:
    if one == other:
        return 1.0
    heard, also = sound(one), sound(other)
    if not heard or not also:
        return 0.0
    if heard == also:
        return 0.97 if len(heard) > 1 else 0.8
    spelt = _spelling()(heard, also)
    bones, others = consonants(one), consonants(other)
    if blind or foreign:
        if bones == others:
            return (0.94 if blind else 0.9) if len(bones) > (1 if blind else 2) else 0.7
        return max(spelt, 0.92 * _spelling()(bones, others))
    if across:
        spelt = 0.65 * spelt + 0.33 * _spelling()(bones, others)
    # One difference in a short word is another word.
    return 0.8 * spelt if min(len(heard), len(also)) <= 3 else min(spelt, 0.96)  # noqa: PLR2004


@cache
def _spelling() -> Callable[[str, str], float]:
    """Return what says how alike two words are spelt; it is loaded when the first are compared."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - start-up time

    return Levenshtein.normalized_similarity
