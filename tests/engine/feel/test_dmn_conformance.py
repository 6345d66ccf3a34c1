"""What DMN asks of an evaluator, model by model, after the manner of the DMN TCK; the models are our own."""

import pytest

from engine.feel import decisions
from engine.feel.decisions import DecisionFailed, DecisionInvalid
from engine.feel.errors import FeelError
from tests.engine.feel import dmn_files as dmn


def decide(*parts, context=None, decision_id="decision"):
    return decisions.value(decisions.parse(dmn.file(*parts))[decision_id], context or {})


def typed(table, column, kind):
    """The table whose input expression, or output, says its type."""
    if column.startswith("input"):
        return table.replace(
            f'<input id="{column}"><inputExpression', f'<input id="{column}"><inputExpression typeRef="{kind}"'
        )
    return table.replace(f'<output id="{column}"', f'<output id="{column}" typeRef="{kind}"')


def allowing(table, column, values):
    """The table whose input allows some values only."""
    return table.replace(
        f'<input id="{column}">', f'<input id="{column}"><inputValues><text>{values}</text></inputValues>'
    )


# the logic of a decision


@pytest.mark.parametrize(
    ("logic", "context", "value"),
    [
        ("<literalExpression><text>x * 2</text></literalExpression>", {"x": 4}, 8),
        (("<list><literalExpression><text>1</text></literalExpression>"
         "<literalExpression><text>x</text></literalExpression></list>"), {"x": 2}, [1, 2]),
        ("<list/>", {}, []),
        (('<context><contextEntry><variable name="net fee"/><literalExpression><text>x // net\n</text>'
         '</literalExpression></contextEntry><contextEntry><variable name="gross"/><literalExpression>'
         "<text>net fee + 1</text></literalExpression></contextEntry></context>"), {"x": 4}, {"net fee": 4, "gross": 5}),
        (('<context><contextEntry><variable name="net"/><literalExpression><text>x</text></literalExpression>'
         "</contextEntry><contextEntry><literalExpression><text>net + 1</text></literalExpression></contextEntry>"
         "</context>"), {"x": 4}, 5),
        (('<relation><column name="court"/><column name="fee"/><row><literalExpression><text>"county"</text>'
         "</literalExpression><literalExpression><text>x</text></literalExpression></row></relation>"),
         {"x": 3}, [{"court": "county", "fee": 3}]),
        (("<conditional><if><literalExpression><text>x &gt; 1</text></literalExpression></if>"
         '<then><literalExpression><text>"many"</text></literalExpression></then>'
         '<else><literalExpression><text>"one"</text></literalExpression></else></conditional>'), {"x": 1}, "one"),
        (("<filter><in><literalExpression><text>x</text></literalExpression></in>"
         "<match><literalExpression><text>item &gt; 1</text></literalExpression></match></filter>"),
         {"x": [1, 2, 3]}, [2, 3]),
        (('<for iteratorVariable="fee"><in><literalExpression><text>x</text></literalExpression></in>'
         "<return><literalExpression><text>fee + 1</text></literalExpression></return></for>"), {"x": [1, 2]}, [2, 3]),
        (('<some iteratorVariable="fee"><in><literalExpression><text>x</text></literalExpression></in>'
         "<satisfies><literalExpression><text>fee &gt; 1</text></literalExpression></satisfies></some>"),
         {"x": [1, 2]}, True),
        (('<every iteratorVariable="fee"><in><literalExpression><text>x</text></literalExpression></in>'
         "<satisfies><literalExpression><text>fee &gt; 1</text></literalExpression></satisfies></every>"),
         {"x": [1, 2]}, False),
    ],
    ids=["expression", "list", "empty list", "context", "context with a result", "relation", "conditional", "filter",
         "for", "some", "every"],
)  # fmt: skip
def test_a_boxed_expression_is_evaluated_and_checks_clean(logic, context, value):
    model = dmn.file(dmn.decision("decision", logic))

    assert decisions.check(model) == []
    assert decisions.value(decisions.parse(model)["decision"], context) == value


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        ("<list><decisionTable/></list>", "a table inside another expression"),
        ("<functionDefinition/>", "<functionDefinition> is not supported"),
        ("<list><functionDefinition/></list>", "<functionDefinition> inside another"),
        ('<relation><column name="a"/><row/></relation>', "0 cells and the relation 1 columns"),
        ("<relation><column/></relation>", "has no name"),
        ("<list><literalExpression/></list>", "is empty"),
        ('<context><contextEntry><variable name="a"/></contextEntry></context>', "is missing"),
        ("<conditional/>", "has no <if>"),
        ("<for><in/></for>", "names no variable"),
        ("<list>" * 60 + "</list>" * 60, "more than 50 deep"),
        ("<invocation><literalExpression><text>f</text></literalExpression><binding/></invocation>", "no parameter"),
    ],
)
def test_a_boxed_expression_that_cannot_be_evaluated_is_refused(logic, message):
    with pytest.raises(DecisionInvalid, match=message):
        decisions.parse(dmn.file(dmn.decision("decision", logic)))


def test_what_does_not_parse_in_a_boxed_expression_is_named_by_its_own_element():
    logic = '<list><literalExpression id="bad"><text>1 +</text></literalExpression></list>'

    assert [element for element, _ in decisions.check(dmn.file(dmn.decision("decision", logic)))] == ["bad"]


# business knowledge models

SHARE = (
    '<businessKnowledgeModel id="share_of" name="share of"><variable name="share"/>'
    '<encapsulatedLogic><formalParameter name="whole"/><formalParameter name="parts"/>'
    "<literalExpression><text>whole / parts</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)
HALF = (
    '<businessKnowledgeModel id="half"><encapsulatedLogic><formalParameter name="whole"/><invocation>'
    '<literalExpression><text>share</text></literalExpression><binding><parameter name="parts"/><literalExpression>'
    '<text>2</text></literalExpression></binding><binding><parameter name="whole"/><literalExpression>'
    "<text>whole</text></literalExpression></binding></invocation></encapsulatedLogic>"
    '<knowledgeRequirement><requiredKnowledge href="#share_of"/></knowledgeRequirement></businessKnowledgeModel>'
)


def knowing(decision, target):
    """The decision, requiring a business knowledge model."""
    requirement = f'<knowledgeRequirement><requiredKnowledge href="#{target}"/></knowledgeRequirement>'
    return decision.replace("</decision>", f"{requirement}</decision>")


def test_an_expression_calls_a_business_knowledge_model():
    model = dmn.file(SHARE, knowing(dmn.literal("share(x, 4) + share(parts: 2, whole: x)"), "share_of"))

    assert decisions.check(model) == []
    assert decisions.value(decisions.parse(model)["decision"], {"x": 8}) == 6


def test_a_table_calls_a_business_knowledge_model_that_calls_another():
    table = dmn.table([["> half(6)", "half(x)"], ["-", "0"]], inputs=("half(x)",), hitPolicy="FIRST")
    model = dmn.file(SHARE, HALF, knowing(table, "half"))

    assert decisions.check(model) == []
    assert decisions.value(decisions.parse(model)["decision"], {"x": 8}) == 4
    assert decisions.value(decisions.parse(model)["decision"], {"x": 2}) == 0


@pytest.mark.parametrize(
    ("model", "element_id", "message"),
    [
        (SHARE.replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">'), "share_of", "a function in Java"),
        (SHARE.replace("<literalExpression><text>whole / parts</text></literalExpression>", "<decisionTable/>"),
         "share_of", "a table inside"),
        (SHARE.replace("<literalExpression><text>whole / parts</text></literalExpression>", ""), "share_of",
         "has no expression"),
        (SHARE.replace("</businessKnowledgeModel>", '<knowledgeRequirement><requiredKnowledge href="#share_of"/>'
         "</knowledgeRequirement></businessKnowledgeModel>"), "share_of", "requires itself: decision → share_of"),
        ("", "decision", "'share_of' is not in"),
        ('<decisionService id="share_of"/>', "decision", "decision service 'share_of', which is not supported"),
    ],
)  # fmt: skip
def test_a_business_knowledge_model_that_cannot_be_called_is_refused(model, element_id, message):
    with pytest.raises(DecisionInvalid, match=message) as refusal:
        decisions.parse(dmn.file(model, knowing(dmn.literal("1"), "share_of")))

    assert refusal.value.element_id == element_id


# types


@pytest.mark.parametrize(
    ("kind", "value", "test"),
    [
        ("string", "county", '"county"'),
        ("number", 12, "12"),
        ("number", "12.50", "12.5"),
        ("integer", 12, "> 11"),
        ("boolean", True, "true"),
        ("date", "2026-09-01", '< date("2026-09-02")'),
        ("time", "10:00:00", '< time("11:00:00")'),
        ("dateTime", "2026-09-01T10:00:00Z", '< date and time("2026-09-01T11:00:00Z")'),
        ("dayTimeDuration", "P3D", '> duration("P2D")'),
        ("yearMonthDuration", "P3Y", '> duration("P2Y")'),
        ("feel:string", "county", '"county"'),
        ("Any", ["x"], "count(?) = 1"),
        ("number", [12], "12"),
        ("number", None, "null"),
        ("context", {"fee": 3}, "?.fee = 3"),
    ],
)
def test_an_input_of_its_type_is_tested_as_one(kind, value, test):
    table = typed(dmn.table([[test, '"matched"'], ["-", '"not"']], hitPolicy="FIRST"), "input_1", kind)

    assert decide(table, context={"x": value}) == "matched"


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [
        ("string", 12, "12 is no text"),
        ("number", "twelve", '"twelve" is no number'),
        ("number", "", "is no number"),
        ("integer", 1.5, "1.5 is no whole number"),
        ("boolean", "true", '"true" is no boolean'),
        ("date", "1 September", "is no date"),
        ("date", "2026-02-30", "is no date"),
        ("dateTime", "2026-09-01", "is no date and time"),
        ("dayTimeDuration", "P3Y", "is no duration of days and hours"),
        ("yearMonthDuration", "P3D", "is no duration of years and months"),
        ("number", [1, 2], "is no number"),
        ("context", 1, "is no context"),
    ],
)
def test_an_input_of_another_type_is_refused_and_names_the_column(kind, value, word):
    table = typed(dmn.table([["-", "1"]]), "input_1", kind)

    with pytest.raises(DecisionFailed, match=word) as refusal:
        decide(table, context={"x": value})

    assert refusal.value.rules == ["input_1"]
    assert refusal.value.decision_id == "decision"


def test_an_output_of_another_type_is_refused_and_names_the_cell():
    table = typed(dmn.table([["-", '"ten"']]), "output_1", "number")

    with pytest.raises(DecisionFailed, match='"ten" is no number') as refusal:
        decide(table, context={"x": 1})

    assert refusal.value.rules == ["rule_1_2"]


def test_an_amount_answered_as_text_stays_the_text_it_is():
    assert decide(typed(dmn.table([["-", '"10.00"']]), "output_1", "number"), context={"x": 1}) == "10.00"


def test_an_expression_whose_value_is_not_what_its_variable_says_is_refused():
    decision = dmn.literal("x", variable="fee").replace('name="fee"', 'name="fee" typeRef="number"')

    with pytest.raises(DecisionFailed, match="is no number"):
        decide(decision, context={"x": "much"})
    assert decide(decision, context={"x": 3}) == 3
    assert decide(decision) is None


def test_input_data_with_a_type_makes_a_date_of_a_text():
    data = '<inputData id="received"><variable name="received_on" typeRef="date"/></inputData>'
    decision = dmn.literal('received_on + duration("P1D")').replace(
        "<literalExpression", '<informationRequirement><requiredInput href="#received"/></informationRequirement>'
        "<literalExpression", 1,
    )  # fmt: skip

    assert decide(data, decision, context={"received_on": "2026-09-30"}) == "2026-10-01"
    assert decide(data, decision) is None
    with pytest.raises(DecisionFailed, match="is no date"):
        decide(data, decision, context={"received_on": "soon"})


def test_a_date_that_a_decision_answers_is_a_date_to_those_that_require_it():
    base = dmn.literal('date("2026-09-30")', decision_id="due_on", variable="due_on").replace(
        'name="due_on"/>', 'name="due_on" typeRef="date"/>'
    )

    assert decide(base, dmn.literal('due_on + duration("P1D")', requires=["due_on"])) == "2026-10-01"


def test_a_type_of_ones_own_is_followed_and_its_allowed_values_hold():
    definition = (
        '<itemDefinition name="tCourt"><typeRef>string</typeRef><allowedValues><text>"county","high"</text>'
        '</allowedValues></itemDefinition><itemDefinition name="tCourts" isCollection="true"><typeRef>tCourt</typeRef>'
        "</itemDefinition>"
    )
    table = typed(dmn.table([["count(?) > 0", "count(x)"]]), "input_1", "tCourts")

    assert decide(definition, table, context={"x": ["county", "high"]}) == 2
    assert decide(definition, table, context={"x": "county"}) == 1
    with pytest.raises(DecisionFailed, match='"moot" is none of the values allowed'):
        decide(definition, table, context={"x": ["county", "moot"]})


def test_a_structure_of_ones_own_is_checked_entry_by_entry():
    definition = (
        '<itemDefinition name="tClaim"><itemComponent name="value"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="due_on"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    )
    table = typed(
        dmn.table([['> date("2026-01-01")', "x.value"]], inputs=("x.due_on",)).replace(
            "<decisionTable",
            '<informationRequirement><requiredInput href="#claim"/></informationRequirement><decisionTable',
        ),
        "input_1",
        "date",
    )
    data = '<inputData id="claim"><variable name="x" typeRef="tClaim"/></inputData>'

    assert decide(definition, data, table, context={"x": {"value": 3, "due_on": "2026-02-01"}}) == 3
    with pytest.raises(DecisionFailed, match='"many" is no number'):
        decide(definition, data, table, context={"x": {"value": "many", "due_on": "2026-02-01"}})


@pytest.mark.parametrize(
    ("definition", "kind", "message"),
    [
        ("", "tFee", "the type 'tFee' is not defined"),
        ('<itemDefinition name="tFee"><typeRef>tFee</typeRef></itemDefinition>', "tFee", "defined by itself"),
    ],
)
def test_a_type_that_is_not_defined_is_found_at_deployment_and_stops_no_decision(definition, kind, message):
    model = dmn.file(definition, typed(dmn.table([["-", "1"]]), "input_1", kind))

    assert [(element, message in text) for element, text in decisions.check(model)] == [("input_1", True)]
    assert decisions.value(decisions.parse(model)["decision"], {"x": 1}) == 1


# allowed values


def test_an_input_that_is_not_allowed_is_refused_and_null_is_not():
    table = allowing(dmn.table([["-", "1"]]), "input_1", '"county", "high"')

    assert decide(table, context={"x": "county"}) == 1
    assert decide(table) == 1
    with pytest.raises(DecisionFailed, match='"moot" is none of the values allowed: "county", "high"'):
        decide(table, context={"x": "moot"})


def test_an_output_that_is_not_allowed_is_refused_the_default_too():
    with pytest.raises(DecisionFailed, match="3 is none of the values"):
        decide(dmn.table([["-", "3"]], values=("1, 2",)), context={"x": 1})
    with pytest.raises(DecisionFailed, match="3 is none of the values") as refusal:
        decide(dmn.table([["> 5", "1"]], values=("1, 2",), defaults=("3",)), context={"x": 1})
    assert refusal.value.rules == ["output_1"]


@pytest.mark.parametrize("hit_policy", ["PRIORITY", "OUTPUT ORDER"])
def test_what_sorts_by_its_values_must_list_them(hit_policy):
    with pytest.raises(DecisionInvalid, match="most important first"):
        decide(dmn.table([["-", "3"]], hitPolicy=hit_policy))


def test_the_values_of_a_type_sort_as_those_of_the_output():
    definition = (
        '<itemDefinition name="tRank"><typeRef>string</typeRef><allowedValues><text>"high","low"</text>'
        "</allowedValues></itemDefinition>"
    )
    table = typed(dmn.table([["-", '"low"'], ["-", '"high"']], hitPolicy="PRIORITY"), "output_1", "tRank")

    assert decide(definition, table, context={"x": 1}) == "high"


# null, lists, comparing


@pytest.mark.parametrize(
    ("test", "value", "matches"),
    [
        ("-", None, True),
        ("null", None, True),
        ("not(null)", None, False),
        ("> 5", None, False),
        ("not(> 5)", None, True),
        ('not("a")', None, True),
        ('"a"', None, False),
        ("false", None, False),
        ('"a"', ["a"], True),
        ("list contains(?, 3)", [1, 3], True),
        ("[1..3], 7", 7, True),
        ("(1..3)", 1, False),
        ("]1..3[", 2, True),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ("< x_limit", 3, True),
    ],
)
def test_a_unary_test_over_null_lists_and_ranges(test, value, matches):
    table = dmn.table([[test, '"yes"'], ["-", '"no"']], hitPolicy="FIRST")

    assert decide(table, context={"x": value, "x_limit": 5}) == ("yes" if matches else "no")


# requirements


def test_a_chain_of_fifty_decisions_is_decided_in_order():
    chain = [dmn.literal("x", decision_id="d0")]
    chain += [dmn.literal(f"d{number - 1} + 1", decision_id=f"d{number}", requires=[f"d{number - 1}"])
              for number in range(1, 51)]  # fmt: skip

    assert decide(*chain, context={"x": 1}, decision_id="d50") == 51


def test_what_a_required_decision_refuses_names_that_decision():
    model = (dmn.table([["-", "1"], ["-", "2"]], decision_id="fee"), dmn.literal("fee", requires=["fee"]))

    with pytest.raises(DecisionFailed) as refusal:
        decide(*model)

    assert refusal.value.decision_id == "fee"


def test_a_variable_of_the_same_name_gives_way_to_the_decision():
    assert decide(dmn.literal("1", decision_id="fee"), dmn.literal("fee", requires=["fee"]), context={"fee": 9}) == 1


def test_a_decision_that_is_not_required_is_not_in_reach():
    assert decide(dmn.literal("1", decision_id="fee"), dmn.literal("fee")) is None


# several files


def across(*, reference, head="", target="urn:fees"):
    return {
        "decisions/fees.dmn": dmn.file(
            '<itemDefinition name="tFee"><typeRef>number</typeRef></itemDefinition>',
            dmn.literal("x * 2", decision_id="fee", variable="the fee"),
        ).replace(b'namespace="test"', f'namespace="{target}"'.encode()),
        "decisions/total.dmn": dmn.file(
            head, dmn.literal("the fee + 1", decision_id="total", requires=["fee"]).replace("#fee", reference)
        ),
    }


@pytest.mark.parametrize("reference", ["fees.dmn#fee", "../decisions/fees.dmn#fee", "urn:fees#fee"])
def test_a_decision_requires_one_of_another_file(reference):
    files = across(reference=reference)

    found, findings = decisions.examine(files)

    assert findings == []
    assert sorted(found) == ["fee", "total"]
    assert decisions.value(decisions.parse_all(files)["total"], {"x": 4}) == 9


def test_an_import_gives_the_other_file_a_name():
    head = '<import name="fees" namespace="urn:fees" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    files = across(reference="urn:fees#fee", head=head)
    files["decisions/total.dmn"] = files["decisions/total.dmn"].replace(b"the fee + 1", b"fees.the fee + 1")

    assert decisions.examine(files)[1] == []
    assert decisions.value(decisions.parse_all(files)["total"], {"x": 4}) == 9


@pytest.mark.parametrize(
    ("reference", "head", "message"),
    [
        ("costs.dmn#fee", "", "the bundle has no file 'costs.dmn'"),
        ("urn:costs#fee", "", "the bundle has no file 'urn:costs'"),
        ("fees.dmn#costs", "", "requires 'costs', which is not in decisions/fees.dmn"),
        ("fees.dmn#fee", '<import name="p" namespace="urn:p" importType="http://www.dmg.org/PMML-4_1"/>', "is not DMN"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_and_names_the_file(reference, head, message):
    findings = decisions.examine(across(reference=reference, head=head))[1]

    assert [(finding.severity, finding.resource) for finding in findings] == [("error", "decisions/total.dmn")]
    assert message in findings[0].message


def test_files_that_require_each_other_in_a_circle_are_refused():
    files = across(reference="fees.dmn#fee")
    files["decisions/fees.dmn"] = dmn.file(
        dmn.literal("1", decision_id="fee", requires=["total"]).replace("#total", "total.dmn#total")
    )

    findings = decisions.examine(files)[1]

    assert [finding.message for finding in findings] == ["the decision requires itself: fee → total → fee"]


def test_two_files_with_a_decision_of_one_id_are_refused():
    table = dmn.file(dmn.literal("1", decision_id="fee"))

    findings = decisions.examine({"a.dmn": table, "b.dmn": table})[1]

    assert [(item.element_id, item.resource) for item in findings] == [("fee", "b.dmn")]
    assert "also in a.dmn" in findings[0].message


def test_one_file_at_fault_does_not_hide_what_is_wrong_with_another():
    findings = decisions.examine({"a.dmn": b"<", "b.dmn": dmn.file(dmn.literal("1 +"))})[1]

    assert [finding.resource for finding in findings] == ["a.dmn", "b.dmn"]


def test_a_function_that_does_not_exist_is_refused_when_it_is_called():
    with pytest.raises(FeelError, match="'share' is not a function"):
        decide(dmn.literal("share(1)"))
