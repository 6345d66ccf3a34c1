"""Errors and escalations: thrown inside, caught by the nearest enclosing scope, outward through called processes.

Replaced behaviour (SpiffWorkflow 3.2.0): the library lets whatever waits in the thrower's own tree catch an
error, so that an error in one branch interrupts a boundary beside it, and goes on along the happy path
when nobody catches. Here a throw asks, from the inside out: the boundary events of the activity it comes
from, the event subprocesses of the scope it happens in, the boundary events of that scope's activity, the
event subprocesses around that, and so on to the process instance itself. At each of these a handler for
the very code comes before one for every code. An error that nobody catches is raised, and so an incident at
the element that threw it; an escalation that nobody catches is noted, and its token goes on (BPMN 2.0.2, 10.5.1).
"""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EndEvent as LibraryEndEvent
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition, EscalationEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import scope_data
from engine.bpmn.beside import EventSubprocessStart, attached_to
from engine.bpmn.bpmn_error import BpmnError
from engine.bpmn.tasks import STUCK, enter

#: Key in ``internal_data`` of a catching token: the variables that the caught event brings.
_BROUGHT = "brought"


class UncaughtError(Exception):
    """No boundary event and no event subprocess catches the error."""

    def __init__(self, code: str | None, message: str | None) -> None:
        what = f"the error '{code}'" if code else "an error without a code"
        super().__init__(f"Nothing catches {what}" + (f": {message}" if message else "."))


class _Coded:
    """What errors and escalations have in common: a code, and variables for who catches them."""

    code: str | None
    #: Names of the variables that get the code and the message, if any.
    code_variable: str | None
    message_variable: str | None

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task.internal_data.get("event_fired", False))

    def bring(self, my_task: Any, code: str | None, message: str | None, variables: dict[str, Any]) -> None:
        """Let the catching token go on with what was thrown."""
        brought = dict(variables)
        if self.code_variable:
            brought[self.code_variable] = code
        if self.message_variable:
            brought[self.message_variable] = message
        my_task.internal_data[_BROUGHT] = brought
        my_task.internal_data["event_fired"] = True
        enter(my_task)

    def update_task_data(self, my_task: Any) -> None:
        my_task.data.update(my_task.internal_data.pop(_BROUGHT, None) or {})

    def reset(self, my_task: Any) -> None:
        my_task.internal_data.pop("event_fired", None)


class ErrorDefinition(_Coded, ErrorEventDefinition):
    """``bpmn:errorEventDefinition``."""

    def __init__(
        self,
        name: str,
        code: str | None,
        message: str | None = None,
        code_variable: str | None = None,
        message_variable: str | None = None,
    ) -> None:
        super().__init__(name, code)
        #: What an end event says about it.
        self.message = message
        self.code_variable = code_variable
        self.message_variable = message_variable

    def throw(self, my_task: Any) -> None:
        """Throw it from an end event.

        Raises:
            UncaughtError: nothing around the end event catches it.
        """
        throw_error(my_task, self.code, self.message, {}, from_activity=False)


class EscalationDefinition(_Coded, EscalationEventDefinition):
    """``bpmn:escalationEventDefinition``."""

    message_variable = None

    def __init__(self, name: str, code: str | None, code_variable: str | None = None) -> None:
        super().__init__(name, code)
        self.code_variable = code_variable

    def throw(self, my_task: Any) -> None:
        """Throw it from an end event or a throw event; that nobody catches it is noted."""
        caught_by = _catcher(my_task, EscalationDefinition, self.code, from_activity=False)
        _note(my_task, "escalation_thrown", {"code": self.code}, caught_by)
        if caught_by is not None:
            caught_by.task_spec.event_definition.bring(caught_by, self.code, None, {})


def throw_error(
    token: Any, code: str | None, message: str | None, variables: dict[str, Any], *, from_activity: bool
) -> None:
    """Throw an error at an element; ``from_activity`` when boundary events of the element itself may catch it.

    Raises:
        UncaughtError: nothing catches it; nothing has changed.
    """
    caught_by = _catcher(token, ErrorDefinition, code, from_activity=from_activity)
    if caught_by is None:
        raise UncaughtError(code, message)
    _note(token, "error_thrown", {"code": code, "message": message}, caught_by)
    caught_by.task_spec.event_definition.bring(caught_by, code, message, variables)


def throw_bpmn_error(token: Any, error: BpmnError) -> None:
    """Throw what a delegate raised, from its service task.

    Raises:
        UncaughtError: nothing catches it.
    """
    throw_error(token, error.code, error.message, error.variables, from_activity=True)


def _catcher(token: Any, kind: type, code: str | None, *, from_activity: bool) -> Any:
    for waiting in _outward(token, from_activity=from_activity):
        fitting = [item for item in waiting if isinstance(item.task_spec.event_definition, kind)]
        for wanted in (code, None):
            for item in fitting:
                if item.task_spec.event_definition.code == wanted:
                    return item
    return None


def _outward(token: Any, *, from_activity: bool) -> Iterator[list[Task]]:
    """Yield what waits at each scope around a token, the nearest first."""
    if from_activity:
        yield attached_to(token)
    workflow = token.workflow
    left: Any = None  # an event subprocess does not start itself again: what it throws goes outward
    while True:
        if workflow.spec.has_event_subprocesses:
            yield [
                item
                for item in workflow.tasks.values()
                if item._state == TaskState.WAITING
                and isinstance(item.task_spec, EventSubprocessStart)
                and item.task_spec.outputs[0] is not left
                and STUCK not in item.internal_data
            ]
        if workflow.parent_task_id is None:
            return
        host = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        yield attached_to(host)
        workflow, left = host.workflow, host.task_spec


def _note(token: Any, kind: str, facts: dict[str, Any], caught_by: Any) -> None:
    token.workflow.top_workflow.notes.append((kind, token.task_spec, facts, caught_by and caught_by.task_spec))


class EndEvent(LibraryEndEvent):
    """``bpmn:endEvent``; one that terminates ends its own scope, with the data of all its branches."""

    event_definition: Any

    def _run_hook(self, my_task: Any) -> bool:
        if isinstance(self.event_definition, TerminateEventDefinition):
            my_task.data = scope_data.of_workflow(my_task.workflow)
        return super()._run_hook(my_task)


__all__ = ["EndEvent", "ErrorDefinition", "EscalationDefinition", "UncaughtError", "throw_bpmn_error", "throw_error"]
