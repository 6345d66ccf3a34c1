"""Events that wait beside the work of a scope: boundary events, and the starts of event subprocesses.

Replaced behaviour (SpiffWorkflow 3.2.0): a boundary event that does not interrupt is gone after its first
event, and one that interrupts takes its activity away only when its own path goes on; event subprocesses
never interrupt, share one start among all instances of a definition, and begin by themselves when they
should wait for an error, an escalation or a condition. Ours interrupt at once, wait again while their scope
lives when they do not interrupt, take over what the scope holds at that instant, and are tokens of their
own scope: they come with it and go with it, and the shared definition never changes.
"""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, BpmnStartTask
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent as LibraryBoundaryEvent
from SpiffWorkflow.bpmn.specs.defaults import CallActivity as LibraryCallActivity
from SpiffWorkflow.bpmn.specs.defaults import EventSubprocess as LibraryEventSubprocess
from SpiffWorkflow.bpmn.specs.defaults import SubWorkflowTask
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import scope_data
from engine.bpmn.branches import SNAPSHOT
from engine.bpmn.conditional import Condition
from engine.bpmn.joins import ProcessSpec
from engine.bpmn.tasks import CORRECTED, enter
from engine.bpmn.timers import JobTimer

_NOT_YET = TaskState.PREDICTED_MASK | TaskState.FUTURE


class _Beside(CatchingEvent):
    """What boundary events and event subprocess starts have in common."""

    event_definition: Any
    #: Its waiting token is no part of the scope's own work.
    is_beside = True
    #: It takes over the data of its own scope, not only of an activity in it.
    knows_whole_scope = False

    def catch(self, my_task: Any, event: Any) -> None:
        """Take an event, unless the scope went away meanwhile."""
        if my_task._state == TaskState.WAITING:
            super().catch(my_task, event)

    def _run_hook(self, my_task: Any) -> bool:
        before = dict(my_task.data)
        result = super()._run_hook(my_task)
        if SNAPSHOT in my_task.internal_data:  # what the event itself brought is a change of this branch
            taken = my_task.internal_data[SNAPSHOT]
            my_task.internal_data[SNAPSHOT] = [name for name in taken if my_task.data.get(name) is before[name]]
        return result

    @property
    def goes_beside(self) -> bool:
        """True when the work goes on: then it will itself hand on what it changed."""
        raise NotImplementedError

    def _take_over(self, my_task: Any, data: dict[str, Any]) -> None:
        own = my_task.data
        taken = {name: value for name, value in data.items() if name not in own or own[name] is not value}
        my_task.data = {**own, **taken}
        if self.goes_beside or self.knows_whole_scope:
            my_task.internal_data[SNAPSHOT] = list(taken)

    def _wait_again(self, my_task: Any) -> None:
        """Let a new token wait for the same event; a timer's next round is its own affair."""
        if isinstance(self.event_definition, JobTimer):
            return
        following = my_task.parent._add_child(self, TaskState.WAITING)
        following.triggered = True
        following.data = dict(my_task.parent.data)
        if CORRECTED in my_task.internal_data:
            following.internal_data[CORRECTED] = my_task.internal_data[CORRECTED]
        if isinstance(self.event_definition, Condition):
            self.event_definition.wait_again(following)
        enter(following)


class BoundaryEvent(_Beside, LibraryBoundaryEvent):
    """``bpmn:boundaryEvent``."""

    cancel_activity: bool

    @property
    def goes_beside(self) -> bool:
        return not self.cancel_activity

    def _predict_hook(self, my_task: Any) -> None:
        super()._predict_hook(my_task)
        if self.goes_beside:  # nothing about its activity follows from it
            for child in my_task.children:
                if isinstance(child.task_spec, BoundaryEventJoin) and child._state & _NOT_YET:
                    my_task.workflow._remove_task(child.id)

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)
        host = host_of(my_task)
        if host is None:
            return
        self._take_over(my_task, scope_data.of_token(host) if host._state & TaskState.STARTED else {})
        if self.cancel_activity:
            host.cancel()
        else:
            self._wait_again(my_task)


def host_of(boundary: Any) -> Any:
    """Return the token of the activity a boundary event is attached to, or None when it has ended."""
    for sibling in boundary.parent.children:
        if not isinstance(sibling.task_spec, LibraryBoundaryEvent):
            return sibling if sibling._state & TaskState.NOT_FINISHED_MASK else None
    return None


def attached_to(token: Any) -> list[Task]:
    """Return the boundary events that wait at an activity; those of a multi-instance one wait at all of it."""
    while (loop := scope_data.loop_of(token)) is not None:
        token = loop
    split = token.parent
    if split is None or not isinstance(split.task_spec, BoundaryEventSplit):
        return []
    return [
        sibling
        for sibling in split.children
        if isinstance(sibling.task_spec, LibraryBoundaryEvent) and sibling._state == TaskState.WAITING
    ]


class EventSubprocessStart(_Beside, BpmnTaskSpec):
    """Waits in a scope for the event that starts an event subprocess of it."""

    knows_whole_scope = True
    #: What stands on the start event: its data mapping is that of the event.
    extensions: Any

    def __init__(self, wf_spec: Any, start: Any, **kwargs: Any) -> None:
        super().__init__(wf_spec, f"{start.name}.Waiting", event_definition=start.event_definition, **kwargs)
        #: The start event on the diagram.
        self.element_id: str = start.name
        self.interrupts: bool = start.interrupts
        self.extensions = start.extensions

    @property
    def goes_beside(self) -> bool:
        return not self.interrupts

    def _predict_hook(self, my_task: Any) -> None:
        """Nothing follows before the event."""

    def _on_ready_hook(self, my_task: Any) -> None:
        super()._on_ready_hook(my_task)
        scope = my_task.workflow
        self._take_over(my_task, scope_data.of_workflow(scope))
        if not self.interrupts:
            self._wait_again(my_task)
            return
        for token in list(scope.tasks.values()):
            if token is not my_task and token.id in scope.tasks and token._state & TaskState.NOT_FINISHED_MASK:
                token.cancel()

    def _run_hook(self, my_task: Any) -> bool:
        super()._run_hook(my_task)
        my_task._sync_children(self.outputs, TaskState.FUTURE)
        return True


class _Inner:
    """An activity with a tree of its own."""

    def _on_subworkflow_completed(self, subworkflow: Any, my_task: Any) -> None:
        """Go on after the inner tree, unless it ended because the activity was interrupted."""
        if not my_task._state & TaskState.FINISHED_MASK:
            super()._on_subworkflow_completed(subworkflow, my_task)  # type: ignore[misc]


class SubProcess(_Inner, SubWorkflowTask):
    """``bpmn:subProcess``."""


class CallActivity(_Inner, LibraryCallActivity):
    """``bpmn:callActivity``."""


class EventSubprocess(_Inner, LibraryEventSubprocess):
    """``bpmn:subProcess`` with ``triggeredByEvent``: begins behind its ``EventSubprocessStart``."""


class ScopeStart(BpmnStartTask):
    """Puts the first tokens of a scope in place, those that wait for its event subprocesses included."""

    def connect_or_add_trigger(self, task_spec: Any, sp_spec: Any) -> None:
        """Let the event subprocess wait beside the scope's work."""
        start = sp_spec.bpmn_start_events[0]
        if start.compensates:  # nothing waits for that: it is begun when the scope, completed, is undone
            self._wf_spec.compensated_by = task_spec.name
            return
        waiting = EventSubprocessStart(self._wf_spec, start)
        waiting.extensions = start.extensions
        start.event_definition = NoneEventDefinition()
        self.connect(waiting)
        waiting.connect(task_spec)
        task_spec.connect(self._wf_spec.end)
        self._wf_spec.has_event_subprocesses = True


class ScopeSpec(ProcessSpec):
    """A process or subprocess that may have event subprocesses."""

    #: Some that wait for their event beside the scope's work.
    has_event_subprocesses = False
    #: The name of the event subprocess that undoes the scope's work.
    compensated_by: str | None = None

    def __init__(self, name: str, description: str | None = None, filename: str | None = None) -> None:
        super().__init__(name=name, description=description, filename=filename)
        specs = self.task_specs
        self.task_specs = {}
        self.start = ScopeStart(self, "Start")  # still the first: stored states count on the order
        self.task_specs.update({name: spec for name, spec in specs.items() if name != "Start"})

    def may_end(self, others: Iterator[Task]) -> bool:
        """Say whether the scope may end; the starts of its event subprocesses go when its own work is done.

        Event subprocesses that run already complete first, and no new one begins (BPMN 2.0.2, 13.5.4).
        """
        if not self.has_event_subprocesses:
            return super().may_end(others)
        left = list(others)
        if not all(isinstance(token.task_spec, EventSubprocessStart | EventSubprocess) for token in left):
            return False
        for token in left:
            if isinstance(token.task_spec, EventSubprocessStart) and token._state == TaskState.WAITING:
                token.cancel()
        return all(token._state & TaskState.FINISHED_MASK for token in left)
