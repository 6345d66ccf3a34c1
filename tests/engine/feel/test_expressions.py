"""FEEL as diagrams and forms use it: values, nulls, dates, names, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from engine.feel import expressions
from engine.feel.expressions import FeelError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2", 3),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("2 ** 53", 9007199254740992),
        ('"a" + "b"', "ab"),
        ("true and false", False),
        ("null", None),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("if 1 > 2 then 3 else 4", 4),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("some x in [1, 2] satisfies x = 2", True),
        ('{a: 1, "b c": [2]}', {"a": 1, "b c": [2]}),
        ("{f: function(x) x + 1, y: f(2)}.y", 3),
        ("sum([1, 2.5])", 3.5),
        ('contains("Παπαδόπουλος", "δόπ")', True),
        ('string length("😀x")', 2),
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("5 between 1 and 9", True),
    ],
)
def test_an_expression_gives_a_plain_value(expression, value):
    result = expressions.evaluate(expression, {})

    assert result == value
    assert type(result) is type(value)


def test_a_leading_equals_sign_and_the_space_around_are_dropped():
    assert expressions.evaluate("  = decision = 1 ", {"decision": 1}) is True


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("missing", None),
        ("missing.deeper.still", None),
        ("missing = null", True),
        ("missing > 5", None),
        ("missing + 1", None),
        ("null and false", False),
        ("null and true", None),
        ("null or true", True),
        ("null or false", None),
        ('"1" = 1', None),
        ("1 / 0", None),
        ("not(null)", None),
        ("if null then 1 else 2", 2),
        ('date("no date")', None),
        ("10 ** 400", None),
    ],
)
def test_what_is_not_known_is_null_in_three_valued_logic(expression, value):
    result = expressions.evaluate(expression, {})

    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"12000.50" > 5000', True),
        ('"12000.50" in [1..5000]', False),
        ('"abc" >= 5000', None),
        ('"" >= 0', None),
        ('5 >= "abc"', None),
        ('5 >= "4"', True),
        ("true >= 0", None),
        ("{a: 1} <= 1", None),
        ("[6] > 5", True),
        ("[6, 7] >= 5", None),
        ("5 >= today()", None),
        ('@"2026-01-01" <= @"2026-01-01T00:00:00Z"', None),
        ("null >= today()", None),
        ("today() = null", False),
    ],
)
def test_values_of_different_types_compare_to_null_and_only_numbers_may_come_as_texts(expression, value):
    assert expressions.evaluate(expression, {}) is value


@pytest.mark.parametrize(
    ("expression", "conversion"),
    [
        ("hearing_on >= today()", "date"),
        ("today() < hearing_on", "date"),
        ("hearing_on = today()", "date"),
        ("hearing_on != today()", "date"),
        ("hearing_on > now()", "date and time"),
        ('hearing_on between date("2026-01-01") and date("2026-12-31")', "date"),
        ('"P3D" < duration("P1D")', "duration"),
        ('"10:00:00" < time("09:00:00")', "time"),
    ],
)
def test_a_text_that_should_have_been_made_a_date_is_refused(expression, conversion):
    with pytest.raises(FeelError, match=rf"compares a text with a {conversion}: write {conversion}\(...\)"):
        expressions.evaluate(expression, {"hearing_on": "2026-09-01"})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('date("2026-02-28") + duration("P1D")', "2026-03-01"),
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('date and time("2026-09-01T10:00:00Z") + duration("PT90M")', "2026-09-01T11:30:00Z"),
        ('date and time("2026-09-01T10:00:00+03:00")', "2026-09-01T10:00:00+03:00"),
        ('time("10:30:00")', "10:30:00"),
        ('duration("P14D")', "P14D"),
        ('duration("P1Y2M")', "P1Y2M"),
        ('date("2026-03-01") - date("2026-02-01")', "P28D"),
        ('@"2026-09-01".month', 9),
        ('@"P3DT4H"', "P3DT4H"),
        ('[date("2026-09-01")]', ["2026-09-01"]),
        ('{due: date("2026-09-01")}', {"due": "2026-09-01"}),
        ('date("2024-02-29") > date("2023-02-28")', True),
    ],
)
def test_dates_and_durations_come_back_as_iso_8601(expression, value):
    assert expressions.evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("given", "expression", "value"),
    [
        (date(2026, 9, 1), 'x + duration("P1D")', "2026-09-02"),
        (datetime(2026, 9, 1, 8, tzinfo=UTC), "x", "2026-09-01T08:00:00Z"),
        (datetime(2026, 9, 1, 8, tzinfo=timezone(timedelta(hours=3))), "x.hour", 8),
        (datetime(2026, 9, 1, 8), "x", "2026-09-01T08:00:00"),  # noqa: DTZ001 - a local date-time is a FEEL value
        (time(8, 30), 'x < time("09:00:00")', True),
        (timedelta(days=2, hours=1), 'x > duration("P2D")', True),
        (timedelta(days=-1), "x", "-P1D"),
        ([date(2026, 9, 1)], "x[1].year", 2026),
        ({"on": date(2026, 9, 1)}, 'x.on = date("2026-09-01")', True),
        (Decimal("12.50"), "x > 12", True),
        (True, "x", True),
        (None, "x", None),
        (float("nan"), "x", None),
        ("2026-09-01", 'date(x) = date("2026-09-01")', True),
    ],
)
def test_python_values_become_feel_values(given, expression, value):
    assert expressions.evaluate(expression, {"x": given}) == value


def test_a_variable_that_looks_like_a_date_inside_does_no_harm():
    assert expressions.evaluate("x", {"x": {"@temporal": "no date"}}) == {"@temporal": "no date"}


def test_now_and_today_go_by_the_time_that_is_given():
    noon = datetime(2026, 9, 1, 12, tzinfo=UTC)

    assert expressions.evaluate_many(["now()", "today()", 'today() + duration("P1D")'], {}, now=noon) == [
        "2026-09-01T12:00:00Z",
        "2026-09-01",
        "2026-09-02",
    ]


def test_now_and_today_go_by_the_engines_clock_otherwise(monkeypatch):
    monkeypatch.setattr("engine.clock.utc_now", lambda: datetime(2030, 1, 2, 3, tzinfo=UTC))

    assert expressions.evaluate("today()", {}) == "2030-01-02"


@pytest.mark.parametrize(
    ("expression", "context", "value"),
    [
        ("claim value > 5", {"claim value": 6}, True),
        ("a-b", {"a-b": 1, "a": 5, "b": 3}, 1),
        ("a-b", {"a": 5, "b": 3}, 2),
        ("a - b", {"a-b": 1, "a": 5, "b": 3}, 1),
        ('原告 = "習近平"', {"原告": "習近平"}, True),
        ("позивач.ім", {"позивач": {"ім": "Ірина"}}, "Ірина"),
        ("matter.court number", {"matter": {"court number": "7/26"}}, "7/26"),
        ("date_received", {"date_received": "2026-09-01"}, "2026-09-01"),
        ("count", {"count": 3}, 3),
        ("count(list)", {"list": [1, 2], "counter": 3}, 2),
        ("typename", {"typename": "x"}, "x"),
    ],
)
def test_names_with_spaces_signs_and_other_letters_are_found(expression, context, value):
    assert expressions.evaluate(expression, context) == value


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"]
)
def test_names_that_mean_something_to_javascript_are_plain_variables(name):
    assert expressions.evaluate(name, {}) is None
    assert expressions.evaluate(f"x.{name}", {"x": {}}) is None
    assert expressions.evaluate("x", {"x": {name: {"polluted": 1}}}) == {"x": {name: {"polluted": 1}}}["x"]
    assert expressions.evaluate("polluted", {}) is None
    assert expressions.evaluate("x.polluted", {"x": {}}) is None


def test_constructors_are_no_way_out():
    for expression in (
        "constructor.constructor",
        '"".constructor',
        "[].constructor",
        "count.constructor",
        "globalThis",
        "this",
    ):
        assert expressions.evaluate(expression, {}) in (None, [])
    with pytest.raises(FeelError):
        expressions.evaluate('constructor("return 1")', {})
    with pytest.raises(FeelError, match="not a FEEL value"):
        expressions.evaluate("1 instance of constructor", {})


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 +", r"at character 4, near '1 \+'"),
        ("a ) b", "at character 3, near '\\)'"),
        ("1 2", "at character 3, near '2'"),
        ("if x then", "at character 10"),
        ("", "it is empty"),
        (" = ", "it is empty"),
        ("no_such_function(1)", "'no_such_function' is not a function"),
        ("x.method()", "is not a function"),
        ('upper case("a", "b", "c")', "wrong number or names of arguments"),
        ("function(x) x", "the result is a function"),
        ("count", "the result is a function"),
        ("[1..3]", "the result is a range"),
        ("[[1..3]]", "the result is a range"),
        ("true > false", "range"),
        ("x" * 20_001, "longer than 20000 characters"),
        ('"\ud800"', "not valid text"),
        ('"\\ud800"', "not valid text"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_and_named(expression, message):
    with pytest.raises(FeelError, match=message) as refusal:
        expressions.evaluate(expression, {"x": {}})

    assert refusal.value.code == "feel_error"
    assert refusal.value.details()["expression"].encode()[:20] == expression.encode("utf-8", "replace")[:20]


def test_python_is_never_evaluated():
    for expression in (
        "__import__('os').getcwd()",
        "lambda: 1",
        "().__class__",
        "open('/etc/passwd').read()",
        "9**9**9",
    ):
        try:
            assert expressions.evaluate(expression, {}) in (None, 9**18 * 1.0, 9.0**81)
        except FeelError:
            continue


def test_several_expressions_are_evaluated_over_the_same_variables():
    assert expressions.evaluate_many(["x", "=x + 1", "y"], {"x": 1}) == [1, 2, None]
    assert expressions.evaluate_many([], {"x": 1}) == []


def test_of_several_expressions_the_one_at_fault_is_named():
    with pytest.raises(FeelError) as refusal:
        expressions.evaluate_many(["x", "x +", "y"], {"x": 1})

    assert refusal.value.expression == "x +"


def test_an_expression_does_not_change_what_the_next_one_sees():
    assert expressions.evaluate_many(
        ["append(list, 4)", "sort(list, function(a, b) a > b)", "reverse(list)", 'context put(c, "x", 2)', "list", "c"],
        {"list": [1, 2, 3], "c": {"x": 1}},
    )[-2:] == [[1, 2, 3], {"x": 1}]


@pytest.mark.parametrize(
    ("test", "value", "passes"),
    [
        ("-", None, True),
        ("> 5", 6, True),
        ("> 5", 5, False),
        ("> 5", None, False),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ('not("a", "b")', "c", True),
        ('not("a")', "a", False),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("]1..5[", 1, False),
        ("null", None, True),
        ("true", True, True),
        ("false", True, False),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("? > limit and ? < 10", 8, True),
        ('starts with(?, "ab")', "abc", True),
        ('> date("2026-01-01")', date(2026, 9, 1), True),
        ('"5"', 5, False),
        ("allowed", 3, True),
    ],
)
def test_a_value_passes_unary_tests_or_not(test, value, passes):
    assert expressions.unary_tests(test, value, {"limit": 7, "allowed": [1, 3]}) is passes


def test_unary_tests_that_call_an_unknown_function_are_refused():
    with pytest.raises(FeelError, match="'nonsense' is not a function"):
        expressions.unary_tests("nonsense(?)", 1, {})


@pytest.mark.parametrize(
    "expression", ["a > 1", "for x in xs return f", "{f: function(x) x, y: f(1)}", "now()", '= date("x")']
)
def test_a_sound_expression_passes_the_check(expression):
    assert expressions.check(expression) is None


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("a >", "character 4"),
        ("", "empty"),
        ("if false then nonsense(1) else 2", "'nonsense' is not a function"),
        ("x" * 20_001, "longer"),
        ("> 5", "the result is a test or a range"),
        ("[1..5]", "the result is a test or a range"),
        ("function(x) x", "the result is a function"),
    ],
)
def test_the_check_says_what_is_wrong(expression, problem):
    assert problem in (expressions.check(expression) or "")


def test_the_check_knows_names_with_signs_when_it_is_told():
    assert expressions.check("function of(x) + 1", names=["function of"]) is None


def test_several_expressions_are_checked_at_once_and_unary_tests_as_such():
    assert [
        problem is None
        for problem in expressions.check_many(["> 5", "> 5", "", "1"], unary=[True, False, False, False])
    ] == [True, False, False, True]


def test_more_expressions_are_checked_than_fit_into_one_request():
    problems = expressions.check_many([f"x + {number}" if number != 250 else "x +" for number in range(300)])

    assert [number for number, problem in enumerate(problems) if problem] == [250]
