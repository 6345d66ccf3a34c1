"""Writes an instance's state down and reads it back: the task tree and its data, nothing of its definition.

The format is a version byte, then zstd-compressed JSON. A token is a row: the two halves of its id, the position
of its parent, the time of its last change, its state, the position of its element in the tree's list of names,
whether it was triggered, its internal data and what its data differs in from its parent's. Key order is kept and no
class name is ever read back, so no form answer can pretend to be an object. Idea of the positional rows and data
deltas: measured against the library's own serialiser (22 kB of specs in each of its states), which also loses data
when JSON keys are sorted.

Every version that was ever written is read for ever (``tests/engine/states``):

- 1: every token that ever was; an element is its position among the task specs of its process.
- 2: finished tokens are pruned, and counted in ``a``; an element is its name, so that a later release may compile
  the same model to other task specs.

Whoever changes the layout or the meaning of what is stored raises ``VERSION``.
"""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID, SafeUUID

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import limits
from engine.bpmn import older_states
from engine.bpmn.compiled import Compiled
from engine.bpmn.tasks import InnerWorkflow, InstanceWorkflow, Token, Traces
from engine.errors import StateTooLarge

VERSION = 2
#: Bytes of decompressed state; more means something has run away.
MAX_STATE_BYTES = limits.STATE_BYTES
_SAME, _EMPTY = 0, 1
_LOW_HALF = (1 << 64) - 1
_PREDICTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
_STATES = frozenset(TaskState._values)
_local = threading.local()


class StateUnreadable(Exception):
    """A stored state is of an unknown version or does not fit its definition."""


def dump(workflow: InstanceWorkflow, compiled: Compiled) -> bytes:
    """Return the state of a workflow as bytes.

    Raises:
        StateTooLarge: its data are larger than ``MAX_STATE_BYTES``.
    """
    state: dict[str, Any] = {
        "t": _dump_tree(workflow),
        "c": workflow.correlations or None,
        "a": _dump_traces(workflow.traces, compiled),
    }
    if workflow.subprocesses:
        state["s"] = [
            [str(parent_id), inner.spec.name, _dump_tree(inner)] for parent_id, inner in workflow.subprocesses.items()
        ]
    raw = orjson.dumps(state, default=str, option=orjson.OPT_NON_STR_KEYS)
    if len(raw) > MAX_STATE_BYTES:
        raise StateTooLarge(len(raw), MAX_STATE_BYTES)
    return bytes([VERSION]) + _compressor().compress(raw)


def load(blob: bytes, compiled: Compiled, script_engine: Any) -> InstanceWorkflow:
    """Return the workflow whose state ``dump`` wrote, in this or any earlier version.

    Raises:
        StateUnreadable: the version is unknown, or the bytes are damaged or do not fit the definition.
    """
    if not blob or not 1 <= blob[0] <= VERSION:
        raise StateUnreadable(f"state version {blob[0] if blob else 'none'} is unknown")
    try:
        return _load(orjson.loads(_decompressed(blob[1:])), blob[0], compiled, script_engine)
    except (zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise StateUnreadable("the stored state is damaged") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise StateUnreadable(f"the stored state does not fit its definition: {error!r}") from error


def _load(state: dict[str, Any], version: int, compiled: Compiled, script_engine: Any) -> InstanceWorkflow:
    workflow = InstanceWorkflow(compiled.spec, compiled.subprocess_specs, script_engine, planted=False)
    workflow.correlations = state["c"] or {}
    _load_tree(workflow, state["t"], version, compiled, workflow)
    for parent_id, name, tree in state.get("s", ()):
        token_id = UUID(parent_id)
        inner = InnerWorkflow(compiled.spec_named(name), token_id, workflow, planted=False)
        workflow.subprocesses[token_id] = inner
        _load_tree(inner, tree, version, compiled, workflow)
        owner = workflow.get_task_from_id(token_id)
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    if version > 1:
        _load_traces(workflow.traces, state["a"], compiled)
    return workflow


def _dump_traces(traces: Traces, compiled: Compiled) -> Any:
    elements, flows = compiled.element_positions, compiled.flow_positions
    completed = [[elements[name], times] for name, times in traces.completed.items() if name in elements]
    return completed, [flows[name] for name in traces.flows if name in flows]


def _load_traces(traces: Traces, stored: Any, compiled: Compiled) -> None:
    completed, flows = stored
    element_ids, flow_ids = list(compiled.element_positions), list(compiled.flow_positions)
    traces.completed.update({element_ids[_index(at)]: int(times) for at, times in completed})
    traces.flows.update({flow_ids[_index(at)]: None for at in flows})


def _dump_tree(workflow: Any) -> dict[str, Any]:
    positions: dict[UUID, int] = {}
    elements: dict[str, int] = {}
    rows: list[Any] = []
    for position, token in enumerate(workflow.tasks.values()):
        positions[token.id] = position
        parent = workflow.tasks.get(token._parent)
        number = token.id.int
        rows.append(
            (
                number >> 64,
                number & _LOW_HALF,
                positions[token._parent] if parent is not None else -1,
                round(token.last_state_change, 6),
                token._state,
                elements.setdefault(token.task_spec.name, len(elements)),
                1 if token.triggered else 0,
                token.internal_data or 0,
                _delta(token.data, parent),
            )
        )
    last = workflow.last_task
    return {
        "n": list(elements),
        "r": rows,
        "d": workflow.data or 0,
        "l": positions.get(last.id) if last is not None else None,
        "f": (workflow.success, workflow.completed),
    }


def _delta(data: dict[str, Any], parent: Task | None) -> Any:
    if not data:
        return _EMPTY
    if parent is None:
        return [data]
    before = parent.data
    if data is before:
        return _SAME
    changed = {key: value for key, value in data.items() if key not in before or _differs(before[key], value)}
    removed = [key for key in before if key not in data]
    if not changed and not removed:
        return _SAME
    return [changed, removed] if removed else [changed, 0]


def _differs(before: Any, after: Any) -> bool:
    """Say whether a value changed; ``1``, ``1.0`` and ``True`` are different values."""
    return before is not after and (before != after or type(before) is not type(after))


def _load_tree(workflow: Any, tree: dict[str, Any], version: int, compiled: Compiled, top: InstanceWorkflow) -> None:
    names: Sequence[str] = tree["n"] if version > 1 else compiled.spec_names[workflow.spec.name]
    task_specs = workflow.spec.task_specs
    tokens: list[Token] = []
    for high, low, parent_at, changed_at, state, element_at, triggered, internal, delta in tree["r"]:
        parent = tokens[parent_at] if parent_at >= 0 else None
        token = Token.__new__(Token)
        token.id = _uuid(high, low)
        token.workflow = workflow
        token._parent = parent.id if parent is not None else None
        token._children = []
        token._state = state
        token.triggered = bool(triggered)
        token.task_spec = task_specs[names[_index(element_at)]]
        token.thread_id = 0
        token.internal_data = internal or {}
        token.last_state_change = changed_at
        token.told = version > 1 and not state & _PREDICTED
        token.data = _restored(delta, parent, finished=bool(state & TaskState.FINISHED_MASK))
        if state not in _STATES or type(token.internal_data) is not dict:
            raise ValueError(state)
        if parent is not None:
            parent._children.append(token.id)
        workflow.tasks[token.id] = token
        tokens.append(token)
        if state & TaskState.WAITING and isinstance(token.task_spec, CatchingEvent):
            top.event_manager.add_task(token)
    workflow.task_tree = tokens[0]
    workflow.data = dict(tree["d"] or {})
    workflow.last_task = tokens[_index(tree["l"])] if tree["l"] is not None else None
    workflow.success, workflow.completed = tree["f"]
    if version == 1:
        older_states.from_version_1(workflow)


def _uuid(high: int, low: int) -> UUID:
    """Return an id from its halves; UUID's own way takes five times as long."""
    if not 0 <= high <= _LOW_HALF or not 0 <= low <= _LOW_HALF:
        raise ValueError(high)
    token_id = UUID.__new__(UUID)
    object.__setattr__(token_id, "int", (high << 64) | low)
    object.__setattr__(token_id, "is_safe", SafeUUID.unknown)
    return token_id


def _restored(delta: Any, parent: Token | None, *, finished: bool) -> dict[str, Any]:
    if delta == _EMPTY:
        return {}
    if parent is None:
        return dict(delta[0])
    if delta == _SAME:
        return parent.data if finished else dict(parent.data)  # what is finished no longer changes
    data = {**parent.data, **delta[0]}
    for key in delta[1] or ():
        data.pop(key, None)
    return data


def _index(position: int) -> int:
    """Return a position that counts from the start."""
    if position < 0:
        raise IndexError(position)
    return position


def _decompressed(compressed: bytes) -> bytes:
    """Decompress without believing what the bytes say about their size.

    Raises:
        StateUnreadable: they hold more than ``MAX_STATE_BYTES``, or more than one frame.
        zstandard.ZstdError: they are damaged.
    """
    claimed = zstandard.frame_content_size(compressed)
    if not 0 <= claimed <= MAX_STATE_BYTES:
        raise StateUnreadable(f"the stored state claims {claimed} bytes")
    return _decompressor().decompress(compressed, max_output_size=MAX_STATE_BYTES, allow_extra_data=False)


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3)
    return _local.compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    return _local.decompressor
