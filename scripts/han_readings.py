"""Make ``practice/names/data/han.tsv``: how each Han character is unified and read.

Usage: ``python scripts/han_readings.py UNIHAN_READINGS OPENCC_DATA > practice/names/data/han.tsv`` with
``Unihan_Readings.txt`` of the Unicode Character Database and the data folder of OpenCC.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

#: CJK unified ideographs, extension A and the compatibility block.
_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_FIELDS = ("kMandarin", "kCantonese", "kHangul")


def main() -> int:
    """Print the table."""
    readings_file, opencc = Path(sys.argv[1]), Path(sys.argv[2])
    readings = _readings(readings_file)
    # What simplified forms lack (they have no Korean reading) their full forms say.
    for old, new in _pairs(opencc / "TSCharacters.txt").items():
        if old in readings and new in readings:
            readings[new] = tuple(mine or theirs for mine, theirs in zip(readings[new], readings[old], strict=True))
    simplified = _pairs(opencc / "TSCharacters.txt")
    to_old_form = {new: old for old, new in _pairs(opencc / "JPShinjitaiCharacters.txt").items()}
    to_old_form |= _pairs(opencc / "JPShinjitaiCharactersRev.txt")
    for first, last in _RANGES:
        for code in range(first, last + 1):
            written = chr(code)
            plain = unicodedata.normalize("NFKC", written)
            one = plain if len(plain) == 1 else written
            if one > "\uffff":
                continue
            unified = simplified.get(one) or simplified.get(to_old_form.get(one, one), one)
            found = readings.get(one) or readings.get(unified)
            if found is None:
                continue
            own = "\t".join(found)
            if written != unified and own == "\t".join(readings.get(unified, ())):
                print(f"{written}\t{unified}")
            else:
                print(f"{written}\t{'' if unified == written else unified}\t{own}".rstrip())
    return 0


def _readings(path: Path) -> dict[str, tuple[str, ...]]:
    raw: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("U+"):
            code, field, value = line.split("\t", 2)
            if field in _FIELDS:
                character = chr(int(code.removeprefix("U+"), 16))
                raw.setdefault(character, {})[field] = value
    return {
        written: (
            _plain_pinyin(fields["kMandarin"].split()[0]),
            fields.get("kCantonese", "").split(" ")[0].rstrip("123456"),
            # A name's reading is marked N; otherwise the first is the usual one.
            _korean(fields.get("kHangul", "")),
        )
        for written, fields in raw.items()
        if "kMandarin" in fields
    }


def _plain_pinyin(syllable: str) -> str:
    apart = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(character for character in apart if not unicodedata.combining(character))


def _korean(value: str) -> str:
    syllables = value.split()
    for syllable in syllables:
        if syllable.endswith("N"):
            return syllable[0]
    return syllables[0][0] if syllables else ""


def _pairs(path: Path) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            written, others = line.split("\t")[:2]
            if len(written) == 1 and len(first := others.split(" ")[0]) == 1:
                pairs[written] = first
    return pairs


if __name__ == "__main__":
    sys.exit(main())
