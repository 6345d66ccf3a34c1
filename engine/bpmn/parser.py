"""Reads BPMN into the library's specs, with every ``camunda:`` extension kept and our own elements in place."""

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    BoundaryEventParser,
    EndEventParser,
    EventBasedGatewayParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    ReceiveTaskParser,
    SendTaskParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    ScriptTaskParser,
    SubprocessParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from engine.bpmn import beside, compensation, conditional, joins, scopes, specs
from engine.bpmn.extensions import BPMN
from engine.bpmn.parsing import Extended, ExtendedProcessParser


def _extended(parser_class: type) -> Any:
    return type(parser_class.__name__, (Extended, parser_class), {})


class _GatewayOfEvents(Extended, EventBasedGatewayParser):
    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, event_definition=specs.FirstEvent(), **self.bpmn_attributes)


class _StartParser(Extended, StartEventParser):
    """Reads start events, those of event subprocesses included."""

    def create_task(self) -> Any:
        task = super().create_task()
        definition = self.get_event_definition([ERROR_EVENT_XPATH, ESCALATION_EVENT_XPATH])
        if not isinstance(definition, NoneEventDefinition):
            task.event_definition = definition
        task.interrupts = self.node.get("isInterrupting") != "false"
        task.compensates = compensation.is_compensation(self.node)
        return task


class _SubProcessParser(Extended, SubWorkflowParser):
    """Reads subprocesses; the library does not see that one is triggered by an event."""

    def create_task(self) -> Any:
        name = SubprocessParser.get_subprocess_spec(self)
        triggered = self.node.get("triggeredByEvent") == "true"
        spec_class = beside.EventSubprocess if triggered else self.spec_class
        return spec_class(self.spec, self.bpmn_id, subworkflow_spec=name, **self.bpmn_attributes)


class _ThrowParser(Extended, IntermediateThrowEventParser):
    """Reads throw events, those of compensation included."""

    def create_task(self) -> Any:
        return _compensation(self) or super().create_task()


class _EndParser(Extended, EndEventParser):
    """Reads end events, those of compensation and of cancelled transactions included."""

    def create_task(self) -> Any:
        if self.node.find(f"{{{BPMN}}}cancelEventDefinition") is not None:
            task = compensation.CancelEndEvent(self.spec, self.bpmn_id, **self.bpmn_attributes)
        else:
            task = _compensation(self)
        if task is None:
            return super().create_task()
        task.connect(self.spec.end)
        return task


def _compensation(parser: Any) -> Any:
    definition = parser.node.find(f"{{{BPMN}}}compensateEventDefinition")
    if definition is None:
        return None
    return compensation.CompensationThrowEvent(
        parser.spec,
        parser.bpmn_id,
        activity=definition.get("activityRef"),
        waits=definition.get("waitForCompletion") != "false",
        **parser.bpmn_attributes,
    )


class BundleParser(BpmnParser):
    """Parses the models of one bundle."""

    PROCESS_PARSER_CLASS = ExtendedProcessParser
    OVERRIDE_PARSER_CLASSES = {
        full_tag("startEvent"): (_StartParser, defaults.StartEvent),
        full_tag("endEvent"): (_EndParser, scopes.EndEvent),
        full_tag("userTask"): (_extended(TaskParser), defaults.UserTask),
        full_tag("task"): (_extended(TaskParser), specs.PassedTask),
        full_tag("manualTask"): (_extended(TaskParser), specs.PassedTask),
        full_tag("subProcess"): (_SubProcessParser, beside.SubProcess),
        full_tag("transaction"): (_SubProcessParser, compensation.Transaction),
        full_tag("callActivity"): (_extended(CallActivityParser), beside.CallActivity),
        full_tag("exclusiveGateway"): (_extended(ConditionalGatewayParser), specs.ExclusiveGateway),
        full_tag("parallelGateway"): (_extended(GatewayParser), joins.ParallelGateway),
        full_tag("inclusiveGateway"): (_extended(ConditionalGatewayParser), joins.InclusiveGateway),
        full_tag("eventBasedGateway"): (_GatewayOfEvents, specs.EventBasedGateway),
        full_tag("scriptTask"): (_extended(ScriptTaskParser), specs.ScriptTask),
        full_tag("serviceTask"): (_extended(TaskParser), specs.ServiceTask),
        full_tag("businessRuleTask"): (_extended(TaskParser), specs.BusinessRuleTask),
        full_tag("intermediateCatchEvent"): (
            _extended(IntermediateCatchEventParser),
            conditional.IntermediateCatchEvent,
        ),
        full_tag("intermediateThrowEvent"): (_ThrowParser, defaults.IntermediateThrowEvent),
        full_tag("boundaryEvent"): (_extended(BoundaryEventParser), beside.BoundaryEvent),
        full_tag("receiveTask"): (_extended(ReceiveTaskParser), defaults.ReceiveTask),
        full_tag("sendTask"): (_extended(SendTaskParser), defaults.SendTask),
    }
