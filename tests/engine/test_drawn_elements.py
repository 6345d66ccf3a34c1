"""What is part of the picture only: a model with it runs as if it were not there, and `check` says what carries no data."""

import pytest

from engine import deployments
from tests.factories import end, model, path, start, user_task
from tests.instances import StoredInstance

PLAIN = start() + user_task("a") + end() + path("started", "a", "ended")


def on_the_task(inner):
    return model(start() + user_task("a", inner=inner) + end() + path("started", "a", "ended"))


def beside(inner):
    return model(PLAIN + inner)


def around(inner):
    return model(PLAIN, extra=f'<bpmn:collaboration id="firm">{inner}</bpmn:collaboration>')


POOL = '<bpmn:participant id="us" name="The firm" processRef="proc"/>'
COURT = '<bpmn:participant id="court" name="The court"/>'

SILENT = [
    pytest.param(around(POOL + COURT), marks=pytest.mark.bpmn("pool", "drawn")),
    pytest.param(around(POOL + COURT + '<bpmn:messageFlow id="letter" sourceRef="a" targetRef="court"/>'), marks=pytest.mark.bpmn("message flow", "drawn")),
    pytest.param(around(POOL + COURT + '<bpmn:conversation id="case"><bpmn:participantRef>us</bpmn:participantRef></bpmn:conversation>'), marks=pytest.mark.bpmn("conversation", "drawn")),
    pytest.param(around(POOL + COURT + '<bpmn:subConversation id="case"/>'), marks=pytest.mark.bpmn("sub-conversation", "drawn")),
    pytest.param(around(POOL + COURT + '<bpmn:callConversation id="case"/>'), marks=pytest.mark.bpmn("call conversation", "drawn")),
    pytest.param(beside('<bpmn:textAnnotation id="note"><bpmn:text>Ask first</bpmn:text></bpmn:textAnnotation>'), marks=pytest.mark.bpmn("text annotation", "drawn")),
    pytest.param(beside('<bpmn:textAnnotation id="note"/><bpmn:association id="to" sourceRef="a" targetRef="note"/>'), marks=pytest.mark.bpmn("association", "drawn")),
    pytest.param(beside('<bpmn:group id="phase" categoryValueRef="early"/>'), marks=pytest.mark.bpmn("group", "drawn")),
]  # fmt: skip

CARRYING = [
    pytest.param(beside('<bpmn:dataObject id="file"/><bpmn:dataObjectReference id="the_file" name="File" dataObjectRef="file"/>'), "file", marks=pytest.mark.bpmn("data object", "drawn")),
    pytest.param(beside('<bpmn:dataStoreReference id="archive" name="Archive"/>'), "archive", marks=pytest.mark.bpmn("data store", "drawn")),
    pytest.param(on_the_task('<bpmn:dataOutputAssociation id="into"><bpmn:targetRef>a</bpmn:targetRef></bpmn:dataOutputAssociation>'), "into", marks=pytest.mark.bpmn("data association", "drawn")),
    pytest.param(on_the_task('<bpmn:dataInputAssociation id="from"><bpmn:sourceRef>a</bpmn:sourceRef></bpmn:dataInputAssociation>'), "from", marks=pytest.mark.bpmn("data association", "drawn")),
    pytest.param(on_the_task('<bpmn:ioSpecification><bpmn:dataInput id="in"/><bpmn:inputSet id="i"/><bpmn:outputSet id="o"/></bpmn:ioSpecification>'), "a", marks=pytest.mark.bpmn("data input and output", "drawn")),
    pytest.param(beside('<bpmn:ioSpecification><bpmn:dataOutput id="out" name="out"/><bpmn:inputSet id="i"/><bpmn:outputSet id="o"/></bpmn:ioSpecification>'), "proc", marks=pytest.mark.bpmn("data input and output", "drawn")),
    pytest.param(on_the_task('<bpmn:property id="colour" name="colour"/>'), "colour", marks=pytest.mark.bpmn("property", "drawn")),
]  # fmt: skip


def findings(content):
    return [finding for finding in deployments.check({"proc.bpmn": content}) if finding.rule != "no_diagram"]


def runs_as_if_it_were_not_there(content):
    instance = StoredInstance(content, {"n": 1})
    assert (instance.tasks(), instance.sees("a")) == (["a"], {"n": 1})
    instance.complete("a", {"n": 2})
    return instance.is_finished and instance.variables == {"n": 2} and instance.completed == ["started", "a", "ended"]


@pytest.mark.parametrize("content", SILENT)
def test_a_picture_changes_nothing(content):
    assert findings(content) == []

    assert runs_as_if_it_were_not_there(content)


@pytest.mark.parametrize(("content", "element_id"), CARRYING)
def test_what_would_carry_data_elsewhere_is_said_to_be_drawn_only(content, element_id):
    assert {(f.severity, f.rule, f.element_id) for f in findings(content)} == {("warning", "drawn_only", element_id)}

    assert runs_as_if_it_were_not_there(content)


def lanes(inner):
    return model(f'<bpmn:laneSet id="lanes">{inner}</bpmn:laneSet>' + start() + user_task("a", groups="") + end() + path("started", "a", "ended"))  # fmt: skip


@pytest.mark.bpmn("lane", "executes")
def test_the_name_of_a_lane_is_the_group_of_its_tasks(session):
    from tests.factories import begin, deploy, open_tasks

    deploy(session, lanes('<bpmn:lane id="l" name="partners"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'))
    begin(session)

    assert open_tasks(session)["a"].candidate_groups == ["partners"]


@pytest.mark.bpmn("nested lanes", "executes")
def test_of_nested_lanes_the_innermost_names_the_group(session):
    from tests.factories import begin, deploy, open_tasks

    inner = '<bpmn:lane id="in" name="clerks"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'
    deploy(
        session,
        lanes(
            '<bpmn:lane id="out" name="office"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
            f'<bpmn:childLaneSet id="more">{inner}</bpmn:childLaneSet></bpmn:lane>'
        ),
    )
    begin(session)

    assert open_tasks(session)["a"].candidate_groups == ["clerks"]
