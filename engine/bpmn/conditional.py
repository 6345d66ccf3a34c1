"""Conditional events: something in the data comes to hold.

Replaced behaviour (SpiffWorkflow 3.2.0): the library evaluates a condition whenever it looks at a token, over
what that token brought along, so that it never sees what another branch changed. Ours is evaluated when the
token arrives, and again after each step that changed a variable the condition names; it sees what its scope and
those around it hold at that instant. One that does not interrupt fires when its condition turns from false to
true. A definition without conditions costs nothing.
"""

import hashlib
import re
from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.defaults import IntermediateCatchEvent as LibraryCatchEvent
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import scope_data
from engine.bpmn.branches import SNAPSHOT
from engine.bpmn.script_engine import is_true
from engine.bpmn.tasks import LOCAL, STUCK, STUCK_ENTERING, enter

#: Keys in ``internal_data``: what the conditions looked at when they were last evaluated, and whether they held.
_SEEN, _HELD = "seen", "held"


class Condition(ConditionalEventDefinition):
    """``bpmn:conditionalEventDefinition``."""

    expression: str

    def __init__(self, expression: str) -> None:
        super().__init__(expression)
        self._words = " ".join(expression.split())

    def names(self, variable: str) -> bool:
        """Say whether the condition may look at a variable: its name stands in the text."""
        return re.search(rf"(?<!\w){re.escape(variable)}(?!\w)", self._words) is not None

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task.internal_data.get("event_fired", False))

    def reset(self, my_task: Any) -> None:
        for key in ("event_fired", _SEEN, _HELD):
            my_task.internal_data.pop(key, None)

    def update_task_data(self, my_task: Any) -> None:
        """Let the token go on with the values that made the condition hold."""
        new = {
            name: value
            for name, value in seen_from(my_task).items()
            if self.names(name) and (name not in my_task.data or my_task.data[name] != value)
        }
        my_task.data.update(new)
        if new and not getattr(my_task.task_spec, "is_beside", False):
            my_task.internal_data[SNAPSHOT] = [*my_task.internal_data.get(SNAPSHOT, ()), *new]

    def wait_again(self, following: Any) -> None:
        """Let a token wait for the condition to become false, and then true again."""
        following.internal_data[_HELD] = [0]


class IntermediateCatchEvent(LibraryCatchEvent):
    """``bpmn:intermediateCatchEvent``; a conditional one takes over what its condition saw."""

    #: What it takes over are single values (see ``branches.base_of``).
    knows_whole_scope = False


def is_in(spec: Any) -> bool:
    """Say whether an element waits for a condition."""
    return bool(_conditions(spec))


def look(workflow: Any) -> bool:
    """Evaluate the waiting conditions whose data changed, and fire those that hold; say whether one fired."""
    fired = False
    for token in list(workflow.all_tokens()):
        if (
            token._state == TaskState.WAITING
            and token.id in token.workflow.tasks
            and STUCK not in token.internal_data
            and (conditions := _conditions(token.task_spec))
        ):
            try:
                fired |= _look_at(token, conditions)
            except Exception as failure:  # noqa: BLE001 - a condition that fails is an incident of its event
                for key in (_SEEN, _HELD):
                    token.internal_data.pop(key, None)
                token.internal_data[STUCK] = STUCK_ENTERING
                workflow.failures.append((token, failure))
    return fired


def _look_at(token: Any, conditions: dict[int, Condition]) -> bool:
    context = seen_from(token)
    looked_at = {
        name: value for name, value in context.items() if any(item.names(name) for item in conditions.values())
    }
    raw = orjson.dumps(looked_at, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(raw, digest_size=8).hexdigest()
    if token.internal_data.get(_SEEN) == digest:
        return False
    texts = [item.expression for item in conditions.values()]
    results = token.workflow.script_engine.evaluate_many(texts, context)
    holding = [index for index, text, result in zip(conditions, texts, results, strict=True) if is_true(text, result)]
    held: list[int] = token.internal_data.get(_HELD, [])
    turned = [index for index in holding if index not in held]
    token.internal_data[_SEEN] = digest
    if not turned:
        token.internal_data[_HELD] = holding
        return False
    if isinstance(token.task_spec.event_definition, MultipleEventDefinition):
        token.internal_data["winner"] = turned[0]
    else:
        token.internal_data["event_fired"] = True
    enter(token)
    return True


def _conditions(spec: Any) -> dict[int, Condition]:
    if not isinstance(spec, CatchingEvent):
        return {}
    definition = spec.event_definition
    definitions = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
    return {index: item for index, item in enumerate(definitions) if isinstance(item, Condition)}


def seen_from(token: Any) -> dict[str, Any]:
    """Return the data that an event sees: of the whole instance, and what is different in the scopes around it."""
    scopes: list[tuple[Any, Any]] = []
    workflow = token.workflow
    while workflow.parent_task_id is not None:
        host = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        scopes.append((host, workflow))
        workflow = host.workflow
    context = scope_data.of_workflow(workflow)
    for host, inner in reversed(scopes):
        context.update(host.internal_data.get(LOCAL, {}))
        context.update(
            (name, value)
            for name, value in scope_data.of_workflow(inner).items()
            if name not in host.data or host.data[name] != value
        )
    return context


__all__ = ["Condition", "IntermediateCatchEvent", "is_in", "look", "seen_from"]
