"""What a scope holds at one instant: the data of all its tokens, as if they joined now.

Data goes along with tokens. What begins beside them, the path of a boundary event or an event subprocess,
takes over what its scope holds when the event comes.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.branches import base_of, with_what_was_left
from engine.bpmn.loops import COUNTER

_AT_WORK = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def of_workflow(workflow: Any) -> dict[str, Any]:
    """Return the data of a process or subprocess at work."""
    arrived = [found for token in workflow.tasks.values() if (found := _arrived(token)) is not None]
    merged: dict[str, Any] | None = None
    seen: set[Any] = set()
    for token in sorted(arrived, key=lambda token: token.last_state_change):
        line = [token, *token.ancestors()]
        data = of_token(token)
        if merged is None:
            merged = dict(data)
        else:
            fork = next((ancestor for ancestor in line if ancestor.id in seen), None)
            base, _ = base_of(token, fork)
            merged.update((key, value) for key, value in data.items() if key not in base or base[key] != value)
        seen.update(ancestor.id for ancestor in line)
    return with_what_was_left(workflow, dict(workflow.task_tree.data) if merged is None else merged)


def of_token(token: Any) -> dict[str, Any]:
    """Return the data at an element at work, that of its inner tree, rounds and items included."""
    if not token._state & TaskState.STARTED:
        return token.data
    if isinstance(token.task_spec, LoopTask):
        return _of_loop(token)
    inner = token.workflow.top_workflow.subprocesses.get(token.id)
    return of_workflow(inner) if inner is not None else token.data


def _of_loop(loop: Any) -> dict[str, Any]:
    """Add to a loop's data what its rounds or items at work changed; names that exist only in an item stay there."""
    spec = loop.task_spec
    own = {COUNTER}
    if isinstance(spec, MultiInstanceTask):
        if spec.data_output is not None:
            return loop.data  # all that comes out of an item is its output
        own.update(item.bpmn_id for item in (spec.input_item, spec.output_item) if item is not None)
    merged = dict(loop.data)
    for child in loop.children:
        if child is not None and child._state & _AT_WORK and loop_of(child) is loop:
            merged.update(
                (key, value)
                for key, value in of_token(child).items()
                if key not in own and (key not in loop.data or loop.data[key] != value)
            )
    return merged


def loop_of(token: Any) -> Any:
    """Return the loop or multi-instance activity whose round or item the token is, or None."""
    parent = token.parent
    if (
        parent is not None
        and isinstance(parent.task_spec, LoopTask)
        and parent.task_spec.task_spec == token.task_spec.name
    ):
        return parent
    return None


def _arrived(token: Any) -> Task | None:
    """Return the token whose data counts: this one, the one that arrived at this join, or none."""
    spec = token.task_spec
    if isinstance(spec, UnstructuredJoin) and token._state == TaskState.WAITING:
        return token.parent
    if not token._state & _AT_WORK or loop_of(token) is not None:
        return None
    if token._state & TaskState.WAITING and getattr(spec, "is_beside", False):
        return None
    return token


__all__ = ["loop_of", "of_token", "of_workflow"]
