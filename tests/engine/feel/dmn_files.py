"""Small DMN files for the tests, put together from a table written as text."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

DMN_1_3 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def file(*decisions: str, namespace: str = DMN_1_3) -> bytes:
    """Return a DMN file of these decisions."""
    head = f'<definitions xmlns="{namespace}" id="file" name="file" namespace="test">'
    return f"{head}{''.join(decisions)}</definitions>".encode()


def table(
    rules: Sequence[Sequence[str]],
    *,
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("answer",),
    decision_id: str = "decision",
    requires: Sequence[str] = (),
    values: Sequence[str | None] = (),
    defaults: Sequence[str | None] = (),
    **attributes: str,
) -> str:
    """Return a decision by table; a rule is its input entries, then its output entries.

    Rules are named rule_1 and so on, cells rule_1_1 and so on, inputs input_1, outputs output_1.
    """
    head = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    columns = "".join(
        f'<input id="input_{number}"><inputExpression>{_text(text)}</inputExpression></input>'
        for number, text in enumerate(inputs, 1)
    )
    for number, name in enumerate(outputs, 1):
        allowed = values[number - 1] if values else None
        default = defaults[number - 1] if defaults else None
        columns += (
            f'<output id="output_{number}" name={quoteattr(name)}>'
            + ("" if allowed is None else f"<outputValues>{_text(allowed)}</outputValues>")
            + ("" if default is None else f"<defaultOutputEntry>{_text(default)}</defaultOutputEntry>")
            + "</output>"
        )
    rows = ""
    for number, rule in enumerate(rules, 1):
        cells = "".join(
            f'<{"input" if cell <= len(inputs) else "output"}Entry id="rule_{number}_{cell}">{_text(text)}'
            f"</{'input' if cell <= len(inputs) else 'output'}Entry>"
            for cell, text in enumerate(rule, 1)
        )
        rows += f'<rule id="rule_{number}">{cells}</rule>'
    logic = f'<decisionTable id="{decision_id}_table"{head}>{columns}{rows}</decisionTable>'
    return decision(decision_id, logic, requires=requires)


def literal(
    text: str, *, decision_id: str = "decision", requires: Sequence[str] = (), variable: str | None = None
) -> str:
    """Return a decision by expression."""
    logic = f'<literalExpression id="{decision_id}_expression">{_text(text)}</literalExpression>'
    return decision(decision_id, logic, requires=requires, variable=variable)


def decision(decision_id: str, logic: str, *, requires: Sequence[str] = (), variable: str | None = None) -> str:
    """Return a decision by any logic; its name is its id with spaces."""
    name = decision_id.replace("_", " ")
    variable_element = "" if variable is None else f"<variable name={quoteattr(variable)}/>"
    requirements = "".join(
        f'<informationRequirement><requiredDecision href="#{target}"/></informationRequirement>' for target in requires
    )
    return f'<decision id="{decision_id}" name="{name}">{variable_element}{requirements}{logic}</decision>'


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"
