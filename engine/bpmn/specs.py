"""Our own elements: what the library has not, or does differently."""

from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway as LibraryEventBasedGateway
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway as LibraryExclusiveGateway
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.specs.MultiChoice import MultiChoice
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import mapping, messaging
from engine.bpmn.conditional import Condition
from engine.bpmn.extensions import Extensions
from engine.feel import decisions


class ServiceTask(BpmnSpecMixin):
    """``bpmn:serviceTask``: a delegate does it, in the same transaction or as a job.

    Its token stays READY until the engine has the delegate's result.
    """

    #: Set by the parser after construction.
    extensions: Extensions

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = True


class PassedTask(BpmnSpecMixin):
    """``bpmn:task`` and ``bpmn:manualTask``: work that the engine knows nothing of, so its token goes on at once.

    Replaced behaviour (SpiffWorkflow 3.2.0): the library lets it wait for a person whom nobody offers it to.
    """


class ScriptTask(BpmnSpecMixin):
    """``bpmn:scriptTask`` in FEEL: its value becomes the result variable."""

    extensions: Extensions

    def __init__(self, wf_spec: Any, bpmn_id: str, script: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.script = script

    def _run_hook(self, my_task: Any) -> bool:
        engine = my_task.workflow.script_engine
        value = engine.evaluate(my_task, self.script)
        name = self.extensions.get("resultVariable")
        mapping.apply_outputs(self.extensions.mapping, my_task.data, {name: value} if name else {}, engine.now)
        return True


class BusinessRuleTask(BpmnSpecMixin):
    """``bpmn:businessRuleTask``: a DMN decision of the same bundle."""

    extensions: Extensions
    #: The bundle's decisions by id; set when the definition is compiled.
    decisions: dict[str, Any]

    def _run_hook(self, my_task: Any) -> bool:
        engine = my_task.workflow.script_engine
        reference = self.extensions.get("decisionRef") or ""
        decision = self.decisions[reference]
        context = {**my_task.data, **mapping.inputs(self.extensions.mapping, my_task.data, engine.now)}
        rows = decisions.evaluate(decision, context, now=engine.now)
        shape = self.extensions.get("mapDecisionResult") or "resultList"
        value = decisions.map_result(rows, shape, decision_id=reference)
        name = self.extensions.get("resultVariable")
        mapping.apply_outputs(self.extensions.mapping, my_task.data, {name: value} if name else {}, engine.now)
        return True


class ExclusiveGateway(LibraryExclusiveGateway):
    """Leaves by the first flow whose condition holds; all conditions are evaluated in one call."""

    def _run_hook(self, my_task: Any) -> bool:
        if not self.cond_task_specs:
            return True  # the path ends here
        chosen = my_task.workflow.script_engine.choose(my_task, self.cond_task_specs, every=False)
        outputs = [my_task.workflow.spec.task_specs[name] for name in chosen]
        my_task._sync_children(outputs, TaskState.FUTURE)
        return True

    def test(self) -> None:
        """Check what the library checks for a choice; without a flow out of it, the path ends here."""
        if self.cond_task_specs:
            MultiChoice.test(self)


class FirstEvent(MultipleEventDefinition):
    """What an event-based gateway waits for: any number of messages, signals and timers, the first of which wins.

    Replaced behaviour (SpiffWorkflow 3.2.0): the library keeps one due date a gateway, so that only its first
    timer counts, and stores event objects that cannot be written down.
    """

    def has_fired(self, my_task: Any) -> bool:
        return "winner" in my_task.internal_data

    def catches(self, my_task: Any, event: Any = None) -> bool:
        return not self.has_fired(my_task) and any(item.catches(my_task, event) for item in self.event_definitions)

    def catch(self, my_task: Any, event: Any = None) -> None:
        for index, item in enumerate(self.event_definitions):
            if item.catches(my_task, event):
                my_task.internal_data["winner"] = index
                my_task.internal_data["payload"] = dict(event.payload or {})
                return

    def update_task_data(self, my_task: Any) -> None:
        winner = my_task.internal_data["winner"]
        if isinstance(self.event_definitions[winner], Condition):
            self.event_definitions[winner].update_task_data(my_task)
        messaging.take_in(my_task, my_task.task_spec.outputs[winner].extensions, my_task.internal_data.get("payload"))
        my_task.internal_data.pop("payload", None)

    def reset(self, my_task: Any) -> None:
        """The winner is remembered: the token passes the gateway once."""


class EventBasedGateway(LibraryEventBasedGateway):
    """Waits for the first of several events and leaves by that event's flow."""

    #: What it takes over from a condition are single values (see ``joins.base_of``).
    knows_whole_scope = False

    def _run_hook(self, my_task: Any) -> bool:
        self.event_definition.update_task_data(my_task)
        winner = my_task.children[my_task.internal_data["winner"]].task_spec
        my_task._sync_children([winner], TaskState.FUTURE)
        return True


def is_visible(spec: Any) -> bool:
    """Say whether an element stands on the diagram (the library adds splits and joins of its own)."""
    return getattr(spec, "bpmn_id", None) is not None
