"""What a finished token leaves to the history: which token came before it on the diagram, and what it changed.

From these steps the data of every finished token can be built again (``engine.history.data_at``) when the token
itself has long left the state. A step holds top-level variables only where they changed:

- ``token``: the id of the finished token, in hex;
- ``after``: the id of the one that led to it, or None for the first: then the instance's variables at its start;
- ``set``: variables that are new or different, with their values; ``unset``: names of those that are gone.
"""

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.pruning import AFTER
from engine.bpmn.specs import is_visible


def step_of(token: Task) -> dict[str, Any]:
    """Return the step that a token has just finished.

    What the items of a multi-instance have collected so far belongs to the multi-instance, not to an item's data.
    """
    after, before, collected = _came_from(token)
    data = token.data
    step: dict[str, Any] = {"token": token.id.hex, "after": after}
    if data is before:
        return step
    changed = {
        name: value
        for name, value in data.items()
        if name != collected and (name not in before or _differs(before[name], value))
    }
    gone = [name for name in before if name not in data]
    if changed:
        step["set"] = changed
    if gone:
        step["unset"] = gone
    return step


def _differs(before: Any, after: Any) -> bool:
    return before is not after and (before != after or type(before) is not type(after))


def _came_from(token: Task) -> tuple[str | None, dict[str, Any], str | None]:
    """Return the token of the diagram before this one, its data, and the variable in which results are collected."""
    current = token
    collected: str | None = None
    while True:
        parent = current.parent
        if parent is None:
            host = current.workflow.top_workflow.get_task_from_id(current.workflow.parent_task_id)
            if host is None:
                return None, current.data if current is not token else {}, collected
            current = host
            continue
        if AFTER in parent.internal_data:
            return parent.internal_data[AFTER], parent.data, collected
        if parent._state == TaskState.COMPLETED and is_visible(parent.task_spec):
            return parent.id.hex, parent.data, collected
        output = getattr(parent.task_spec, "data_output", None)
        if output is not None:
            collected = output.bpmn_id
        current = parent
