"""Takes tokens away and puts tokens down by hand: what an operator needs when an instance stands in the wrong place.

Nothing here moves by itself: the caller changes what it has to, calls ``settle`` once and then lets the run advance.
A change that cannot be right is refused with the element's id: a token in another scope, on a join that counts its
arrivals, on an event that waits beside something, or one whose going leaves a join waiting for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, StartEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.archive import step_of
from engine.bpmn.beside import EventSubprocessStart
from engine.bpmn.joins import EndJoin, InclusiveGateway, ParallelGateway, arrivals
from engine.bpmn.pruning import AFTER
from engine.bpmn.runtime import Run
from engine.bpmn.specs import EventBasedGateway, is_visible
from engine.bpmn.tasks import CORRECTED, STUCK, STUCK_ENTERING, InnerWorkflow, InstanceWorkflow, Token, enter

LIVING = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_SPLIT = ".BoundaryEventSplit"
_JOINS = (ParallelGateway, InclusiveGateway)
#: What can be left as if it had been done.
_SKIPPABLE = frozenset(
    {
        "userTask", "manualTask", "task", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask",
        "subProcess", "transaction", "callActivity", "intermediateCatchEvent", "intermediateThrowEvent",
    }
)  # fmt: skip


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


# -- instructions, each of which returns its facts for the history -------------------------------------


def move(run: Run, source: str, target: str, token_id: UUID | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Take a token from one element and put it before another of the same scope.

    Raises:
        Impossible: with the element and the reason.
    """
    token = find(run, source, token_id)
    require_target(run, token.workflow, target)
    lineage = unit_of(token).parent
    assert lineage is not None, "an element has a token before it"
    # A token that waits to enter, at a join or after a failure, has not taken its data over yet.
    data = {**lineage.data, **token.parent.data, **token.data} if token._state == TaskState.WAITING else token.data
    data = {**data, **variables}
    remove(token)
    step = place(run, token.workflow, target, data, lineage)
    return {"from": source, "to": target, "token_id": str(token.id), "variables": dict(variables), "step": step}


def add(run: Run, target: str, scope_token_id: UUID | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Put another token before an element.

    Raises:
        Impossible: with the element and the reason.
    """
    tree = scope_of(run, target, scope_token_id)
    lineage = lineage_in(tree)
    # What the others changed since is theirs: where they join, only a change of this token's own counts.
    step = place(run, tree, target, {**lineage.data, **variables}, lineage)
    return {"variables": dict(variables), "step": step}


def take_away(run: Run, source: str, token_id: UUID | None) -> dict[str, Any]:
    """Take a token away, with everything inside it.

    Raises:
        Impossible: with the element and the reason.
    """
    token = find(run, source, token_id)
    remove(token)
    return {"token_id": str(token.id)}


def leave(run: Run, source: str, token_id: UUID | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Let a token leave its element as if the work had been done with these variables as its result.

    Raises:
        Impossible: with the element and the reason.
    """
    token = find(run, source, token_id, rounds=True)
    before = {name: token.data[name] for name in variables if name in token.data}
    skip(run, token, dict(variables))
    return {"token_id": str(token.id), "before": before, "after": dict(variables), "step": step_of(token)}


def set_variables(
    run: Run, variables: Mapping[str, Any], source: str | None = None, token_id: UUID | None = None
) -> dict[str, Any]:
    """Correct variables of the token at an element, or of the whole instance.

    Raises:
        Impossible: with the element and the reason.
    """
    token = find(run, source, token_id, rounds=True) if source is not None else None
    before = correct(run, dict(variables), token)
    return {"before": before, "after": dict(variables), "token_id": str(token.id) if token else None}


# -- which token ------------------------------------------------------------------------------------


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


# -- taking away ------------------------------------------------------------------------------------


def unit_of(token: Task) -> Task:
    """Return the root of what comes and goes with a token: the split before its boundary events, or itself."""
    parent = token.parent
    return parent if parent is not None and isinstance(parent.task_spec, EventSplit) else token


def remove(token: Task) -> None:
    """Take a token away, with all inside it and the boundary events beside it."""
    root = unit_of(token)
    members = [token] if root is token else [child for child in root.children if child is not None]
    for member in members:
        if member._state & TaskState.NOT_FINISHED_MASK:
            _cancel(member)


def _cancel(token: Task) -> None:
    for child in list(token.children):
        if child is not None and child._state & LIVING:  # the rounds of a loop
            _cancel(child)
    token.cancel()


# -- putting down -----------------------------------------------------------------------------------


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


# -- leaving as if done, and correcting data --------------------------------------------------------


def skip(run: Run, token: Any, variables: dict[str, Any]) -> None:
    """Let a token leave its element as if the work had been done with this result.

    Raises:
        Impossible: it stands at something that chooses or joins; move it instead.
    """
    element = run.compiled.element_of(token.task_spec)
    if element.type not in _SKIPPABLE:
        raise Impossible(element.id, f"A {element.type} cannot be skipped; move its token where it should go.")
    for child in list(token.children):
        if child is not None and is_round(child) and child._state & LIVING:
            _cancel(child)
    inner = run.workflow.subprocesses.get(token.id)
    if inner is not None:
        inner.cancel()
    if token.internal_data.pop(STUCK, None) == STUCK_ENTERING:
        token._state = TaskState.FUTURE
        token._inherit_data()
        token.task_spec._predict_hook(token)
    run.workflow.event_manager.remove_task(token)
    token.data = {**token.data, **variables}
    token._state = TaskState.READY
    token.complete()


def correct(run: Run, variables: dict[str, Any], token: Task | None = None) -> dict[str, Any]:
    """Set variables of one token, or of every living token of the instance; return the values they had before.

    Raises:
        Impossible: the one token waits at a join, whose data is that of all its branches.
    """
    if token is None:
        before = {name: value for name, value in run.variables().items() if name in variables}
        chosen = [living for living in run._living() if living._state & LIVING]
    else:
        if isinstance(token.task_spec, _JOINS):
            element = run.compiled.element_of(token.task_spec)
            raise Impossible(element.id, "Its data is that of the branches it joins; correct the whole instance.")
        before = {name: value for name, value in token.data.items() if name in variables}
        chosen = _with_rounds(token)
    for living in chosen:
        _set(living, variables)
        if isinstance(living.task_spec, (*_JOINS, EndJoin)):
            # A join takes its data from what stood before it, for every branch that has arrived.
            _set(living.parent, variables)
    return before


def _with_rounds(token: Task) -> list[Any]:
    root = unit_of(token)
    members = [token] if root is token else [child for child in root.children if child is not None]
    rounds = [child for child in token.children if child is not None and is_round(child)]
    return [member for member in (*members, *rounds) if member._state & LIVING]


def _set(token: Any, variables: dict[str, Any]) -> None:
    token.data = {**token.data, **variables}
    if token._state & TaskState.WAITING:
        # It takes its parent's data over once more when it goes on.
        token.internal_data[CORRECTED] = {**token.internal_data.get(CORRECTED, {}), **variables}


# -- afterwards -------------------------------------------------------------------------------------


def settle(run: Run, stranded_before: frozenset[str]) -> None:
    """Check what the changes have left, tidy up, and let what waited for a removed token look again.

    Raises:
        Impossible: a scope is left without a token, or a join would now wait for ever.
    """
    check(run, stranded_before)
    forget_orphans(run.workflow)
    look_again(run)


def check(run: Run, stranded_before: frozenset[str]) -> None:
    """Refuse a state that cannot be right; ``stranded_before`` are the joins that waited in vain already.

    Raises:
        Impossible: a scope is left without a token, or a join would now wait for ever.
    """
    for tree in trees(run):
        if not any(is_at_work(token) for token in tree.tasks.values()):
            if tree is run.workflow:
                raise Impossible(None, "No token would be left; cancel the process instance instead.")
            host = run.token(tree.parent_task_id)
            raise Impossible(
                run.compiled.element_of(host.task_spec).id, "No token would be left inside; remove or skip it instead."
            )
    stranded = stranded_joins(run) - stranded_before
    if stranded:
        raise Impossible(min(stranded), "This join would wait for ever for a branch that no token is on.")


def look_again(run: Run) -> None:
    """Let everything that waits look whether it still has to, the inner trees first."""
    for tree in reversed(trees(run)):
        tree.update_waiting_tasks()


def forget_orphans(workflow: InstanceWorkflow) -> None:
    """Drop the inner trees whose own token is gone from its tree."""
    while orphans := [key for key in workflow.subprocesses if workflow.get_task_from_id(key) is None]:
        for key in orphans:
            del workflow.subprocesses[key]


def stranded_joins(run: Run) -> frozenset[str]:
    """Return the parallel joins that a token comes to or waits at, and that lack a branch no token can come by."""
    return frozenset(join for tree in trees(run) for join in _stranded_in(tree))


def _stranded_in(tree: Any) -> Iterator[str]:
    joins = [spec for spec in tree.spec.task_specs.values() if isinstance(spec, ParallelGateway)]
    for join in joins:
        wanted = {spec.name for spec in join.inputs}
        if len(wanted) < 2:  # noqa: PLR2004 - it joins nothing
            continue
        arrived: set[str] = set()
        coming: set[str] = set()
        for token in tree.tasks.values():
            if token.task_spec is join:
                if token._state == TaskState.WAITING:
                    arrived = {one.parent.task_spec.name for one in arrivals(token)}
            elif token._state & LIVING:
                reached = _reach(token.task_spec, join)
                if join.name in reached:
                    coming |= reached
        if (arrived or coming) and wanted - coming - arrived:
            yield str(join.name)


def _reach(start: Any, stop: Any) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        spec = ahead.pop()
        if spec.name not in seen:
            seen.add(spec.name)
            if spec is not stop:
                ahead.extend(spec.outputs)
    return seen
