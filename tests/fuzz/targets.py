"""What the fuzzers feed: a function a target, which takes any bytes and returns, or raises when something is wrong.

A refusal of the engine's own kind is what a target wants to see; every other exception is a find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import zstandard

from engine import bundles, deployments, variables
from engine.bpmn import codec as state_codec
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import MatterflowError
from engine.feel import expressions
from engine.feel.errors import FeelError
from engine.scenarios import loading
from tests import factories as f
from tests.engine.feel import dmn_files as dmn

ROOT = Path(__file__).resolve().parents[2]
_BODY = (
    f.start() + f.gateway("parallel", "fork") + f.user_task("one") + f.boundary("late", "one", f.timer("P9D"))
    + '<bpmn:subProcess id="sub">' + f.start("s1") + f.user_task("inner") + f.end("s2") + f.path("s1", "inner", "s2")
    + "</bpmn:subProcess>" + f.gateway("parallel", "join") + f.user_task("after") + f.end() + f.flow("started", "fork")
    + f.flow("fork", "one") + f.flow("fork", "sub") + f.flow("one", "join") + f.flow("sub", "join")
    + f.flow("late", "ended") + f.path("join", "after", "ended")
)  # fmt: skip
_COMPILED = compile_process("proc", {"proc.bpmn": f.model(_BODY)}, {})
#: The files of a bundle, by the first byte of the input.
_FILES = ("proc.bpmn", "decisions/d.dmn", "forms/form.form", "process.yaml", "scenarios/s.yaml")
_SOUND = f.model(
    f.start() + f.user_task("work", attributes='camunda:formKey="form"') + f.end() + f.path("started", "work", "ended")
)


def bundle(data: bytes) -> None:
    """Check an upload: a zip, or one file of a bundle that is sound but for it."""
    kind = data[0] % (len(_FILES) + 1) if data else 0
    try:
        if kind == len(_FILES):
            files = bundles.from_uploads([("bundle.zip", b"PK\x03\x04" + data[1:])])
        else:
            files = {"proc.bpmn": _SOUND, "forms/form.form": b'{"components": []}', _FILES[kind]: data[1:]}
        if kind == 4:
            loading.load(files, "proc")
    except MatterflowError as refusal:
        orjson.dumps(refusal.details())
        return
    findings = deployments.check(files)
    # what is found must be fit to be answered
    orjson.dumps([finding.as_dict() for finding in findings])
    if not any(finding.severity == "error" for finding in findings):
        bundles.content_hash(files)


def feel(data: bytes) -> None:
    """Check and evaluate an expression over a context: its text, a zero byte, the context as JSON."""
    text, _, given = data.partition(b"\0")
    expression = text.decode("utf-8", "replace")
    try:
        parsed: Any = orjson.loads(given) if given else {}
    except orjson.JSONDecodeError:
        parsed = {"x": given.decode("utf-8", "replace")}
    context = parsed if isinstance(parsed, dict) else {"x": parsed}
    problem = expressions.check(expression)
    if problem is not None:
        orjson.dumps(problem)
    for ask in (
        lambda: expressions.evaluate(expression, context, now=f.NOON),
        lambda: expressions.unary_tests(expression, context.get("x"), context, now=f.NOON),
    ):
        try:
            value = ask()
        except FeelError as refusal:
            orjson.dumps(refusal.details())
        else:
            orjson.dumps(value)


def codec(data: bytes) -> None:
    """Read a state that nobody wrote, or write and read back an instance with any variables."""
    kind = data[0] % 3 if data else 0
    if kind == 2:
        _round_trip(data[1:])
        return
    version = bytes([1 + data[0] // 3 % state_codec.VERSION]) if data else b""
    blob = data[1:] if kind == 0 else version + zstandard.compress(data[1:])
    try:
        state_codec.load(blob, _COMPILED, None)
    except state_codec.StateUnreadable:
        return


def _round_trip(data: bytes) -> None:
    try:
        given: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        given = {"x": data.decode("utf-8", "surrogateescape")}
    try:
        values = variables.checked(given if isinstance(given, dict) else {"x": given})
    except MatterflowError as refusal:
        orjson.dumps(refusal.details())
        return
    run = Run.start(_COMPILED, dict(values), f.NOON)
    run.advance(lambda call: None)
    restored = Run.restore(run.dump(), _COMPILED, f.NOON)
    assert restored.variables() == run.variables() == values
    assert list(restored.variables()) == list(values)
    assert Run.restore(restored.dump(), _COMPILED, f.NOON).variables() == values


TARGETS: dict[str, Callable[[bytes], None]] = {"bundle": bundle, "feel": feel, "codec": codec}


def seeds(target: str) -> Iterator[bytes]:
    """Inputs to begin with: real files, real states, expressions of every kind."""
    if target == "bundle":
        suffixes = {".bpmn": 0, ".dmn": 1, ".form": 2, ".yaml": 3}
        for file in sorted((ROOT / "processes" / "bpmn").rglob("*")):
            kind = 4 if file.parent.name == "scenarios" else suffixes.get(file.suffix)
            if kind is not None and file.is_file() and file.stat().st_size < 20_000:
                yield bytes([kind]) + file.read_bytes()
        yield b"\x00" + f.model(_BODY)
        yield b"\x01" + dmn.file(
            dmn.table([["> 5", "1"], ['"a", not("b")', "2"]], hitPolicy="PRIORITY", values=("1, 2",))
        )
        yield b"\x01" + dmn.file(
            dmn.literal("1 + 1"),
            dmn.decision("d", "<list><literalExpression><text>1</text></literalExpression></list>"),
        )
    elif target == "feel":
        for text in (
            "1 + 2 * x", "if x > 1 then [1, 2] else {a: 1}", "for i in 1..10 return i ** 2", 'date("2026-09-01") + duration("P1D")',
            "some y in x satisfies y > 2", 'matches("abc", "a.*")', "[1..5], not(7)", '"a", "b"', "x.a[1].b", "function(a) a + 1",
            "sort(x, function(a, b) a < b)", "-", "=x", 'x = "a" and y < 3 or z', 'string join(["a"], ",")', "now() < today()", '@"P1Y"',
        ):  # fmt: skip
            yield text.encode() + b'\x00{"x": [1, 2, {"a": "b"}], "y": 2, "z": true}'
    else:
        run = Run.start(_COMPILED, {"typename": 1, "a": {"b": [1.5, None, True]}}, f.NOON)
        run.advance(lambda call: None)
        run.waiting()
        state = run.dump()
        yield b"\x00" + state
        yield b"\x04" + zstandard.decompress(state[1:])
        for recorded in sorted((ROOT / "tests").rglob("*.state"))[:20]:
            yield b"\x00" + recorded.read_bytes()
        yield b'\x02{"typename": {"a": 1}, "__class__": [1, 2.5, null, true, "\\u4e2d"]}'
