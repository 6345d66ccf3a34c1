"""Carries an instance's tokens over to another version of its process.

Elements of the same id and type are the same element; others only if the plan says so. Nothing that waits is touched:
a token keeps its id, its data, its due dates and the rounds of a loop. An instance is refused, with every element
that stands in its way, when a token stands where the other version has no place for it. Boundary events come and go
with the version: the timer of a new one starts now, one that is gone is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import compensation, placing, stranding, whereabouts
from engine.bpmn.beside import EventSubprocessStart
from engine.bpmn.compiled import Compiled
from engine.bpmn.runtime import Run
from engine.bpmn.specs import EventBasedGateway, is_visible
from engine.bpmn.tasks import Token, enter
from engine.bpmn.whereabouts import LIVING, Impossible

_SPLIT = ".BoundaryEventSplit"
_AHEAD = TaskState.FUTURE | TaskState.PREDICTED_MASK


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands in the way of a migration."""

    element_id: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Return it ready for JSON."""
        return {"element_id": self.element_id, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Pair:
    """An element of one version and what it is in the other."""

    source: str
    target: str
    type: str


@dataclass(slots=True)
class Carried:
    """What became of an instance's tokens."""

    run: Run
    #: Token, element before and element after, of what stood somewhere.
    tokens: list[tuple[UUID, str, str]] = field(default_factory=list[tuple[UUID, str, str]])
    #: Boundary events and gateway events that the other version does not have.
    dropped: list[str] = field(default_factory=list[str])
    #: Boundary events that only the other version has, and that wait now.
    added: list[str] = field(default_factory=list[str])
    #: Where an event behind an event-based gateway stands now, by token and former place.
    places: dict[tuple[UUID, int], int] = field(default_factory=dict[tuple[UUID, int], int])


class Refused(Exception):
    """The instance cannot be carried over."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__("; ".join(f"{one.element_id}: {one.reason}" for one in obstacles))
        self.obstacles = obstacles


# -- the plan ---------------------------------------------------------------------------------------


def pair_elements(
    source: Compiled, target: Compiled, explicit: Mapping[str, str]
) -> tuple[list[Pair], list[Obstacle], list[Obstacle]]:
    """Return which element is which, the elements without a counterpart, and what is wrong with the explicit ones."""
    old, new = _places(source), _places(target)
    wrong: list[Obstacle] = []
    for before, after in explicit.items():
        if before not in old:
            wrong.append(Obstacle(before, "The version the instances run has no such element."))
        elif after not in new:
            wrong.append(Obstacle(after, "The version they would move to has no such element."))
        elif (change := _change(old[before], new[after])) is not None:
            wrong.append(Obstacle(before, change))
    taken = list(explicit.values())
    wrong.extend(
        Obstacle(after, "Two elements cannot become one.") for after in dict.fromkeys(taken) if taken.count(after) > 1
    )
    pairs: list[Pair] = []
    without: list[Obstacle] = []
    for element_id, place in old.items():
        other = explicit.get(element_id, element_id)
        if other not in new or (other == element_id and other in taken and element_id not in explicit):
            without.append(Obstacle(element_id, "The other version has no such element."))
        elif (change := _change(place, new[other])) is not None:
            without.append(Obstacle(element_id, change))
        else:
            pairs.append(Pair(element_id, other, place.type))
    return pairs, without, wrong


class _Place(NamedTuple):
    type: str
    spec: Any


def _places(compiled: Compiled) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    for scope in (compiled.spec, *compiled.subprocess_specs.values()):
        for spec in scope.task_specs.values():
            element = compiled.element_of(spec)
            if is_visible(spec) and spec.name == element.id:
                found[element.id] = _Place(element.type, spec)
    return found


def _change(old: _Place, new: _Place) -> str | None:
    """Say why a token cannot pass from one element to another, or None."""
    if old.type != new.type:
        return f"It was a {old.type} and is a {new.type}."
    if type(old.spec) is not type(new.spec):
        return "Whether and how it is repeated has changed."
    events = [type(getattr(place.spec, "event_definition", None)) for place in (old, new)]
    if events[0] is not events[1]:
        return "It waits for another kind of event."
    return None


# -- one instance -----------------------------------------------------------------------------------


def carry_over(run: Run, target: Compiled, mapping: Mapping[str, str], now: datetime, *, moves: bool = True) -> Carried:
    """Carry an instance's tokens over; ``mapping`` is the plan's. Without ``moves`` nothing is looked at again.

    Raises:
        Refused: with everything that stands in the way; the run is then of no further use.
    """
    stranded = stranding.stranded_joins(run)
    passage = _Passage(run, target, mapping)
    obstacles = passage.check()
    if obstacles:
        raise Refused(obstacles)
    passage.rename()
    carried = Carried(Run.restore(passage.dump(), target, now), passage.tokens, passage.dropped, [], passage.places)
    for tree in whereabouts.trees(carried.run):
        _fit_event_subprocesses(carried, tree, passage.starts.get(tree.parent_task_id, set()))
        _fit_boundary_events(carried, tree)
        _look_ahead(tree)
    try:
        stranding.check(carried.run, frozenset(mapping.get(join, join) for join in stranded))
    except Impossible as impossible:
        raise Refused([Obstacle(impossible.element_id or "", impossible.reason)]) from impossible
    if moves:
        stranding.look_again(carried.run)
    return carried


class _Passage:
    """One instance on its way from one compiled definition to another."""

    def __init__(self, run: Run, target: Compiled, mapping: Mapping[str, str]) -> None:
        self.run = run
        self.target = target
        self.mapping = mapping
        self.tokens: list[tuple[UUID, str, str]] = []
        self.dropped: list[str] = []
        self.places: dict[tuple[UUID, int], int] = {}
        #: What the starts of the event subprocesses a tree has already are called in the other version.
        self.starts: dict[UUID | None, set[str]] = {}
        #: The other version's spec of each tree, by the token it belongs to.
        self.scopes: dict[UUID | None, Any] = {None: target.spec}
        for token_id, inner in run.workflow.subprocesses.items():
            self._find_scope(token_id, inner)

    def _find_scope(self, token_id: UUID, inner: Any) -> None:
        host = self.run.token(token_id)
        outer = self.scopes.get(host.workflow.parent_task_id) if host is not None else None
        if host is None or outer is None:
            return
        name = getattr(outer.task_specs.get(self._name(host, outer)), "spec", None)
        if name in self.target.subprocess_specs:
            self.scopes[token_id] = self.target.subprocess_specs[name]

    def _name(self, token: Task, scope: Any) -> str:
        """Return what the spec of a token is called in the other version."""
        own = token.task_spec
        tree = token.workflow.spec
        if own is tree.start:
            return str(scope.start.name)
        if own is tree.end:
            return str(scope.end.name)
        element_id = self.run.compiled.element_of(own).id
        return (
            f"{self.mapping.get(element_id, element_id)}{own.name[len(element_id) :]}"
            if own.name.startswith(element_id)
            else str(own.name)
        )

    def check(self) -> list[Obstacle]:
        """Return everything that stands in the way."""
        return self._standing() + [
            Obstacle(entry["a"], "It can still be compensated, and the other version does not say how.")
            for tree in whereabouts.trees(self.run)
            for token in tree.tasks.values()
            for entry in compensation.entries_of(token)
            if not {entry["a"], entry.get("h", entry["a"])} <= self.mapping.keys()
        ]

    def _standing(self) -> list[Obstacle]:
        return [
            obstacle
            for tree in whereabouts.trees(self.run)
            for token in tree.tasks.values()
            if token._state & LIVING and (obstacle := self._obstacle(token)) is not None
        ]

    def _obstacle(self, token: Task) -> Obstacle | None:
        element = self.run.compiled.element_of(token.task_spec)
        scope = self.scopes.get(token.workflow.parent_task_id)
        if scope is None:
            return None  # the subprocess around it is named already
        spec = scope.task_specs.get(self._name(token, scope))
        if _is_beside(token):
            return None  # it comes and goes with the version
        if not is_visible(token.task_spec):
            known = spec is not None and type(spec) is type(token.task_spec)
            return None if known else Obstacle(element.id, "What the engine keeps beside it has no place there.")
        if element.id not in self.mapping:
            return Obstacle(element.id, "A token stands there, and the other version has no such element.")
        if spec is None:
            return Obstacle(element.id, "A token stands there, and the other version has it in another scope.")
        return None

    def rename(self) -> None:
        """Give every token the other version's spec; what was only predicted and what has no place goes."""
        workflow = self.run.workflow
        for tree in (workflow, *workflow.subprocesses.values()):
            scope = self.scopes.get(tree.parent_task_id)
            if scope is None:
                continue
            self.starts[tree.parent_task_id] = {
                f"{self.mapping[start.element_id]}.Waiting"
                for start in tree.spec.start.outputs
                if isinstance(start, EventSubprocessStart) and start.element_id in self.mapping
            }
            for token in list(tree.tasks.values()):
                if token.id in tree.tasks:
                    self._pass(tree, scope, token)
            tree.spec = scope
        for token_id in [key for key in workflow.subprocesses if key not in self.scopes]:
            del workflow.subprocesses[token_id]
        traces = workflow.traces
        traces.completed = {self.mapping.get(name, name): times for name, times in traces.completed.items()}

    def _pass(self, tree: Any, scope: Any, token: Task) -> None:
        element_id = self.run.compiled.element_of(token.task_spec).id
        spec = scope.task_specs.get(self._name(token, scope))
        for entry in compensation.entries_of(token):
            activity = entry["a"]
            entry["a"] = self.mapping[activity]
            if "h" in entry:
                entry["h"] = self.mapping[entry["h"]]
            if "s" in entry:
                entry["s"] = f"{entry['a']}{entry['s'][len(activity) :]}"
        if token._state & _AHEAD:
            tree._remove_task(token.id)
        elif token._state & TaskState.FINISHED_MASK:
            # A finished token is only there for its data and its descent; its element may be gone.
            token.task_spec = spec if spec is not None else scope.start
        elif _is_beside(token) and not self._stays(token, spec):
            self.dropped.append(element_id)
            tree._remove_task(token.id)
        else:
            if isinstance(token.task_spec, EventBasedGateway):
                self._replace_events(token, spec)
            if is_visible(spec):
                self.tokens.append((token.id, element_id, self.target.element_of(spec).id))
            token.task_spec = spec

    def _stays(self, event: Task, spec: Any) -> bool:
        """Say whether what waits beside an activity or a scope waits there for the same kind in the other version."""
        own = event.task_spec
        element_id = self.run.compiled.element_of(own).id
        if spec is None or element_id not in self.mapping or event.parent is None:
            return False
        if type(spec) is not type(own) or type(spec.event_definition) is not type(own.event_definition):
            return False
        if not isinstance(own, BoundaryEvent):
            return True
        # The split has passed already: a token stands before its children.
        return isinstance(event.parent.task_spec, BoundaryEventSplit) and spec in event.parent.task_spec.outputs

    def _replace_events(self, token: Any, spec: Any) -> None:
        following = {output.name: place for place, output in enumerate(spec.outputs)}
        dates: dict[str, str] = token.internal_data.get("dates", {})
        moved: dict[str, str] = {}
        for place, output in enumerate(token.task_spec.outputs):
            name = self.mapping.get(output.name)
            now_at = following.get(name) if name is not None else None
            if now_at is None:
                self.dropped.append(str(output.name))
                continue
            self.places[token.id, place] = now_at
            if str(place) in dates:
                moved[str(now_at)] = dates[str(place)]
        if dates:
            token.internal_data["dates"] = moved

    def dump(self) -> bytes:
        """Write the instance down as one of the other version."""
        self.run.compiled = self.target
        return self.run.dump()


def _is_beside(token: Task) -> bool:
    return token._state == TaskState.WAITING and getattr(token.task_spec, "is_beside", False)


def _fit_event_subprocesses(carried: Carried, tree: Any, known: set[str]) -> None:
    """Let the event subprocesses that only this version has wait in a scope that is not interrupted."""
    starts = [start for start in tree.spec.start.outputs if isinstance(start, EventSubprocessStart)]
    handlers = {spec.name for start in starts if start.interrupts for spec in start.outputs}
    if any(token._state & LIVING and token.task_spec.name in handlers for token in tree.tasks.values()):
        return
    for start in starts:
        if start.name not in known:
            placing.wait_beside(tree, start)
            carried.added.append(str(start.element_id))


def _fit_boundary_events(carried: Carried, tree: Any) -> None:
    for token in list(tree.tasks.values()):
        spec = token.task_spec
        split_spec = tree.spec.task_specs.get(f"{spec.name}{_SPLIT}")
        if split_spec is None or not token._state & LIVING:
            continue
        split = token.parent
        if split.task_spec is not split_spec:
            split = _insert_split(tree, token, split_spec)
        there = {child.task_spec.name for child in split.children}
        for event_spec in split_spec.outputs:
            if isinstance(event_spec, BoundaryEvent) and event_spec.name not in there:
                event = split._add_child(event_spec, TaskState.WAITING)
                enter(event)
                carried.added.append(str(event_spec.name))
    _put_parents_first(tree)


def _insert_split(tree: Any, token: Any, split_spec: Any) -> Token:
    above = token.parent
    split = Token(tree, split_spec, above, state=TaskState.COMPLETED)
    split.data = dict(above.data)
    above._children = [split.id if child == token.id else child for child in above._children if child != split.id]
    split._children = [token.id]
    token._parent = split.id
    return split


def _put_parents_first(tree: Any) -> None:
    """Order a tree's tokens as they are written down."""
    ordered: dict[UUID, Any] = {}
    ahead = [tree.task_tree]
    while ahead:
        token = ahead.pop()
        ordered[token.id] = token
        ahead.extend(reversed([child for child in token.children if child is not None]))
    tree.tasks = ordered


def _look_ahead(tree: Any) -> None:
    """Let every token that stands know what follows it."""
    for token in list(tree.tasks.values()):
        if token._state & LIVING and not isinstance(token.task_spec, BoundaryEventSplit):
            token.task_spec._predict_hook(token)
