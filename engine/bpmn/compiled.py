"""A definition ready to run: specs, extensions, flows and decisions, shared by all its instances.

Compiled once per version and process and never stored with an instance. Treat it as frozen: several
threads run instances of it at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.bpmn import compensation, conditional, extensions, specs, starts, xml
from engine.bpmn.extensions import BPMN, Extensions
from engine.bpmn.starts import StartEvent

_NS = {"bpmn": BPMN}


class Element(NamedTuple):
    """One element of the diagram as the engine needs it."""

    id: str
    #: The BPMN tag: ``userTask``, ``boundaryEvent``, ...
    type: str
    name: str
    extensions: Extensions
    lane: str | None = None
    documentation: str | None = None


@dataclass(slots=True)
class Compiled:
    """One process of a bundle, ready to run."""

    key: str
    name: str
    spec: Any
    subprocess_specs: dict[str, Any]
    elements: dict[str, Element]
    #: Sequence flow ids by (source, target).
    flows: dict[tuple[str, str], list[str]]
    #: The process element's own extensions.
    extensions: Extensions
    #: The events by which an instance starts, by their ids, in the order of the model.
    starts: dict[str, StartEvent]
    #: Every message this process waits for or starts on, and every signal.
    message_names: list[str]
    signal_names: list[str]
    #: True when an event of it waits for a condition.
    has_conditions: bool = False
    #: Names of task specs in order, by spec name: states of version 1 refer to them by position.
    spec_names: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    #: Ids of the sequence flows of the processes it calls: their own scenarios walk those.
    called_flows: set[str] = field(default_factory=set[str])
    #: Positions of the elements and of the sequence flows among all ids, sorted: states hold these.
    element_positions: dict[str, int] = field(default_factory=dict[str, int])
    flow_positions: dict[str, int] = field(default_factory=dict[str, int])
    #: What was asked for before: elements by their task specs.
    elements_of: dict[Any, Element] = field(default_factory=dict[Any, Element], repr=False, compare=False)

    @property
    def starts_by_hand(self) -> bool:
        """True when somebody may start it: it has a plain start event."""
        return any(start.kind == "plain" for start in self.starts.values())

    def start_event(self, element_id: str | None) -> StartEvent | None:
        """Return a start event by its id; the plain one for None."""
        if element_id is not None:
            return self.starts[element_id]
        return next((start for start in self.starts.values() if start.kind == "plain"), None)

    def starts_on(self, kind: str, name: str) -> StartEvent | None:
        """Return the start event of a ``message`` or ``signal`` of this name, if there is one."""
        return next((start for start in self.starts.values() if (start.kind, start.name) == (kind, name)), None)

    def spec_named(self, name: str) -> Any:
        """Return the process or subprocess spec of that name."""
        return self.spec if name == self.spec.name else self.subprocess_specs[name]

    def element_of(self, task_spec: Any) -> Element:
        """Return the element a token stands at; a multi-instance child is its element."""
        known = self.elements_of.get(task_spec)
        if known is not None:
            return known
        name = (
            getattr(task_spec, "bpmn_id", None)
            or getattr(task_spec, "element_id", None)
            or task_spec.name.split(" [child]", 1)[0].split(".", 1)[0]
        )
        found = self.elements.get(name) or Element(name, "unknown", name, Extensions())
        self.elements_of[task_spec] = found
        return found


def compile_process(key: str, models: Mapping[str, bytes], decisions: Mapping[str, Any]) -> Compiled:
    """Compile the process ``key`` from a bundle's BPMN files (by name) and its decisions (by id).

    Raises:
        Exception: whatever the library raises on a model it cannot read; ``lint`` turns it into findings.
    """
    from engine.bpmn.parser import BundleParser  # noqa: PLC0415 - what reads models is loaded for the first of them

    parser = BundleParser()
    roots = []
    for name, content in models.items():
        root = xml.parse(content)
        xml.normalise(root)
        starts.draw_receive_tasks_as_starts(root)
        parser.add_bpmn_xml(root, name)
        roots.append(root)
    spec = parser.get_spec(key)
    compiled = Compiled(
        key=key,
        name=spec.description or key,
        spec=spec,
        subprocess_specs=parser.get_subprocess_specs(key),
        elements={},
        flows={},
        extensions=Extensions(),
        starts={},
        message_names=[],
        signal_names=[],
    )
    messages, signals = _names(roots, "message"), _names(roots, "signal")
    for process in (node for root in roots for node in root.iter(f"{{{BPMN}}}process")):
        if process.get("id") == key or process.get("id") in compiled.subprocess_specs:
            _read_process(compiled, process, messages, signals)
            if process.get("id") != key:
                compiled.called_flows.update(flow.get("id") for flow in process.iter(f"{{{BPMN}}}sequenceFlow"))
        if process.get("id") == key:
            compiled.extensions = extensions.read(process)
            compiled.starts = {start.element_id: start for start in starts.read(process, messages, signals)}
    _prepare(compiled, decisions)
    compiled.element_positions = _positions(compiled.elements)
    compiled.flow_positions = _positions(flow for flows in compiled.flows.values() for flow in flows)
    return compiled


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(sorted(ids))}


def _names(roots: list[Any], kind: str) -> dict[str, str]:
    return {node.get("id"): node.get("name") for root in roots for node in root.iter(f"{{{BPMN}}}{kind}")}


def _read_process(compiled: Compiled, process: Any, messages: dict[str, str], signals: dict[str, str]) -> None:
    lanes = {
        (reference.text or "").strip(): lane.get("name")
        for lane in process.iter(f"{{{BPMN}}}lane")
        for reference in lane.iterchildren(f"{{{BPMN}}}flowNodeRef")
    }
    for node in process.iter(f"{{{BPMN}}}*"):
        node_id = node.get("id")
        if node_id is None:
            continue
        if xml.local_name(node) == "sequenceFlow":
            compiled.flows.setdefault((node.get("sourceRef"), node.get("targetRef")), []).append(node_id)
        compiled.elements[node_id] = Element(
            id=node_id,
            type=xml.local_name(node),
            name=node.get("name") or node_id,
            extensions=extensions.read(node),
            lane=lanes.get(node_id),
            documentation=node.findtext("bpmn:documentation", namespaces=_NS),
        )
        compiled.message_names.extend(_names_caught(node, "message", messages))
        compiled.signal_names.extend(_names_caught(node, "signal", signals))


def _names_caught(node: Any, kind: str, names: dict[str, str]) -> list[str]:
    """Return the names of the messages or signals for which an element waits."""
    references = []
    if xml.local_name(node) == "receiveTask" and kind == "message":
        references = [node.get("messageRef")]
    elif xml.local_name(node) in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
        found = node.findall(f"bpmn:{kind}EventDefinition", namespaces=_NS)
        references = [item.get(f"{kind}Ref") for item in found]
    return [names[reference] for reference in references if names.get(reference)]


def _prepare(compiled: Compiled, decisions: Mapping[str, Any]) -> None:
    """Finish the specs before they are shared: nothing about them changes afterwards."""
    compensation.prepare({spec.name: spec for spec in (compiled.spec, *compiled.subprocess_specs.values())})
    for spec in (compiled.spec, *compiled.subprocess_specs.values()):
        for task_spec in spec.task_specs.values():
            if isinstance(task_spec, LoopTask):
                child = spec.task_specs[task_spec.task_spec]
                if not child.completed_event.is_connected(task_spec.merge_child):
                    child.completed_event.connect(task_spec.merge_child)
            compiled.has_conditions |= conditional.is_in(task_spec)
            if isinstance(task_spec, specs.BusinessRuleTask):
                task_spec.decisions = dict(decisions)
            if not isinstance(getattr(task_spec, "extensions", None), Extensions):
                task_spec.extensions = Extensions()
        compiled.spec_names[spec.name] = list(spec.task_specs)
