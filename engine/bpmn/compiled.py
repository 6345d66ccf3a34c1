"""A definition ready to run: specs, extensions, flows and decisions, shared by all its instances.

Compiled once per version and process and never stored with an instance. Treat it as frozen: several
threads run instances of it at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.bpmn import compensation, conditional, extensions, specs, xml
from engine.bpmn.extensions import BPMN, Extensions
from engine.bpmn.parser import BundleParser

_NS = {"bpmn": BPMN}


@dataclass(frozen=True, slots=True)
class Element:
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
    #: Message names that start an instance, by start event id.
    start_messages: dict[str, str]
    #: Every message name this process waits for.
    message_names: list[str]
    #: True when an event of it waits for a condition.
    has_conditions: bool = False
    #: Names of task specs in order, by spec name: states of version 1 refer to them by position.
    spec_names: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    #: Positions of the elements and of the sequence flows among all ids, sorted: states hold these.
    element_positions: dict[str, int] = field(default_factory=dict[str, int])
    flow_positions: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def starts_only_on_messages(self) -> bool:
        """True when no start event lets a person start it."""
        starts = [event for event in self.spec.bpmn_start_events if event.bpmn_id]
        return bool(starts) and all(event.bpmn_id in self.start_messages for event in starts)

    def spec_named(self, name: str) -> Any:
        """Return the process or subprocess spec of that name."""
        return self.spec if name == self.spec.name else self.subprocess_specs[name]

    def element_of(self, task_spec: Any) -> Element:
        """Return the element a token stands at; a multi-instance child is its element."""
        name = (
            getattr(task_spec, "bpmn_id", None)
            or getattr(task_spec, "element_id", None)
            or task_spec.name.split(" [child]", 1)[0].split(".", 1)[0]
        )
        return self.elements.get(name) or Element(name, "unknown", name, Extensions())


def compile_process(key: str, models: Mapping[str, bytes], decisions: Mapping[str, Any]) -> Compiled:
    """Compile the process ``key`` from a bundle's BPMN files (by name) and its decisions (by id).

    Raises:
        Exception: whatever the library raises on a model it cannot read; ``lint`` turns it into findings.
    """
    parser = BundleParser()
    roots = []
    for name, content in models.items():
        root = xml.parse(content)
        xml.normalise(root)
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
        start_messages={},
        message_names=[],
    )
    messages = {node.get("id"): node.get("name") for root in roots for node in root.iter(f"{{{BPMN}}}message")}
    for process in (node for root in roots for node in root.iter(f"{{{BPMN}}}process")):
        if process.get("id") == key or process.get("id") in compiled.subprocess_specs:
            _read_process(compiled, process, messages, own=process.get("id") == key)
    _prepare(compiled, decisions)
    compiled.element_positions = _positions(compiled.elements)
    compiled.flow_positions = _positions(flow for flows in compiled.flows.values() for flow in flows)
    return compiled


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(sorted(ids))}


def _read_process(compiled: Compiled, process: Any, messages: dict[str, str], *, own: bool) -> None:
    if own:
        compiled.extensions = extensions.read(process)
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
        for reference in _message_references(node):
            name = messages.get(reference)
            if name:
                compiled.message_names.append(name)
                if own and xml.local_name(node) == "startEvent" and node.getparent() is process:
                    compiled.start_messages[node_id] = name


def _message_references(node: Any) -> list[str]:
    if xml.local_name(node) == "receiveTask":
        return [node.get("messageRef")] if node.get("messageRef") else []
    if xml.local_name(node) in ("startEvent", "intermediateCatchEvent", "boundaryEvent"):
        found = node.findall("bpmn:messageEventDefinition", namespaces=_NS)
        return [item.get("messageRef") for item in found if item.get("messageRef")]
    return []


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
