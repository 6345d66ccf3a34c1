"""Which tokens an instance has and where they stand: what an operator, a migration or a reset chooses among."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.runtime import Run
from engine.bpmn.specs import is_visible
from engine.bpmn.tasks import STUCK

LIVING = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class Impossible(Exception):
    """The tokens cannot be changed like this: which element, and why in one sentence."""

    def __init__(self, element_id: str | None, reason: str) -> None:
        super().__init__(f"{element_id}: {reason}" if element_id else reason)
        self.element_id = element_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Standing:
    """One token of an instance, for people who choose one."""

    token_id: UUID
    element_id: str
    #: ``ready``, ``waiting`` or ``inside`` (a subprocess, call activity or loop whose inner tokens move).
    state: str
    is_stuck: bool
    #: The token of the subprocess or call activity it stands in; None at the top.
    scope_token_id: UUID | None


def standing(run: Run) -> list[Standing]:
    """Return where the instance's tokens are, boundary events and joins included."""
    names = {TaskState.READY: "ready", TaskState.WAITING: "waiting", TaskState.STARTED: "inside"}
    return [
        Standing(
            token.id,
            run.compiled.element_of(token.task_spec).id,
            names[token._state],
            STUCK in token.internal_data,
            token.workflow.parent_task_id,
        )
        for token in run._living()
        if token._state & LIVING and is_visible(token.task_spec)
    ]


def find(run: Run, element_id: str, token_id: UUID | None = None, *, rounds: bool = False) -> Task:
    """Return the one token that stands at an element; ``rounds``: one item of a multi-instance activity will do.

    Raises:
        Impossible: nothing stands there, or several do and none was named, or it is part of something else.
    """
    require_element(run, element_id)
    here = [
        token
        for token in run._living()
        if token._state & LIVING
        and is_visible(token.task_spec)
        and run.compiled.element_of(token.task_spec).id == element_id
        and (token_id is None or token.id == token_id)
    ]
    if not here:
        raise Impossible(element_id, "No token stands there." if token_id is None else "That token stands elsewhere.")
    if isinstance(here[0].task_spec, BoundaryEvent):
        raise Impossible(element_id, "A boundary event stands and goes with its activity.")
    whole = [token for token in here if not is_round(token)]
    if token_id is not None and not whole and not rounds:
        raise Impossible(element_id, "It is one round of a loop or multi-instance activity; take the whole activity.")
    chosen = whole or here
    if len(chosen) > 1:
        raise Impossible(element_id, f"{len(chosen)} tokens stand there; name one by its token_id.")
    return chosen[0]


def require_element(run: Run, element_id: str) -> None:
    """Refuse an element that the definition does not have.

    Raises:
        Impossible: it does not.
    """
    if not any(element_id in workflow_spec.task_specs for workflow_spec in specs_of(run)):
        raise Impossible(element_id, "This version of the process has no such element.")


def specs_of(run: Run) -> list[Any]:
    """Return the specs of the process, of its subprocesses and of the processes it calls."""
    return [run.compiled.spec, *run.compiled.subprocess_specs.values()]


def is_round(token: Task) -> bool:
    """Say whether a token is one round of a loop or one item of a multi-instance activity."""
    parent = token.parent
    return (
        parent is not None
        and isinstance(parent.task_spec, LoopTask)
        and token.task_spec.name == parent.task_spec.task_spec
    )


def is_at_work(token: Task) -> bool:
    """Say whether a token stands somewhere, and does not only wait beside the work of its scope."""
    beside = token._state & TaskState.WAITING and getattr(token.task_spec, "is_beside", False)
    return bool(token._state & LIVING) and not beside


def trees(run: Run) -> list[Any]:
    """Return the top tree and every inner tree whose subprocess or call activity is still at work."""
    found: list[Any] = [run.workflow]
    for token_id, inner in run.workflow.subprocesses.items():
        host = run.token(token_id)
        if host is not None and host._state & TaskState.NOT_FINISHED_MASK:
            found.append(inner)
    return found


def scope_of(run: Run, element_id: str, scope_token_id: UUID | None = None) -> Any:
    """Return the living tree in which an element stands.

    Raises:
        Impossible: its subprocess is not active, or several times and none was named.
    """
    require_element(run, element_id)
    found = [
        tree
        for tree in trees(run)
        if element_id in tree.spec.task_specs and (scope_token_id is None or tree.parent_task_id == scope_token_id)
    ]
    if not found:
        owner = next(spec for spec in specs_of(run) if element_id in spec.task_specs)
        raise Impossible(element_id, f"Its scope {owner.name} is not active there; put the token before that instead.")
    if len(found) > 1:
        raise Impossible(element_id, "Its scope is active several times; name one by its scope_token_id.")
    return found[0]


def unit_of(token: Task) -> Task:
    """Return the root of what comes and goes with a token: the split before its boundary events, or itself."""
    parent = token.parent
    return parent if parent is not None and isinstance(parent.task_spec, EventSplit) else token


def lineage_in(tree: Any) -> Task:
    """Return the finished token that all living tokens of a tree follow from, as near to them as can be."""
    living = [token for token in tree.tasks.values() if is_at_work(token)]
    if not living:
        return tree.task_tree
    common = [unit_of(living[0]), *unit_of(living[0]).ancestors()][1:]
    for token in living[1:]:
        line = {ancestor.id for ancestor in token.ancestors()}
        common = [ancestor for ancestor in common if ancestor.id in line]
    return next((token for token in common if token._state & TaskState.FINISHED_MASK), tree.task_tree)
