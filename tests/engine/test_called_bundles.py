"""A bundle takes along what it calls of the bundles beside it."""

import pytest

from engine import bundles, deployments, process_instances
from engine.actor import SYSTEM
from engine.errors import BundleUnreadable, ProcessDefinitionNotFound
from tests.factories import NOON

MODEL = """<?xml version="1.0"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:test">
  <bpmn:process id="{key}" name="{key}" isExecutable="true">
    <bpmn:startEvent id="{key}_began"><bpmn:outgoing>{key}_in</bpmn:outgoing></bpmn:startEvent>
    {step}
    <bpmn:endEvent id="{key}_ended"><bpmn:incoming>{key}_out</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="{key}_in" sourceRef="{key}_began" targetRef="{key}_step" />
    <bpmn:sequenceFlow id="{key}_out" sourceRef="{key}_step" targetRef="{key}_ended" />
  </bpmn:process>
</bpmn:definitions>"""
ASK = '<bpmn:userTask id="inner_step" name="Ask" camunda:candidateGroups="lawyers" />'
CALL = '<bpmn:callActivity id="outer_step" name="Call" calledElement="inner" />'


@pytest.fixture
def folders(tmp_path):
    for key, step, description in (
        ("outer", CALL, "key: outer\nname: Outer\ncase_type: {code: OU, name: Outer}\ncalls: [inner]\n"),
        ("inner", ASK, "key: inner\nname: Inner\n"),
    ):
        folder = tmp_path / key
        (folder / "scenarios").mkdir(parents=True)
        (folder / "scenarios" / "one.yaml").write_text("scenario: One\n")
        (folder / "process.yaml").write_text(description)
        (folder / f"{key}.bpmn").write_text(MODEL.format(key=key, step=step))
    return tmp_path


def test_models_forms_and_decisions_come_along_and_nothing_else(folders):
    read = bundles.read(folders / "outer")

    assert sorted(read) == ["called/inner/inner.bpmn", "outer.bpmn", "process.yaml", "scenarios/one.yaml"]


def test_what_is_called_is_a_part_and_gets_no_definition_of_its_own(session, folders):
    deployment = deployments.deploy(session, bundles.read(folders / "outer"), by=SYSTEM, now=NOON)

    instance = process_instances.start(session, "outer", by=SYSTEM, now=NOON)

    assert [one.key for one in deployment.process_definitions] == ["outer"]
    assert process_instances.activities(session, instance.id)["active"] != []
    with pytest.raises(ProcessDefinitionNotFound):
        deployments.latest(session, "inner")


@pytest.mark.parametrize("name", ["nowhere", "../inner", "/etc", ""])
def test_a_bundle_that_is_not_beside_it_is_refused_by_name(folders, name):
    (folders / "outer" / "process.yaml").write_text(f"key: outer\nname: Outer\ncalls: ['{name}']\n")

    with pytest.raises(BundleUnreadable) as refusal:
        bundles.read(folders / "outer")

    assert repr(name)[1:-1] in str(refusal.value)


def test_calls_that_are_no_list_are_found(folders):
    (folders / "outer" / "process.yaml").write_text("key: outer\nname: Outer\ncalls: inner\n")

    findings = deployments.check(bundles.read(folders / "outer"))

    assert [one.rule for one in findings if one.resource == "process.yaml"] == ["properties"]
