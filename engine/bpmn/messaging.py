"""Messages and signals as an instance sees them: what it throws goes out, what it catches the engine hands in.

Replaced behaviour (SpiffWorkflow 3.2.0): the library hands what an instance throws to every token of the same
instance that waits for the name, whatever the correlation keys; it keeps what came under the message's own name
among the token's internal data, where a message called ``due`` or ``stuck`` breaks the token; it sends a copy of
all data with every signal. Ours collects what is thrown (``InstanceWorkflow.thrown``) for the engine, which alone
knows who waits for it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine import limits
from engine.bpmn import mapping
from engine.bpmn.extensions import Extensions
from engine.variables import is_storable

#: The name of the one key that has no name of its own: a message's plain correlation key, and the business key of
#: an instance that names no other.
UNNAMED_KEY = "business_key"
#: The property that holds that key's FEEL; other keys stand under ``correlationKey.<name>``.
KEY_PROPERTY = "correlationKey"
_PAYLOAD = "payload"


class KeyMissing(Exception):
    """A correlation key has no value that can be compared."""

    def __init__(self, name: str, text: str, value: Any) -> None:
        found = "no value" if value is None or value == "" else f"the value {str(value)[:60]!r}, which is no key"
        super().__init__(f"The correlation key '{name}' ({text}) has {found}.")
        self.expression = text


class Thrown(NamedTuple):
    """A message or a signal that a token sent in this step."""

    #: ``message`` or ``signal``.
    kind: str
    name: str
    element_id: str
    variables: dict[str, Any]
    #: Messages: the correlation keys the element works out; None says the instance's business key.
    keys: dict[str, str] | None = None
    #: Messages: how long it is kept while nobody waits (ISO 8601); None says the engine's usual time.
    time_to_live: str | None = None
    #: Signals: the tokens of this very instance that waited for it at that moment.
    heard_by: tuple[UUID, ...] = ()


def key_texts(extensions: Extensions) -> dict[str, str]:
    """Return the FEEL texts of an element's correlation keys by the keys' names; empty for the business key."""
    found: dict[str, str] = {}
    for name, text in extensions.properties.items():
        if name == KEY_PROPERTY:
            found[UNNAMED_KEY] = text.strip()
        elif name.startswith(f"{KEY_PROPERTY}."):
            found[name.removeprefix(f"{KEY_PROPERTY}.").strip()] = text.strip()
    return {name: text for name, text in found.items() if text}


def keys_of(token: Any, extensions: Extensions) -> dict[str, str] | None:
    """Work out an element's correlation keys over a token's data; None when it names none.

    Raises:
        KeyMissing: one of them has no value.
    """
    texts = key_texts(extensions)
    if not texts:
        return None
    values = token.workflow.script_engine.evaluate_many(list(texts.values()), token.data)
    return {name: key_text(name, text, value) for (name, text), value in zip(texts.items(), values, strict=True)}


def key_text(name: str, text: str, value: Any) -> str:
    """Return a key's value as the text it is compared by: ``7`` and ``"7"`` are the same key.

    Raises:
        KeyMissing: it is empty, too long, or neither text, number nor boolean.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)) and is_storable(str(value), limits.ID):
        return str(value)
    raise KeyMissing(name, text, value)


class _FromOutside:
    """What messages and signals have in common."""

    name: str

    def catches(self, my_task: Any, event: Any) -> bool:
        return type(self) is type(event.event_definition) and self.name == event.event_definition.name

    def catch(self, my_task: Any, event: Any = None) -> None:
        my_task.internal_data[_PAYLOAD] = dict(event.payload or {})
        my_task.internal_data["event_fired"] = True

    def update_task_data(self, my_task: Any) -> None:
        take_in(my_task, my_task.task_spec.extensions, my_task.internal_data.get(_PAYLOAD))

    def reset(self, my_task: Any) -> None:
        my_task.internal_data.pop(_PAYLOAD, None)
        my_task.internal_data["event_fired"] = False


def take_in(my_task: Any, extensions: Extensions, payload: Mapping[str, Any] | None) -> None:
    """Put what came into the token's data: through the element's output parameters, or as it is."""
    if payload is not None:
        mapping.apply_outputs(
            extensions.mapping, my_task.data, dict(payload), my_task.workflow.top_workflow.script_engine.now
        )


class Message(_FromOutside, MessageEventDefinition):
    """A message, thrown or waited for."""

    def throw(self, my_task: Any) -> None:
        """Send the input parameters, or all the token's data where the element names none."""
        workflow, extensions = my_task.workflow.top_workflow, my_task.task_spec.extensions
        mapped = extensions.mapping
        workflow.thrown.append(
            Thrown(
                "message",
                self.name,
                my_task.task_spec.bpmn_id,
                mapping.inputs(mapped, my_task.data, workflow.script_engine.now)
                if mapped.inputs
                else dict(my_task.data),
                keys=keys_of(my_task, extensions),
                time_to_live=extensions.properties.get("timeToLive"),
            )
        )


class Signal(_FromOutside, SignalEventDefinition):
    """A signal, thrown or waited for."""

    def throw(self, my_task: Any) -> None:
        """Send the input parameters and nothing else: whoever listens hears them, in whatever matter."""
        workflow, extensions = my_task.workflow.top_workflow, my_task.task_spec.extensions
        workflow.thrown.append(
            Thrown(
                "signal",
                self.name,
                my_task.task_spec.bpmn_id,
                mapping.inputs(extensions.mapping, my_task.data, workflow.script_engine.now),
                heard_by=tuple(token.id for token in workflow.all_tokens() if _listens(token, self.name)),
            )
        )


def _listens(token: Any, name: str) -> bool:
    return token._state == TaskState.WAITING and any(
        isinstance(definition, Signal) and definition.name == name for definition in definitions_of(token)
    )


def definitions_of(token: Any) -> list[Any]:
    """Return what a token waits for: one event's definition, or those behind an event-based gateway."""
    definition = getattr(token.task_spec, "event_definition", None)
    if isinstance(definition, MultipleEventDefinition):
        return list(definition.event_definitions)
    return [definition] if definition is not None else []
