"""DMN decisions: what tables and expressions answer, alone and requiring one another."""

from datetime import UTC, date, datetime

import pytest

from engine.feel import decisions
from engine.feel.decisions import DecisionFailed
from engine.feel.errors import FeelError, FeelTimeout
from tests.engine.feel import dmn_files as dmn

FEES = [
    ["< 1000", "-", '"small"', "100"],
    ["[1000..5000]", '"district", "county"', '"middle"', "200"],
    [">= 5000", 'not("arbitration")', '"large"', "claim_value * 0.05"],
]
FEE_COLUMNS = {"inputs": ("claim_value", "court"), "outputs": ("band", "fee")}


def decide(xml: str, context=None, **more):
    return decisions.evaluate(decisions.parse(dmn.file(xml))["decision"], context or {}, **more)


@pytest.mark.parametrize(
    ("context", "rows"),
    [
        ({"claim_value": 999.99, "court": None}, [{"band": "small", "fee": 100}]),
        ({"claim_value": 1000, "court": "county"}, [{"band": "middle", "fee": 200}]),
        ({"claim_value": 1000, "court": "appeal"}, []),
        ({"claim_value": 10000, "court": "appeal"}, [{"band": "large", "fee": 500}]),
        ({"claim_value": 10000, "court": "arbitration"}, []),
        ({"claim_value": "ten thousand", "court": "appeal"}, []),
        ({}, []),
    ],
)
def test_a_table_answers_with_the_rule_that_matches(context, rows):
    assert decide(dmn.table(FEES, **FEE_COLUMNS), context) == rows


def test_a_table_that_is_evaluated_again_with_other_variables_answers_anew():
    decision = decisions.parse(dmn.file(dmn.table(FEES, **FEE_COLUMNS)))["decision"]

    for _ in range(3):
        assert decisions.evaluate(decision, {"claim_value": 1}) == [{"band": "small", "fee": 100}]
        assert decisions.evaluate(decision, {"claim_value": None, "court": {"a": 1}}) == []
        assert decisions.evaluate(decision, {"claim_value": 2000, "court": "county", "x y": 1}) == [
            {"band": "middle", "fee": 200}
        ]


def test_a_table_of_a_thousand_rules_answers():
    rules = [[f"[{number}..{number + 1})", f'"band {number}"'] for number in range(1000)]

    assert decide(dmn.table(rules), {"x": 777.5}) == [{"answer": "band 777"}]


def test_a_table_without_inputs_matches_always():
    assert decide(dmn.table([["1"]], inputs=())) == [{"answer": 1}]


def test_a_table_without_rules_matches_never():
    assert decide(dmn.table([]), {"x": 1}) == []


def test_an_empty_input_entry_matches_all_and_an_empty_output_entry_is_null():
    assert decide(dmn.table([["", ""]]), {"x": 1}) == [{"answer": None}]


def test_an_input_may_be_any_expression_and_a_test_may_mention_it_and_other_variables():
    rules = [["? > limit and ? < 10 * limit", "? "], ["-", "0"]]

    with pytest.raises(FeelError):
        decide(dmn.table([["-", "? +"]], inputs=("x * 2",)), {"x": 1})
    assert decide(
        dmn.table([["? > limit", "x"], ["-", "0"]], inputs=("x * 2",), hitPolicy="FIRST"), {"x": 4, "limit": 7}
    ) == [{"answer": 4}]
    assert decide(dmn.table(rules, inputs=("x",), hitPolicy="FIRST"), {"x": 1, "limit": 7}) == [{"answer": 0}]


def test_dates_are_compared_as_dates():
    rules = [['< date("2026-09-01")', '"before"'], ['>= date("2026-09-01")', '"after"']]

    assert decide(dmn.table(rules, inputs=("date(received_on)",)), {"received_on": "2026-10-01"}) == [
        {"answer": "after"}
    ]
    assert decide(dmn.table(rules, inputs=("received_on",)), {"received_on": date(2026, 8, 1)}) == [
        {"answer": "before"}
    ]


def test_a_text_tested_as_a_date_is_refused():
    with pytest.raises(FeelError, match="write date"):
        decide(dmn.table([["< today()", "1"]], inputs=("received_on",)), {"received_on": "2026-10-01"})


def test_a_table_goes_by_the_time_that_is_given():
    rules = [["< today()", '"late"'], [">= today()", '"in time"']]
    table = dmn.table(rules, inputs=("date(due_on)",))

    assert decide(table, {"due_on": "2026-09-01"}, now=datetime(2026, 9, 1, tzinfo=UTC)) == [{"answer": "in time"}]
    assert decide(table, {"due_on": "2026-09-01"}, now=datetime(2026, 9, 2, tzinfo=UTC)) == [{"answer": "late"}]
    assert decide(table, {"due_on": "1999-09-01"}) == [{"answer": "late"}]


def test_a_table_tests_booleans_lists_and_null():
    rules = [["true", '"yes"'], ["false", '"no"'], ["null", '"unknown"']]

    assert [decide(dmn.table(rules), {"x": x}) for x in (True, False, None)] == [
        [{"answer": "yes"}],
        [{"answer": "no"}],
        [{"answer": "unknown"}],
    ]
    assert decide(dmn.table([['list contains(?, "VIP")', "1"]]), {"x": ["VIP", "late"]}) == [{"answer": 1}]


def test_the_defaults_answer_when_no_rule_matches():
    table = dmn.table([["> 5", "1", "2"]], outputs=("a", "b"), defaults=('"none"', None))

    assert decide(table, {"x": 1}) == [{"a": "none", "b": None}]
    assert decide(table, {"x": 6}) == [{"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("rule", "defaults", "element_id"),
    [
        (["nonsense(?)", "1"], (), "rule_1_1"),
        (["-", "nonsense(1)"], (), "rule_1_2"),
        (["> >", "1"], (), "rule_1_1"),
        (["> 5", "1"], ("1 +",), "output_1"),
    ],
)
def test_a_cell_at_fault_is_named(rule, defaults, element_id):
    with pytest.raises(FeelError) as refusal:
        decide(dmn.table([rule], defaults=defaults), {"x": 1})

    assert element_id in refusal.value.message
    assert "'decision'" in refusal.value.message


def test_an_input_at_fault_is_named():
    with pytest.raises(FeelError) as refusal:
        decide(dmn.table([["-", "1"]], inputs=("nonsense(1)",)))

    assert "input_1" in refusal.value.message
    assert refusal.value.expression == "nonsense(1)"


def test_an_endless_table_is_stopped():
    with pytest.raises(FeelError) as refusal:
        decide(dmn.table([['matches(?, "^(a+)+$")', "1"]]), {"x": "a" * 60 + "!"})

    assert isinstance(refusal.value, FeelTimeout)
    assert "decision" in refusal.value.message


def test_a_decision_by_expression_answers_one_row():
    assert decide(dmn.literal("x + 1", variable="next"), {"x": 1}) == [{"next": 2}]
    assert decide(dmn.literal("x + 1"), {"x": 1}) == [{"decision": 2}]


def test_an_expression_at_fault_is_named():
    with pytest.raises(FeelError, match="decision_expression"):
        decide(dmn.literal("nonsense(1)"))


def test_required_decisions_are_decided_first_and_known_by_variable_name_and_id():
    xml = dmn.file(
        dmn.literal("claim_value * 2", decision_id="doubled", variable="twice the value"),
        dmn.table(
            [["> 10", '"large"'], ["<= 10", '"small"']],
            inputs=("twice the value",),
            decision_id="band",
            requires=["doubled"],
        ),
        dmn.table(
            [["> 5", "1", "2"], ["-", "3", "4"]],
            inputs=("doubled",),
            outputs=("a", "b"),
            decision_id="two_outputs",
            requires=["doubled"],
            hitPolicy="FIRST",
        ),
        dmn.table(
            [["> 1", "1"], ["> 2", "2"]],
            inputs=("doubled",),
            decision_id="listed",
            requires=["doubled"],
            hitPolicy="COLLECT",
        ),
        dmn.literal(
            "band + string(two_outputs.b) + string(count(listed)) + string(doubled)",
            requires=["band", "two_outputs", "listed", "doubled"],
        ),
    )

    assert decisions.evaluate(decisions.parse(xml)["decision"], {"claim_value": 6}) == [{"decision": "large2212"}]


def test_a_decision_that_two_others_require_is_decided_once(monkeypatch):
    xml = dmn.file(
        dmn.literal("x", decision_id="base"),
        dmn.literal("base + 1", decision_id="left", requires=["base"]),
        dmn.literal("base + 2", decision_id="right", requires=["base"]),
        dmn.literal("left + right", requires=["left", "right"]),
    )
    asked = []
    interpreter = decisions.interpreter.shared()
    real = interpreter.decide
    monkeypatch.setattr(interpreter, "decide", lambda one, *a, **k: asked.append(one.id) or real(one, *a, **k))

    assert decisions.evaluate(decisions.parse(xml)["decision"], {"x": 1}) == [{"decision": 5}]
    assert asked == ["base", "left", "right", "decision"]


@pytest.mark.parametrize(
    ("hit_policy", "value"),
    [("FIRST", 1), ("COLLECT", [1, 2]), ("RULE ORDER", [1, 2])],
)
def test_the_value_of_a_decision_is_plain(hit_policy, value):
    xml = dmn.file(dmn.table([["-", "1"], ["-", "2"]], hitPolicy=hit_policy))

    assert decisions.value(decisions.parse(xml)["decision"], {}) == value


def test_the_value_of_a_table_that_does_not_match_is_null_or_an_empty_list():
    assert decisions.value(decisions.parse(dmn.file(dmn.table([])))["decision"], {}) is None
    assert decisions.value(decisions.parse(dmn.file(dmn.table([], hitPolicy="COLLECT")))["decision"], {}) == []
    assert (
        decisions.value(
            decisions.parse(dmn.file(dmn.table([], hitPolicy="COLLECT", aggregation="COUNT")))["decision"], {}
        )
        == 0
    )


@pytest.mark.parametrize(
    ("rows", "mapping", "value"),
    [
        ([{"fee": 1}], "singleEntry", 1),
        ([], "singleEntry", None),
        ([{"fee": 1, "band": "a"}], "singleResult", {"fee": 1, "band": "a"}),
        ([], "singleResult", None),
        ([{"fee": 1}, {"fee": 2}], "collectEntries", [1, 2]),
        ([], "collectEntries", []),
        ([{"fee": 1}, {"fee": 2}], "resultList", [{"fee": 1}, {"fee": 2}]),
        ([], "resultList", []),
    ],
)
def test_a_result_is_mapped(rows, mapping, value):
    assert decisions.map_result(rows, mapping) == value


@pytest.mark.parametrize(
    ("rows", "mapping", "message"),
    [
        ([{"fee": 1}, {"fee": 2}], "singleEntry", "takes one row and the decision answers 2"),
        ([{"fee": 1}, {"fee": 2}], "singleResult", "takes one row"),
        ([{"fee": 1, "band": 2}], "singleEntry", "several: fee, band"),
        ([{"fee": 1, "band": 2}], "collectEntries", "takes one output"),
        ([], "whatever", "not one of"),
    ],
)
def test_a_result_that_does_not_fit_its_mapping_is_refused(rows, mapping, message):
    with pytest.raises(DecisionFailed, match=message) as refusal:
        decisions.map_result(rows, mapping, decision_id="filing_fee")

    assert refusal.value.decision_id == "filing_fee"
