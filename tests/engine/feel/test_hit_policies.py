"""What a table answers when several rules match, hit policy by hit policy."""

import pytest

from engine.feel import decisions
from engine.feel.decisions import DecisionFailed, DecisionInvalid
from tests.engine.feel import dmn_files as dmn

#: For 7, the rules 1, 2 and 4 match; for 1, rule 4 alone; for null, none.
RULES = [["> 5", '"b"', "10"], ["> 6", '"a"', "20"], ["> 8", '"c"', "40"], ["> 0", '"b"', "5.5"]]


def decide(x, rules=RULES, *, outputs=("band", "fee"), **attributes):
    xml = dmn.file(dmn.table(rules, outputs=outputs, **attributes))
    return decisions.evaluate(decisions.parse(xml)["decision"], {"x": x})


def fees(x, **attributes):
    return [row["fee"] for row in decide(x, [[rule[0], rule[2]] for rule in RULES], outputs=("fee",), **attributes)]


def test_unique_answers_the_only_rule_that_matches():
    assert decide(1) == [{"band": "b", "fee": 5.5}]
    assert decide(None) == []


def test_unique_refuses_two_matches_and_names_the_decision_and_the_rules():
    with pytest.raises(DecisionFailed) as refusal:
        decide(7, hitPolicy="UNIQUE")

    assert refusal.value.decision_id == "decision"
    assert refusal.value.rules == ["rule_1", "rule_2", "rule_4"]
    assert "rule_1, rule_2, rule_4" in refusal.value.message


def test_first_answers_the_first_rule_that_matches():
    assert decide(7, hitPolicy="FIRST") == [{"band": "b", "fee": 10}]


def test_first_does_not_evaluate_the_rules_after_it():
    assert decide(7, [["-", "1"], ["nonsense(?)", "nonsense()"]], outputs=("a",), hitPolicy="FIRST") == [{"a": 1}]


def test_any_answers_what_all_agree_on_and_refuses_disagreement():
    agreeing = [["> 5", "1"], ["> 6", "1"], ["> 9", "2"]]

    assert decide(7, agreeing, outputs=("a",), hitPolicy="ANY") == [{"a": 1}]
    with pytest.raises(DecisionFailed, match="must agree"):
        decide(10, agreeing, outputs=("a",), hitPolicy="ANY")


def test_any_does_not_take_true_for_one():
    with pytest.raises(DecisionFailed, match="must agree"):
        decide(7, [["-", "true"], ["-", "1"]], outputs=("a",), hitPolicy="ANY")


def test_priority_answers_the_most_important_output():
    assert decide(9, hitPolicy="PRIORITY", values=('"c", "b", "a"', None)) == [{"band": "c", "fee": 40}]
    assert decide(7, hitPolicy="PRIORITY", values=('"c", "b", "a"', None)) == [{"band": "b", "fee": 10}]


def test_priority_goes_by_the_second_output_when_the_first_is_the_same():
    assert decide(7, hitPolicy="PRIORITY", values=('"b", "a", "c"', "5.5, 10, 20, 40")) == [{"band": "b", "fee": 5.5}]


def test_priority_refuses_a_value_that_is_not_listed():
    with pytest.raises(DecisionFailed, match="none of the values"):
        decide(7, hitPolicy="PRIORITY", values=('"a"', None))


def test_output_order_answers_all_by_importance():
    rows = decide(7, hitPolicy="OUTPUT ORDER", values=('"a", "b", "c"', None))

    assert rows == [{"band": "a", "fee": 20}, {"band": "b", "fee": 10}, {"band": "b", "fee": 5.5}]


def test_rule_order_and_collect_answer_all_in_the_order_of_the_table():
    expected = [{"band": "b", "fee": 10}, {"band": "a", "fee": 20}, {"band": "b", "fee": 5.5}]

    assert decide(7, hitPolicy="RULE ORDER") == expected
    assert decide(7, hitPolicy="COLLECT") == expected
    assert decide(None, hitPolicy="COLLECT") == []


@pytest.mark.parametrize(("aggregation", "value"), [("SUM", 35.5), ("MIN", 5.5), ("MAX", 20), ("COUNT", 3)])
def test_collect_aggregates(aggregation, value):
    assert fees(7, hitPolicy="COLLECT", aggregation=aggregation) == [value]


@pytest.mark.parametrize(("aggregation", "rows"), [("SUM", []), ("MIN", []), ("MAX", []), ("COUNT", [0])])
def test_collect_aggregates_no_match_to_nothing_but_counts_it(aggregation, rows):
    assert fees(None, hitPolicy="COLLECT", aggregation=aggregation) == rows


def test_a_sum_is_that_of_the_numbers_as_they_are_written():
    rows = decide(1, [["-", "0.1"], ["-", "0.2"]], outputs=("a",), hitPolicy="COLLECT", aggregation="SUM")

    assert rows == [{"a": 0.3}]


def test_an_aggregation_of_what_is_no_number_is_refused_and_names_the_rule():
    with pytest.raises(DecisionFailed, match="rule rule_2 answers 'x'"):
        decide(1, [["-", "1"], ["-", '"x"']], outputs=("a",), hitPolicy="COLLECT", aggregation="SUM")
    with pytest.raises(DecisionFailed, match="answers True"):
        decide(1, [["-", "true"]], outputs=("a",), hitPolicy="COLLECT", aggregation="MAX")


def test_an_aggregation_of_two_outputs_is_refused():
    with pytest.raises(DecisionInvalid, match="one output"):
        decide(7, hitPolicy="COLLECT", aggregation="SUM")


def test_an_aggregation_counts_for_collect_only():
    assert fees(1, hitPolicy="UNIQUE", aggregation="COUNT") == [5.5]
