"""What a table's report says of inputs that no rule answers, or too many do."""

import itertools

import pytest

from engine.feel import decisions, unary
from tests.engine.feel import dmn_files as dmn


def report(rules, *, wrap=None, **more):
    """The warnings on a table as (rule, element, message)."""
    table = dmn.table(rules, **more)
    findings = decisions.examine({"t.dmn": dmn.file(wrap(table) if wrap else table)})[1]
    assert {finding.severity for finding in findings} <= {"warning"}
    return [(item.rule, item.element_id, item.message.removeprefix("Decision 'decision': ")) for item in findings]


def typed(kind, values=None):
    """Give the first input a type, and the values it allows."""

    def wrap(table):
        table = table.replace("<inputExpression>", f'<inputExpression typeRef="{kind}">', 1)
        allowed = "" if values is None else f"<inputValues><text>{values}</text></inputValues>"
        return table.replace("</inputExpression>", f"</inputExpression>{allowed}", 1)

    return wrap


@pytest.mark.parametrize(
    ("tests", "example"),
    [
        (["< 1000", "> 1000"], "x = 1000"),
        (["<= 1000", "> 1001"], "x = 1000.5"),
        (["<= 1000", "[2000..5000]", "> 5000"], "x = 1001"),
        (["> 0"], "x = -1"),
        (["< -0.5", ">= 0"], "x = -0.5"),
        (["]1..5[", "<= 1", "> 5"], "x = 5"),
        (["not([1..5])"], "x = 1"),
        (['"a", "b"'], "x = any other text"),
        (['not("a", "b")'], 'x = "a"'),
        (["true"], "x = false"),
        (["null"], "x = anything but null"),
        (["not(null)"], "x = null"),
        (['< date("2026-01-01")', '> date("2026-01-01")'], "x = 2026-01-01"),
        (['<= @"2026-01-01"', '>= @"2026-01-05"'], "x = 2026-01-02"),
        (['< date and time("2026-01-01T10:00:00Z")'], "x = 2026-01-01T10:00:00+00:00"),
        (['< duration("P1D")', '> duration("PT36H")'], "x = 1 day, 0:00:00"),
        (['< duration("P1Y")'], "x = 12 months"),
        (["= 3", "< 3"], "x = 4"),
        (["1, 2", "< 1", "> 2"], "x = 1.5"),
    ],
)
def test_a_gap_is_reported_with_an_example(tests, example):
    found = report([[test, "1"] for test in tests])

    expected = [("decision_gap", "decision_table", f"no rule answers {example}.")]
    assert [item for item in found if item[0] == "decision_gap"] == expected


@pytest.mark.parametrize(
    ("tests", "wrap"),
    [
        (["< 1000", ">= 1000"], None),
        (["<= 5", ">= 6"], typed("integer")),
        (['<= date("2026-01-01")', '>= date("2026-01-02")'], None),
        (['"a"', "-"], None),
        (["true", "false"], None),
        (['"a"', '"b"'], typed("string", '"a","b"')),
        (["[0..10]", "> 10"], typed("number", "&gt;= 0")),
        (["-"], typed("boolean")),
        (["null", "not(null)"], None),
        ([">= 5", "not(>= 5)"], None),
    ],
)
def test_a_table_without_gaps_has_none_reported(tests, wrap):
    assert report([[test, "1"] for test in tests], wrap=wrap, hitPolicy="FIRST") == []


def test_a_gap_between_columns_names_each():
    found = report([["< 5", "-", "1"], [">= 5", "true", "2"]], inputs=("amount", "urgent"))

    assert found == [("decision_gap", "decision_table", "no rule answers amount = 5, urgent = false.")]


def test_columns_with_the_same_expression_are_one_input():
    assert report([["> 1", "< 5", "1"], ["<= 1", "-", "2"], [">= 5", "-", "3"]], inputs=("x", "x")) == []


def test_an_overlap_names_the_rules_and_an_example():
    found = report([["<= 5", "1"], [">= 5", "2"]])

    assert found == [("decision_overlap", "rule_2", "rules 1 and 2 both match x = 5, and UNIQUE wants one.")]


def test_any_may_overlap_where_the_rules_agree():
    assert report([["<= 5", "1"], [">= 5", "1"]], hitPolicy="ANY") == []
    assert [item[:2] for item in report([["<= 5", "1"], [">= 5", "2"]], hitPolicy="ANY")] == [
        ("decision_overlap", "rule_2")
    ]


@pytest.mark.parametrize("hit_policy", ["FIRST", "COLLECT", "RULE ORDER", "PRIORITY", "OUTPUT ORDER"])
def test_where_rules_may_overlap_nothing_is_reported(hit_policy):
    assert report([["<= 5", "1"], [">= 5", "1"]], hitPolicy=hit_policy, values=("1, 2",)) == []


@pytest.mark.parametrize("hit_policy", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_where_no_match_is_an_answer_no_gap_is_reported(hit_policy):
    assert report([["<= 5", "1"]], hitPolicy=hit_policy, values=("1, 2",)) == []


def test_a_default_output_closes_every_gap():
    assert report([["<= 5", "1"]], defaults=("0",)) == []


def test_a_rule_that_never_answers_is_reported():
    behind = report([["<= 5", "1"], ["-", "2"], ["> 7", "3"]], hitPolicy="FIRST")
    outside = report([["[0..5]", "1"], ["> 5", "2"], ["< -3", "3"]], wrap=typed("number", "&gt;= 0"))

    assert behind == [("decision_rule_idle", "rule_3", "rule 3 never answers.")]
    assert outside == [("decision_rule_idle", "rule_3", "rule 3 never answers.")]


def test_a_last_rule_for_null_is_not_idle():
    assert report([["true", "1"], ["false", "2"], ["-", "3"]], hitPolicy="FIRST") == []


def test_what_cannot_be_analysed_is_said_and_nothing_claimed_of_it():
    unsure = "are not all known: some tests are more than plain comparisons."

    assert report([["? > limit", "1"], ["> 5", "2"]]) == [
        ("decision_not_analysed", "decision_table", f"its gaps and overlaps {unsure}")
    ]
    assert report([["? > limit", "1"], ["-", "2"]], hitPolicy="FIRST") == []
    assert report([["? > limit", "1"], ["< 5", "2"]], hitPolicy="FIRST") == [
        ("decision_not_analysed", "decision_table", f"its gaps {unsure}")
    ]


def test_a_table_too_large_to_analyse_is_said_to_be():
    rules = [[*("-" for _ in range(at)), f"> {at}", *("-" for _ in range(24 - at)), "1"] for at in range(25)]

    found = report(rules, inputs=[f"x{number}" for number in range(25)])

    assert found[-1][0] == "decision_not_analysed"
    assert found[-1][2].endswith("it is too large.")


@pytest.mark.parametrize(
    "text",
    ["x", "f(?)", "> x", '> "a"', '["a".."b"]', "[1..", "1,", "not(1", "- 'a'", '"a', "1 + 1", "<", '[1..date("2026-01-01")]',
     'date("nonsense")', 'duration("x")', 'duration("P")', "(1)", "not", "? = ", 'duration("P1DT")', "1" * 6000, '@"x"', "-true"],
)  # fmt: skip
def test_tests_that_are_not_plain_are_left_alone(text):
    assert unary.read(text) is None


VALUES = [None, -1, 0, 1, 1.5, 2, 5, 9, True, False, "a", "b", "c"]
TESTS = ["-", "1", "> 1", "<= 1.5", "[1..5]", "]1..5[", "(1..5)", "1, 5", "> 5, < 0", "not(1)", "not([1..5], 9)", '"a"', '"a", "b"',
         'not("a")', "true", "null", "not(null)", "not(> 1)", '"a", null']  # fmt: skip


@pytest.mark.parametrize("test", TESTS)
def test_what_is_read_as_plain_accepts_what_the_interpreter_accepts(test):
    plain = unary.read(test)

    for value in VALUES:
        kind = {bool: "boolean", str: "string", type(None): "null"}.get(type(value), "number")
        assert plain.accept((kind, value)) == decisions.expressions.unary_tests(test, value, {}), (test, value)


def test_the_report_agrees_with_the_interpreter_on_every_pair_of_tests():
    for one, other in itertools.combinations([test for test in TESTS if "null" not in test], 2):
        values = [-2, -1, 0, 0.5, 1, 1.25, 1.5, 1.75, 2, 3, 5, 7, 9, 10, "a", "b", "other", True, False]
        values = [value for value in values if _kind(value) in {_kind_of(one), _kind_of(other)} or "-" in (one, other)]
        matches = [
            (decisions.expressions.unary_tests(one, v, {}), decisions.expressions.unary_tests(other, v, {}))
            for v in values
        ]
        found = {item[0] for item in report([[one, "1"], [other, "2"]])}

        if (True, True) in matches:
            assert "decision_overlap" in found, (one, other)
        if (False, False) in matches and "-" not in (one, other):
            assert "decision_gap" in found, (one, other)


def _kind(value):
    return "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"


def _kind_of(test):
    return "string" if '"' in test else "boolean" if "true" in test else "number"
