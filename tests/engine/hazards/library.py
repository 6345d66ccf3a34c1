"""The bare library, as it comes: what each hazard is shown in before it is shown closed in our engine."""

import json

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

REGISTRY = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)


def specs(content: bytes, parser_class=SpiffBpmnParser):
    """Parse a model."""
    parser = parser_class()
    parser.add_bpmn_str(content)
    return parser.get_spec("proc"), parser.get_subprocess_specs("proc")


def start(content: bytes, parser_class=SpiffBpmnParser):
    """Start an instance and let it go as far as it goes."""
    workflow = BpmnWorkflow(*specs(content, parser_class))
    workflow.do_engine_steps()
    return workflow


def plain(content: bytes):
    """Start an instance read by the library's plain parser."""
    return start(content, BpmnParser)


def open_tasks(workflow) -> list[str]:
    """Names of the elements at which somebody may do something."""
    tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
    return sorted(task.task_spec.bpmn_id for task in tasks if task.task_spec.bpmn_id)


def active(workflow) -> list[str]:
    """Names of the elements where tokens stand."""
    mask = TaskState.READY | TaskState.WAITING | TaskState.STARTED
    return sorted(task.task_spec.bpmn_id for task in workflow.get_tasks(state=mask) if task.task_spec.bpmn_id)


def complete(workflow, name: str, **data) -> None:
    """Complete an open task."""
    task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()


def send(workflow, name: str, payload=None) -> None:
    """Send a message."""
    workflow.send_event(BpmnEvent(MessageEventDefinition(name), payload or {}))
    workflow.do_engine_steps()


def saved(workflow) -> str:
    """The library's own serialised state."""
    return BpmnWorkflowSerializer(REGISTRY).serialize_json(workflow)


def restored(text: str):
    """Read the library's own serialised state."""
    return BpmnWorkflowSerializer(REGISTRY).deserialize_json(text)


def with_tasks(text: str, order) -> object:
    """Restore a state whose tasks are written in another order, as a database with sorted keys gives them back."""
    state = json.loads(text)
    state["tasks"] = dict(sorted(state["tasks"].items(), key=order))
    return restored(json.dumps(state))
