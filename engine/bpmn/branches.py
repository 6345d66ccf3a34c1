"""What a branch began with, and what it leaves to its scope when it ends beside the scope's work.

A path that an event began beside the work of a scope (a boundary event or an event subprocess that does not
interrupt) may be begun a thousand times before the scope ends. So it does not wait at the end of the scope for
the others: what it changed is noted at the root of its tree, name by name, and joins the scope's data there.
"""

from typing import Any

#: Key in ``internal_data`` of an event's token that took over data of a scope at work: the names it took over.
SNAPSHOT = "snapshot"
#: Key in ``internal_data`` of a tree's root: what paths that ended changed, by name. The value is what they left,
#: and behind it what the scope held when their event came, if it held anything.
_LEFT = "left"


def base_of(token: Any, fork: Any) -> tuple[dict[str, Any], float]:
    """Return the data a branch began with, and until when it knows what the others did (0: until the fork).

    A branch that an event began beside the work of a scope took over what the scope held at that instant
    (``SNAPSHOT``): that is no change of its own. Every other began with what its fork held.
    """
    base: dict[str, Any] = {}
    known_until = 0.0
    tokens = token.workflow.tasks
    while token is not None and token is not fork:
        names = token.internal_data.get(SNAPSHOT)
        if names is not None:
            base = {**{name: token.data[name] for name in names}, **base}
            if token.task_spec.knows_whole_scope:
                known_until = max(known_until, token.last_state_change)
        token = tokens.get(token._parent)
    return {**(fork.data if fork is not None else {}), **base}, known_until


def leave(my_task: Any) -> bool:
    """Note what a path changed that ends beside the work of its scope; False when the token ends no such path."""
    tokens = my_task.workflow.tasks
    event = tokens.get(my_task._parent)
    while event is not None and not getattr(event.task_spec, "goes_beside", False):
        event = tokens.get(event._parent)
    if event is None:
        return False
    base, _ = base_of(my_task.parent, event.parent)
    left: dict[str, list[Any]] = my_task.workflow.task_tree.internal_data.setdefault(_LEFT, {})
    for name, value in my_task.parent.data.items():
        if name not in base:
            left[name] = [value]
        elif base[name] != value:
            before = left.get(name)
            # A path that took over what another had left goes on from where that one had begun.
            left[name] = [value, *before[1:]] if before is not None and before[0] == base[name] else [value, base[name]]
    return True


def with_what_was_left(workflow: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Return a scope's data with what paths that ended beside it changed and nobody else has changed since."""
    left: dict[str, list[Any]] | None = workflow.task_tree.internal_data.get(_LEFT)
    if not left:
        return data
    merged = dict(data)
    for name, (value, *began_with) in left.items():
        if (name in data) == bool(began_with) and (not began_with or data[name] == began_with[0]):
            merged[name] = value
    return merged
