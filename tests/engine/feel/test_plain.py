"""What is plain is answered as feelin answers it, or left to feelin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import interpreter, plain
from engine.feel.expressions import FeelError, evaluate

NAMES = st.sampled_from(
    ["a", "b", "amount", "decision", "count", "sum", "now", "min", "item", "date", "_x", "string", "contains"]
)
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
LITERALS = st.sampled_from(
    [
        '"a"',
        '"approve"',
        '""',
        '"a b"',
        '"and"',
        "0",
        "1",
        "-1",
        "2.5",
        "007",
        "9007199254740993",
        "true",
        "false",
        "null",
    ]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, -0.0, 0.1 + 0.2, 1e300]),
    st.floats(-3, 3),
    st.sampled_from(["a", "approve", "", "a b", "1", "é", "2026-09-01"]),
    st.lists(st.integers(-9, 9), max_size=1),
)
SPACES = st.sampled_from(["", " ", "  ", "\n"])


@st.composite
def sources(draw):
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        term = draw(NAMES)
        if draw(st.booleans()):
            term += draw(SPACES) + draw(SIGNS) + draw(SPACES) + draw(LITERALS)
        terms.append(term)
    text = terms[0]
    for term in terms[1:]:
        text += draw(st.sampled_from([" and ", " or ", "\nand ", " and", " "])) + term
    return text


@settings(max_examples=1500, deadline=None)
@given(source=sources(), scope=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_answered_at_once_is_what_feelin_says(source, scope):
    answer = plain.evaluate(source, scope)
    if answer is plain.NOT_PLAIN:
        return

    (asked,) = interpreter.shared().request("evaluateMany", [source], scope)["values"]

    assert (type(asked), asked) == (type(answer), answer)


NUMBERS = st.sampled_from(
    ["0", "1", "-1", "100", "2.5", "0.1", "3", "007", "-0.75", "999999999999999", "a", "b", "item"]
)
SUMMED = st.one_of(VALUES, st.integers(-(2**54), 2**54), st.floats(allow_nan=False, allow_infinity=False), st.text())


@settings(max_examples=600, deadline=None)
@given(
    name=NAMES,
    sign=st.sampled_from(["+", "-", "*", "/", "**", "//"]),
    other=NUMBERS,
    spaces=st.tuples(SPACES, SPACES),
    scope=st.dictionaries(NAMES, SUMMED, max_size=6),
)
def test_a_sum_that_is_worked_out_at_once_is_what_feelin_says(name, sign, other, spaces, scope):
    source = name + spaces[0] + sign + spaces[1] + other
    answer = plain.evaluate(source, scope)
    if answer is plain.NOT_PLAIN:
        return

    (asked,) = interpreter.shared().request("evaluateMany", [source], scope)["values"]

    assert (type(asked), asked) == (type(answer), answer)


@settings(max_examples=300, deadline=None)
@given(name=NAMES, value=SUMMED)
def test_a_variable_that_is_its_own_answer_is_what_feelin_says(name, value):
    answer = plain.evaluate(name, {name: value})
    if answer is plain.NOT_PLAIN:
        return

    (asked,) = interpreter.shared().request("evaluateMany", [name], {name: value})["values"]

    assert (type(asked), asked) == (type(answer), answer)


@pytest.mark.parametrize(
    ("source", "scope", "expected"),
    [
        ("amount / 100", {"amount": 1200}, 12),
        ("amount / 100", {"amount": 1250}, 12.5),
        ("round+1", {"round": 2}, 3),
        ("hours * rate", {"hours": 1.5, "rate": 300}, 450),
        ("responsible", {"responsible": "ana"}, "ana"),
        ("pages", {"pages": 3.0}, 3),
    ],
)
def test_a_scripts_usual_sums_are_plain(source, scope, expected):
    answer = plain.evaluate(source, scope)

    assert (type(answer), answer) == (type(expected), expected)


@pytest.mark.parametrize(
    ("source", "scope"),
    [
        ("a / b", {"a": 1, "b": 0}),
        ("a / 0", {"a": 1}),
        ("a * b", {"a": 2**52, "b": 4}),
        ("a + b", {"a": "1", "b": "2"}),
        ("a + 1", {"a": True}),
        ("a + 1", {}),
        ("a", {"a": [1]}),
        ("a", {"a": None}),
        ("a", {"a": "é"}),
        ("a + 1 + 1", {"a": 1}),
        ("1 + a", {"a": 1}),
    ],
)
def test_a_sum_of_what_is_no_number_or_too_large_is_left_to_feelin(source, scope):
    assert plain.evaluate(source, scope) is plain.NOT_PLAIN


@pytest.mark.parametrize(
    ("source", "scope", "expected"),
    [
        ('decision = "approve"', {"decision": "approve"}, True),
        ('decision != "approve"', {"decision": "refuse"}, True),
        ("amount > 5", {"amount": 7}, True),
        ("amount >= 2.5 and urgent", {"amount": 2.5, "urgent": True}, True),
        ("a = 1 or b = 2", {"a": 0, "b": 2}, True),
    ],
)
def test_a_gateways_usual_conditions_are_plain(source, scope, expected):
    assert plain.evaluate(source, scope) is expected


@pytest.mark.parametrize(
    "source",
    [
        "a = 1 and b = 2 or c = 3",
        "a + 1 > 2",
        "not(a)",
        "a and b",
        "a = b",
        "a in (1, 2)",
        "a.b = 1",
        "a = 1 and",
        "= 1",
        "a = 'x'",
    ],
)
def test_whatever_is_not_plain_is_left_to_feelin(source):
    assert plain.evaluate(source, {"a": 1, "b": 1, "c": 1}) is plain.NOT_PLAIN


def test_a_missing_variable_is_null_as_ever():
    assert evaluate("amount > 5", {}) is None
    with pytest.raises(FeelError):
        evaluate("amount >", {"amount": 1})
