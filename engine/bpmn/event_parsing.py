"""Reads what stands on an event: our own messages and signals in place of the library's."""

from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import SIGNAL_EVENT_XPATH

from engine.bpmn import messaging


class ReadsEvents:
    """Mixed into every element parser."""

    node: Any
    spec: Any
    bpmn_id: str
    bpmn_attributes: dict[str, Any]
    process_parser: Any

    def parse_message_event(self, message_event: Any) -> messaging.Message:
        return messaging.Message(self.process_parser.parser.messages[message_event.get("messageRef")])

    def parse_signal_event(self, signal_event: Any) -> messaging.Signal:
        return messaging.Signal(self.process_parser.parser.signals[signal_event.get("signalRef")])

    def get_event_definition(self, xpaths: list[str]) -> Any:
        # The library reads no signal on an end event; on which events one may stand is a rule's business.
        wanted = xpaths if SIGNAL_EVENT_XPATH in xpaths else [*xpaths, SIGNAL_EVENT_XPATH]
        return super().get_event_definition(wanted)  # type: ignore[misc] - the library's event parsers have it
