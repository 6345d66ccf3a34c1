"""What we do not execute is refused at deployment with the element named: nothing of BPMN is passed over in silence."""

import pytest

from engine import deployments
from tests.factories import catch, end, gateway, message, model, path, start, timer, user_task

EXTRA = '<bpmn:message id="m" name="arrived"/><bpmn:signal id="s" name="called"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="s"/>'
CONDITION = "<bpmn:conditionalEventDefinition><bpmn:condition>late</bpmn:condition></bpmn:conditionalEventDefinition>"
BOTH = message("m") + timer("P1D")


def linear(element, element_id="x"):
    return start() + element + end() + path("started", element_id, "ended")


def event(kind, inner, attributes=""):
    return f'<bpmn:{kind} id="x" {attributes}>{inner}</bpmn:{kind}>'


def on_a_task(attributes, inner):
    return (
        start() + user_task("a") + event("boundaryEvent", inner, f'attachedToRef="a" {attributes}') + end() + end("other")
        + path("started", "a", "ended") + path("x", "other")
    )  # fmt: skip


def event_subprocess(attributes, inner):
    body = event("startEvent", inner, attributes) + end("inner_end") + path("x", "inner_end")
    return linear(user_task("a"), "a") + f'<bpmn:subProcess id="es" triggeredByEvent="true">{body}</bpmn:subProcess>'


def items(attributes, inner=""):
    loop = f"<bpmn:multiInstanceLoopCharacteristics {attributes}><bpmn:loopCardinality>3</bpmn:loopCardinality>{inner}</bpmn:multiInstanceLoopCharacteristics>"
    return linear(user_task("x", inner=loop))


def choreography(inner=""):
    return EXTRA + f'<bpmn:choreography id="x" name="x">{inner}</bpmn:choreography>'


REFUSED = [
    pytest.param(linear('<bpmn:complexGateway id="x"/>'), marks=pytest.mark.bpmn("complex gateway", "refused")),
    pytest.param(linear(f'<bpmn:adHocSubProcess id="x">{user_task("inner")}</bpmn:adHocSubProcess>'), marks=pytest.mark.bpmn("ad-hoc subprocess", "refused")),
    pytest.param(
        '<bpmn:eventBasedGateway id="x" instantiate="true"/>' + catch("c", message("m")) + catch("d", message("m")) + end()
        + path("x", "c", "ended") + path("x", "d", "ended"),
        marks=pytest.mark.bpmn("instantiating event-based gateway", "refused"),
    ),
    pytest.param(event("startEvent", BOTH) + end() + path("x", "ended"), marks=pytest.mark.bpmn("multiple start event", "refused")),
    pytest.param(event("startEvent", BOTH, 'parallelMultiple="true"') + end() + path("x", "ended"), marks=pytest.mark.bpmn("parallel multiple start event", "refused")),
    pytest.param(event("startEvent", CONDITION) + end() + path("x", "ended"), marks=pytest.mark.bpmn("conditional start event", "refused")),
    pytest.param(linear(event("intermediateCatchEvent", BOTH)), marks=pytest.mark.bpmn("multiple catch event", "refused")),
    pytest.param(linear(event("intermediateCatchEvent", BOTH, 'parallelMultiple="true"')), marks=pytest.mark.bpmn("parallel multiple catch event", "refused")),
    pytest.param(linear(event("intermediateThrowEvent", message("m") + SIGNAL)), marks=pytest.mark.bpmn("multiple throw event", "refused")),
    pytest.param(start() + event("endEvent", message("m") + SIGNAL) + path("started", "x"), marks=pytest.mark.bpmn("multiple end event", "refused")),
    pytest.param(on_a_task("", BOTH), marks=pytest.mark.bpmn("interrupting multiple boundary event", "refused")),
    pytest.param(on_a_task('parallelMultiple="true"', BOTH), marks=pytest.mark.bpmn("interrupting parallel multiple boundary event", "refused")),
    pytest.param(on_a_task('cancelActivity="false"', BOTH), marks=pytest.mark.bpmn("non-interrupting multiple boundary event", "refused")),
    pytest.param(on_a_task('cancelActivity="false" parallelMultiple="true"', BOTH), marks=pytest.mark.bpmn("non-interrupting parallel multiple boundary event", "refused")),
    pytest.param(event_subprocess("", BOTH), marks=pytest.mark.bpmn("interrupting multiple event subprocess", "refused")),
    pytest.param(event_subprocess('parallelMultiple="true"', BOTH), marks=pytest.mark.bpmn("interrupting parallel multiple event subprocess", "refused")),
    pytest.param(event_subprocess('isInterrupting="false"', BOTH), marks=pytest.mark.bpmn("non-interrupting multiple event subprocess", "refused")),
    pytest.param(event_subprocess('isInterrupting="false" parallelMultiple="true"', BOTH), marks=pytest.mark.bpmn("non-interrupting parallel multiple event subprocess", "refused")),
    pytest.param(items('behavior="One" oneBehaviorEventRef="m"'), marks=pytest.mark.bpmn("multi-instance behaviour events", "refused")),
    pytest.param(items('behavior="None" noneBehaviorEventRef="m"'), marks=pytest.mark.bpmn("multi-instance behaviour events", "refused")),
    pytest.param(items('behavior="Complex"'), marks=pytest.mark.bpmn("multi-instance behaviour events", "refused")),
    pytest.param(linear(user_task("x", attributes='startQuantity="2"')), marks=pytest.mark.bpmn("start quantity", "refused")),
    pytest.param(linear(user_task("x", attributes='completionQuantity="2"')), marks=pytest.mark.bpmn("completion quantity", "refused")),
    pytest.param(start() + start("x") + end() + path("started", "ended") + path("x", "ended"), marks=pytest.mark.bpmn("second none start event", "refused")),
]  # fmt: skip

CHOREOGRAPHIES = [
    pytest.param("", marks=pytest.mark.bpmn("choreography", "refused")),
    pytest.param('<bpmn:choreographyTask id="y" initiatingParticipantRef="p"/>', marks=pytest.mark.bpmn("choreography task", "refused")),
    pytest.param('<bpmn:subChoreography id="y" initiatingParticipantRef="p"/>', marks=pytest.mark.bpmn("sub-choreography", "refused")),
    pytest.param('<bpmn:callChoreography id="y" initiatingParticipantRef="p"/>', marks=pytest.mark.bpmn("call choreography", "refused")),
]  # fmt: skip


def refusals(content):
    return [finding for finding in deployments.check({"proc.bpmn": content}) if finding.severity == "error"]


@pytest.mark.parametrize("body", REFUSED)
def test_an_element_that_we_do_not_execute_is_refused_by_its_name(body):
    found = [finding for finding in refusals(model(body, extra=EXTRA)) if finding.element_id == "x"]

    assert {finding.rule for finding in found} == {"unsupported"}
    assert all("'x'" in finding.message for finding in found)


@pytest.mark.parametrize("inner", CHOREOGRAPHIES)
def test_a_choreography_is_refused_even_beside_a_process(inner):
    found = refusals(model(linear(user_task("a"), "a"), extra=choreography(inner)))

    assert [(finding.rule, finding.element_id) for finding in found] == [("unsupported", "x")]


@pytest.mark.bpmn("call activity of a global task", "refused")
@pytest.mark.parametrize("kind", ["globalTask", "globalUserTask", "globalScriptTask", "globalBusinessRuleTask"])
def test_a_call_of_a_global_task_is_refused(kind):
    called = f'<bpmn:{kind} id="global" name="global"/>'

    found = refusals(model(linear('<bpmn:callActivity id="x" calledElement="global"/>'), processes=called))

    assert [(finding.rule, finding.element_id) for finding in found] == [("called_process_missing", "x")]


@pytest.mark.bpmn("element of no known kind", "refused")
@pytest.mark.parametrize("kind", ["complexBehaviorDefinition", "implicitThrowEvent", "somethingNew"])
def test_an_element_that_nobody_knows_is_refused(kind):
    found = refusals(model(linear(f'<bpmn:{kind} id="x"/>')))

    assert {finding.element_id for finding in found} == {"flow_started_x", "flow_x_ended"}


@pytest.mark.bpmn("event-based gateway into a task", "refused")
def test_an_event_based_gateway_leads_to_events_only():
    body = (
        start() + gateway("eventBased", "first") + user_task("x") + catch("c", message("m")) + end()
        + path("started", "first", "x", "ended") + path("first", "c", "ended")
    )  # fmt: skip

    assert {(f.rule, f.element_id) for f in refusals(model(body, extra=EXTRA))} == {("unsupported", "x")}
