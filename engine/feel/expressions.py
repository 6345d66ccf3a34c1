"""FEEL expressions: what conditions, timers, mappings, script tasks and decisions are written in.

A leading ``=`` is dropped, as form-js writes expressions. Variables that do not exist are null. The result is plain:
numbers are ``int`` when they are integral and ``float`` otherwise, dates, times, date-times and durations are ISO 8601
texts. Numbers are binary floats inside: compare amounts, never compute with them.
"""

import re
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from engine import limits
from engine.feel import interpreter, plain
from engine.feel.errors import FeelError, FeelTimeout

__all__ = ["FeelError", "FeelTimeout", "check", "evaluate", "evaluate_many", "unary_tests"]

#: Few enough to be parsed within the time of one evaluation.
_CHECKED_AT_ONCE: Final = 100

#: More than FEEL's plain names, never fewer: it also cuts pieces out of names with other letters.
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def evaluate(expression: str, context: Mapping[str, Any], *, now: datetime | None = None) -> Any:
    """Return the value of ``expression`` over the variables of ``context``.

    ``now`` is what FEEL's ``now()`` and ``today()`` go by; the engine's clock when not given.

    Raises:
        FeelError: it does not parse, calls an unknown function, or has no plain result.
        FeelTimeout: it took longer than it may.
    """
    return evaluate_many([expression], context, now=now)[0]


def evaluate_many(expressions: Sequence[str], context: Mapping[str, Any], *, now: datetime | None = None) -> list[Any]:
    """Return the values of several expressions over the same variables in one call: the conditions of a gateway.

    Raises:
        FeelError: as ``evaluate``; it names the first expression that fails.
        FeelTimeout: all together took longer than one expression may.
    """
    if not expressions:
        return []
    sources = [source_of(expression) for expression in expressions]
    scope = mentioned(sources, context)
    if all(name.isascii() and name.isidentifier() for name in scope):
        answers = [plain.evaluate(source, scope) for source in sources]
        if all(answer is not plain.NOT_PLAIN for answer in answers):
            return answers
    values: list[Any] = interpreter.shared().request("evaluateMany", sources, scope, now=now)["values"]
    return values


def unary_tests(test: str, value: Any, context: Mapping[str, Any], *, now: datetime | None = None) -> bool:
    """Return whether ``value`` passes ``test``, a table's input entry: ``> 5``, ``"a", "b"``, ``not(1)``, ``-``.

    Raises:
        FeelError: it does not parse or calls an unknown function.
        FeelTimeout: it took longer than it may.
    """
    source = source_of(test)
    scope = {**mentioned([source], context), "?": value}
    answer = interpreter.shared().request("unaryTests", [source], scope, now=now, inputs=["?"])
    return bool(answer["matches"][0])


def check(expression: str, *, names: Sequence[str] = ()) -> str | None:
    """Return what is wrong with ``expression`` as it stands, with its position, or None.

    ``names`` are the variables whose names hold spaces or operators (``Claim value``); plain names need no mention.
    """
    return check_many([expression], names=names)[0]


def check_many(
    expressions: Sequence[str], *, unary: Sequence[bool] | None = None, names: Sequence[str] = ()
) -> list[str | None]:
    """Return for each expression what is wrong with it, or None; ``unary`` marks those that are unary tests."""
    sources: list[str] = []
    places: list[int] = []
    problems: list[str | None] = [None] * len(expressions)
    for place, expression in enumerate(expressions):
        try:
            sources.append(source_of(expression))
            places.append(place)
        except FeelError as error:
            problems[place] = error.message
    too_much = _budget.get()
    kinds = ["unaryTest" if unary is not None and unary[place] else "evaluate" for place in places]
    for start in range(0, len(sources), _CHECKED_AT_ONCE):
        batch = slice(start, start + _CHECKED_AT_ONCE)
        if too_much is not None and too_much.is_spent:
            for place in places[start:]:
                problems[place] = "the expressions before it took so long to check that it was not looked at"
            break
        started = time.perf_counter()
        try:
            answer = interpreter.shared().request(
                "parseCheck", sources[batch], {}, kinds=kinds[batch], names=list(names)
            )
            errors: list[dict[str, Any] | None] = answer["errors"]
        except FeelError as error:
            errors = [{"kind": "limit", "message": error.message}] * len(sources[batch])
        if too_much is not None:
            too_much.spent_s += time.perf_counter() - started
        for place, source, error in zip(places[batch], sources[batch], errors, strict=True):
            problems[place] = None if error is None else interpreter.describe(error, source)
    return problems


class _Budget:
    """The seconds that checking expressions may take together."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.spent_s = 0.0

    @property
    def is_spent(self) -> bool:
        """Whether no further expression is looked at."""
        return self.spent_s > self.seconds


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


@contextmanager
def checking(seconds: float) -> Generator[None]:
    """Let all checks inside take so many seconds together; what is left then is a problem of its own."""
    token = _budget.set(_Budget(seconds))
    try:
        yield
    finally:
        _budget.reset(token)


def source_of(expression: str) -> str:
    """Return the expression without its leading ``=`` and the space around it.

    Raises:
        FeelError: there is nothing.
    """
    source = expression.strip()
    if source.startswith("="):
        source = source[1:].strip()
    if not source:
        raise FeelError(expression, "it is empty")
    if len(source) > limits.FEEL_DEPTH and _is_too_deep(source):
        raise FeelError(interpreter.shorten(source), f"its brackets are nested more than {limits.FEEL_DEPTH} deep")
    return source


@lru_cache(maxsize=5000)
def _is_too_deep(source: str) -> bool:
    """The parser works through brackets for as long as the square of their depth."""
    depth = 0
    for bracket in _BRACKETS.findall(source):
        depth += 1 if bracket in "([{" else -1
        if depth > limits.FEEL_DEPTH:
            return True
    return False


def mentioned(sources: Sequence[str], context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that the sources can see: those whose names occur in the text, plain name by plain name.

    A plain name is one token, so a variable whose name does not occur is neither read nor does it change how the text
    parses. Names with spaces or signs do (``a-b`` is one name where it is known): those always go along.
    """
    if len(sources) == 1:
        return visible(_tokens(sources[0]), context)
    return visible(frozenset[str]().union(*(_tokens(source) for source in sources)), context)


def visible(tokens: frozenset[str], context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables named by ``tokens`` and those whose names are not plain."""
    return {
        name: value for name, value in context.items() if name in tokens or not (name.isascii() and name.isidentifier())
    }


@lru_cache(maxsize=5000)
def _tokens(source: str) -> frozenset[str]:
    return tokens_of(source)


def tokens_of(text: str) -> frozenset[str]:
    """Return the plain names that occur in ``text``."""
    return frozenset(_PLAIN_NAME.findall(text))
