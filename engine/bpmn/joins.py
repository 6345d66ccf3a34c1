"""Where branches meet.

Replaced behaviour (SpiffWorkflow 3.2.0): the library merges the data of joining branches in place and
in the order they finished, so that a branch which never touched a value undoes another branch's
change to it; it walks the tree recursively for every look at a join; it throws away a token that comes a
second time by the same flow; and it looks for what may still arrive at an inclusive join by recursion.
Ours takes from each branch what that branch changed since the fork; a token that has arrived waits at the
join until the join takes it, one from each flow.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway as LibraryInclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as LibraryParallelGateway
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.branches import base_of, leave, with_what_was_left

_ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_AHEAD = TaskState.FUTURE | TaskState.PREDICTED_MASK


def arrivals(my_task: Any) -> list[Any]:
    """Return the tokens that wait at this join, in the order they came, the asking one included."""
    spec = my_task.task_spec
    return [
        token
        for token in my_task.workflow.tasks.values()
        if token.task_spec is spec and (token is my_task or token._state == TaskState.WAITING)
    ]


def first_of_each_flow(my_task: Any) -> list[Any]:
    """Return the tokens this join takes next: the oldest arrival of each flow."""
    free = Counter(my_task.task_spec._inputs)
    chosen: list[Any] = []
    for token in arrivals(my_task):
        source = token.parent.task_spec.name
        if free[source]:
            free[source] -= 1
            chosen.append(token)
    return chosen


def take(my_task: Any, group: list[Any]) -> None:
    """Let ``my_task`` go on with what all branches of the group changed; the other tokens end here."""
    _merge(my_task, [token.parent for token in group if token is not my_task])
    for token in group:
        if token is not my_task and token._state == TaskState.WAITING:
            token.cancel()


def _merge(my_task: Any, branches: list[Any]) -> None:
    """Give the token what each branch changed since it left the fork; the last branch to finish wins."""
    own = my_task.parent.data
    merged = dict(own)
    for branch in sorted(branches, key=lambda token: token.last_state_change):
        fork = _fork_of(my_task.parent, branch)
        own_base, known_until = base_of(my_task.parent, fork)
        if branch.last_state_change <= known_until:
            continue  # what it changed was there already when this branch began
        base, _ = base_of(branch, fork)
        merged.update(
            (key, value)
            for key, value in branch.data.items()
            if (key not in base or base[key] != value) and (key not in own or own[key] == own_base.get(key))
        )
    my_task.data = merged


def _fork_of(one: Any, other: Any) -> Any:
    """Return the nearest token that both come from; looks no further back than that."""
    seen: set[Any] = set()
    tokens = one.workflow.tasks
    lines = [one, other]
    while any(token is not None for token in lines):
        for index, token in enumerate(lines):
            if token is not None:
                if token.id in seen:
                    return token
                seen.add(token.id)
                lines[index] = tokens.get(token._parent)
    return None


class _Meeting:
    """Mixed into every join: tokens that have arrived wait until the join is complete."""

    def _update_hook(self, my_task: Any) -> bool:
        group = self._next_group(my_task)
        if my_task in group and self._is_complete(my_task, group):
            take(my_task, group)
            return True
        my_task._set_state(TaskState.WAITING)
        return False

    def _next_group(self, my_task: Any) -> list[Any]:
        return first_of_each_flow(my_task)

    def _is_complete(self, my_task: Any, group: list[Any]) -> bool:
        raise NotImplementedError

    def _run_hook(self, my_task: Any) -> bool:
        return True


class ParallelGateway(_Meeting, LibraryParallelGateway):
    """Waits for one token on each incoming flow."""

    def _is_complete(self, my_task: Any, group: list[Any]) -> bool:
        return len(group) == len(self._inputs)


class InclusiveGateway(_Meeting, LibraryInclusiveGateway):
    """Waits for every token that can still arrive; leaves by every flow whose condition holds.

    A token elsewhere is waited for when it can reach a flow on which nothing has arrived and cannot reach one
    on which something has (BPMN 2.0.2, 13.4.3).
    """

    #: For each incoming flow's source: the elements from which a path leads to it that does not pass here.
    _upstream: dict[str, set[str]] | None = None

    def _is_complete(self, my_task: Any, group: list[Any]) -> bool:
        filled = {token.parent.task_spec.name for token in group}
        empty = [name for name in dict.fromkeys(self._inputs) if name not in filled]
        if not empty:
            return True
        upstream = self._reaching()
        for token in my_task.workflow.tasks.values():
            name = token.task_spec.name
            if (
                token.task_spec is not self
                and _is_under_way(token)
                and any(name in upstream[source] for source in empty)
                and not any(name in upstream[source] for source in filled)
            ):
                return False
        return True

    def _reaching(self) -> dict[str, set[str]]:
        if self._upstream is None:
            self._upstream = {source: self._elements_before(source) for source in self._inputs}
        return self._upstream

    def _elements_before(self, source: str) -> set[str]:
        specs = self._wf_spec.task_specs
        found: set[str] = set()
        pending = [source]
        while pending:
            name = pending.pop()
            if name != self.name and name not in found and name in specs:
                found.add(name)
                pending.extend(specs[name]._inputs)
        return found

    def _run_hook(self, my_task: Any) -> bool:
        if not self.cond_task_specs:
            return True  # the path ends here
        chosen = my_task.workflow.script_engine.choose(my_task, self.cond_task_specs, every=True)
        outputs = [my_task.workflow.spec.task_specs[name] for name in chosen]
        my_task._sync_children(outputs, TaskState.FUTURE)
        return True

    def test(self) -> None:
        """Check what the library checks for a choice; without a flow out of it, the path ends here."""
        if self.cond_task_specs:
            MultiChoice.test(self)


def _is_under_way(token: Any) -> bool:
    if token._state & _ACTIVE:
        return True
    return bool(token._state & _AHEAD) and token.parent is not None and token.parent._state == TaskState.COMPLETED


class EndJoin(_Meeting, _EndJoin):
    """Ends the process when no other token is left in it."""

    def _update_hook(self, my_task: Any) -> bool:
        if super()._update_hook(my_task):
            my_task.data = with_what_was_left(my_task.workflow, my_task.data)
            return True
        if leave(my_task):
            my_task.cancel()
        return False

    def _next_group(self, my_task: Any) -> list[Any]:
        return arrivals(my_task)

    def _is_complete(self, my_task: Any, group: list[Any]) -> bool:
        return self._wf_spec.may_end(
            token
            for token in my_task.workflow.tasks.values()
            if token._state & TaskState.NOT_FINISHED_MASK
            and token is not my_task
            and token.task_spec.name != "End"
            and (token.task_spec is not self or token._state & TaskState.READY)
        )

    def _run_hook(self, my_task: Any) -> bool:
        my_task.workflow.data.update(my_task.data)
        return True


class ProcessSpec(BpmnProcessSpec):
    """A process whose end is our ``EndJoin``."""

    def __init__(self, name: str, description: str | None = None, filename: str | None = None) -> None:
        super().__init__(name=name, description=description, filename=filename)
        del self.task_specs[self.end.name]
        del self.task_specs["End"]
        self.end = EndJoin(self, f"{self.name}.EndJoin")
        self.end.connect(SimpleBpmnTask(self, "End"))

    def may_end(self, others: Iterator[Any]) -> bool:
        """Say whether the process may end, given the other tokens that are not finished."""
        return next(others, None) is None
