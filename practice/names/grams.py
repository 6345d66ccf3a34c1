"""The keys under which a name is looked up: what two spellings of one name are likely to have in common."""

import zlib
from collections.abc import Iterable, Iterator

from practice.names.readings import Spoken
from practice.names.sound import consonants, sound

#: A name is looked up under at most so many keys; a thousand characters of anything have no more.
MOST_KEYS = 160
_PAIRED_WORDS = 4


def keys(name: Spoken) -> list[int]:
    """Return the retrieval keys of a name, hashed to 31 bits, without repetition."""
    found: dict[int, None] = {}
    for text in _texts(name):
        found[zlib.crc32(text.encode()) & 0x7FFFFFFF] = None
        if len(found) >= MOST_KEYS:
            break
    # What sounds like nothing is at least found as it is written.
    return list(found) or [zlib.crc32(name.normalised.encode()) & 0x7FFFFFFF]


def strong_keys(name: Spoken) -> list[int]:
    """Return the few keys of a name that say most: nearly all spellings of one name share one of them."""
    found: dict[str, None] = {}
    for reading in name.readings:
        bones = [consonants(word) for word in reading.words]
        found |= dict.fromkeys(_pairs(bones))
        found |= dict.fromkeys(f"w{bone}" for bone in bones if len(bone) > 1)
        found["j" + "".join(bone.removeprefix("A") if at else bone for at, bone in enumerate(bones))] = None
        found["s" + "".join(sorted(map(sound, reading.words)))] = None
    found |= dict.fromkeys(f"h{name.han[at : at + 2]}" for at in range(len(name.han) - 1))
    texts = list(found)[:MOST_KEYS] or [name.normalised]
    return list(dict.fromkeys(zlib.crc32(text.encode()) & 0x7FFFFFFF for text in texts))


def _texts(name: Spoken) -> Iterator[str]:
    for reading in name.readings:
        yield from _pairs([consonants(word) for word in reading.words])
    if name.han:
        yield from (f"h{name.han[at : at + 2]}" for at in range(len(name.han) - 1))
        yield from (f"h{character}" for character in name.han)
    for reading in name.readings:
        bones = [consonants(word) for word in reading.words]
        for bone in bones:
            if len(bone) > 1:
                yield f"w{bone}"
        joined = "".join(bone.removeprefix("A") if at else bone for at, bone in enumerate(bones))
        yield from (f"j{gram}" for gram in _grams(joined, 4))
        for word, bone in zip(reading.words, bones, strict=True):
            yield from (f"c{gram}" for gram in _grams(f"^{bone}", 3))
            yield from (f"s{gram}" for gram in _grams(f"^{sound(word)}", 3))
            if word.isdigit():
                yield f"d{word}"


def _pairs(bones: list[str]) -> Iterable[str]:
    """Every word with the first sound of every other: ``Ivanov S.`` meets ``Sergei Ivanov`` here."""
    few = bones[:_PAIRED_WORDS]
    for at, bone in enumerate(few):
        for other_at, other in enumerate(few):
            if at != other_at and other and len(bone) > 1:
                yield f"p{bone}+{other[0]}"


def _grams(text: str, size: int) -> Iterable[str]:
    return (text[at : at + size] for at in range(max(len(text) - size + 1, 1))) if len(text) > 1 else ()
