"""Han characters: traditional and simplified forms as one, and how a name in them is read.

``data/han.tsv`` is made by ``scripts/han_readings.py`` from the Unihan database (Unicode licence) and
OpenCC's character tables (Apache-2.0).
"""

from functools import cache
from importlib import resources
from typing import Final, NamedTuple


class Readings(NamedTuple):
    """How one character is read: pinyin without tones, Jyutping without tones, Sino-Korean in Hangul."""

    pinyin: str
    jyutping: str
    korean: str


#: Surnames of two characters, in unified form.
COMPOUND_SURNAMES: Final = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "司空",
        "夏侯",
        "端木",
        "独孤",
        "南宫",
        "拓跋",
        "轩辕",
        "东郭",
        "百里",
        "呼延",
        "西门",
        "左丘",
        "公冶",
        "完颜",
        "纳兰",
        "赫连",
        "澹台",
        "濮阳",
        "申屠",
        "太叔",
        "钟离",
        "鲜于",
        "闾丘",
        "亓官",
        "万俟",
        "公羊",
        "仲孙",
        "淳于",
        "单于",
        "张简",
        "范姜",
    ]
)
#: Characters that sound otherwise as a surname than as a word.
_AS_SURNAME: Final = {
    "单": "shan", "解": "xie", "仇": "qiu", "曾": "zeng", "任": "ren", "区": "ou", "查": "zha", "翟": "zhai",
    "葛": "ge", "盖": "ge", "乐": "yue", "朴": "piao", "尉": "wei", "缪": "miao", "宓": "mi", "冼": "xian",
    "覃": "qin", "种": "chong", "员": "yun", "秘": "bi", "纪": "ji", "佴": "nai", "洗": "xian", "贾": "jia",
    "重": "chong", "尹": "yin", "沈": "shen", "召": "shao", "折": "she", "晟": "cheng",
}  # fmt: skip


@cache
def _table() -> tuple[dict[int, str], dict[str, Readings]]:
    unified: dict[int, str] = {}
    readings: dict[str, Readings] = {}
    later: list[tuple[str, str]] = []
    text = (resources.files("practice.names") / "data" / "han.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[1]:
            unified[ord(fields[0])] = fields[1]
        if len(fields) == 2:  # noqa: PLR2004 - read like its unified form
            later.append((fields[0], fields[1]))
        else:
            readings[fields[0]] = Readings(*[*fields[2:], "", ""][:3])
    for written, form in later:
        if form in readings:
            readings[written] = readings[form]
    return unified, readings


def unify(text: str) -> str:
    """Return text with every character in its simplified form."""
    return text.translate(_table()[0])


def readings(character: str) -> Readings | None:
    """Return how a character is read, None when it is not a known Han character."""
    return _table()[1].get(character)


def is_han(character: str) -> bool:
    """Say whether a character is Han."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" or "\uf900" <= character <= "\ufaff"


def surname_length(name: str) -> int:
    """Return how many characters of a unified name of two to four characters are the surname."""
    return 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1  # noqa: PLR2004


def pinyin(name: str, *, as_name: bool = True) -> list[str]:
    """Read a unified run of characters in Mandarin, one syllable a character."""
    first = _AS_SURNAME.get(name[:1]) if as_name and surname_length(name) == 1 else None
    syllables = [found.pinyin if (found := readings(one)) else "" for one in name]
    return [first, *syllables[1:]] if first else syllables


def jyutping(name: str) -> list[str]:
    """Read a unified run of characters in Cantonese, one syllable a character."""
    return [found.jyutping if (found := readings(one)) else "" for one in name]


def korean(name: str) -> str:
    """Read a run of characters as Koreans do, in Hangul; empty when one of them has no such reading."""
    syllables = [found.korean if (found := readings(one)) else "" for one in name]
    return "".join(syllables) if all(syllables) else ""
