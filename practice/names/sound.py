"""How a word in Latin letters sounds, coarsely enough that the systems of writing it down agree.

A capital is a class of consonants, a small letter a class of vowels: ``P`` is b and p, ``C`` every
affricate, ``F`` also v and a leading w, ``i`` also e and y. ``Sergei``, ``Sergey`` and ``Serguei`` all sound ``SiRKi``.
"""

import re
from functools import lru_cache
from typing import Final

_RULES: Final = (
    ("shch", "S"), ("stch", "S"), ("tsch", "C"), ("dsch", "C"), ("sch", "S"), ("tch", "C"), ("dzh", "C"), ("tsz", "C"),
    ("czy", "Ci"), ("cz", "C"), ("ch(?=[rlmnt])", "H"), ("ch", "C"), ("ck", "K"), ("cq", "K"), ("sh", "S"), ("hs", "S"),
    ("zh", "C"), ("kh", "H"), ("gh", "K"), ("ph", "F"), ("th", "T"), ("dh", "T"), ("rh", "R"), ("ts", "C"), ("tz", "C"),
    ("dz", "C"), ("dj", "C"), ("sz", "S"), ("^x", "S"), ("x", "KS"), ("qu(?=[ei])", "K"), ("q", "K"),
    ("gu(?=[ei])", "K"),
    ("^c(?=[eiy])", "S"), ("c(?=[eiy])", "S"), ("c", "K"), ("ng(?![aeiouy])", "N"), ("w(?=[aeiouy])", "F"), ("w", "o"),
    ("^j", "C"), ("j(?=$|[bcdfghklmnpqrstvwxz])", "i"), ("j", "C"), ("^h", "H"), ("h", ""),
    ("[bp]+", "P"), ("[dt]+", "T"), ("[gk]+", "K"), ("[fv]+", "F"), ("[sz]+", "S"), ("l+", "L"), ("r+", "R"),
    ("m+", "M"), ("n(?=[pb])", "M"), ("n+", "N"),
    ("ae", "a"), ("oe", "o"), ("ue", "o"), ("[ouw]", "o"), ("[eiy]", "i"), ("a", "a"), ("[0-9]+", ""),
)  # fmt: skip
_SOUNDS: Final = [sound for _, sound in _RULES]
_RULE: Final = re.compile("|".join(f"({pattern})" for pattern, _ in _RULES))
_REPEATED: Final = re.compile(r"([A-Z])\1+")
_VOWELS: Final = re.compile("[aio]+(?=[aio])")
_COARSER: Final = str.maketrans({"R": "L", "C": "S", "a": None, "i": None, "o": None})


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """Return the classes of a word written in the letters a-z."""
    found = _RULE.sub(lambda match: _SOUNDS[(match.lastindex or 1) - 1], word)
    # Of several vowels in a row the last is heard: ya, iu, ey.
    return _REPEATED.sub(r"\1", _VOWELS.sub("", found))


@lru_cache(maxsize=200_000)
def consonants(word: str) -> str:
    """Return what is left of a sound without vowels, l and r as one, and all that hisses; ``A`` is a first vowel."""
    heard = sound(word)
    if not heard:
        return ""
    first = "A" if heard[0] in "aio" else ""
    rest = heard.translate(_COARSER)
    rest = rest[:1] + rest[1:].replace("H", "") if not first else rest.replace("H", "")
    return first + _REPEATED.sub(r"\1", rest)
