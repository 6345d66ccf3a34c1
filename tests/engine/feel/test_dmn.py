"""DMN files: what is read, and what is refused by element."""

import pytest

from engine.feel import decisions
from engine.feel.decisions import DecisionInvalid
from tests.engine.feel import dmn_files as dmn

TABLE = dmn.table([["-", "1"]])


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_dmn_1_1_to_1_5_is_read(namespace):
    assert list(decisions.parse(dmn.file(TABLE, namespace=namespace))) == ["decision"]


def test_a_decision_knows_its_name_its_table_and_its_inputs():
    xml = dmn.file(
        '<inputData id="value" name="Claim value"/>',
        dmn.table([["> 5", "1"]], decision_id="fee", hitPolicy="FIRST").replace(
            "<decisionTable",
            '<informationRequirement><requiredInput href="#value"/></informationRequirement><decisionTable',
        ),
    )

    decision = decisions.parse(xml)["fee"]

    assert (decision.id, decision.name, decision.variable) == ("fee", "fee", "fee")
    assert decision.inputs == (("Claim value", None),)
    assert [rule.id for rule in decision.logic.rules] == ["rule_1"]
    assert str(decision) == "'fee'"


def test_comments_and_processing_instructions_are_passed_over():
    xml = dmn.file(TABLE.replace("<text>1</text>", "<!-- fee --><text>1<?x y?><!-- --></text>"))

    assert decisions.evaluate(decisions.parse(xml)["decision"], {}) == [{"answer": 1}]


BOMB = '<!DOCTYPE definitions [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "not well-formed XML"),
        (b"<definitions>", "not well-formed XML"),
        (b"\xff\xfe\x00\x00", "not in UTF-8"),
        (b"plain text", "not well-formed XML"),
        (b"<definitions/>", "not DMN"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not DMN"),
        (b"<!DOCTYPE definitions>" + dmn.file(TABLE), "document type"),
        (BOMB.encode() + dmn.file(TABLE.replace("<text>1", "<text>&b;")), "document type"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + dmn.file(TABLE), "document type"),
        (
            b'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + dmn.file(TABLE.replace("<text>1", "<text>&f;")),
            "document type",
        ),
        (dmn.file("<a>" * 10_000 + "</a>" * 10_000), "nests elements more than 200 deep"),
        (dmn.file(f'<decision id="x" name="{"a" * 10_000_000}"/>'), "larger than"),
    ],
    ids=[
        "empty",
        "cut off",
        "binary",
        "text",
        "no namespace",
        "BPMN",
        "doctype",
        "entities",
        "DTD",
        "external entity",
        "deep",
        "large",
    ],
)
def test_a_file_that_is_no_sound_dmn_is_refused(xml, message):
    with pytest.raises(DecisionInvalid, match=message):
        decisions.parse(xml)

    assert message in decisions.check(xml)[0][1]


@pytest.mark.parametrize(
    ("xml", "element_id", "message"),
    [
        (dmn.file(TABLE, TABLE), "decision", "two decisions"),
        (dmn.file(TABLE.replace('<decision id="decision"', "<decision")), None, "no id"),
        (dmn.file(dmn.decision("empty", "")), "empty", "neither a table nor an expression"),
        (dmn.file(dmn.literal(" ")), "decision", "is empty"),
        (dmn.file(dmn.decision("boxed", "<context/>")), "boxed", "has no entry"),
        (dmn.file(dmn.decision("boxed", "<invocation/>")), "boxed", "does not name what it calls"),
        (dmn.file(dmn.literal("1", requires=["gone"])), "decision", "requires 'gone', which is not in the file"),
        (dmn.file(dmn.literal("1", requires=["decision"])), "decision", "requires itself"),
        (
            dmn.file(dmn.literal("1", requires=["b"]), dmn.literal("1", decision_id="b", requires=["decision"])),
            "decision",
            "requires itself: decision → b → decision",
        ),
        (
            dmn.file(dmn.literal("1", requires=["x"]).replace("#x", "other.dmn#x")),
            "decision",
            "has no file 'other.dmn'",
        ),
        (dmn.file(dmn.table([], hitPolicy="LAST")), "decision_table", "'LAST' is not known"),
        (dmn.file(dmn.table([], hitPolicy="COLLECT", aggregation="AVG")), "decision_table", "'AVG' is not known"),
        (dmn.file(dmn.table([], outputs=())), "decision_table", "no output"),
        (dmn.file(dmn.table([], outputs=("a", "a"))), "output_2", "two outputs are named 'a'"),
        (dmn.file(dmn.table([], outputs=("a", ""))), "output_2", "no name"),
        (dmn.file(dmn.table([], inputs=("",))), "input_1", "no expression"),
        (dmn.file(dmn.table([["-", "-", "1"]])), "rule_1", "2 output entries and the table 1"),
        (dmn.file(dmn.table([["1"]])), "rule_1", "0 output entries"),
        (
            dmn.file(dmn.table([["1"]]).replace("inputEntry", "outputEntry")),
            "rule_1",
            "0 input entries and the table 1",
        ),
        (
            dmn.file(TABLE.replace('<inputEntry id="rule_1_1"', '<inputEntry id="rule_1_1" expressionLanguage="juel"')),
            "rule_1_1",
            "'juel' is not FEEL",
        ),
        (dmn.file(TABLE.replace("<text>1</text>", "<importedValues/>")), "rule_1_2", "imported values"),
        (
            dmn.file(
                *(dmn.literal("1", decision_id=f"d{n}", requires=[f"d{n + 1}"]) for n in range(200)),
                dmn.literal("1", decision_id="d200"),
            ),
            "d101",
            "more than 100",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_refused_and_names_the_element(xml, element_id, message):
    with pytest.raises(DecisionInvalid, match=message.replace("(", r"\(")) as refusal:
        decisions.parse(xml)

    assert refusal.value.element_id == element_id
    assert decisions.check(xml) == [(element_id, refusal.value.message)]


@pytest.mark.parametrize(
    "language", ["feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/FEEL/20140401"]
)
def test_feel_may_be_named_as_the_language(language):
    xml = dmn.file(
        TABLE.replace('<inputEntry id="rule_1_1"', f'<inputEntry id="rule_1_1" expressionLanguage="{language}"')
    )

    assert decisions.check(xml) == []


def test_the_only_output_may_have_no_name_and_takes_the_decisions():
    xml = dmn.file(dmn.table([["-", "1"]], outputs=("",), decision_id="filing_fee"))

    assert decisions.evaluate(decisions.parse(xml)["filing_fee"], {}) == [{"filing fee": 1}]


def test_elements_without_an_id_are_named_by_their_place():
    xml = dmn.file(
        TABLE.replace(' id="rule_1"', "")
        .replace("<outputEntry", "<inputEntry")
        .replace("</outputEntry", "</inputEntry")
    )

    assert decisions.check(xml) == [("decision_table/rule 1", "rule 1 has 2 input entries and the table 1 inputs")]


def test_the_check_finds_every_expression_that_does_not_parse():
    xml = dmn.file(
        dmn.table(
            [["> 5", "1"], ["> >", "1 +"], ["-", ""], ["nonsense(", "2"]],
            inputs=("x +",),
            values=("1,, 2",),
            defaults=("3 +",),
        ),
        dmn.literal("nonsense(1)", decision_id="other"),
    )

    problems = dict(decisions.check(xml))

    assert list(problems) == ["input_1", "output_1", "rule_2_1", "rule_2_2", "rule_4_1", "other_expression"]
    assert problems["rule_2_2"].startswith("1 +: it is not FEEL at character 4")
    assert problems["other_expression"] == "nonsense(1): 'nonsense' is not a function"


def test_the_check_knows_the_names_of_required_decisions_and_inputs():
    xml = dmn.file(
        '<inputData id="i" name="if only"/>',
        dmn.literal("1", decision_id="base", variable="for now"),
        dmn.literal("for now + if only", requires=["base"]).replace(
            "<literalExpression",
            '<informationRequirement><requiredInput href="#i"/></informationRequirement><literalExpression',
        ),
    )

    assert decisions.check(xml) == []
    assert decisions.evaluate(decisions.parse(xml)["decision"], {"if only": 2}) == [{"decision": 3}]


def test_the_empty_file_has_no_decisions():
    assert decisions.parse(dmn.file()) == {}
    assert decisions.check(dmn.file()) == []
