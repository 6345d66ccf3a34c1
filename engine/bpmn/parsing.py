"""How elements are read one after the other, however long the path, and joined by their flows.

Replaced behaviour (SpiffWorkflow 3.2.0): the library reads a path by recursion and gives up after some
hundred elements; it takes one flow out of an activity and looks at no condition there; it knows no links.
Ours reads elements from a stack of generators, in the library's own order (stored states name elements
by that order); splits where several flows or a condition leave an activity; and lets a link throw event
lead to the link catch event of its name.
"""

from collections.abc import Generator
from typing import Any

from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.util import first
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.exclusive_gateway import ExclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.inclusive_gateway import InclusiveGateway

from engine.bpmn import beside, compensation, conditional, extensions, flows, joins, links, loops, scopes, timers, xml
from engine.bpmn.event_parsing import ReadsEvents

#: Reads one element: asks for the elements it leads to, and returns the spec that a flow to it enters.
Reading = Generator[Any, Any, Any]

_NS = {"bpmn": extensions.BPMN}
_GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway")


class Extended(ReadsEvents):
    """Mixed into every element parser: extensions, timers that are ours, and reading without recursion."""

    STANDARD_LOOP_CLASS = loops.StandardLoop
    PARALLEL_MI_CLASS = loops.ParallelMultiInstance
    SEQUENTIAL_MI_CLASS = loops.SequentialMultiInstance

    node: Any
    spec: Any
    task: Any
    bpmn_id: str
    bpmn_attributes: dict[str, Any]
    filename: str
    process_parser: "ExtendedProcessParser"

    def parse_extensions(self, node: Any = None) -> extensions.Extensions:
        return extensions.read(self.node if node is None else node)

    def parse_timer_event(self, event: Any) -> Any:
        name = self.node.get("name", self.node.get("id"))
        for tag, timer in (
            ("timeDate", timers.DateTimer),
            ("timeDuration", timers.DurationTimer),
            ("timeCycle", timers.CycleTimer),
        ):
            text = first(event.xpath(f"./bpmn:{tag}", namespaces=_NS))
            if text is not None:
                return timer(name, (text.text or "").strip())
        raise ValueError("the timer has no date, duration or cycle")

    def parse_error_event(self, error_event: Any) -> scopes.ErrorDefinition:
        error = self._referenced("error", error_event.get("errorRef"))
        return scopes.ErrorDefinition(
            error.get("name") or error.get("id") or "any error",
            error.get("errorCode"),
            error.get(f"{{{extensions.CAMUNDA}}}errorMessage") or error.get("name"),
            error_event.get(f"{{{extensions.CAMUNDA}}}errorCodeVariable"),
            error_event.get(f"{{{extensions.CAMUNDA}}}errorMessageVariable"),
        )

    def parse_escalation_event(self, escalation_event: Any) -> scopes.EscalationDefinition:
        escalation = self._referenced("escalation", escalation_event.get("escalationRef"))
        return scopes.EscalationDefinition(
            escalation.get("name") or escalation.get("id") or "any escalation",
            escalation.get("escalationCode"),
            escalation_event.get(f"{{{extensions.CAMUNDA}}}escalationCodeVariable"),
        )

    def parse_conditional_event(self, event: Any) -> conditional.Condition:
        return conditional.Condition((event.findtext("bpmn:condition", namespaces=_NS) or "").strip())

    def _referenced(self, tag: str, reference: str | None) -> Any:
        """Return the element beside the process that an event definition names; an empty one when it names none."""
        if not reference:
            return {}
        found = self.node.getroottree().getroot().iterfind(f"{{{extensions.BPMN}}}{tag}")
        return next((item for item in found if item.get("id") == reference), {})

    def handles_multiple_outgoing(self) -> bool:
        return True

    def read(self) -> Reading:
        """Make this element's spec, ask for those its flows lead to, and connect them."""
        self.task = self.create_task()  # type: ignore[attr-defined] - the library's parser has it
        self.task.extensions = self.parse_extensions()
        self._read_loop()
        entry = self.task
        events = self.process_parser.get_boundary_events(self.bpmn_id)
        if events:
            entry = yield from self._read_boundary_events(events)
        targets: list[tuple[Any, Any]] = []
        for flow in self._leaving():
            target = self.process_parser.get_node_by_id(flow.get("targetRef"))
            if target is None:
                raise ValidationException(f"A flow leads to '{flow.get('targetRef')}', which is nothing.", flow)
            spec = self.spec.task_specs.get(f"{target.get('id')}.BoundaryEventSplit")
            targets.append(((yield target) if spec is None else spec, flow))
        targets.sort(key=lambda item: float(self.process_parser.get_position(item[1].get("targetRef"))["y"]))
        self._connect(targets)
        target = links.target_of(self.node)
        if target is not None:
            self.task.connect((yield target))
        elif not targets and self._ends_here():
            self.task.connect(self.spec.end)
        return entry

    def _ends_here(self) -> bool:
        """Say whether a path ends at this element though no end event is drawn."""
        is_gateway_or_end = xml.local_name(self.node) in (*_GATEWAYS, "endEvent")
        has_other_way = self.node.get("triggeredByEvent") == "true" or self.node.get("isForCompensation") == "true"
        compensates = self.node.find("bpmn:compensateEventDefinition", namespaces=_NS) is not None
        is_boundary = xml.local_name(self.node) == "boundaryEvent"
        return not is_gateway_or_end and not has_other_way and not (compensates and is_boundary)

    def _leaving(self) -> list[Any]:
        return self.process_parser.get_outgoing_sequence_flows(self.bpmn_id)

    def _read_loop(self) -> None:
        for kind, add in (
            ("standardLoopCharacteristics", "_add_loop_task"),
            ("multiInstanceLoopCharacteristics", "_add_multiinstance_task"),
        ):
            characteristics = self.node.find(f"bpmn:{kind}", namespaces=_NS)
            if characteristics is not None:
                getattr(self, add)(characteristics)
                for name in ("input_item", "output_item"):
                    item = getattr(self.task, name, None)
                    if item is not None:  # the variable is the item's name; its id, when it has none
                        item.bpmn_id = item.bpmn_name or item.bpmn_id

    def _read_boundary_events(self, events: list[Any]) -> Reading:
        split = BoundaryEventSplit(self.spec, f"{self.bpmn_id}.BoundaryEventSplit", lane=self.task.lane)
        join = BoundaryEventJoin(
            self.spec, f"{self.bpmn_id}.BoundaryEventJoin", lane=self.task.lane, split_task=split.name, cancel=True
        )
        split.connect(self.task)
        self.task.connect(join)
        for event in events:
            spec = yield event
            split.connect(spec)
            spec.connect(join)
        return split

    def _connect(self, targets: list[tuple[Any, Any]]) -> None:
        default = self.node.get("default")
        if xml.local_name(self.node) in _GATEWAYS:
            if len(targets) == 1 and isinstance(self.task, ExclusiveGateway | InclusiveGateway):
                (flow,) = (flow for _, flow in targets)
                default = default if flows.condition_of(flow) else flow.get("id")
            for spec, flow in targets:
                self.connect_outgoing(spec, flow, flow.get("id") == default)  # type: ignore[attr-defined] - as above
        elif any(flows.condition_of(flow) or flow.get("id") == default for _, flow in targets):
            self.process_parser.choices.append((self.task, targets, default))
        else:
            for spec, _ in targets:
                self.task.connect(spec)


class ExtendedProcessParser(ProcessParser):
    """Reads one process or subprocess."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: Activities whose flows have conditions: (spec, targets and flows, the default flow's id).
        self.choices: list[tuple[Any, list[tuple[Any, Any]], str | None]] = []

    def create_spec(self) -> joins.ProcessSpec:
        return beside.ScopeSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        super().add_tasks()
        for node in self.node.iterchildren(f"{{{extensions.BPMN}}}*"):
            if node.get("isForCompensation") == "true":
                self.parse_node(node)
        self.spec.handlers = compensation.read_handlers(self.node)  # type: ignore[union-attr] - set before this
        # Last, so that the elements before keep the positions by which stored states name them.
        for spec, targets, default in self.choices:
            flows.connect_choice(self.spec, spec, targets, default)

    def get_boundary_events(self, attached_to_ref: str) -> list[Any]:
        """Return what waits beside an activity; a compensation boundary event only names a handler."""
        events = super().get_boundary_events(attached_to_ref)
        return [event for event in events if not compensation.is_compensation(event)]

    def parse_node(self, node: Any) -> Any:
        """Return the spec that a flow to this node enters; what follows it is read too, without recursion."""
        stack: list[tuple[Reading, Any]] = []
        wanted, spec = node, None
        while True:
            if wanted is not None:
                spec = self.spec.task_specs.get(wanted.get("id"))  # type: ignore[union-attr] - set before this
                if spec is None:
                    stack.append((self._parser_of(wanted).read(), wanted))
            if not stack:
                return spec
            reading, of = stack[-1]
            try:
                wanted = reading.send(spec)
            except StopIteration as end:
                stack.pop()
                wanted, spec = None, end.value
            except ValidationException:
                raise
            except Exception as error:
                raise ValidationException(repr(error), node=of, file_name=self.filename) from error

    def _parser_of(self, node: Any) -> Any:
        parser, spec_class = self.parser._get_parser_class(node.tag)
        if parser is None or spec_class is None:
            raise ValidationException("This kind of element is not executed.", node=node, file_name=self.filename)
        return parser(self, spec_class, node, self.nsmap, lane=self.lane)
