"""Writes an instance's state down and reads it back: the task tree and its data, nothing of its definition.

The format is a version byte, then zstd-compressed JSON. A token is a row of positions: the two halves of
its id, the position of its parent, the time of its last change, its state, the position of its element in
the compiled definition, whether it was triggered, its internal data and what its data differs in from its
parent's. Key order is kept and no class name is ever read back, so no form answer can pretend to be an
object. Idea of the positional rows and data deltas: measured against the library's own serialiser (22 kB of
specs in each of its states), which also loses data when JSON keys are sorted.
"""

import threading
from typing import Any
from uuid import UUID

import orjson
import zstandard
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.compiled import Compiled
from engine.bpmn.tasks import InnerWorkflow, InstanceWorkflow, Token

VERSION = 1
#: Bytes of decompressed state; more means something has run away.
MAX_STATE_BYTES = 256_000_000
_SAME, _EMPTY = 0, 1
_LOW_HALF = (1 << 64) - 1
_local = threading.local()


class StateUnreadable(Exception):
    """A stored state is of an unknown version or does not fit its definition."""


def dump(workflow: InstanceWorkflow, compiled: Compiled) -> bytes:
    """Return the state of a workflow as bytes."""
    state: dict[str, Any] = {"t": _dump_tree(workflow, compiled), "c": workflow.correlations or None}
    if workflow.subprocesses:
        state["s"] = [
            [str(parent_id), inner.spec.name, _dump_tree(inner, compiled)]
            for parent_id, inner in workflow.subprocesses.items()
        ]
    raw = orjson.dumps(state, default=str, option=orjson.OPT_NON_STR_KEYS)
    return bytes([VERSION]) + _compressor().compress(raw)


def load(blob: bytes, compiled: Compiled, script_engine: Any) -> InstanceWorkflow:
    """Return the workflow whose state ``dump`` wrote.

    Raises:
        StateUnreadable: the version is unknown, or the bytes are damaged.
    """
    if not blob or blob[0] != VERSION:
        raise StateUnreadable(f"state version {blob[0] if blob else 'none'} is unknown")
    try:
        state = orjson.loads(_decompressor().decompress(blob[1:], max_output_size=MAX_STATE_BYTES))
    except (zstandard.ZstdError, orjson.JSONDecodeError) as error:
        raise StateUnreadable("the stored state is damaged") from error
    workflow = InstanceWorkflow(compiled.spec, compiled.subprocess_specs, script_engine, planted=False)
    workflow.correlations = state["c"] or {}
    _load_tree(workflow, state["t"], compiled, workflow)
    for parent_id, name, tree in state.get("s", ()):
        token_id = UUID(parent_id)
        inner = InnerWorkflow(compiled.spec_named(name), token_id, workflow, planted=False)
        workflow.subprocesses[token_id] = inner
        _load_tree(inner, tree, compiled, workflow)
        owner = workflow.get_task_from_id(token_id)
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return workflow


def _dump_tree(workflow: Any, compiled: Compiled) -> dict[str, Any]:
    positions: dict[UUID, int] = {}
    elements = compiled.spec_index[workflow.spec.name]
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
                round(token.last_state_change, 3),
                token._state,
                elements[token.task_spec.name],
                1 if token.triggered else 0,
                token.internal_data or 0,
                _delta(token.data, parent),
            )
        )
    last = workflow.last_task
    return {
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


def _load_tree(workflow: Any, tree: dict[str, Any], compiled: Compiled, top: InstanceWorkflow) -> None:
    spec_list = [workflow.spec.task_specs[name] for name in compiled.spec_names[workflow.spec.name]]
    tokens: list[Token] = []
    for high, low, parent_at, changed_at, state, element_at, triggered, internal, delta in tree["r"]:
        parent = tokens[parent_at] if parent_at >= 0 else None
        token = Token.__new__(Token)
        token.id = UUID(int=(high << 64) | low)
        token.workflow = workflow
        token._parent = parent.id if parent is not None else None
        token._children = []
        token._state = state
        token.triggered = bool(triggered)
        token.task_spec = spec_list[element_at]
        token.thread_id = 0
        token.internal_data = internal or {}
        token.last_state_change = changed_at
        token.data = _restored(delta, parent, finished=bool(state & TaskState.FINISHED_MASK))
        if parent is not None:
            parent._children.append(token.id)
        workflow.tasks[token.id] = token
        tokens.append(token)
        if state & TaskState.WAITING and isinstance(token.task_spec, CatchingEvent):
            top.event_manager.add_task(token)
    workflow.task_tree = tokens[0]
    workflow.data = tree["d"] or {}
    workflow.last_task = tokens[tree["l"]] if tree["l"] is not None else None
    workflow.success, workflow.completed = tree["f"]


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


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3)
    return _local.compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    return _local.decompressor
