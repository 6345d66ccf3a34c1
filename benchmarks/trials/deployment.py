"""What it costs to deploy a bundle of 60 elements: checked, compiled and stored, each time as a new version."""

import tempfile
from string import Template
from time import perf_counter
from typing import Any

import orjson

from benchmarks.trials import answer, database_url
from engine import clock, database, deployments
from engine.actor import SYSTEM
from webui import upgrades

#: Deployments that are timed, and those before them that are not.
TIMED, WARM_UP = 20, 3
#: Sections of the process; with its start and end they make 62 elements.
SECTIONS = 6

_DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rules" name="Rules"'
    ' namespace="https://matterflow.example"><decision id="approver" name="Approver"><decisionTable hitPolicy="UNIQUE">'
    '<input id="i1"><inputExpression typeRef="number"><text>amount</text></inputExpression></input>'
    '<output id="o1" name="group" typeRef="string"/>{}</decisionTable></decision></definitions>'
)


#: Ten elements; ``$n`` is the section's number.
_SECTION = Template("""
<bpmn:userTask id="ask_$n" name="Ask $n" camunda:candidateGroups="lawyers" camunda:formKey="ask_$n"
  camunda:dueDate="P7D"/>
<bpmn:boundaryEvent id="late_$n" name="Late $n" attachedToRef="ask_$n" cancelActivity="false">
  <bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition>
</bpmn:boundaryEvent>
<bpmn:userTask id="chase_$n" name="Chase $n" camunda:candidateGroups="lawyers"/>
<bpmn:endEvent id="chased_$n" name="Chased $n"/>
<bpmn:businessRuleTask id="rule_$n" name="Who approves $n" camunda:decisionRef="approver"
  camunda:resultVariable="approver" camunda:mapDecisionResult="singleEntry"/>
<bpmn:scriptTask id="note_$n" name="Note $n" scriptFormat="feel" camunda:resultVariable="share_$n">
  <bpmn:script>if amount &gt; $n then amount / 2 else 0</bpmn:script>
</bpmn:scriptTask>
<bpmn:exclusiveGateway id="which_$n" name="Large $n?" default="flow_which_${n}_file_$n"/>
<bpmn:userTask id="approve_$n" name="Approve $n" camunda:candidateGroups="=approver"/>
<bpmn:userTask id="file_$n" name="File $n" camunda:candidateGroups="lawyers"/>
<bpmn:exclusiveGateway id="meet_$n" name="Go on $n"/>
""")
_FLOWS = (
    "ask rule",
    "rule note",
    "note which",
    "which file",
    "approve meet",
    "file meet",
    "late chase",
    "chase chased",
)


def bundle(number: int) -> dict[str, bytes]:
    """Return a bundle of 60 elements, six forms and a decision; ``number`` makes it another one."""
    body = [_SECTION.substitute(n=section) for section in range(SECTIONS)]
    for section in range(SECTIONS):
        body += [_flow(*(f"{name}_{section}" for name in flow.split())) for flow in _FLOWS]
        large = f"<bpmn:conditionExpression>amount &gt; {1000 + section}</bpmn:conditionExpression>"
        body.append(_flow(f"which_{section}", f"approve_{section}", large))
    line = ["started", *(f"{name}_{section}" for section in range(SECTIONS) for name in ("ask", "meet")), "ended"]
    body += [_flow(line[at], line[at + 1]) for at in range(0, len(line), 2)]
    rules = "".join(
        f'<rule id="r{row}"><inputEntry id="e{row}"><text>[{row}000..{row + 1}000)</text></inputEntry>'
        f'<outputEntry id="x{row}"><text>"group_{row}"</text></outputEntry></rule>'
        for row in range(12)
    )
    model = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions"'
        ' targetNamespace="https://matterflow.example">'
        f'<bpmn:process id="sixty" name="Sixty elements, {number}" isExecutable="true">'
        f'<bpmn:startEvent id="started" name="Started"/><bpmn:endEvent id="ended" name="Ended"/>{"".join(body)}'
        "</bpmn:process></bpmn:definitions>"
    )
    form = {
        "type": "default",
        "schemaVersion": 19,
        "components": [
            {"type": "number", "key": "amount", "label": "Amount", "validate": {"required": True}},
            {"type": "textfield", "key": "reason", "label": "Reason"},
        ],
    }
    forms = {f"forms/ask_{section}.form": orjson.dumps({**form, "id": f"ask_{section}"}) for section in range(SECTIONS)}
    return {"sixty.bpmn": model.encode(), "decisions/rules.dmn": _DMN.format(rules).encode(), **forms}


def _flow(source: str, target: str, inner: str = "") -> str:
    return (
        f'<bpmn:sequenceFlow id="flow_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}'
        "</bpmn:sequenceFlow>"
    )


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Deploy again and again; milliseconds."""
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-deploy-") as folder:
        engine = database.create_engine(database_url(folder))
        upgrades.metadata().create_all(engine)
        for number in range(TIMED + WARM_UP):
            files = bundle(number)
            began = perf_counter()
            with database.transaction(engine) as session:
                deployments.deploy(session, files, by=SYSTEM, now=clock.utc_now())
            took.append((perf_counter() - began) * 1000)
        where = engine.dialect.name
        engine.dispose()
    return {"name": f"Deployments, {where}"}, {f"deploy.{where}.bundle_60": took[WARM_UP:]}


if __name__ == "__main__":
    answer(trial)
