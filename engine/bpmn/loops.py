"""Activities that are done several times: in rounds, for each item one after the other, or for all at once.

Replaced behaviour (SpiffWorkflow 3.2.0): the library lets the item's variable leak out of its instance, so
that the next activity with a variable of that name cannot start; merges what the instances changed in place
and into values that others share, the last one undoing what it never touched; puts results into the order
in which the instances finished; keeps a list of every instance; and its completion condition knows no
counters. Ours keeps two numbers. An instance has its item and ``loopCounter`` (from 0) to itself; what else
it changed is handed on when it ends, or, with an output collection, the output item alone, in the order of
the items. Conditions also see ``nrOfInstances``, ``nrOfCompletedInstances`` and ``nrOfActiveInstances``,
the names designers know from Camunda 7.
"""

from bisect import bisect
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import ParallelMultiInstanceTask as LibraryParallel
from SpiffWorkflow.bpmn.specs.defaults import SequentialMultiInstanceTask as LibrarySequential
from SpiffWorkflow.bpmn.specs.defaults import StandardLoopTask as LibraryLoop
from SpiffWorkflow.util.task import TaskState

from engine import limits
from engine.bpmn.script_engine import is_true
from engine.bpmn.tasks import LOCAL, STUCK, STUCK_RUNNING, enter

#: More instances of one activity at once are a fault of the data.
MAX_INSTANCES = limits.ITEMS
COUNTER = "loopCounter"

#: Keys in ``internal_data``. Of the activity: how many instances there will be, have ended, and have begun; ...
_TOTAL, _DONE, _BEGUN = "total", "done", "begun"
#: ... the places of the results that are in already (parallel); the data of an instance whose check failed.
_PLACES, _UNCHECKED = "places", "unchecked"
#: Of an instance: its number.
_NUMBER = "number"


class LoopInvalid(Exception):
    """A collection or a cardinality is not what it has to be."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(reason)
        self.expression = expression


class _Repeated:
    """What all kinds have in common: bookkeeping, beginning an instance, and looking on when one ends."""

    task_spec: str
    input_item: Any = None
    output_item: Any = None
    data_output: Any = None

    def merge_child(self, workflow: Any, child: Any) -> None:
        """Take over what an instance did; decide how to go on."""
        host = child.parent
        self._adopt(host, child)
        if host._state & TaskState.FINISHED_MASK:
            return
        self._take_over(host, child)
        host.internal_data[_DONE] += 1
        if STUCK in host.internal_data:
            host.internal_data[_UNCHECKED] = dict(child.data)
            return
        try:
            is_over = self._is_over(host, child.data)
        except Exception as failure:  # noqa: BLE001 - a bad condition is an incident of the activity
            host.internal_data[_UNCHECKED] = dict(child.data)
            host.internal_data[STUCK] = STUCK_RUNNING
            host._set_state(TaskState.READY)
            host.workflow.top_workflow.failures.append((host, failure))
            return
        if is_over:
            self._end(host)
        else:
            self._begin_next(host)

    def _run_hook(self, my_task: Any) -> bool | None:
        unchecked = my_task.internal_data.get(_UNCHECKED)
        if unchecked is not None:
            is_over = self._is_over(my_task, unchecked)
            del my_task.internal_data[_UNCHECKED]
            if not is_over:
                my_task._set_state(TaskState.STARTED)
                self._begin_next(my_task)
                return None
            self._cancel_rest(my_task)
        return True

    def _begin(self, host: Any, local: dict[str, Any]) -> None:
        number = host.internal_data[_BEGUN]
        host.internal_data[_BEGUN] += 1
        child = host._add_child(host.workflow.spec.task_specs[self.task_spec], TaskState.WAITING)
        child.triggered = True
        child.internal_data[_NUMBER] = number
        child.internal_data[LOCAL] = {COUNTER: number, **local}
        enter(child)

    def _take_over(self, host: Any, child: Any) -> None:
        own = {COUNTER, *(item.bpmn_id for item in (self.input_item, self.output_item) if item is not None)}
        base = self._base_of(host)
        changed = {
            name: value
            for name, value in child.data.items()
            if name not in own and (name not in base or (base[name] is not value and base[name] != value))
        }
        host.data = {**host.data, **changed}

    def _base_of(self, host: Any) -> dict[str, Any]:
        return host.data

    def _end(self, host: Any) -> None:
        self._cancel_rest(host)
        host._set_state(TaskState.READY)

    def _cancel_rest(self, host: Any) -> None:
        for child in self._at_work(host):
            child.cancel()

    def _at_work(self, host: Any) -> list[Any]:
        return [
            child
            for child in host.children
            if child is not None
            and child.task_spec.name == self.task_spec
            and child._state & TaskState.NOT_FINISHED_MASK
        ]

    def _is_over(self, host: Any, last: dict[str, Any]) -> bool:
        raise NotImplementedError

    def _begin_next(self, host: Any) -> None:
        raise NotImplementedError

    def _adopt(self, host: Any, child: Any) -> None:
        """Read the bookkeeping of a state of version 1, in which lists were kept."""
        internal = host.internal_data
        if _DONE in internal:
            return
        internal[_DONE] = len(internal.pop("merged", ()))
        others = [item for item in self._at_work(host) if item is not child]
        internal[_BEGUN] = internal[_DONE] + 1 + len(others)
        internal[_TOTAL] = internal[_BEGUN] + len(internal.pop("remaining", ()))
        if "cardinality" in internal:
            internal[_TOTAL] = internal.pop("cardinality")
        internal.pop("current", None)
        for number, item in enumerate((child, *others), internal[_DONE]):
            place = item.internal_data.pop("key_or_index", item.internal_data.pop("item", number))
            item.internal_data[_NUMBER] = place if isinstance(place, int) else number
        if self.data_output is not None:
            began = {item.internal_data[_NUMBER] for item in (child, *others)}
            internal[_PLACES] = [place for place in range(internal[_BEGUN]) if place not in began]


class StandardLoop(_Repeated, LibraryLoop):
    """``standardLoopCharacteristics``: round after round while the condition holds, at most ``loopMaximum``."""

    maximum: int | None
    condition: str | None
    test_before: bool

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        my_task.internal_data.update({_DONE: 0, _BEGUN: 0})
        if self.test_before and self._is_over(my_task, my_task.data):
            return True
        my_task._set_state(TaskState.STARTED)
        self._begin_next(my_task)
        return False

    def _is_over(self, host: Any, last: dict[str, Any]) -> bool:
        done = host.internal_data[_DONE]
        if self.maximum is not None and done >= self.maximum:
            return True
        if self.condition is None:
            return False
        context = {**host.data, COUNTER: done}
        return not is_true(self.condition, host.workflow.script_engine.evaluate(context, self.condition))

    def _begin_next(self, host: Any) -> None:
        self._begin(host, {})


class _ForEach(_Repeated):
    """What both kinds of multi-instance activity have in common."""

    data_input: Any
    cardinality: str | None
    condition: str | None

    def _update_hook(self, my_task: Any) -> bool:
        my_task._inherit_data()
        total = self._count(my_task)
        my_task.internal_data.update({_TOTAL: total, _DONE: 0, _BEGUN: 0})
        if self.data_output is not None:
            my_task.data[self.data_output.bpmn_id] = []
        if total == 0:
            return True
        my_task._set_state(TaskState.STARTED)
        self._begin_first(my_task)
        return False

    def _count(self, my_task: Any) -> int:
        if self.data_input is not None:
            total = len(self._items(my_task))
        else:
            assert self.cardinality is not None, "the parser asks for one of both"
            value = my_task.workflow.script_engine.evaluate(my_task, self.cardinality)
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
                raise LoopInvalid(self.cardinality, f"The cardinality gave {value!r}, which is no whole number.")
            total = int(value)
        if total > MAX_INSTANCES:
            text = self.cardinality or self.data_input.bpmn_id
            raise LoopInvalid(text, f"{total} instances are asked for; {MAX_INSTANCES} are allowed.")
        return total

    def _items(self, my_task: Any) -> list[Any]:
        """Return the collection as it was when the activity began."""
        text = self.data_input.bpmn_id
        data = my_task.parent.data
        items = data[text] if text in data else my_task.workflow.script_engine.evaluate(data, text)
        if not isinstance(items, list):
            raise LoopInvalid(text, f"The collection '{text}' is no list.")
        return items

    def _begin_instance(self, host: Any, items: list[Any] | None) -> None:
        number = host.internal_data[_BEGUN]
        item = number if items is None else items[number]
        self._begin(host, {} if self.input_item is None else {self.input_item.bpmn_id: item})

    def _items_if_any(self, host: Any) -> list[Any] | None:
        return None if self.data_input is None else self._items(host)

    def _take_over(self, host: Any, child: Any) -> None:
        if self.data_output is None:
            super()._take_over(host, child)
            return
        name = self.data_output.bpmn_id
        results: list[Any] = list(host.data.get(name) or ())
        result = child.data.get(self.output_item.bpmn_id) if self.output_item is not None else None
        results.insert(self._place(host, child), result)
        host.data = {**host.data, name: results}

    def _place(self, host: Any, child: Any) -> int:
        """Return where an instance's result belongs among those that are in."""
        raise NotImplementedError

    def _is_over(self, host: Any, last: dict[str, Any]) -> bool:
        internal = host.internal_data
        done, total = internal[_DONE], internal[_TOTAL]
        if done >= total:
            return True
        if self.condition is None:
            return False
        counters = {
            "nrOfInstances": total,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": internal[_BEGUN] - done,
        }
        context = {**host.data, **last, **counters}
        return is_true(self.condition, host.workflow.script_engine.evaluate(context, self.condition))


class SequentialMultiInstance(_ForEach, LibrarySequential):
    """One item after the other."""

    def _begin_first(self, host: Any) -> None:
        self._begin_next(host)

    def _begin_next(self, host: Any) -> None:
        if not self._at_work(host):
            self._begin_instance(host, self._items_if_any(host))

    def _place(self, host: Any, child: Any) -> int:
        return host.internal_data[_DONE]


class ParallelMultiInstance(_ForEach, LibraryParallel):
    """All items at once."""

    def _begin_first(self, host: Any) -> None:
        items = self._items_if_any(host)
        for _ in range(host.internal_data[_TOTAL]):
            self._begin_instance(host, items)

    def _begin_next(self, host: Any) -> None:
        """All have begun."""

    def _base_of(self, host: Any) -> dict[str, Any]:
        return host.parent.data

    def _place(self, host: Any, child: Any) -> int:
        number = child.internal_data[_NUMBER]
        places: list[int] = host.internal_data.get(_PLACES, [])
        at = bisect(places, number)
        host.internal_data[_PLACES] = [*places[:at], number, *places[at:]]
        return at
