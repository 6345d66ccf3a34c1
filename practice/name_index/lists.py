"""Names that are in no table, found as those of the index are: the rows of a file, while it is looked over.

A list of 400,000 names takes some 60 MB: postings are integers in sorted arrays, names are bytes one after another.
"""

from array import array
from bisect import bisect_left
from typing import Final

from practice.name_index.queries import weigh
from practice.names import SAME, Match, Spoken, compare, taken_apart
from practice.names.grams import strong_keys

#: Postings that are kept by key, before they become a sorted array; arrays that are kept before they become one.
_LOOSE: Final = 1 << 14
_MOST_SMALL: Final = 16
_CLOSELY: Final = 8
_BUDGET: Final = 2_000


class NameList:
    """Names, each with a number that says what it belongs to."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("Q")
        self._about = array("Q")
        #: ``key << 32 | place``: the loose ones by key, the others in order.
        self._loose: dict[int, array[int]] = {}
        self._loose_count = 0
        self._small: list[array[int]] = []
        self._large: list[array[int]] = []

    def add(self, name: Spoken, about: int) -> None:
        """Let a name be found."""
        place = len(self._ends)
        self._text += name.written.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))
        self._about.append(about)
        for key in strong_keys(name):
            self._loose.setdefault(key, array("I")).append(place)
            self._loose_count += 1
        if self._loose_count >= _LOOSE:
            self._settle()

    def find(self, name: Spoken) -> tuple[str, int, Match] | None:
        """Return the name of the list that is most alike, when both are taken for one person's."""
        asked = strong_keys(name)
        posted = {key: self._posted(key) for key in asked}
        best: tuple[str, int, Match] | None = None
        for place, _ in weigh(asked, posted, len(self._ends), _CLOSELY, budget=_BUDGET):
            written = self._written(place)
            match = compare(name, taken_apart(written))
            if match.score >= SAME and (best is None or match.score > best[2].score):
                best = (written, self._about[place], match)
        return best

    def _posted(self, key: int) -> "list[array[int]]":
        found = [self._loose[key]] if key in self._loose else []
        for postings in (*self._small, *self._large):
            at, past = bisect_left(postings, key << 32), bisect_left(postings, (key + 1) << 32)
            if at < past:
                found.append(array("I", [posting & 0xFFFFFFFF for posting in postings[at:past]]))
        return found

    def _written(self, place: int) -> str:
        begin = self._ends[place - 1] if place else 0
        return self._text[begin : self._ends[place]].decode("utf-8", "surrogatepass")

    def _settle(self) -> None:
        self._small.append(array("Q", sorted(key << 32 | at for key, found in self._loose.items() for at in found)))
        self._loose, self._loose_count = {}, 0
        if len(self._small) == _MOST_SMALL:
            whole = array("Q")
            for postings in self._small:
                whole.extend(postings)
            self._large.append(array("Q", sorted(whole)))
            self._small = []
