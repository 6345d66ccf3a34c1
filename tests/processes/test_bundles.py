"""What a careful designer looks at before a bundle ships: names, forms, decisions, help, lint, drawing."""

import json
import re
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
import yaml
from bpmn_io import create_moddle
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver import NodeResolver
from lxml import etree

from engine import deployments
from engine.bpmn import xml
from engine.bpmn.extensions import is_expression, split_list
from engine.feel import decisions, expressions
from practice.people.groups import GROUPS
from tests.processes import shipped

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
NS = {"bpmn": BPMN, "bpmndi": DI, "di": "http://www.omg.org/spec/DD/20100524/DI", "camunda": CAMUNDA[1:-1]}
#: An event's name tells what has happened; these stand for the past without ending in -ed.
PAST = re.compile(r"(ed|drawn|held|paid|sent|overdue|late|silent|response|passed|choice|answer|electronically)\b")

pytestmark = pytest.mark.parametrize("key", shipped.KEYS)


def model(key):
    return xml.parse(shipped.resources(key)[f"{key}.bpmn"])


def every(root, name):
    return list(root.iter(f"{{{BPMN}}}{name}"))


def stages(key):
    return [stage["id"] for stage in yaml.safe_load(shipped.resources(key)["process.yaml"])["stages"]]


def forms(key):
    return {
        PurePosixPath(name).stem: json.loads(content)
        for name, content in shipped.resources(key).items()
        if name.endswith(".form") and not name.startswith("called/")
    }


def components(schema):
    for component in schema["components"]:
        yield component
        if component["type"] == "group":
            yield from components(component)


def prop(node, name):
    found = node.find(f"bpmn:extensionElements/camunda:properties/camunda:property[@name='{name}']", NS)
    return None if found is None else found.get("value")


def test_the_engine_finds_nothing_wrong(key):
    assert [finding.as_dict() for finding in deployments.check(shipped.resources(key))] == []


def test_the_linter_finds_nothing_wrong_under_its_strictest_rules(key):
    root = create_moddle({}).from_xml(shipped.resources(key)[f"{key}.bpmn"].decode()).root_element

    reports = Linter(config={"extends": "bpmnlint:all"}, resolver=NodeResolver()).lint(root)

    assert reports == {}


def test_folder_file_process_and_description_bear_the_same_key(key):
    described = yaml.safe_load(shipped.resources(key)["process.yaml"])

    assert [process.get("id") for process in every(model(key), "process")] == [key]
    assert described["key"] == key
    assert described["name"] == every(model(key), "process")[0].get("name")
    assert "README.md" in shipped.resources(key)


def test_ids_are_snake_case_and_flows_say_from_where_to_where(key):
    for node in every(model(key), "process")[0].iter(f"{{{BPMN}}}*"):
        if node.get("id"):
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", node.get("id"))
    for flow in every(model(key), "sequenceFlow"):
        assert flow.get("id") == f"flow_{flow.get('sourceRef')}_{flow.get('targetRef')}"


def test_every_lane_is_a_group_of_the_firm(key):
    lanes = [lane.get("name") for lane in every(model(key), "lane")]

    assert lanes
    assert set(lanes) <= set(GROUPS)


def test_every_user_task_tells_who_what_until_when_and_why(key):
    known = stages(key)
    for task in every(model(key), "userTask"):
        told = task.get("id")
        groups = task.get(f"{CAMUNDA}candidateGroups", "")
        assert split_list(groups), told
        # Where the way says to whom it goes, FEEL does, and names a group of its own for want of one.
        named = re.findall(r'"(\w+)"', groups) if is_expression(groups) else split_list(groups)
        assert named, told
        assert set(named) <= set(GROUPS), told
        assert task.get(f"{CAMUNDA}dueDate"), told
        assert task.get(f"{CAMUNDA}formKey"), told
        assert prop(task, "kind"), told
        assert prop(task, "stage") in known, told
        assert len(task.findtext("bpmn:documentation", "", NS)) > 30, told


def test_every_stage_has_work_and_every_activity_has_a_stage(key):
    kinds = ("userTask", "serviceTask", "businessRuleTask", "scriptTask")
    used = [prop(node, "stage") for kind in kinds for node in every(model(key), kind)]

    assert set(used) == set(stages(key))


def test_every_form_is_used_and_every_form_key_has_its_form(key):
    asked = {
        node.get(f"{CAMUNDA}formKey")
        for kind in ("userTask", "startEvent")
        for node in every(model(key), kind)
        if node.get(f"{CAMUNDA}formKey")
    }

    assert asked == set(forms(key))


def test_every_form_is_whole(key):
    for name, schema in forms(key).items():
        assert (schema["id"], schema["type"], schema["schemaVersion"]) == (name, "default", 19)
        parts = list(components(schema))
        ids = [part["id"] for part in parts]
        keys = [part["key"] for part in parts if "key" in part]
        assert len(ids) == len(set(ids)), name
        assert len(keys) == len(set(keys)), name
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", one) for one in keys), name
        assert all(
            part.get("label") or part.get("dateLabel") or part.get("timeLabel") for part in parts if "key" in part
        ), name
        assert any((part.get("validate") or {}).get("required") for part in parts), name


def test_every_condition_of_a_form_and_every_template_can_be_read(key):
    for schema in forms(key).values():
        for part in components(schema):
            hide = (part.get("conditional") or {}).get("hide")
            texts = [hide] if hide else []
            texts += re.findall(r"\{\{(?:#if |#loop )?([^}/]+)\}\}", part.get("text", ""))
            for text in texts:
                assert expressions.check(text) is None, text


def test_every_condition_of_a_flow_can_be_read_and_every_choice_has_a_way_out(key):
    root = model(key)
    for condition in every(root, "conditionExpression"):
        assert expressions.check(condition.text) is None, condition.text
    for gateway in every(root, "exclusiveGateway"):
        outgoing = gateway.findall("bpmn:outgoing", NS)
        assert len(outgoing) == 1 or gateway.get("default") in [flow.text for flow in outgoing], gateway.get("id")


def test_events_are_told_in_the_past(key):
    for kind in ("startEvent", "endEvent", "boundaryEvent"):
        for event in every(model(key), kind):
            assert PAST.search(event.get("name")), event.get("name")


def test_every_decision_is_used_and_can_be_read(key):
    asked = {task.get(f"{CAMUNDA}decisionRef") for task in every(model(key), "businessRuleTask")}
    found = {}
    for name, content in shipped.resources(key).items():
        if name.endswith(".dmn") and not name.startswith("called/"):
            found |= decisions.parse(content)
            assert etree.fromstring(content).find(f".//{{{DMN}}}decisionTable") is not None

    assert set(found) == asked


def test_the_drawing_is_complete_and_its_lines_run_along_the_grid(key):
    root = model(key)
    drawn = {shape.get("bpmnElement") for name in ("BPMNShape", "BPMNEdge") for shape in root.iter(f"{{{DI}}}{name}")}
    nodes = {
        node.get("id")
        for node in root.find("bpmn:process", NS).iterchildren()
        if node.get("id") and "laneSet" not in node.tag
    }

    assert nodes <= drawn
    for edge in root.iter(f"{{{DI}}}BPMNEdge"):
        points = [(float(point.get("x")), float(point.get("y"))) for point in edge.findall("di:waypoint", NS)]
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y, edge.get("bpmnElement")
