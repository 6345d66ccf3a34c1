"""Reads the unary tests that are plain enough to be reasoned about: literals, comparisons, ranges, ``not``, lists.

What is not plain (a variable, a function, text compared by order) is left to the interpreter: ``read`` gives None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

#: A value that can be compared: its kind, then what orders it.
Value = tuple[str, Any]
NULL: Final[Value] = ("null", None)

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<at>@"(?:[^"\\\n])*")
      | (?P<call>date\s+and\s+time|date|duration)\s*\(\s*"(?P<argument>[^"\\\n]*)"\s*\)
      | (?P<number>\d+(?:\.\d+)?|\.\d+)
      | (?P<word>[^\W\d]\w*)
      | (?P<sign><=|>=|\.\.|[<>=,\[\]()-])
    )""",
    re.VERBOSE,
)
_DAYS: Final = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?\Z")
_MONTHS: Final = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?\Z")
_MAX_LENGTH: Final = 5_000


@dataclass(frozen=True, slots=True)
class Interval:
    """The values between two bounds, or beyond one; None is no bound."""

    low: Value | None
    high: Value | None
    low_closed: bool = True
    high_closed: bool = True

    @property
    def kind(self) -> str:
        """What kind of values it holds."""
        bound = self.low or self.high
        return bound[0] if bound else "null"

    def holds(self, value: Value) -> bool:
        """Whether a value of any kind lies in it."""
        if value[0] != self.kind:
            return False
        if self.low is not None and (value[1] < self.low[1] or (value[1] == self.low[1] and not self.low_closed)):
            return False
        return self.high is None or value[1] < self.high[1] or (value[1] == self.high[1] and self.high_closed)


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests: what they accept, or everything but that; null passes ``not("a")``."""

    intervals: tuple[Interval, ...] = ()
    values: tuple[Value, ...] = ()
    negated: bool = False

    def accept(self, value: Value) -> bool:
        """Whether a value passes."""
        found = value in self.values or any(interval.holds(value) for interval in self.intervals)
        return found != self.negated

    def mentioned(self) -> list[Value]:
        """Every value that stands in the tests."""
        bounds = (bound for interval in self.intervals for bound in (interval.low, interval.high))
        return [*self.values, *(bound for bound in bounds if bound is not None)]


ANYTHING: Final = Tests(negated=True)


def read(text: str) -> Tests | None:
    """Return what unary tests accept, or None when they are not plain."""
    if text.strip() in ("", "-"):
        return ANYTHING
    if len(text) > _MAX_LENGTH:
        return None
    tokens = _tokens(text)
    if tokens is None:
        return None
    try:
        return _Reader(tokens).tests()
    except (_NotPlain, IndexError):
        return None


class _NotPlain(Exception):
    """The tests say more than is read here."""


def _tokens(text: str) -> list[tuple[str, Any]] | None:
    tokens: list[tuple[str, Any]] = []
    at, text = 0, text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        at = found.end()
        kind = found.lastgroup
        if kind == "argument":
            value = _temporal(found["call"], found["argument"])
        elif kind == "string":
            value = ("string", _unescaped(found["string"][1:-1]))
        elif kind == "at":
            value = _any_temporal(found["at"][2:-1])
        elif kind == "number":
            value = ("number", Decimal(found["number"]))
        else:
            tokens.append(("sign" if kind == "sign" else "word", found[kind or 0]))
            continue
        if value is None:
            return None
        tokens.append(("value", value))
    return tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, Any]]) -> None:
        self._tokens = tokens
        self._at = 0

    def tests(self) -> Tests:
        negated = self._tokens[:2] == [("word", "not"), ("sign", "(")]
        if negated:
            self._at = 2
        intervals: list[Interval] = []
        values: list[Value] = []
        while True:
            found = self._test()
            if isinstance(found, Interval):
                intervals.append(found)
            else:
                values.append(found)
            if not self._take(","):
                break
        if negated and not self._take(")"):
            raise _NotPlain
        if self._at != len(self._tokens):
            raise _NotPlain
        return Tests(tuple(intervals), tuple(values), negated=negated)

    def _test(self) -> Interval | Value:
        for sign, make in _COMPARISONS.items():
            if self._take(sign):
                bound = self._value()
                if bound[0] in _UNORDERED and sign != "=":
                    raise _NotPlain
                return make(bound)
        for opening in "[(]":
            if self._take(opening):
                return self._interval(closed=opening == "[")
        return self._value()

    def _interval(self, *, closed: bool) -> Interval:
        low = self._value()
        if not self._take(".."):
            raise _NotPlain
        high = self._value()
        ends = next((sign for sign in "])[" if self._take(sign)), None)
        if ends is None or low[0] != high[0] or low[0] in _UNORDERED:
            raise _NotPlain
        return Interval(low, high, closed, ends == "]")

    def _value(self) -> Value:
        minus = self._take("-")
        kind, value = self._tokens[self._at]
        self._at += 1
        if kind == "word" and value in _WORDS and not minus:
            return _WORDS[value]
        if kind != "value" or (minus and value[0] != "number"):
            raise _NotPlain
        return ("number", -value[1]) if minus else value

    def _take(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False


_UNORDERED: Final = ("string", "boolean", "null")
_WORDS: Final[dict[str, Value]] = {"true": ("boolean", True), "false": ("boolean", False), "null": NULL}
_COMPARISONS: Final[dict[str, Callable[[Value], Interval | Value]]] = {
    "<=": lambda bound: Interval(None, bound),
    ">=": lambda bound: Interval(bound, None),
    "<": lambda bound: Interval(None, bound, high_closed=False),
    ">": lambda bound: Interval(bound, None, low_closed=False),
    "=": lambda bound: bound,
}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), text)


def _any_temporal(text: str) -> Value | None:
    for what in ("date", "date and time", "duration"):
        found = _temporal(what, text)
        if found is not None:
            return found
    return None


def _temporal(what: str, text: str) -> Value | None:
    try:
        if what == "duration":
            return _duration(text)
        if what == "date":
            return ("date", date.fromisoformat(text)) if "T" not in text else None
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    # with and without a zone are not to be compared with each other
    return ("date and time", instant) if instant.tzinfo else ("local date and time", instant)


def _duration(text: str) -> Value | None:
    months = _MONTHS.match(text)
    if months and text[-1] not in "PT-":
        sign, years, rest = months.groups()
        count = int(years or 0) * 12 + int(rest or 0)
        return ("months", Decimal(-count if sign else count))
    days = _DAYS.match(text)
    if days is None or text[-1] in "PT":
        return None
    sign, *parts = days.groups()
    number, hours, minutes, seconds = (int(part or 0) for part in parts)
    span = timedelta(days=number, hours=hours, minutes=minutes, seconds=seconds)
    return ("days", -span if sign else span)


def written(value: Value) -> str:
    """Say a value as one writes it in a table."""
    kind, plain = value
    if kind == "string":
        return f'"{plain}"'
    if kind == "boolean":
        return "true" if plain else "false"
    if kind in ("date", "date and time", "local date and time"):
        return plain.isoformat()
    if kind == "months":
        return f"{plain} months"
    return "null" if kind == "null" else str(plain)
