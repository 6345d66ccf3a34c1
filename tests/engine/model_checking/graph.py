"""A process as a plain graph: what the token game plays on, and what is drawn as BPMN for the engine."""

from dataclasses import dataclass, field

from tests import factories as draw


@dataclass(eq=False)
class Node:
    """One element."""

    id: str
    #: ``start end user service passed script xor and or events catch receive throw sub call boundary event_sub``.
    kind: str
    #: Of events: ``timer message signal condition error escalation compensate cancel terminate link`` or nothing.
    event: str = ""
    #: Message or signal name, error code, escalation code, link name, or the activity that is to be undone.
    name: str = ""
    #: Of conditional events: variable and the value that makes them fire.
    when: tuple[str, int] | None = None
    #: Of activities that can be undone: id of the activity that undoes them; it stands in no flow.
    handler: str = ""
    #: Of subprocesses: a transaction.
    transaction: bool = False
    #: Of boundary events.
    host: str = ""
    interrupting: bool = True
    #: Of a repeating timer: how often it rings.
    rings: int = 1
    #: Of subprocesses, called processes and event subprocesses.
    inner: "Graph | None" = None
    #: ``("parallel", n)``, ``("sequential", n)``, ``("before" | "after", maximum or 0, variable)``.
    loop: tuple | None = None
    #: Of user tasks: variables to answer, each with the number of possible values.
    asks: list[tuple[str, int]] = field(default_factory=list)
    #: Of script tasks: variable and its new value.
    sets: tuple[str, int] | None = None
    #: Id of the flow taken when no other is.
    default: str = ""


@dataclass(eq=False)
class Flow:
    """A sequence flow; ``when`` is a variable and the value it must have."""

    id: str
    source: str
    target: str
    when: tuple[str, int] | None = None


@dataclass(eq=False)
class Graph:
    """A process, or what is inside a subprocess."""

    id: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def __repr__(self):
        return f"<{self.id}: {' '.join(self.nodes)}>"

    def out_of(self, node_id):
        return [flow for flow in self.flows if flow.source == node_id]

    def into(self, node_id):
        return [flow for flow in self.flows if flow.target == node_id]

    def boundaries(self, node_id):
        return [node for node in self.nodes.values() if node.kind == "boundary" and node.host == node_id]

    def start(self):
        return next(node for node in self.nodes.values() if node.kind == "start")

    def event_subprocesses(self):
        """Those that wait for an event from elsewhere."""
        subprocesses = [node for node in self.nodes.values() if node.kind == "event_sub"]
        return [node for node in subprocesses if node.inner.start().event != "compensate"]

    def compensation_event_subprocess(self):
        subprocesses = [node for node in self.nodes.values() if node.kind == "event_sub"]
        return next((node for node in subprocesses if node.inner.start().event == "compensate"), None)

    def handlers(self):
        """Return the handlers by the activities that they undo."""
        return {node.id: node.handler for node in self.nodes.values() if node.handler}

    def everything(self):
        """Every node, those inside subprocesses and called processes too."""
        for node in self.nodes.values():
            yield node
            if node.inner is not None:
                yield from node.inner.everything()


TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "passed": "task",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "events": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "receive": "receiveTask",
    "sub": "subProcess",
    "event_sub": "subProcess",
    "call": "callActivity",
    "boundary": "boundaryEvent",
    "service": "serviceTask",
    "script": "scriptTask",
}


def as_bpmn(graph: Graph) -> bytes:
    """Draw a process, the processes it calls and what its events refer to."""
    called = "".join(
        f'<bpmn:process id="{node.inner.id}" isExecutable="true">{_body(node.inner)}</bpmn:process>'
        for node in graph.everything()
        if node.kind == "call"
    )
    return draw.model(_body(graph), extra=_definitions(graph), processes=called)


def _definitions(graph):
    found = {}
    for node in graph.everything():
        event = "message" if node.kind == "receive" else node.event
        if event in ("message", "signal"):
            found[event, node.name] = f'<bpmn:{event} id="{event}_{node.name}" name="{node.name}"/>'
        elif event in ("error", "escalation") and node.name:
            found[event, node.name] = (
                f'<bpmn:{event} id="{event}_{node.name}" name="{node.name}" {event}Code="{node.name}"/>'
            )
    return "".join(found.values())


def _body(graph):
    handlers = set(graph.handlers().values())
    nodes = "".join(_node(node, undoes=node.id in handlers) for node in graph.nodes.values())
    nodes += "".join(_undone_by(activity, handler) for activity, handler in graph.handlers().items())
    return nodes + "".join(_flow(flow) for flow in graph.flows)


def _undone_by(activity, handler):
    return (
        f'<bpmn:boundaryEvent id="undo_{activity}" attachedToRef="{activity}"><bpmn:compensateEventDefinition/>'
        f'</bpmn:boundaryEvent><bpmn:association id="to_{handler}" sourceRef="undo_{activity}" targetRef="{handler}"/>'
    )


def _flow(flow):
    condition = f"{flow.when[0]} = {flow.when[1]}" if flow.when else ""
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}">{inner}</bpmn:sequenceFlow>'


def _node(node, *, undoes=False):
    attributes = [f'id="{node.id}"']
    if undoes:
        attributes.append('isForCompensation="true"')
    inner = _event(node) + _loop(node)
    if node.default:
        attributes.append(f'default="{node.default}"')
    if node.kind == "user":
        attributes.append(f'name="{node.id}" camunda:candidateGroups="lawyers"')
    elif node.kind == "service":
        attributes.append('camunda:topic="tests.world"')
    elif node.kind == "receive":
        attributes.append(f'messageRef="message_{node.name}"')
    elif node.kind == "call":
        attributes.append(f'calledElement="{node.inner.id}"')
    elif node.kind == "boundary":
        attributes.append(f'attachedToRef="{node.host}" cancelActivity="{str(node.interrupting).lower()}"')
    elif node.kind == "start" and not node.interrupting:
        attributes.append('isInterrupting="false"')
    elif node.kind == "event_sub":
        attributes.append('triggeredByEvent="true"')
    elif node.kind == "script":
        attributes.append(f'scriptFormat="feel" camunda:resultVariable="{node.sets[0]}"')
        inner = f"<bpmn:script>{node.sets[1]}</bpmn:script>"
    if node.kind in ("sub", "event_sub"):
        inner += _body(node.inner)
    tag = "transaction" if node.transaction else TAGS[node.kind]
    return f"<bpmn:{tag} {' '.join(attributes)}>{inner}</bpmn:{tag}>"


def _event(node):
    if node.kind == "receive" or not node.event:
        return ""
    if node.event == "timer":
        return draw.timer(f"R{node.rings}/P1D", "timeCycle") if node.rings > 1 else draw.timer("P1D")
    if node.event == "condition":
        text = f"{node.when[0]} = {node.when[1]}"
        return f"<bpmn:conditionalEventDefinition><bpmn:condition>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"
    if node.event in ("compensate", "cancel"):
        reference = f'activityRef="{node.name}"' if node.name else ""
        return f"<bpmn:{node.event}EventDefinition {reference}/>"
    if node.event == "link":
        return f'<bpmn:linkEventDefinition name="{node.name}"/>'
    if node.event == "terminate":
        return "<bpmn:terminateEventDefinition/>"
    reference = f'{node.event}Ref="{node.event}_{node.name}"' if node.name else ""
    return f"<bpmn:{node.event}EventDefinition {reference}/>"


def _loop(node):
    match node.loop:
        case ("parallel" | "sequential" as kind, number):
            sequential = str(kind == "sequential").lower()
            return f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}"><bpmn:loopCardinality>{number}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
        case ("before" | "after" as kind, maximum, variable):
            limit = f'loopMaximum="{maximum}"' if maximum else ""
            return (
                f'<bpmn:standardLoopCharacteristics testBefore="{str(kind == "before").lower()}" {limit}>'
                f"<bpmn:loopCondition>{variable} = 1</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
            )
    return ""
