"""Tokens and their trees: the library's ``Task`` and workflows, without their limits.

Replaced behaviour (SpiffWorkflow 3.2.0):

- searches stop silently 1,000 levels deep, and ancestor walks recurse: ours are flat or iterative;
- every state change builds a log record that nobody reads: ours does not;
- the whole path ahead is predicted, by recursion, and kept in every state: ours looks one element ahead,
  when a token arrives;
- data is merged in place, so that branches share what one of them changes: ours copies the top
  level and treats values as immutable;
- a task that cannot be entered (a bad expression, say) raises out of its predecessor's completion
  and leaves half a step behind: ours marks that task as stuck and lets the others go on.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.util.task import BpmnTaskFilter, BpmnTaskIterator
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

#: Key in ``internal_data`` of a token that failed; its value tells how to try again.
STUCK = "stuck"
#: Key in ``internal_data`` of an instance of a repeated activity: variables that are its own.
LOCAL = "local"
#: Trying again means entering the element once more, ...
STUCK_ENTERING = "entering"
#: ... or running it once more.
STUCK_RUNNING = "running"
#: Key in ``internal_data`` of a waiting token whose variables an operator corrected: they win over its parent's.
CORRECTED = "corrected"

_UNLIMITED = 10**9
_NOT_YET = TaskState.PREDICTED_MASK | TaskState.FUTURE


@dataclass(slots=True)
class Traces:
    """What the diagram shows of tokens that are no longer there (``engine.bpmn.pruning``)."""

    #: How often each element was completed, by its id.
    completed: dict[str, int] = field(default_factory=dict)
    #: Ids of the sequence flows that were taken, also by the tokens still there.
    flows: dict[str, None] = field(default_factory=dict)


class Token(Task):
    """One token at one element."""

    #: True when the flow by which it came is in the instance's ``Traces``.
    told = False
    #: Its place in its tree while the tree is pruned.
    place = 0

    def __init__(self, workflow: Any, task_spec: Any, parent: Task | None = None, state: int = 0) -> None:
        """Put a token below its parent; a third of what the library's own way costs."""
        self.id = token_id = uuid4()
        self.workflow = workflow
        self._parent = None
        self._children = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data = {}
        self.internal_data = {}
        self.last_state_change = time.time()
        workflow.tasks[token_id] = self
        if parent is not None:
            self._parent = parent.id
            parent._children.append(token_id)

    def _set_state(self, value: int) -> None:
        if value != self._state:
            self.last_state_change = time.time()
            self._state = value

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> "Token":
        token = Token(self.workflow, task_spec, self, state=state)
        token.thread_id = self.thread_id
        if state == TaskState.READY:
            token._ready()
        return token

    def _inherit_data(self) -> None:
        parent = self.parent
        self.data = {**self.data, **parent.data} if self.data else dict(parent.data)
        if LOCAL in self.internal_data:
            self.data.update(self.internal_data[LOCAL])
        if CORRECTED in self.internal_data:
            self.data.update(self.internal_data[CORRECTED])

    def is_descendant_of(self, task: Task) -> bool:
        """Say whether ``task`` is among the ancestors; iterative."""
        return any(ancestor is task for ancestor in self.ancestors())

    def find_ancestor(self, spec_name: str) -> Task | None:
        """Return the nearest ancestor at the named element; iterative."""
        return next((ancestor for ancestor in self.ancestors() if ancestor.task_spec.name == spec_name), None)

    def ancestors(self) -> Iterator["Token"]:
        """Walk from the parent up to the root of this token's own tree."""
        tasks = self.workflow.tasks
        current = tasks.get(self._parent)
        while current is not None:
            yield current
            current = tasks.get(current._parent)

    def cancel(self) -> None:
        """Cancel this token and what it led to; iterative."""
        pending: list[Task] = [self]
        while pending:
            token = pending.pop()
            if token._state & TaskState.FINISHED_MASK:
                pending.extend(child for child in token.children if child is not None)
                continue
            token._set_state(TaskState.CANCELLED)
            for child in [child for child in token.children if child is not None]:
                if child._state & _NOT_YET:
                    token.workflow._remove_task(child.id)
                else:  # a round or an item of a loop at work, which may hold a tree of its own
                    pending.append(child)
            token.task_spec._on_cancel(token)

    def complete(self) -> None:
        """Complete the token; an element that cannot be entered next becomes stuck by itself."""
        self._set_state(TaskState.COMPLETED)
        self.task_spec._on_complete_hook(self)
        for child in self.children:
            if child is not None and not child._state & TaskState.FINISHED_MASK:
                enter(child)
        self.workflow._task_completed_notify(self)


def is_stuck(token: Task) -> bool:
    """Say whether a token failed and waits to be mended."""
    return STUCK in cast("dict[str, Any]", token.internal_data)


def enter(token: Task) -> None:
    """Let a token arrive at its element; a failure is kept in the workflow, not raised."""
    if STUCK in token.internal_data:
        return
    try:
        if token._state & (TaskState.FUTURE | TaskState.WAITING) and not token._children:
            token.task_spec._predict_hook(token)
        token.task_spec._update(token)
    except Exception as failure:  # noqa: BLE001 - whatever an element raises on entry is an incident
        token._drop_children(force=True)
        token._set_state(TaskState.WAITING)
        token.internal_data[STUCK] = STUCK_ENTERING
        token.workflow.top_workflow.failures.append((token, failure))


class _FlatSearch:
    """Searches over all tokens as a list where the library walks the tree."""

    tasks: dict[UUID, Task]

    def get_tasks_iterator(self, first_task: Task | None = None, **kwargs: Any) -> Iterator[Task]:
        state = kwargs.get("state", TaskState.ANY_MASK)
        only_unfinished = not state & ~TaskState.NOT_FINISHED_MASK
        if first_task is None and only_unfinished and kwargs.get("end_at_spec") is None and "task_filter" not in kwargs:
            wanted = {key: value for key, value in kwargs.items() if key not in ("skip_subprocesses", "max_depth")}
            matches = BpmnTaskFilter(**wanted).matches
            trees = [self] if kwargs.get("skip_subprocesses") else [self, *self._inner_workflows()]
            return iter([t for tree in trees for t in list(tree.tasks.values()) if t._state & state and matches(t)])
        kwargs.setdefault("max_depth", _UNLIMITED)
        return BpmnTaskIterator(first_task or self.task_tree, **kwargs)  # type: ignore[attr-defined]

    def _inner_workflows(self) -> list[Any]:
        top = self.top_workflow  # type: ignore[attr-defined]
        if self is top:
            return list(top.subprocesses.values())
        return [inner for inner in top.subprocesses.values() if _is_inside(inner, self)]

    def update_waiting_tasks(self) -> None:
        """Look again at every token that waits in this tree (joins, mostly)."""
        for token in [token for token in self.tasks.values() if token._state & TaskState.WAITING]:
            if token.id in self.tasks and token._state & TaskState.WAITING:
                enter(token)

    def cancel(self, success: bool = False) -> list[Task]:
        """Take every token of this tree away, inner trees included."""
        self.success = success
        self.completed = True
        open_tokens = [token for token in self.tasks.values() if token._state & TaskState.NOT_FINISHED_MASK]
        for token in open_tokens:
            token.cancel()
        return open_tokens

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nobody reads the library's log records."""
        return dct or {}

    def _plant(self) -> None:
        """Put the first token on the start of the process."""
        root = Token(self, self.spec.start, state=TaskState.FUTURE)  # type: ignore[attr-defined]
        self.task_tree = root
        root.task_spec._predict_hook(root)
        root._ready()


def _is_inside(inner: Any, outer: Any) -> bool:
    parent = inner.parent_workflow
    while parent is not None:
        if parent is outer:
            return True
        parent = parent.parent_workflow
    return False


class InnerWorkflow(_FlatSearch, BpmnSubWorkflow):
    """The tree of an embedded subprocess or a called process."""

    def __init__(self, spec: Any, parent_task_id: UUID, top_workflow: Any, *, planted: bool = True) -> None:
        super().__init__(spec, parent_task_id=parent_task_id, top_workflow=top_workflow, deserializing=True)
        if planted:
            self._plant()


class InstanceWorkflow(_FlatSearch, BpmnWorkflow):
    """The tree of a whole process instance."""

    def __init__(
        self, spec: Any, subprocess_specs: dict[str, Any], script_engine: Any, *, planted: bool = True
    ) -> None:
        #: Tokens that failed in this step, with what they raised.
        self.failures: list[tuple[Task, Exception]] = []
        #: What the tokens that are no longer there left behind.
        self.traces = Traces()
        #: What this step's history tells of throws: kind, thrower, facts, who caught it.
        self.notes: list[tuple[str, Any, dict[str, Any], Any]] = []
        #: Messages and signals thrown in this step (``messaging.Thrown``).
        self.thrown: list[Any] = []
        super().__init__(spec, subprocess_specs, script_engine=script_engine, deserializing=True)
        if planted:
            self._plant()

    def create_subprocess(self, my_task: Task, spec_name: str) -> InnerWorkflow:
        """Start an inner tree for the token of a subprocess or call activity."""
        inner = InnerWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def all_tokens(self) -> list[Task]:
        """Every token of the instance, inner trees included."""
        tokens: list[Task] = list(self.tasks.values())
        for inner in self.subprocesses.values():
            tokens.extend(inner.tasks.values())
        return tokens

    def get_task_from_id(self, task_id: UUID) -> Any:
        """Return a token by its id, wherever it is; None when it is gone."""
        if task_id in self.tasks:
            return self.tasks[task_id]
        for inner in self.subprocesses.values():
            if task_id in inner.tasks:
                return inner.tasks[task_id]
        return None
