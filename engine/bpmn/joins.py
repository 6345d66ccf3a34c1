"""Where branches meet.

Replaced behaviour (SpiffWorkflow 3.2.0): the library merges the data of joining branches in place and
in the order they finished, so that a branch which never touched a value undoes another branch's
change to it; and it walks the tree recursively for every look at a join. Ours takes from each branch
what that branch changed since the fork, and looks at each token of the join once.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway as LibraryInclusiveGateway
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as LibraryParallelGateway
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState


def tokens_of_round(my_task: Any) -> list[Task]:
    """Return the other tokens at this join that belong to the same round of a loop around it."""
    spec = my_task.task_spec
    ancestors = {ancestor.id for ancestor in my_task.ancestors()}
    previous = next((ancestor for ancestor in my_task.ancestors() if ancestor.task_spec is spec), None)
    others = [
        token
        for token in my_task.workflow.tasks.values()
        if token.task_spec is spec and token is not my_task and token.id not in ancestors
    ]
    if previous is None:
        return others
    return [token for token in others if token.is_descendant_of(previous)]


def merge_branches(my_task: Any) -> None:
    """Give the token what each joining branch changed since it left the fork; the last branch to finish wins."""
    branches = [
        token
        for token in tokens_of_round(my_task)
        if token._state & TaskState.FINISHED_MASK and not token.is_descendant_of(my_task)
    ]
    own = my_task.parent.data
    merged = dict(own)
    if branches:
        own_line = [my_task.parent, *my_task.parent.ancestors()]
        for branch in sorted(branches, key=lambda token: token.last_state_change):
            line = {branch.parent.id, *(ancestor.id for ancestor in branch.parent.ancestors())}
            fork = next((token for token in own_line if token.id in line), None)
            base: dict[str, Any] = fork.data if fork is not None else {}
            merged.update(
                (key, value)
                for key, value in branch.parent.data.items()
                if (key not in base or base[key] != value) and (key not in own or own[key] == base.get(key))
            )
    my_task.data = merged


class ParallelGateway(LibraryParallelGateway):
    """Waits for one token on each incoming flow."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        missing = set(self._inputs)
        if my_task.parent._state == TaskState.COMPLETED:
            missing.discard(my_task.parent.task_spec.name)
        for token in tokens_of_round(my_task):
            if token.is_descendant_of(my_task):
                # A loop leads from this join back to itself: nothing can come from there before it fires.
                back = next((t for t in token.ancestors() if t.task_spec.name in missing), None)
                if back is not None:
                    missing.discard(back.task_spec.name)
            elif token.parent._state == TaskState.COMPLETED:
                missing.discard(token.parent.task_spec.name)
        return not missing

    def _run_hook(self, my_task: Any) -> bool:
        merge_branches(my_task)
        return True


class InclusiveGateway(LibraryInclusiveGateway):
    """Waits for every token that can still arrive; leaves by every flow whose condition holds."""

    def _run_hook(self, my_task: Any) -> bool:
        merge_branches(my_task)
        chosen = my_task.workflow.script_engine.choose(my_task, self.cond_task_specs, every=True)
        outputs = [my_task.workflow.spec.task_specs[name] for name in chosen]
        my_task._sync_children(outputs, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True

    def test(self) -> None:
        """Check what the library checks for a choice."""
        MultiChoice.test(self)


class EndJoin(_EndJoin):
    """Ends the process when no other token is left in it."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return not any(
            token._state & TaskState.NOT_FINISHED_MASK and token is not my_task and token.task_spec.name != "End"
            for token in my_task.workflow.tasks.values()
            if token.task_spec is not self or token._state & TaskState.READY
        )

    def _run_hook(self, my_task: Any) -> bool:
        merge_branches(my_task)
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
