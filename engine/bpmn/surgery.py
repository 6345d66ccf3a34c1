"""Takes tokens away and puts tokens down by hand: what an operator needs when an instance stands in the wrong place.

Nothing here moves by itself: the caller changes what it has to, calls ``stranding.settle`` once and then lets the run
advance. A change that cannot be right is refused with the element's id: a token in another scope, on a join that counts
its arrivals, on an event that waits beside something, or one whose going leaves a join waiting for ever.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.archive import step_of
from engine.bpmn.joins import EndJoin, InclusiveGateway, ParallelGateway
from engine.bpmn.placing import cancel, place, remove, require_target
from engine.bpmn.runtime import Run
from engine.bpmn.tasks import CORRECTED, STUCK, STUCK_ENTERING
from engine.bpmn.whereabouts import LIVING, Impossible, find, is_round, lineage_in, scope_of, unit_of

_JOINS = (ParallelGateway, InclusiveGateway)
#: What can be left as if it had been done.
_SKIPPABLE = frozenset(
    {
        "userTask", "manualTask", "task", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask",
        "subProcess", "transaction", "callActivity", "intermediateCatchEvent", "intermediateThrowEvent",
    }
)  # fmt: skip


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
            cancel(child)
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
