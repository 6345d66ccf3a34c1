"""A bundle laid open for its rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import xml
from engine.bpmn.extensions import BPMN, Extensions, read

TASKS = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "manualTask", "task", "sendTask", "receiveTask")
ACTIVITIES = (*TASKS, "subProcess", "callActivity", "transaction", "adHocSubProcess")
GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway")
EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
FLOW_NODES = (*ACTIVITIES, *GATEWAYS, *EVENTS)


@dataclass(slots=True)
class Model:
    """One BPMN file, parsed."""

    resource: str
    root: Any
    nodes: dict[str, Any] = field(default_factory=dict[str, Any])
    #: Sequence flows by the id of the element they leave, and of the one they enter; read on first asking.
    _leaving: dict[str, list[Any]] | None = None
    _entering: dict[str, list[Any]] | None = None
    _flow_nodes: list[Any] | None = None

    def all(self, *names: str) -> Iterator[Any]:
        """Every element with one of these names."""
        for name in names:
            yield from self.root.iter(f"{{{BPMN}}}{name}")

    def leaving(self, node_id: str | None) -> list[Any]:
        """The sequence flows that leave an element."""
        if self._leaving is None:
            self._leaving = self._flows_by("sourceRef")
        return self._leaving.get(node_id or "", [])

    def entering(self, node_id: str | None) -> list[Any]:
        """The sequence flows that enter an element."""
        if self._entering is None:
            self._entering = self._flows_by("targetRef")
        return self._entering.get(node_id or "", [])

    def _flows_by(self, end: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for flow in self.all("sequenceFlow"):
            found.setdefault(flow.get(end, ""), []).append(flow)
        return found

    def processes(self) -> list[Any]:
        """The executable processes of the file."""
        return [node for node in self.all("process") if node.get("isExecutable") == "true"]

    def flow_nodes(self) -> Iterator[Any]:
        """Every node of the executable processes."""
        if self._flow_nodes is None:
            self._flow_nodes = [
                node
                for process in self.processes()
                for node in process.iter(f"{{{BPMN}}}*")
                if xml.local_name(node) in FLOW_NODES
            ]
        return iter(self._flow_nodes)


@dataclass(slots=True)
class Bundle:
    """All files of a bundle: models parsed, forms and decisions by their names."""

    models: list[Model]
    #: form-js schemas by form key (the file's stem).
    forms: dict[str, Any]
    #: Decisions by id.
    decisions: dict[str, Any]
    #: Topics that have a delegate; None when that is not to be checked.
    topics: frozenset[str] | None

    @property
    def process_keys(self) -> set[str]:
        """Ids of all executable processes."""
        return {process.get("id", "") for model in self.models for process in model.processes()}


def children(node: Any, *names: str) -> list[Any]:
    """Direct children of an element with one of these names."""
    return [child for child in node if xml.local_name(child) in names]


def text_of(node: Any, name: str) -> str | None:
    """The text of a direct child, stripped; None when there is no such child."""
    found = children(node, name)
    return (found[0].text or "").strip() if found else None


def extensions_of(node: Any) -> Extensions:
    """The element's ``camunda:`` extensions."""
    return read(node)


def event_definitions(node: Any) -> list[Any]:
    """The event definitions of an event."""
    return [child for child in node if xml.local_name(child).endswith("EventDefinition")]


def outgoing(model: Model, node: Any) -> list[Any]:
    """The sequence flows that leave an element."""
    return model.leaving(node.get("id"))


def label(node: Any) -> str:
    """How a finding names an element: its name, or its id."""
    return node.get("name") or node.get("id") or xml.local_name(node)


def is_start_of_process(node: Any) -> bool:
    """Say whether a start event starts a process, not a subprocess."""
    return xml.local_name(node) == "startEvent" and xml.local_name(node.getparent()) == "process"
