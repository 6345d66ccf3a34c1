"""Compensation: what was done is undone, the last first; and transactions, which undo themselves when cancelled.

The library (SpiffWorkflow 3.2.0) ignores compensation and does not compensate in a transaction. Here each scope
keeps a log, in its first token, of what completed in it and can be undone: activities with a handler, and
subprocesses in which something can be. A throw event, an end event, a cancelled transaction or an operator takes
entries out of that log, each once, and a runner undoes them one after the other, the last completed first.

A handler works on the data as it is now, not as it was then; only the item and the counter of the instance of a
repeated activity are given back to it. What it changes is seen by the next handler and by whoever asked. An
entry of a subprocess is undone in a tree of that subprocess, which begins with nothing but its runner.

A subprocess that completed and has a compensation event subprocess is undone by that alone: it decides by its own
throw events what of the subprocess's work is undone, and when (BPMN 2.0.2, 10.5.6 and 13.5.5).
"""

from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.defaults import EventSubprocess
from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import beside, scope_data
from engine.bpmn.extensions import BPMN
from engine.bpmn.tasks import LOCAL, InnerWorkflow, Token, enter

#: Key in ``internal_data`` of a scope's first token: what can be undone, in the order of its completion.
LOG = "compensable"
#: Keys of a runner: what is left to undo, what is being undone, for which token, and whether its tree then ends.
_TODO, _NOW, _FOR, _ENDS = "todo", "now", "for", "ends"
#: Key of an undoing token: the activity had not completed.
_PARTLY = "partly"
#: Key of a token whose compensation is over.
_DONE = "compensated"
#: Key in ``internal_data`` of an instance's first token: it ends as cancelled.
_CANCELLING = "cancelling"

#: ``a``: the activity. ``h``: its handler, or ``s`` and ``i``: the spec and the log of its own scope. ``l``: its own
#: variables. ``p``: it had not completed, so that its own event subprocess does not undo it.
Entry = dict[str, Any]


# -- definitions ------------------------------------------------------------------------------------------


def read_handlers(process_node: Any) -> dict[str, str]:
    """Return the handlers of a scope's activities: the activities' ids, and their handlers' ids."""
    associations = {
        item.get("sourceRef"): item.get("targetRef")
        for item in process_node.getroottree().getroot().iter(f"{{{BPMN}}}association")
    }
    return {
        event.get("attachedToRef"): associations[event.get("id")]
        for event in process_node.iterchildren(f"{{{BPMN}}}boundaryEvent")
        if is_compensation(event) and event.get("id") in associations
    }


def is_compensation(node: Any) -> bool:
    """Say whether an event is one of compensation."""
    return node.find(f"{{{BPMN}}}compensateEventDefinition") is not None


def prepare(specs: dict[str, Any]) -> None:
    """Let every scope in which something can be undone keep its log and have its runner; before specs are shared."""
    able = {name for name, spec in specs.items() if _handlers(spec) or spec.compensated_by}
    grown = True
    while grown:
        more = {name for name, spec in specs.items() if any(inner.spec in able for inner in _scopes_in(spec))}
        grown = not more <= able
        able |= more
    for name in sorted(able):
        spec = specs[name]
        runner = Runner(spec)
        if spec.compensated_by:
            own = spec.task_specs[spec.compensated_by]
            own._inputs = [runner.name]
            own.completed_event.connect(runner.undone)
        for inner in [item for item in _scopes_in(spec) if item.spec in able]:
            _logged(spec, inner.name).completed_event.connect(_log_scope)
            undo = Undo(spec, inner, runner)
            undo.completed_event.connect(runner.undone)
        for activity, handler in _handlers(spec).items():
            done = _logged(spec, activity).completed_event
            if done.is_connected(_log_scope):
                done.disconnect(_log_scope)
            done.connect(_log_activity)
            handling = spec.task_specs[handler]
            handling._inputs = [runner.name]
            handling.completed_event.connect(runner.undone)


def _handlers(spec: Any) -> dict[str, str]:
    return getattr(spec, "handlers", {})


def _scopes_in(spec: Any) -> list[Any]:
    handling = {*_handlers(spec).values(), spec.compensated_by}
    return [
        item
        for item in list(spec.task_specs.values())
        if isinstance(item, SubWorkflowTask)
        and not isinstance(item, Undo)
        and item.name.removesuffix(" [child]") not in handling
    ]


def _logged(spec: Any, name: str) -> Any:
    found = spec.task_specs[name]
    return spec.task_specs[found.task_spec] if isinstance(found, LoopTask) else found


# -- the log ----------------------------------------------------------------------------------------------


def _entry(token: Any, **what: Any) -> Entry:
    local = token.internal_data.get(LOCAL)
    return {"a": token.task_spec.bpmn_id, **what, **({"l": local} if local else {})}


def _log_activity(workflow: Any, token: Any) -> None:
    handler = _handlers(workflow.spec)[token.task_spec.bpmn_id]
    _log_of(workflow).append(_entry(token, h=handler))


def _log_scope(workflow: Any, token: Any) -> None:
    inner = workflow.top_workflow.subprocesses.get(token.id)
    entries = _log_of(inner) if inner is not None else []
    if entries or (inner is not None and inner.spec.compensated_by):
        _log_of(workflow).append(_entry(token, s=token.task_spec.name, i=list(entries)))


def _log_of(workflow: Any) -> list[Entry]:
    return workflow.task_tree.internal_data.setdefault(LOG, [])


def entries_of(token: Any) -> list[Entry]:
    """Return what a token keeps of what can be undone, entries inside entries included."""
    kept = token.internal_data
    now = kept.get(_NOW)
    found: list[Entry] = []
    ahead: list[Entry] = [*kept.get(LOG, ()), *kept.get(_TODO, ()), *([now] if now else ())]
    while ahead:
        entry = ahead.pop()
        found.append(entry)
        ahead.extend(entry.get("i", ()))
    return found


def forget(workflow: Any, times: dict[str, int]) -> None:
    """Take the latest entries of some activities out of a scope's log: their work was taken back by other means."""
    log = workflow.task_tree.internal_data.get(LOG)
    if not log:
        return
    left = dict(times)
    kept: list[Entry] = []
    for entry in reversed(log):
        if left.get(entry["a"], 0) > 0:
            left[entry["a"]] -= 1
        else:
            kept.insert(0, entry)
    workflow.task_tree.internal_data[LOG] = kept


def _take(workflow: Any, activity: str | None) -> list[Entry]:
    """Take entries out of a scope's log: those of one activity, or all."""
    log = workflow.task_tree.internal_data.pop(LOG, [])
    taken = [entry for entry in log if activity in (None, entry["a"])]
    if len(taken) < len(log):
        workflow.task_tree.internal_data[LOG] = [entry for entry in log if entry not in taken]
    return taken


def _take_everything(workflow: Any) -> list[Entry]:
    """Take all that can be undone out of a scope and the scopes at work in it, what is just being undone included."""
    entries = _take(workflow, None)
    for token in list(workflow.tasks.values()):
        if not token._state & TaskState.NOT_FINISHED_MASK:
            continue
        if isinstance(token.task_spec, Runner):
            entries += token.internal_data[_TODO]
            now = token.internal_data[_NOW]
            begins_anew = "h" in now and now["h"] == workflow.spec.compensated_by
            goes_inside = any(isinstance(child.task_spec, Undo) for child in token.children if child is not None)
            if not begins_anew and not goes_inside:
                entries += [now]
        inner = workflow.top_workflow.subprocesses.get(token.id)
        if inner is not None and isinstance(token.task_spec, SubWorkflowTask):
            entries += _left_in(token, inner)
    return entries


def _left_in(token: Any, inner: Any) -> list[Entry]:
    """Return the entry, if any, of a scope that is at work or is just being undone."""
    is_undone = isinstance(token.task_spec, Undo)
    is_partly = _PARTLY in token.internal_data if is_undone else inner.spec.compensated_by is not None
    within = _take_everything(inner)
    if not within and (is_partly or not (is_undone and inner.spec.compensated_by)):
        return []
    local = token.internal_data.get(LOCAL)
    return [
        {
            "a": getattr(token.task_spec, "element_id", None) or token.task_spec.bpmn_id,
            "s": token.task_spec.undoes if is_undone else token.task_spec.name,
            "i": within,
            **({"l": local} if local else {}),
            **({"p": 1} if is_partly else {}),
        }
    ]


# -- undoing ----------------------------------------------------------------------------------------------


class Runner(BpmnTaskSpec):
    """Undoes entries of its scope's log one after the other; stands on no diagram."""

    def __init__(self, process: Any) -> None:
        super().__init__(process, f"{process.name}.Compensation")
        self.element_id = process.name

    def test(self) -> None:
        """Nothing leads here; it is started by who wants compensation."""

    def _predict_hook(self, my_task: Any) -> None:
        """Handlers are begun one by one."""

    def begin(self, workflow: Any, entries: list[Entry], data: dict[str, Any], **how: Any) -> None:
        """Start undoing entries in their scope."""
        token = workflow.task_tree._add_child(self, TaskState.STARTED)
        token.triggered = True
        token.data = dict(data)
        token.internal_data.update({_TODO: list(entries), **how})
        self._next(token)

    def undone(self, workflow: Any, child: Any) -> None:
        """Go on after a handler: with the entry before, or to the end."""
        my_task = child.parent
        own = child.internal_data.get(LOCAL, {})
        changed = {
            name: value
            for name, value in child.data.items()
            if name not in own and (name not in my_task.data or my_task.data[name] != value)
        }
        my_task.data = {**my_task.data, **changed}
        self._next(my_task)

    def _next(self, my_task: Any) -> None:
        todo: list[Entry] = my_task.internal_data[_TODO]
        if not todo:
            my_task._set_state(TaskState.READY)
            return
        entry = todo[-1]
        my_task.internal_data[_TODO] = todo[:-1]
        my_task.internal_data[_NOW] = entry
        name = entry["h"] if "h" in entry else undo_name(entry["s"])
        child = my_task._add_child(my_task.workflow.spec.task_specs[name], TaskState.WAITING)
        child.triggered = True
        if "l" in entry:
            child.internal_data[LOCAL] = entry["l"]
        if "i" in entry:
            child.internal_data[_TODO] = entry["i"]
        if "p" in entry:
            child.internal_data[_PARTLY] = 1
        enter(child)

    def _run_hook(self, my_task: Any) -> bool:
        workflow = my_task.workflow
        if my_task.internal_data.get(_ENDS):
            my_task._sync_children([workflow.spec.end], TaskState.FUTURE)
        asked_by = my_task.internal_data.get(_FOR)
        asking = workflow.top_workflow.get_task_from_id(UUID(asked_by)) if asked_by else None
        if asking is not None and asking._state & TaskState.STARTED:
            asking.data = {**asking.data, **my_task.data}
            asking.internal_data[_DONE] = 1
            asking._set_state(TaskState.READY)
        return True


def undo_name(scope: str) -> str:
    """Return the name of the element that undoes what was done in a subprocess."""
    return f"{scope}.Undo"


class Undo(beside.SubProcess):
    """Undoes what was done in a completed subprocess, in a tree of it; stands on no diagram."""

    def __init__(self, process: Any, scope: Any, runner: Runner) -> None:
        super().__init__(process, undo_name(scope.name), subworkflow_spec=scope.spec)
        self.bpmn_id = None
        self.element_id = scope.bpmn_id
        #: The subprocess's own spec in the same process.
        self.undoes: str = scope.name
        self._inputs = [runner.name]

    def start_workflow(self, my_task: Any) -> None:
        """Begin a tree that holds nothing but its runner, which undoes it or lets its event subprocess do so."""
        top = my_task.workflow.top_workflow
        spec = top.subprocess_specs[self.spec]
        inner = InnerWorkflow(spec, my_task.id, top, planted=False)
        top.subprocesses[my_task.id] = inner
        inner.completed_event.connect(self._on_subworkflow_completed, my_task)
        inner.task_tree = Token(inner, spec.start, state=TaskState.COMPLETED)
        inner.task_tree.data = dict(my_task.data)
        inner.last_task = inner.task_tree
        entries = my_task.internal_data.pop(_TODO)
        if spec.compensated_by and _PARTLY not in my_task.internal_data:
            _log_of(inner).extend(entries)
            entries = [{"a": spec.task_specs[spec.compensated_by].bpmn_id, "h": spec.compensated_by}]
        runner_of(spec).begin(inner, entries, my_task.data, **{_ENDS: 1})


def runner_of(spec: Any) -> Runner:
    """Return the runner of a scope in which something can be undone."""
    return spec.task_specs[f"{spec.name}.Compensation"]


# -- who asks ---------------------------------------------------------------------------------------------


class _Asking(BpmnSpecMixin):
    """What waits until a compensation is over."""

    def _run_hook(self, my_task: Any) -> bool | None:
        if _DONE in my_task.internal_data:
            return self._after(my_task)
        scope, entries = self._to_undo(my_task)
        if not entries:
            return self._after(my_task)
        how: dict[str, Any] = {_FOR: str(my_task.id)} if self._waits() else {}
        runner_of(scope.spec).begin(scope, entries, my_task.data, **how)
        return None if how else self._after(my_task)

    def _waits(self) -> bool:
        return True

    def _to_undo(self, my_task: Any) -> tuple[Any, list[Entry]]:
        raise NotImplementedError

    def _after(self, my_task: Any) -> bool:
        return True


class CompensationThrowEvent(_Asking):
    """``bpmn:intermediateThrowEvent`` or ``bpmn:endEvent`` of compensation: undoes one activity of its scope, or all.

    In an event subprocess it undoes what was done in the scope around it.
    """

    def __init__(self, wf_spec: Any, bpmn_id: str, *, activity: str | None, waits: bool, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.activity = activity
        self.waits = waits

    def _waits(self) -> bool:
        return self.waits

    def _to_undo(self, my_task: Any) -> tuple[Any, list[Entry]]:
        scope = my_task.workflow
        if self.activity is not None:
            entries = _take(scope, self.activity)
            if entries:
                return scope, entries
        while scope.parent_task_id is not None:
            host = scope.top_workflow.get_task_from_id(scope.parent_task_id)
            if not isinstance(host.task_spec, EventSubprocess):
                break
            scope = host.workflow
        return scope, _take(scope, self.activity)


class Transaction(beside.SubProcess):
    """``bpmn:transaction``: a subprocess that a cancel end event undoes and leaves by the cancel boundary event."""


class CancelEndEvent(_Asking):
    """``bpmn:endEvent`` that cancels its transaction."""

    def _to_undo(self, my_task: Any) -> tuple[Any, list[Entry]]:
        scope = my_task.workflow
        my_task.data = scope_data.of_workflow(scope)
        entries = _take_everything(scope)
        others = [token for token in scope.tasks.values() if token is not my_task and token._parent != my_task.id]
        for token in others:
            if token.id in scope.tasks and token._state & TaskState.NOT_FINISHED_MASK:
                token.cancel()
        return scope, entries

    def _after(self, my_task: Any) -> bool:
        host = my_task.workflow.top_workflow.get_task_from_id(my_task.workflow.parent_task_id)
        for event in beside.attached_to(host):
            if isinstance(event.task_spec.event_definition, CancelEventDefinition):
                event.internal_data["event_fired"] = True
                enter(event)
                break
        return True


def cancel_instance(workflow: Any, data: dict[str, Any]) -> None:
    """Take all tokens of an instance away and undo what was done; the instance then ends as cancelled."""
    entries = _take_everything(workflow)
    for token in list(workflow.tasks.values()):
        if token.id in workflow.tasks and token._state & TaskState.NOT_FINISHED_MASK:
            token.cancel()
    workflow.task_tree.internal_data[_CANCELLING] = 1
    if entries:
        runner_of(workflow.spec).begin(workflow, entries, data)


def is_cancelling(workflow: Any) -> bool:
    """Say whether an instance undoes what it did, to end as cancelled."""
    return _CANCELLING in workflow.task_tree.internal_data


__all__ = [
    "CancelEndEvent",
    "CompensationThrowEvent",
    "Runner",
    "Transaction",
    "Undo",
    "cancel_instance",
    "is_cancelling",
    "is_compensation",
    "prepare",
    "read_handlers",
]
