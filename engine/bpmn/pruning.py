"""Takes finished tokens out of an instance, so that its state and its steps do not grow with its age.

The library keeps every token that ever was. Here, when a step is written down (``Run.dump``), a finished token
stays only while something still needs it. **What keeps a finished token:**

- it is the root of its tree (whoever keeps a log for a scope keeps it in the root's ``internal_data``);
- it is the parent of an unfinished token, which takes its data from there when it is entered again;
- it is the last token of its tree that completed: the tree's result;
- two or more branches that are kept part at it: what a join merges is what changed since the fork;
- an event took over a scope's data there, and the branch it began is kept: what changed since is what counts;
- a waiting join looks for it by name: the split above boundary events, and the split's children;
- its ``internal_data`` holds ``KEEP``. This is the hook for whatever needs a finished token later: set the key
  (any true value), delete it when the need is over. With a kept subprocess its inner tree is kept as well.

All other finished tokens leave, the inner trees of finished subprocesses too. A chain of them between two kept
tokens is closed, so that who descends from whom stays as it was. What the diagram shows of them is counted in
``Traces``; with which data they ended stands in the history (``engine.history.data_at``).

Nothing may therefore look for a finished token of an *earlier step* by walking up the tree, unless one of these
rules keeps it. Within a step the tree is whole.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.compiled import Compiled
from engine.bpmn.joins import SNAPSHOT
from engine.bpmn.specs import is_visible
from engine.bpmn.tasks import Traces

#: Key in ``internal_data``: this finished token is still needed.
KEEP = "keep"
#: Key in ``internal_data`` of a kept token that the diagram does not show: which token of the diagram led to it.
AFTER = "after"

_COMPLETED = TaskState.COMPLETED
_FINISHED = TaskState.FINISHED_MASK
_PREDICTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
_STANDING = TaskState.READY | TaskState.STARTED


def note(traces: Traces, tokens: Iterable[Task], compiled: Compiled) -> None:
    """Note the flows by which tokens arrived; once for each token, while its ancestors are there."""
    for token in tokens:
        if not token.told and has_arrived(token):  # type: ignore[attr-defined] - every token is ours
            token.told = True  # type: ignore[attr-defined] - every token is ours
            if is_visible(token.task_spec):
                traces.flows.update(dict.fromkeys(_flows_into(token, compiled)))


def count(traces: Traces, tokens: Iterable[Task], compiled: Compiled) -> None:
    """Count tokens that leave."""
    for token in tokens:
        if token._state == _COMPLETED and is_visible(token.task_spec):
            element_id = compiled.element_of(token.task_spec).id
            traces.completed[element_id] = traces.completed.get(element_id, 0) + 1


def prune(workflow: Any, compiled: Compiled) -> None:
    """Take the finished tokens that nothing needs any more out of an instance."""
    traces: Traces = workflow.traces
    note(traces, workflow.all_tokens(), compiled)
    _drop_inner_trees(workflow, traces, compiled)
    for tree in (workflow, *workflow.subprocesses.values()):
        count(traces, _contract(tree), compiled)


def has_arrived(token: Task) -> bool:
    """Say whether a token has walked the flow to its element; a join goes on with one token and cancels the others."""
    if token._state & (_STANDING | _COMPLETED):
        return True
    if token._state == TaskState.WAITING:
        return not isinstance(token.task_spec, BoundaryEvent)
    if token._state == TaskState.CANCELLED and isinstance(token.task_spec, UnstructuredJoin):
        return token.parent is not None and token.parent._state == _COMPLETED
    return False


def _flows_into(token: Task, compiled: Compiled) -> list[str]:
    for ancestor in token.ancestors():  # type: ignore[attr-defined] - every token is ours
        if is_visible(ancestor.task_spec):
            source = compiled.element_of(ancestor.task_spec).id
            return compiled.flows.get((source, compiled.element_of(token.task_spec).id), [])
    return []


def _drop_inner_trees(workflow: Any, traces: Traces, compiled: Compiled) -> None:
    """Forget the trees of subprocesses that are over, and whatever was inside them."""
    dropped = True
    while dropped:
        dropped = False
        for host_id, inner in list(workflow.subprocesses.items()):
            host = workflow.get_task_from_id(host_id)
            if host is None or (host._state & _FINISHED and not host.internal_data.get(KEEP)):
                count(traces, inner.tasks.values(), compiled)
                del workflow.subprocesses[host_id]
                dropped = True


def _contract(tree: Any) -> list[Task]:
    """Take what is not needed out of one tree and close the gaps; return what was taken out."""
    tasks: dict[UUID, Task] = tree.tasks
    needed = _needed(tree)
    # How many kept branches begin below each token; children stand behind their parents.
    below: dict[UUID | None, int] = {}
    for token in reversed(tasks.values()):
        branches = below.get(token.id, 0)
        if branches > 1 or (branches and SNAPSHOT in token.internal_data):
            needed.add(token.id)
        if branches or token.id in needed:
            below[token._parent] = below.get(token._parent, 0) + 1
    gone: dict[UUID | None, Task] = {token.id: token for token in tasks.values() if token.id not in needed}
    if gone:
        _remember_what_led_to(tasks.values())
        _close(tasks, gone)
    return list(gone.values())


def _remember_what_led_to(tokens: Iterable[Task]) -> None:
    """Let finished tokens that the diagram does not show know the last one before them that it shows."""
    shown: dict[UUID | None, str | None] = {None: None}
    for token in tokens:
        if token._state == _COMPLETED and is_visible(token.task_spec):
            shown[token.id] = token.id.hex
            continue
        before = token.internal_data.get(AFTER) or shown.get(token._parent)
        shown[token.id] = before
        if before is not None and token._state & _FINISHED:
            token.internal_data[AFTER] = before


def _needed(tree: Any) -> set[UUID]:
    needed: set[UUID] = {tree.task_tree.id}
    if tree.last_task is not None:
        needed.add(tree.last_task.id)
    for token in tree.tasks.values():
        if not token._state & _FINISHED:
            needed.add(token.id)
            if token._parent is not None:
                needed.add(token._parent)
            spec = token.task_spec
            if isinstance(spec, Join) and spec.split_task:
                split = token.find_ancestor(spec.split_task)
                if split is not None:
                    needed.add(split.id)
                    needed.update(split._children)
        elif token.internal_data and token.internal_data.get(KEEP):
            needed.add(token.id)
    return needed


def _close(tasks: dict[UUID, Task], gone: dict[UUID | None, Task]) -> None:
    """Take tokens out of a tree; whoever was below them comes to stand below what is kept above them."""
    for token in gone.values():
        del tasks[token.id]
    for token in tasks.values():
        while token._parent in gone:
            token._parent = gone[token._parent]._parent
        if any(child in gone for child in token._children):
            token._children = [heir for child in token._children for heir in _heirs(child, gone)]


def _heirs(child: UUID, gone: dict[UUID | None, Task]) -> list[UUID]:
    """Return what is kept of a branch that began with ``child``: the child, the one token behind it, or nothing."""
    heirs: list[UUID] = []
    pending = [child]
    while pending:
        current = pending.pop()
        if current in gone:
            pending.extend(gone[current]._children)
        else:
            heirs.append(current)
    return heirs
