"""Our shortcuts against feelin itself: cached parses and variables left out must change nothing."""

import json
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import decisions, expressions, interpreter, v8
from engine.feel.expressions import FeelError
from tests.engine.feel import dmn_files

#: Names that are plain, that hold signs or spaces, that begin others, that are keywords or functions.
NAMES = [
    "a", "b", "ab", "a-b", "a b", "a+b", "a.b", "a*b", "b c", "item", "partial", "if", "in", "or", "date", "time",
    "date and time", "count", "not", "x1", "_", "原告", "é", "constructor", "__proto__", "?", "for", "null", "true",
]  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-5, 5)
    | st.sampled_from(["", "a", "b", "a b", "2026-09-01"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
contexts = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)

atoms = st.sampled_from(
    [*NAMES, *NAMES, "1", "2.5", '"a"', "null", "true", "[1, 2]", "{a: 1, b c: 2}", 'date("2026-09-01")', '"a b"']
)
templates = st.sampled_from(
    [
        "{0} + {1}",
        "{0} - {1}",
        "{0}-{1}",
        "{0} * {1}",
        "{0} = {1}",
        "{0} != {1}",
        "{0} > {1}",
        "{0} <= {1}",
        "{0} and {1}",
        "{0} or {1}",
        "not({0})",
        "{0}.{1}",
        "{0} {1}",
        "{0}[{1}]",
        "{0}[item > {1}]",
        "{0}[{1} = 1].a b",
        "[{0}, {1}]",
        "if {0} then {1} else {0}",
        "for a in {0} return {1}",
        "for a b in {0} return a b + {1}",
        "some a in {0} satisfies a = {1}",
        "every x in {0} satisfies {1}",
        "{{a b: {0}, c: a b}}.c",
        "{{f: function(a b) a b + {0}, g: f({1})}}.g",
        "{0} in ({1}, 1)",
        "{0} between {1} and 3",
        "count({0})",
        "get value({0}, {1})",
        "({0}).{1}",
        "string({0})",
        "{0} instance of number",
        "date({0})",
        "{0}.a.b",
        "sum({0})",
        "contains({0}, {1})",
        "get value({0}, {1}).a b",
        "max({0}, {1})",
        "concatenate({0}, {1})",
    ]
)


@st.composite
def texts(draw):
    text = draw(templates).format(draw(atoms), draw(atoms))
    if draw(st.booleans()):
        text = draw(templates).format(f"({text})" if draw(st.booleans()) else text, draw(atoms))
    return text


@pytest.fixture(scope="module")
def feelin() -> Iterator[v8.Isolate]:
    """An isolate of its own, which asks feelin's `evaluate` with the whole context every time."""
    isolate = v8.Isolate(interpreter.SCRIPT.read_text(encoding="utf-8"), memory_bytes=256_000_000)
    yield isolate
    isolate.close()


def answer_of(isolate: v8.Isolate, source: str, context: dict) -> object:
    request = orjson.dumps({"source": source, "context": context}).decode()
    answer = json.loads(isolate.evaluate(b"feel.reference(" + orjson.dumps(request) + b")", seconds=10))
    return "refused" if "error" in answer else answer["value"]


def our_answer(source: str, context: dict) -> object:
    try:
        return expressions.evaluate(source, context)
    except FeelError:
        return "refused"


@settings(max_examples=500, deadline=None)
@given(source=texts(), context=contexts)
def test_an_expression_means_what_feelin_says(feelin, source, context):
    assert our_answer(source, context) == answer_of(feelin, source.strip().removeprefix("=").strip(), context)


@settings(max_examples=60, deadline=None)
@given(source=texts(), every_context=st.lists(contexts, min_size=2, max_size=6))
def test_an_expression_means_the_same_over_one_context_after_another(feelin, source, every_context):
    for context in [*every_context, *every_context]:
        assert our_answer(source, context) == answer_of(feelin, source, context)


@settings(max_examples=150, deadline=None)
@given(
    test=st.sampled_from(["> 1", "{0}", "{0}, 1", "not({0})", "[1..{0}]", "? = {0}", "-", '"a", {0}', "< {0}"]),
    atom=atoms,
    value=scalars,
    context=contexts,
)
def test_a_table_of_one_test_means_what_the_test_means(test, atom, value, context):
    source = test.format(atom)
    context = {**{name: kept for name, kept in context.items() if name not in ("?", "tested")}, "tested": value}
    try:
        passes = expressions.unary_tests(source, value, context)
    except FeelError:
        passes = "refused"
    xml = dmn_files.file(dmn_files.table([[source, "1"]], inputs=("tested",)))
    try:
        rows = decisions.evaluate(decisions.parse(xml)["decision"], context)
    except FeelError:
        rows = "refused"

    assert rows == ("refused" if passes == "refused" else [{"answer": 1}] if passes else [])
