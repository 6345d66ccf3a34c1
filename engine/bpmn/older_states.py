"""Brings trees that an earlier version of the codec wrote up to what the engine expects today."""

from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.util.task import TaskState


def from_version_1(tree: Any) -> None:
    """Let every token that had arrived at a join wait there.

    Version 1 let only the last arrival wait and cancelled the others until the join fired; a round of a loop
    around a join was known by the join's own token above it.
    """
    at_joins = [token for token in tree.tasks.values() if isinstance(token.task_spec, UnstructuredJoin)]
    for waiting in [token for token in at_joins if token._state == TaskState.WAITING]:
        for token in at_joins:
            if (
                token.task_spec is waiting.task_spec
                and token._state == TaskState.CANCELLED
                and token.parent._state == TaskState.COMPLETED
                and _round_of(token) is _round_of(waiting)
            ):
                token._state = TaskState.WAITING


def _round_of(token: Any) -> Any:
    return next((ancestor for ancestor in token.ancestors() if ancestor.task_spec is token.task_spec), None)
