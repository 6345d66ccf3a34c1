"""Flows with conditions that leave an activity: an inclusive split without a gateway.

Every flow without a condition is taken, and every flow whose condition holds; the default flow is taken
when no other is. When nothing can be taken the token is stuck there, as at a gateway. Source: BPMN 2.0.2,
13.3.1, and for flows without a condition beside a default the behaviour designers know from Camunda 7.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.extensions import BPMN


def condition_of(flow: Any) -> str | None:
    """Return the text of a sequence flow's condition, or None."""
    text = (flow.findtext(f"{{{BPMN}}}conditionExpression") or "").strip()
    return text or None


def connect_choice(process: Any, spec: Any, targets: list[tuple[Any, Any]], default: str | None) -> None:
    """Put a choice behind an activity: ``targets`` are the specs its flows enter, with the flows."""
    choice = FlowChoice(process, f"{spec.bpmn_id}.Flows", element_id=spec.bpmn_id)
    spec.connect(choice)
    for target, flow in targets:
        choice.add(target, condition_of(flow), is_default=flow.get("id") == default)


class FlowChoice(BpmnTaskSpec):
    """Takes the flows that leave an activity; stands on no diagram."""

    def __init__(self, process: Any, name: str, *, element_id: str) -> None:
        super().__init__(process, name)
        #: The activity it belongs to.
        self.element_id = element_id
        self.always: list[str] = []
        #: Conditions and the targets they lead to.
        self.conditional: list[tuple[str, str]] = []
        self.default: str | None = None

    def add(self, target: Any, condition: str | None, *, is_default: bool) -> None:
        """Add a flow; a default flow has no condition of its own."""
        self.connect(target)
        if is_default:
            self.default = target.name
        elif condition is None:
            self.always.append(target.name)
        else:
            self.conditional.append((condition, target.name))

    def _predict_hook(self, my_task: Any) -> None:
        my_task._sync_children(self.outputs, TaskState.MAYBE)

    def _run_hook(self, my_task: Any) -> bool:
        engine = my_task.workflow.script_engine
        taken = engine.targets_that_hold(my_task, self.conditional)
        chosen = engine.some_flow([*self.always, *taken], self.default)
        my_task._sync_children([my_task.workflow.spec.task_specs[name] for name in chosen], TaskState.FUTURE)
        return True
