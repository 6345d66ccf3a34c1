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
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    ScriptTaskParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import first
from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn import extensions, joins, specs, timers


class _Extended:
    """Mixed into every element parser: one way to read extensions, and timers that are ours."""

    node: Any
    spec: Any
    bpmn_id: str
    bpmn_attributes: dict[str, Any]

    def parse_extensions(self, node: Any = None) -> extensions.Extensions:
        return extensions.read(self.node if node is None else node)

    def parse_timer_event(self, event: Any) -> Any:
        name = self.node.get("name", self.node.get("id"))
        for tag, timer in (
            ("timeDate", timers.DateTimer),
            ("timeDuration", timers.DurationTimer),
            ("timeCycle", timers.CycleTimer),
        ):
            text = first(event.xpath(f"./bpmn:{tag}", namespaces={"bpmn": extensions.BPMN}))
            if text is not None:
                return timer(name, (text.text or "").strip())
        raise ValueError("the timer has no date, duration or cycle")


def _extended(parser_class: type) -> Any:
    return type(parser_class.__name__, (_Extended, parser_class), {})


class _GatewayOfEvents(_Extended, EventBasedGatewayParser):
    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, event_definition=specs.FirstEvent(), **self.bpmn_attributes)


class _ExtendedProcessParser(ProcessParser):
    def create_spec(self) -> joins.ProcessSpec:
        return joins.ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


class BundleParser(BpmnParser):
    """Parses the models of one bundle."""

    PROCESS_PARSER_CLASS = _ExtendedProcessParser
    OVERRIDE_PARSER_CLASSES = {
        full_tag("startEvent"): (_extended(StartEventParser), defaults.StartEvent),
        full_tag("endEvent"): (_extended(EndEventParser), defaults.EndEvent),
        full_tag("userTask"): (_extended(TaskParser), defaults.UserTask),
        full_tag("task"): (_extended(TaskParser), defaults.NoneTask),
        full_tag("manualTask"): (_extended(TaskParser), defaults.NoneTask),
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
