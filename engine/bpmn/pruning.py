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

from engine.bpmn.branches import SNAPSHOT
from engine.bpmn.compiled import Compiled
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
    """Take what is not needed out of one tree and close the gaps; return what was taken out.

    Works on places in the tree's list, in which children stand behind their parents: ids hash slowly.
    """
    tokens: list[Any] = list(tree.tasks.values())
    parents: list[int] = []
    for place, token in enumerate(tokens):
        token.place = place
        parent = tree.tasks.get(token._parent) if token._parent is not None else None
        parents.append(-1 if parent is None else parent.place)
    needed = _needed(tree, tokens, parents)
    branches = [0] * len(tokens)
    for place in reversed(range(len(tokens))):
        if branches[place] > 1 or (branches[place] and SNAPSHOT in tokens[place].internal_data):
            needed[place] = True
        if (needed[place] or branches[place]) and parents[place] >= 0:
            branches[parents[place]] += 1
    gone = [token for token in tokens if not needed[token.place]]
    if gone:
        _remember_what_led_to(tokens, parents)
        _close(tree, tokens, parents, needed)
    return gone


def _needed(tree: Any, tokens: list[Any], parents: list[int]) -> list[bool]:
    needed = [False] * len(tokens)
    needed[tree.task_tree.place] = True
    last = tree.last_task
    if last is not None and last.id in tree.tasks:
        needed[last.place] = True
    for place, token in enumerate(tokens):
        if not token._state & _FINISHED:
            needed[place] = True
            if parents[place] >= 0:
                needed[parents[place]] = True
            spec = token.task_spec
            if isinstance(spec, Join) and spec.split_task:
                split = token.find_ancestor(spec.split_task)
                for kept in (split, *split.children) if split is not None else ():
                    # An event that does not interrupt may have come a thousand times: it no longer counts here.
                    if not kept._state & _FINISHED or not getattr(kept.task_spec, "goes_beside", False):
                        needed[kept.place] = True
        elif token.internal_data and token.internal_data.get(KEEP):
            needed[place] = True
    return needed


def _remember_what_led_to(tokens: list[Any], parents: list[int]) -> None:
    """Let finished tokens that the diagram does not show know the last one before them that it shows."""
    shown: list[str | None] = []
    for place, token in enumerate(tokens):
        if token._state == _COMPLETED and is_visible(token.task_spec):
            shown.append(token.id.hex)
            continue
        before = token.internal_data.get(AFTER) or (shown[parents[place]] if parents[place] >= 0 else None)
        shown.append(before)
        if before is not None and token._state & _FINISHED:
            token.internal_data[AFTER] = before


def _close(tree: Any, tokens: list[Any], parents: list[int], needed: list[bool]) -> None:
    """Take tokens out of a tree; whoever was below them comes to stand below what is kept above them."""
    above: list[int] = []
    heirs: dict[int, list[UUID]] = {}
    for place, parent in enumerate(parents):
        nearest = parent if parent < 0 or needed[parent] else above[parent]
        above.append(nearest)
        if nearest != parent or not needed[place]:
            heirs.setdefault(nearest, [])
    for place, token in enumerate(tokens):
        if not needed[place]:
            del tree.tasks[token.id]
        elif above[place] >= 0:
            token._parent = tokens[above[place]].id
            if above[place] in heirs:
                heirs[above[place]].append(token.id)
    for place, children in heirs.items():
        if place >= 0:
            tokens[place]._children = children
