"""Takes an instance back to a step that was finished: what came of it goes, and a token stands there once more.

A finished token is no longer in the task tree, so what came of it is worked out from the order in which elements
were left since: an element came of the step when one of those that lead to it did. What other branches did of
their own stays. Where the branch has joined another one since, there is no way back for one branch alone.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import compensation, placing, whereabouts
from engine.bpmn.beside import EventSubprocess, EventSubprocessStart
from engine.bpmn.joins import InclusiveGateway, ParallelGateway
from engine.bpmn.runtime import Run
from engine.bpmn.specs import is_visible
from engine.bpmn.whereabouts import Impossible


class Left(NamedTuple):
    """An element that was left; ``moved_to`` when an operator took its token to another one."""

    element_id: str
    moved_to: str | None = None


def go_back(
    run: Run, element_id: str, data: dict[str, Any], *, left_before: set[str], left_since: Sequence[Left]
) -> list[tuple[str, dict[str, Any]]]:
    """Let the instance stand at an element again, with ``data``.

    Returns the steps that history keeps of it: of each subprocess entered again, and of the element at last.

    ``left_since`` names what was left after the step, in order; ``left_before`` what was left before it.

    Raises:
        Impossible: the element cannot be gone back to; with the reason.
    """
    whereabouts.require_element(run, element_id)
    path = _scopes(run, element_id)
    spec = path[-1].task_specs[element_id]
    if isinstance(spec, LoopTask):
        raise Impossible(element_id, "It was one item of a loop or multi-instance activity and has no way back alone.")
    before = _predecessors(run)
    consequences = _consequences(run, path, element_id, left_since, before)
    _refuse_joined(run, consequences, left_before | {*(one.element_id for one in left_since)})
    times = Counter(one.element_id for one in left_since if one.moved_to is None and one.element_id in consequences)
    times[element_id] += 1
    for scope in whereabouts.trees(run):
        compensation.forget(scope, times)
    tree, missing = _innermost_alive(run, path, element_id)
    after = [token for token in tree.tasks.values() if _is_after(token, consequences, before, run)]
    lineage = whereabouts.unit_of(after[0]).parent if after else whereabouts.lineage_in(tree)
    for token in after:
        if token._state & whereabouts.LIVING:
            placing.remove(token)
    assert lineage is not None, "an element has a token before it"
    steps: list[tuple[str, dict[str, Any]]] = []
    for scope in missing:
        host_id = _host_id(run, scope)
        tree, step = placing.open_scope(run, tree, host_id, data, lineage)
        lineage = tree.task_tree
        steps.append((host_id, step))
    return [*steps, (element_id, placing.place(run, tree, element_id, data, lineage))]


def _scopes(run: Run, element_id: str) -> list[Any]:
    """Return the specs around an element, from the process inwards."""
    owner = next(spec for spec in whereabouts.specs_of(run) if element_id in spec.task_specs)
    path = [owner]
    while path[0] is not run.compiled.spec:
        host_id = _host_id(run, path[0])
        path.insert(0, next(spec for spec in whereabouts.specs_of(run) if host_id in spec.task_specs))
    return path


def _host_id(run: Run, scope: Any) -> str:
    """Return the element that a subprocess is, or that calls a process.

    Raises:
        Impossible: several call it, or an event starts it.
    """
    hosts = {
        run.compiled.element_of(spec).id
        for outer in whereabouts.specs_of(run)
        for spec in outer.task_specs.values()
        if getattr(spec, "spec", None) == scope.name and is_visible(spec)
    }
    if len(hosts) != 1:
        raise Impossible(scope.name, "Several activities run it, so the way back is not certain.")
    return hosts.pop()


def _consequences(
    run: Run, path: list[Any], element_id: str, left_since: Sequence[Left], before: dict[str, set[str]]
) -> set[str]:
    """Return the elements that came of the step, itself included; ``before`` learns where operators moved tokens."""
    inside = {name: _host_id(run, scope) for scope in path[1:] for name in scope.task_specs}
    came = {element_id}
    for left in left_since:
        contained = any(inside.get(one) == left.element_id for one in came)
        if contained or not came.isdisjoint(before.get(left.element_id, ())):
            came.add(left.element_id)
            if left.moved_to is not None:
                before.setdefault(left.moved_to, set()).add(left.element_id)
    return came


def _predecessors(run: Run) -> dict[str, set[str]]:
    """Return which elements lead to which, over what stands on no diagram; a scope's start follows what leads to it."""
    before: dict[str, set[str]] = {}
    hosts: dict[str, list[str]] = {}
    for scope in whereabouts.specs_of(run):
        for spec in scope.task_specs.values():
            if not is_visible(spec):
                continue
            own = run.compiled.element_of(spec).id
            if hasattr(spec, "spec"):
                hosts.setdefault(spec.spec, []).append(own)
            for following in visible_after(spec):
                before.setdefault(run.compiled.element_of(following).id, set()).add(own)
    for scope in whereabouts.specs_of(run):
        for first in visible_after(scope.start):
            for host in hosts.get(scope.name, ()):
                before.setdefault(run.compiled.element_of(first).id, set()).update(before.get(host, ()))
    return before


def visible_after(spec: Any) -> list[Any]:
    """Return the elements of the diagram that follow one, over the splits and joins the library adds."""
    found: list[Any] = []
    ahead, seen = list(spec.outputs), set[str]()
    while ahead:
        following = ahead.pop()
        if following.name in seen:
            continue
        seen.add(following.name)
        if is_visible(following):
            found.append(following)
        else:
            ahead.extend(following.outputs)
    return found


def _refuse_joined(run: Run, consequences: set[str], others: set[str]) -> None:
    for scope in whereabouts.specs_of(run):
        for spec in scope.task_specs.values():
            if not isinstance(spec, ParallelGateway | InclusiveGateway) or spec.name not in consequences:
                continue
            for source in spec.inputs:
                element_id = run.compiled.element_of(source).id
                if element_id not in consequences and element_id in others:
                    raise Impossible(
                        spec.name, "It has joined another branch since; go back to a step before the branches part."
                    )


def _innermost_alive(run: Run, path: list[Any], element_id: str) -> tuple[Any, list[Any]]:
    """Return the living tree nearest to the element, and the scopes that have to be entered again."""
    for depth in range(len(path) - 1, 0, -1):
        found = [tree for tree in whereabouts.trees(run) if tree.spec is path[depth]]
        if len(found) > 1:
            raise Impossible(element_id, f"Its scope {path[depth].name} is active several times.")
        if found:
            return found[0], path[depth + 1 :]
    return run.workflow, path[1:]


def _is_after(token: Task, consequences: set[str], before: dict[str, set[str]], run: Run) -> bool:
    spec = token.task_spec
    if not token._state & whereabouts.LIVING or not is_visible(spec) or whereabouts.is_round(token):
        return False
    if isinstance(spec, EventSubprocess):
        # One that interrupted has ended all its scope's work, so it came after every finished step of it.
        return any(isinstance(start, EventSubprocessStart) and start.interrupts for start in spec.inputs)
    leading = before.get(run.compiled.element_of(spec).id, set())
    above = next((one.task_spec for one in token.ancestors() if is_visible(one.task_spec)), None)  # type: ignore[attr-defined]
    came_from = run.compiled.element_of(above).id if above is not None else None
    # What it came from may have been cleared away: then any element that leads here may have been it.
    return came_from in consequences if came_from in leading else not leading.isdisjoint(consequences)


def renew_what_lies_ahead(run: Run) -> None:
    """Give tokens that have not come to their element new ids, for those that did before the way back keep theirs."""
    for tree in whereabouts.trees(run):
        for token in list(tree.tasks.values()):
            if token._state & TaskState.PREDICTED_MASK or token._state == TaskState.FUTURE:
                _renew(tree, token)


def _renew(tree: Any, token: Any) -> None:
    old, token.id = token.id, uuid4()
    del tree.tasks[old]
    tree.tasks[token.id] = token
    siblings = token.parent._children
    siblings[siblings.index(old)] = token.id
    for child in token.children:
        if child is not None:
            child._parent = token.id
