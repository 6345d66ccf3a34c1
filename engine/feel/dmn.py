"""DMN's XML, read into ``model``. Everything that cannot be evaluated is refused, naming the element."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from engine.feel import hit_policies
from engine.feel.errors import DecisionInvalid
from engine.feel.model import Decision, DecisionTable, Input, Literal, Output, Rule

#: DMN 1.1 to 1.5.
NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
MAX_BYTES: Final = 10_000_000

_LOGICS: Final = (
    "decisionTable", "literalExpression", "context", "invocation", "functionDefinition", "relation", "list",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip


def read(xml: bytes) -> dict[str, Decision]:
    """Return the decisions of a DMN file by id, each with those it requires.

    Raises:
        DecisionInvalid: it is no DMN, or says something that cannot be evaluated.
    """
    root = _root(xml)
    reader = _Reader(root)
    return {decision_id: reader.decision(decision_id) for decision_id in reader.elements}


def _root(xml: bytes) -> etree._Element:
    if len(xml) > MAX_BYTES:
        raise DecisionInvalid(None, f"the file is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DecisionInvalid(None, f"the file is not XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise DecisionInvalid(None, "a document type declaration is not accepted")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DecisionInvalid(root.get("id"), f"the file is not DMN 1.1 to 1.5: its root is <{escape(root.tag)}>")
    return root


class _Reader:
    """Reads decisions as they are needed, so that one knows those it requires."""

    def __init__(self, root: etree._Element) -> None:
        self._namespace = etree.QName(root).namespace
        self.elements: dict[str, etree._Element] = {}
        for element in self._children(root, "decision"):
            decision_id = element.get("id")
            if not decision_id:
                raise DecisionInvalid(None, f"the decision '{element.get('name', '')}' has no id")
            if decision_id in self.elements:
                raise DecisionInvalid(decision_id, "two decisions have this id")
            self.elements[decision_id] = element
        self._input_names = {
            str(element.get("id")): self._name(element) for element in self._children(root, "inputData")
        }
        self._read: dict[str, Decision] = {}
        self._reading: list[str] = []

    def decision(self, decision_id: str) -> Decision:
        if decision_id in self._read:
            return self._read[decision_id]
        if decision_id in self._reading:
            raise DecisionInvalid(
                decision_id, "the decision requires itself: " + " → ".join([*self._reading, decision_id])
            )
        if len(self._reading) > 100:  # noqa: PLR2004
            raise DecisionInvalid(decision_id, "more than 100 decisions require each other in a row")
        self._reading.append(decision_id)
        element = self.elements[decision_id]
        requires: list[Decision] = []
        input_names: list[str] = []
        for requirement in self._children(element, "informationRequirement"):
            for reference in requirement:
                target = self._target(decision_id, reference)
                if etree.QName(reference).localname == "requiredInput":
                    input_names.append(self._input_names.get(target, target))
                elif target in self.elements:
                    requires.append(self.decision(target))
                else:
                    raise DecisionInvalid(decision_id, f"the decision requires '{target}', which is not in the file")
        if self._child(element, "knowledgeRequirement") is not None:
            raise DecisionInvalid(decision_id, "business knowledge models are not supported")
        self._reading.pop()
        decision = Decision(
            decision_id,
            element.get("name") or decision_id,
            self._name(element),
            self._logic(decision_id, element),
            tuple(requires),
            tuple(input_names),
        )
        self._read[decision_id] = decision
        return decision

    def _logic(self, decision_id: str, element: etree._Element) -> DecisionTable | Literal:
        for name in _LOGICS:
            logic = self._child(element, name)
            if logic is None:
                continue
            if name == "decisionTable":
                return self._table(decision_id, element, logic)
            if name == "literalExpression":
                text = self._text(logic, decision_id)
                if not text:
                    raise DecisionInvalid(decision_id, "the decision's expression is empty")
                return Literal(logic.get("id") or decision_id, text)
            raise DecisionInvalid(decision_id, f"a decision by <{name}> is not supported: use a table or an expression")
        raise DecisionInvalid(decision_id, "the decision has neither a table nor an expression")

    def _table(self, decision_id: str, element: etree._Element, table: etree._Element) -> DecisionTable:
        table_id = table.get("id") or decision_id
        hit_policy = table.get("hitPolicy", "UNIQUE")
        aggregation = table.get("aggregation")
        if hit_policy not in hit_policies.HIT_POLICIES:
            raise DecisionInvalid(table_id, f"the hit policy '{hit_policy}' is not known")
        if aggregation is not None and aggregation not in hit_policies.AGGREGATIONS:
            raise DecisionInvalid(table_id, f"the aggregation '{aggregation}' is not known")
        inputs = tuple(
            self._input(column, table_id, number) for number, column in enumerate(self._children(table, "input"), 1)
        )
        outputs = self._outputs(table, table_id, self._name(element))
        rules = tuple(
            self._rule(rule, table_id, number, len(inputs), len(outputs))
            for number, rule in enumerate(self._children(table, "rule"), 1)
        )
        return DecisionTable(
            table_id, hit_policy, aggregation if hit_policy == "COLLECT" else None, inputs, outputs, rules
        )

    def _input(self, element: etree._Element, table_id: str, number: int) -> Input:
        input_id = element.get("id") or f"{table_id}/input {number}"
        expression = self._child(element, "inputExpression")
        text = "" if expression is None else self._text(expression, input_id)
        if not text:
            raise DecisionInvalid(input_id, "the input has no expression")
        return Input(input_id, element.get("label") or text, text)

    def _outputs(self, table: etree._Element, table_id: str, decision_name: str) -> tuple[Output, ...]:
        elements = list(self._children(table, "output"))
        if not elements:
            raise DecisionInvalid(table_id, "the table has no output")
        outputs: list[Output] = []
        for number, element in enumerate(elements, 1):
            output_id = element.get("id") or f"{table_id}/output {number}"
            name = element.get("name") or (decision_name if len(elements) == 1 else "")
            if not name:
                raise DecisionInvalid(output_id, "the output has no name, and the table has several")
            if name in {output.name for output in outputs}:
                raise DecisionInvalid(output_id, f"two outputs are named '{name}'")
            outputs.append(
                Output(output_id, name, self._cell(element, "outputValues"), self._cell(element, "defaultOutputEntry"))
            )
        return tuple(outputs)

    def _cell(self, element: etree._Element, name: str) -> str | None:
        child = self._child(element, name)
        return None if child is None else self._text(child, element.get("id")) or None

    def _rule(self, element: etree._Element, table_id: str, number: int, inputs: int, outputs: int) -> Rule:
        rule_id = element.get("id") or f"{table_id}/rule {number}"
        tests = list(self._children(element, "inputEntry"))
        answers = list(self._children(element, "outputEntry"))
        if len(tests) != inputs:
            raise DecisionInvalid(
                rule_id, f"rule {number} has {len(tests)} input entries and the table {inputs} inputs"
            )
        if len(answers) != outputs:
            raise DecisionInvalid(
                rule_id, f"rule {number} has {len(answers)} output entries and the table {outputs} outputs"
            )
        return Rule(
            rule_id,
            tuple(self._text(cell, rule_id) or "-" for cell in tests),
            tuple(self._text(cell, rule_id) for cell in answers),
            tuple(cell.get("id") or rule_id for cell in [*tests, *answers]),
        )

    def _text(self, element: etree._Element, owner_id: str | None) -> str:
        language = element.get("expressionLanguage")
        if language and "feel" not in language.lower():
            raise DecisionInvalid(element.get("id") or owner_id, f"the expression language '{language}' is not FEEL")
        if self._child(element, "importedValues") is not None:
            raise DecisionInvalid(element.get("id") or owner_id, "imported values are not supported")
        text = self._child(element, "text")
        return "" if text is None else "".join(text.itertext()).strip()

    def _name(self, element: etree._Element) -> str:
        variable = self._child(element, "variable")
        names = (None if variable is None else variable.get("name"), element.get("name"), element.get("id"))
        return next((name for name in names if name), "")

    def _target(self, decision_id: str, reference: etree._Element) -> str:
        href = reference.get("href", "")
        if not href.startswith("#"):
            raise DecisionInvalid(decision_id, f"the decision requires '{href}', which is in another file")
        return href[1:]

    def _children(self, element: etree._Element, name: str) -> Iterable[etree._Element]:
        return element.iterchildren(f"{{{self._namespace}}}{name}")

    def _child(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(iter(self._children(element, name)), None)
