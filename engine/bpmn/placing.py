"""Takes tokens away with all that belongs to them, and puts tokens before elements."""

from typing import Any

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, StartEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.archive import step_of
from engine.bpmn.beside import EventSubprocessStart
from engine.bpmn.joins import InclusiveGateway, ParallelGateway
from engine.bpmn.pruning import AFTER
from engine.bpmn.runtime import Run
from engine.bpmn.specs import EventBasedGateway
from engine.bpmn.tasks import InnerWorkflow, Token, enter
from engine.bpmn.whereabouts import LIVING, Impossible, require_element, unit_of

_SPLIT = ".BoundaryEventSplit"
_JOINS = (ParallelGateway, InclusiveGateway)


def remove(token: Task) -> None:
    """Take a token away, with all inside it and the boundary events beside it."""
    root = unit_of(token)
    members = [token] if root is token else [child for child in root.children if child is not None]
    for member in members:
        if member._state & TaskState.NOT_FINISHED_MASK:
            cancel(member)


def cancel(token: Task) -> None:
    """Cancel a token and the rounds of its loop."""
    for child in list(token.children):
        if child is not None and child._state & LIVING:  # the rounds of a loop
            cancel(child)
    token.cancel()


def place(run: Run, tree: Any, element_id: str, data: dict[str, Any], lineage: Task) -> dict[str, Any]:
    """Put a token with ``data`` before an element of a tree; ``lineage`` is the finished token it follows from.

    Returns the step that history keeps of it (``engine.bpmn.archive``).

    Raises:
        Impossible: no token can stand there.
    """
    require_target(run, tree, element_id)
    carrier = _carrier(tree, data, lineage)
    entry = tree.spec.task_specs.get(f"{element_id}{_SPLIT}") or tree.spec.task_specs[element_id]
    enter(carrier._add_child(entry, TaskState.FUTURE))
    _wait_for_interruptions(tree)
    return step_of(carrier)


def _wait_for_interruptions(tree: Any) -> None:
    """Let the interrupting event subprocesses of a scope wait for their events, unless one of them is at work."""
    for start in tree.spec.start.outputs:
        if not isinstance(start, EventSubprocessStart) or not start.interrupts:
            continue
        busy = {start.name, *(spec.name for spec in start.outputs)}
        if not any(
            token._state & TaskState.NOT_FINISHED_MASK and token.task_spec.name in busy for token in tree.tasks.values()
        ):
            wait_beside(tree, start)


def wait_beside(tree: Any, start: Any) -> None:
    """Let the start of an event subprocess wait in its scope."""
    token = tree.task_tree._add_child(start, TaskState.WAITING)
    token.data = dict(tree.task_tree.data)
    enter(token)


def _carrier(tree: Any, data: dict[str, Any], lineage: Task) -> Token:
    """Add a finished token that no diagram shows; what follows inherits its data."""
    while lineage._state & TaskState.NOT_FINISHED_MASK or isinstance(lineage.task_spec, EventSplit):
        assert lineage.parent is not None, "the root of a tree has finished"
        lineage = lineage.parent
    carrier = Token(tree, tree.spec.start, lineage, state=TaskState.COMPLETED)
    carrier.data = dict(data)
    carrier.internal_data[AFTER] = carrier.id.hex
    return carrier


def require_target(run: Run, tree: Any, element_id: str) -> None:
    """Refuse an element that a token cannot be put before.

    Raises:
        Impossible: with the reason.
    """
    require_element(run, element_id)
    spec = tree.spec.task_specs.get(element_id)
    if spec is None:
        raise Impossible(element_id, f"It is in another scope than {tree.spec.name}.")
    element = run.compiled.element_of(spec)
    if isinstance(spec, BoundaryEvent):
        raise Impossible(element_id, "A boundary event stands and goes with its activity.")
    if isinstance(spec, StartEvent):
        raise Impossible(element_id, "A start event cannot be moved to; move to what follows it.")
    if isinstance(spec, _JOINS) and len(spec.inputs) > 1:
        raise Impossible(element_id, "It joins several flows and would wait for the others; move to what follows it.")
    if any(isinstance(before, EventBasedGateway) for before in spec.inputs):
        raise Impossible(element_id, "Its event-based gateway waits for it; move to the gateway.")
    if not any(target == element_id for _, target in run.compiled.flows):
        raise Impossible(element_id, f"No sequence flow leads to this {element.type}, so no token can come there.")


def open_scope(run: Run, tree: Any, element_id: str, data: dict[str, Any], lineage: Task) -> tuple[Any, dict[str, Any]]:
    """Start a subprocess or call activity without letting its own start run.

    Returns its empty inner tree and the step that history keeps of it.

    Raises:
        Impossible: it is no such element, or runs several times at once.
    """
    require_target(run, tree, element_id)
    specs = tree.spec.task_specs
    spec = specs.get(element_id)
    if not isinstance(spec, SubWorkflowTask):
        raise Impossible(element_id, "It is a loop or multi-instance activity that has ended and cannot be re-entered.")
    carrier = parent = _carrier(tree, data, lineage)
    if f"{element_id}{_SPLIT}" in specs:
        parent = _opened_split(parent, specs[f"{element_id}{_SPLIT}"], besides=spec)
    host = parent._add_child(spec, TaskState.FUTURE)
    host.data = dict(data)
    spec._predict_hook(host)
    host._set_state(TaskState.STARTED)
    inner = InnerWorkflow(run.workflow.subprocess_specs[spec.spec], host.id, run.workflow, planted=False)
    inner.task_tree = Token(inner, inner.spec.start, state=TaskState.COMPLETED)
    inner.task_tree.data = dict(data)
    run.workflow.subprocesses[host.id] = inner
    for start in inner.spec.start.outputs:
        if isinstance(start, EventSubprocessStart):
            wait_beside(inner, start)
    inner.completed_event.connect(spec._on_subworkflow_completed, host)
    return inner, step_of(carrier)


def _opened_split(parent: Token, split_spec: Any, *, besides: Any) -> Token:
    split = parent._add_child(split_spec, TaskState.COMPLETED)
    split.data = dict(parent.data)
    for output in split_spec.outputs:
        if output is not besides:
            event = split._add_child(output, TaskState.FUTURE)
            if isinstance(output, BoundaryEvent):
                event._set_state(TaskState.WAITING)
                enter(event)
    return split
