"""By which events a process starts."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.bpmn import xml
from engine.bpmn.extensions import BPMN

_NS = {"bpmn": BPMN}
TIMES = ("timeDate", "timeDuration", "timeCycle")


class StartEvent(NamedTuple):
    """One start event of a process (not of a subprocess)."""

    element_id: str
    #: ``plain``, ``message``, ``signal`` or ``timer``.
    kind: str
    #: The message's or signal's name; None for the others.
    name: str | None = None
    #: Timers: ``timeDate``, ``timeDuration`` or ``timeCycle``, and its text.
    time: tuple[str, str] | None = None


def read(process: Any, messages: Mapping[str, str], signals: Mapping[str, str]) -> Iterator[StartEvent]:
    """Yield the start events of a process in the order of the model; names are looked up by id."""
    for node in process.iterchildren(f"{{{BPMN}}}startEvent"):
        yield _start_event(node, messages, signals)


def _start_event(node: Any, messages: Mapping[str, str], signals: Mapping[str, str]) -> StartEvent:
    for definition in node:
        match xml.local_name(definition):
            case "messageEventDefinition":
                return StartEvent(node.get("id"), "message", messages.get(definition.get("messageRef")))
            case "signalEventDefinition":
                return StartEvent(node.get("id"), "signal", signals.get(definition.get("signalRef")))
            case "timerEventDefinition":
                return StartEvent(node.get("id"), "timer", time=_time_of(definition))
            case _:
                continue
    return StartEvent(node.get("id"), "plain")


def _time_of(definition: Any) -> tuple[str, str] | None:
    for name in TIMES:
        text = definition.findtext(f"bpmn:{name}", namespaces=_NS)
        if text is not None:
            return name, text.strip()
    return None


def draw_receive_tasks_as_starts(root: Any) -> None:
    """Turn a receive task that starts the process into the message start event that it is.

    BPMN 2.0, 10.3.3: with ``instantiate`` a receive task begins the process when its message comes.
    """
    for node in list(root.iter(f"{{{BPMN}}}receiveTask")):
        if node.get("instantiate") == "true":
            definition = node.makeelement(f"{{{BPMN}}}messageEventDefinition", {"messageRef": node.get("messageRef")})
            node.append(definition)
            del node.attrib["instantiate"], node.attrib["messageRef"]
            node.tag = f"{{{BPMN}}}startEvent"
