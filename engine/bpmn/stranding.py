"""Whether what an operator left of an instance can go on: every scope has a token, and no join waits for ever."""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.joins import ParallelGateway, arrivals
from engine.bpmn.runtime import Run
from engine.bpmn.tasks import InstanceWorkflow
from engine.bpmn.whereabouts import LIVING, Impossible, is_at_work, trees


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
