"""Reads BPMN into the library's specs, with every ``camunda:`` extension kept and our own elements in place."""

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.event_parsers import (
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
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn import joins, specs
from engine.bpmn.parsing import Extended, ExtendedProcessParser


def _extended(parser_class: type) -> Any:
    return type(parser_class.__name__, (Extended, parser_class), {})


class _GatewayOfEvents(Extended, EventBasedGatewayParser):
    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, event_definition=specs.FirstEvent(), **self.bpmn_attributes)


class BundleParser(BpmnParser):
    """Parses the models of one bundle."""

    PROCESS_PARSER_CLASS = ExtendedProcessParser
    OVERRIDE_PARSER_CLASSES = {
        full_tag("startEvent"): (_extended(StartEventParser), defaults.StartEvent),
        full_tag("endEvent"): (_extended(EndEventParser), defaults.EndEvent),
        full_tag("userTask"): (_extended(TaskParser), defaults.UserTask),
        full_tag("task"): (_extended(TaskParser), specs.PassedTask),
        full_tag("manualTask"): (_extended(TaskParser), specs.PassedTask),
        full_tag("subProcess"): (_extended(SubWorkflowParser), defaults.SubWorkflowTask),
        full_tag("callActivity"): (_extended(CallActivityParser), defaults.CallActivity),
        full_tag("exclusiveGateway"): (_extended(ConditionalGatewayParser), specs.ExclusiveGateway),
        full_tag("parallelGateway"): (_extended(GatewayParser), joins.ParallelGateway),
        full_tag("inclusiveGateway"): (_extended(ConditionalGatewayParser), joins.InclusiveGateway),
        full_tag("eventBasedGateway"): (_GatewayOfEvents, specs.EventBasedGateway),
        full_tag("scriptTask"): (_extended(ScriptTaskParser), specs.ScriptTask),
        full_tag("serviceTask"): (_extended(TaskParser), specs.ServiceTask),
        full_tag("businessRuleTask"): (_extended(TaskParser), specs.BusinessRuleTask),
        full_tag("intermediateCatchEvent"): (_extended(IntermediateCatchEventParser), defaults.IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (_extended(IntermediateThrowEventParser), defaults.IntermediateThrowEvent),
        full_tag("boundaryEvent"): (_extended(BoundaryEventParser), defaults.BoundaryEvent),
        full_tag("receiveTask"): (_extended(ReceiveTaskParser), defaults.ReceiveTask),
        full_tag("sendTask"): (_extended(SendTaskParser), defaults.SendTask),
    }
