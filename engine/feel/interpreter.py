"""feelin in an embedded V8: one interpreter a process, started when it is first needed, safe to call from any thread.

A request is one JSON text to ``feel.answer`` (``webui/frontend/feel/interpreter.js``), an answer another.
"""

import os
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import orjson

from engine import clock, limits
from engine.feel.errors import FeelError, FeelTimeout, FeelUnavailable
from engine.feel.model import Decision
from engine.feel.v8 import Isolate, ScriptFailed, ScriptOutOfMemory, ScriptStopped

SCRIPT: Final = Path(__file__).parent / "dist" / "feel.js"
BUILD_COMMAND: Final = "npm --prefix webui/frontend run build:feel"

#: How the script recognises a date among the texts of a context.
_TEMPORAL: Final = "@temporal"
_TEMPORAL_BYTES: Final = b'{"@temporal":'


class Limits(NamedTuple):
    """How much an expression may cost, and where today is."""

    #: Processor time of one evaluation (one request, however many expressions it holds).
    seconds: float = limits.FEEL_SECONDS
    #: V8's heap; an evaluation that needs more is stopped.
    memory_bytes: int = limits.FEEL_MEMORY
    #: Characters of one expression.
    source_chars: int = limits.FEEL_CHARACTERS
    #: Bytes of the mentioned variables, as JSON.
    context_bytes: int = limits.FEEL_CONTEXT
    #: Where ``today()`` is; ``now()`` carries its offset. None says the firm's zone.
    zone: tzinfo | None = None


class ScriptRefusal(Exception):
    """The script found a fault in a decision; ``place`` says where, in the script's terms."""

    def __init__(self, error: Mapping[str, Any], place: list[Any]) -> None:
        """Keep what the script said."""
        super().__init__()
        self.error = error
        self.place = place


@dataclass(eq=False)
class CellError(FeelError):
    """An expression of a decision cannot be evaluated, or its value is not what its type says."""

    element_id: str
    #: ``value`` when a value is not what its type says.
    kind: str


class Interpreter:
    """Answers requests one after the other; a hanging or greedy one is stopped and the next one works."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is started before the first request."""
        self.limits = limits
        self._lock = threading.Lock()
        self._isolate: Isolate | None = None

    def decide(
        self, decision: Decision, context: Mapping[str, Any], *, now: datetime | None = None
    ) -> tuple[list[int], list[list[Any]]]:
        """Return the numbers of the rules of ``decision`` that match (-1 for its defaults) and their outputs.

        Raises:
            CellError: an expression of the decision is at fault, or a value is not what its type says.
            FeelError, FeelTimeout, FeelUnavailable: as ``request``.
        """
        more: dict[str, Any] = {"hash": decision.fingerprint}
        worth = 1 + len(decision.texts) // 100
        if decision.mentions_time and now is None:
            now = clock.utc_now()
        try:
            answer = self.request("decisionTable", (), context, now=now, worth=worth, **more)
            if "unknown" in answer:
                answer = self.request(
                    "decisionTable", (), context, now=now, worth=worth, table=decision.request, **more
                )
        except ScriptRefusal as refusal:
            element_id, text = decision.place(refusal.place)
            kind = str(refusal.error["kind"])
            raise CellError(shorten(text), describe(refusal.error, text), element_id, kind) from None
        return answer["matches"], answer["rows"]

    def request(
        self,
        action: str,
        sources: Sequence[str],
        context: Mapping[str, Any],
        *,
        now: datetime | None = None,
        worth: int = 1,
        **more: Any,
    ) -> dict[str, Any]:
        """Have the script do ``action`` with ``sources`` over ``context``; ``more`` goes into the request as it is.

        The request may take as long as ``worth`` evaluations.

        Raises:
            FeelError: an expression is at fault, or costs too much memory.
            FeelTimeout: it took longer than it may.
            FeelUnavailable: the script is not built.
        """
        code = self._encode(action, sources, context, now, more)
        seconds = self.limits.seconds * worth
        try:
            with self._lock:
                reply = self._running().evaluate(code, seconds=seconds)
        except ScriptStopped:
            raise FeelTimeout(_name(sources), f"it was stopped after {seconds:g} s") from None
        except ScriptOutOfMemory:
            raise FeelError(_name(sources), "it needs more memory than an expression may take") from None
        except ScriptFailed as failure:
            raise FeelError(_name(sources), f"it cannot be evaluated: {failure}") from None
        allowance = _allowance.get()
        if allowance is not None:
            allowance.bytes -= len(reply)
            if allowance.bytes < 0:
                raise FeelError(
                    _name(sources), "the expressions of this step have answered more than they may together"
                )
        try:
            answer: dict[str, Any] = orjson.loads(reply)
        except orjson.JSONDecodeError:
            raise FeelError(_name(sources), "its result is not valid text") from None
        if (error := answer.get("error")) is not None:
            raise self._refusal(error, sources, more)
        return answer

    def _encode(
        self,
        action: str,
        sources: Sequence[str],
        context: Mapping[str, Any],
        now: datetime | None,
        more: Mapping[str, Any],
    ) -> bytes:
        for source in sources:
            if len(source) > self.limits.source_chars:
                raise FeelError(shorten(source), f"it is longer than {self.limits.source_chars} characters")
        try:
            values = orjson.dumps(context, default=_encode_value, option=_OPTIONS)
        except (TypeError, RecursionError) as error:
            raise FeelError(_name(sources), f"its variables cannot be used: {error}") from None
        if len(values) > self.limits.context_bytes:
            raise FeelError(_name(sources), f"its variables are larger than {self.limits.context_bytes} bytes")
        request: dict[str, Any] = {"do": action, "sources": sources, "context": orjson.Fragment(values), **more}
        if _TEMPORAL_BYTES in values:
            request["temporals"] = True
        if now is not None or any("now" in source or "today" in source for source in sources):
            instant = (now or clock.utc_now()).astimezone(self.limits.zone or clock.zone())
            request["now"] = instant.isoformat().replace("+00:00", "Z")
        try:
            text = orjson.dumps(request).decode()
        except (TypeError, UnicodeEncodeError):
            raise FeelError(_name(sources), "it is not valid text") from None
        return b"feel.answer(" + orjson.dumps(text) + b")"

    def _running(self) -> Isolate:
        if self._isolate is not None and self._isolate.spent:
            self._isolate.close()
            self._isolate = None
        if self._isolate is None:
            self._isolate = Isolate(_script(), memory_bytes=self.limits.memory_bytes)
        return self._isolate

    def _refusal(self, error: Mapping[str, Any], sources: Sequence[str], more: Mapping[str, Any]) -> Exception:
        index = error.get("index")
        if isinstance(index, list):
            return ScriptRefusal(error, cast("list[Any]", index))
        if index is None:
            return FeelError(_name(sources), str(error["message"]))
        source = [*sources, *more.get("inputs", ())][index]
        return FeelError(shorten(source), describe(error, source))

    def close(self) -> None:
        """Free V8; the next request starts it again."""
        with self._lock:
            if self._isolate is not None:
                self._isolate.close()
                self._isolate = None


class _Allowance:
    """The bytes that answers may still take."""

    def __init__(self, size: int) -> None:
        self.bytes = size


_allowance: ContextVar[_Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def bounded(size: int) -> Generator[None]:
    """Let all answers asked for inside take so many bytes together; the one beyond is refused."""
    token = _allowance.set(_Allowance(size))
    try:
        yield
    finally:
        _allowance.reset(token)


def describe(error: Mapping[str, Any], source: str) -> str:
    """Say what the script found wrong with ``source``, and where."""
    message, start, end = str(error["message"]), error.get("from"), error.get("to")
    if error["kind"] != "syntax" or start is None:
        return message
    near = source[start:end] or source[max(0, start - 10) : start]
    what = message.replace("Unrecognized token", "not understood").replace("Incomplete", "something is missing")
    return f"it is not FEEL at character {start + 1}, near '{shorten(near, 40)}': {what}"


def shorten(text: str, length: int = 200) -> str:
    """Cut a text for a message, and make it text that can be stored."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= length else text[: length - 1] + "…"


def _name(sources: Sequence[str]) -> str:
    return shorten("; ".join(shorten(source) for source in sources[:5])) if sources else ""


def _script() -> str:
    try:
        return SCRIPT.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FeelUnavailable(str(SCRIPT), BUILD_COMMAND) from None


_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def _encode_value(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (datetime, date, time)):
        return {_TEMPORAL: value.isoformat().replace("+00:00", "Z")}
    if isinstance(value, timedelta):
        return {_TEMPORAL: _duration(value)}
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    message = f"a {type(value).__name__} is no FEEL value"
    raise TypeError(message)


def _duration(value: timedelta) -> str:
    size = abs(value)
    seconds = Decimal(size.seconds) + Decimal(size.microseconds) / 1_000_000
    return f"{'-' if value < timedelta(0) else ''}P{size.days}DT{seconds:f}S"


_interpreter = Interpreter(Limits())


def shared() -> Interpreter:
    """Return this process's interpreter."""
    return _interpreter


def configure(limits: Limits) -> None:
    """Set this process's limits; call it when the process starts."""
    global _interpreter
    previous, _interpreter = _interpreter, Interpreter(limits)
    previous.close()


def _forget() -> None:
    # V8's thread does not survive a fork: the child starts its own
    global _interpreter  # noqa: PLW0603
    _interpreter = Interpreter(_interpreter.limits)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
