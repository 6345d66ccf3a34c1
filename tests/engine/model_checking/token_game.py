"""BPMN 2.0 played with tokens on a plain graph, after chapter 13 of the standard and nothing else.

It knows nothing of the engine or of the library below it: tokens rest at elements, walk along flows, and carry what
was written on their way. Slow, small, and meant to be read beside the standard. What it leaves to the player: which
task is completed with which answers, which timer rings, which message comes, whether a delegate succeeds.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from tests.engine.model_checking.graph import Flow, Graph, Node
from tests.engine.model_checking.hearing import Hearing
from tests.engine.model_checking.operating import Operating
from tests.engine.model_checking.undoing import Compensation, Entry, Undoing

#: Variable to (when it was written, value): where tokens meet, the later writing counts. A finished user task is
#: remembered as ``("done", its number)``.
Memory = dict[str | tuple[str, int], tuple[int, int]]


#: Events that a token, an activity or a scope waits for until they come from somewhere.
AWAITED = ("timer", "message", "signal", "condition")


@dataclass(eq=False)
class Scope:
    """One execution of a graph."""

    graph: Graph
    #: The item of an activity it runs in; None for the instance itself.
    host: "Item | None"
    resting: list["Rest"] = field(default_factory=list)
    #: Tokens that have arrived at a joining gateway, by flow.
    arrived: dict[Flow, list[Memory]] = field(default_factory=dict)
    #: What the tokens that came to an end knew.
    results: list[Memory] = field(default_factory=list)
    #: Event subprocesses that still listen, each with how often a timer may still ring.
    armed: dict[Node, int] = field(default_factory=dict)
    #: What was done in it and can be undone, in the order of its completion.
    log: list[Entry] = field(default_factory=list)
    #: What is being undone in it.
    undoings: list[Undoing] = field(default_factory=list)
    over: bool = False


@dataclass(eq=False)
class Item:
    """One execution of an activity: the only one, one of several items, or one round."""

    rest: "Rest"
    scope: Scope | None = None


@dataclass(eq=False)
class Rest:
    """A token that rests at an element until something happens."""

    scope: Scope
    node: Node
    memory: Memory
    items: list[Item] = field(default_factory=list)
    #: Boundary events that still listen, each with how often a timer may still ring.
    armed: dict[Node, int] = field(default_factory=dict)
    rounds: int = 0
    stuck: bool = False
    #: It undoes something: on whose behalf, and whether that had completed only in part.
    undoing: Undoing | None = None
    partly: bool = False


@dataclass(frozen=True)
class Wait:
    """Something that may happen next."""

    #: ``user_task``, ``timer``, ``message``, ``signal``, ``condition`` or ``delegate``.
    kind: str
    element: str
    node: Node
    rest: Rest | None = None
    item: Item | None = None
    #: Set for event subprocesses.
    scope: Scope | None = None

    #: The element that waits, where ``node`` is what it belongs to.
    target: Node | None = None

    @property
    def event_node(self) -> Node:
        """The element whose event is awaited."""
        if self.target is not None:
            return self.target
        return self.node.inner.start() if self.scope is not None else self.node

    @property
    def name(self) -> str:
        """Of a message or signal: which."""
        return self.event_node.name

    @property
    def memory(self):
        return self.rest.memory if self.rest else {}

    @property
    def places(self) -> list[Scope]:
        """The scope it stands in, and those around it."""
        place = self.scope or self.rest.scope
        found = [place]
        while place.host is not None:
            place = place.host.rest.scope
            found.append(place)
        return found


class Game(Hearing, Compensation, Operating):
    """One instance."""

    def __init__(self, graph: Graph, serve=lambda node: "works") -> None:
        #: Asked at each service task: ``works``, ``fails`` or ``job`` (somebody will do it later).
        self.serve = serve
        self.moving: list[tuple[Scope, Node, Flow | None, Memory]] = []
        self.thrown: Counter = Counter()
        self.cancelled = False
        #: User tasks that were finished, as they stood, and what met at each join that has opened.
        self.done: list[Rest] = []
        self.taken_back: set[int] = set()
        self.joined: list[list[Memory]] = []
        self._clock = count(1)
        self.begin_to_hear()
        self.root = self._open(graph, None, {})
        self._play()
        self.check_listeners()

    # -- what may happen, and what it does -------------------------------------------------------------

    def waits(self) -> list[Wait]:
        """Return everything the instance waits for; what it looks out for by itself (conditions) is not among it."""
        return [wait for wait in self.everything_awaited() if wait.kind != "condition"]

    def everything_awaited(self) -> list[Wait]:
        found = []
        for scope in self._scopes():
            for node in scope.armed:
                if node.inner.start().event in AWAITED:
                    start = node.inner.start()
                    found.append(Wait(start.event, start.id, node, scope=scope))
            for rest in scope.resting:
                found += self._waits_of(rest)
        return found

    def _waits_of(self, rest):
        node, graph = rest.node, rest.scope.graph
        found = [Wait(b.event, b.id, b, rest) for b in rest.armed if b.event in AWAITED]
        if rest.stuck:
            return found
        if node.kind in ("user", "service"):
            kind = "user_task" if node.kind == "user" else "delegate"
            found += [Wait(kind, node.id, node, rest, item) for item in rest.items]
        elif node.kind in ("catch", "receive"):
            found.append(Wait(node.event or "message", node.id, node, rest))
        elif node.kind == "events":
            for flow in graph.out_of(node.id):
                target = graph.nodes[flow.target]
                found.append(Wait(target.event or "message", target.id, target, rest, target=target))
        return found

    @property
    def finished(self) -> bool:
        return self.root.over

    @property
    def stuck(self) -> bool:
        return any(rest.stuck for scope in self._scopes() for rest in scope.resting)

    def happen(self, wait: Wait, answers: dict[str, int] | None = None) -> None:
        """Let one of the waits happen; a signal comes from outside, and all who listen hear it."""
        self.note_listeners()
        if wait.kind == "signal":
            self.hear_at(self.listeners(wait.name))
        else:
            self._happen(wait, answers)
            self._play()
        self.check_listeners()

    def _happen(self, wait, answers):
        written = {name: (next(self._clock), value) for name, value in (answers or {}).items()}
        if wait.scope is not None:
            self._start_event_subprocess(wait.scope, wait.node, {})
        elif wait.node.kind == "boundary":
            self._ring(wait.rest, wait.node)
        elif wait.item is not None:
            if wait.kind == "user_task":
                written["done", len(self.done)] = (next(self._clock), 1)
                self.done.append(Rest(wait.rest.scope, wait.node, dict(wait.rest.memory)))
            self._done(wait.item, {**wait.rest.memory, **written})
        else:
            wait.rest.scope.resting.remove(wait.rest)
            memory = {**wait.rest.memory, **written}
            self._leave(wait.rest.scope, wait.node, memory)

    def retry(self) -> None:
        """Let every stuck token try again."""
        self.note_listeners()
        for scope in list(self._scopes()):
            for rest in [rest for rest in scope.resting if rest.stuck]:
                rest.stuck = False
                if rest.node.kind == "service":
                    self._serve(rest)
                else:
                    scope.resting.remove(rest)
                    self.moving.append((scope, rest.node, None, rest.memory))
        self._play()
        self.check_listeners()

    # -- walking ---------------------------------------------------------------------------------------

    def _scopes(self, scope=None):
        scope = scope or self.root
        if not scope.over:
            yield scope
            for rest in list(scope.resting):
                for item in rest.items:
                    if item.scope is not None:
                        yield from self._scopes(item.scope)

    new_scope, new_item, new_rest = Scope, Item, Rest

    def _open(self, graph, host, memory):
        scope = self.new_scope(graph, host)
        scope.armed = {node: node.inner.start().rings for node in graph.event_subprocesses()}
        self.moving.append((scope, graph.start(), None, memory))
        return scope

    def _play(self):
        """Let everything move that moves by itself."""
        while self.moving or self._open_an_inclusive_join() or self._look_at_conditions():
            while self.moving:
                scope, node, flow, memory = self.moving.pop(0)
                if not scope.over:
                    self._arrive(scope, node, flow, memory)
                    self._close_if_empty(scope)

    def _arrive(self, scope, node, flow, memory):
        match node.kind:
            case "user" | "sub" | "call" | "service":
                self._begin(scope, node, memory)
            case "catch" if node.event == "link":
                self._leave(scope, node, memory)
            case "catch" | "receive" | "events":
                scope.resting.append(rest := Rest(scope, node, memory))
                self._arm(rest)
            case "script":
                self._leave(scope, node, {**memory, node.sets[0]: (next(self._clock), node.sets[1])})
            case "xor":
                self._choose(scope, node, memory)
            case "and":
                scope.arrived.setdefault(flow, []).append(memory)
                flows = scope.graph.into(node.id)
                if all(scope.arrived.get(each) for each in flows):
                    self._leave(scope, node, self._take(scope, flows))
            case "or":
                scope.arrived.setdefault(flow, []).append(memory)
            case "throw":
                self._throw(scope, node, memory)
            case "end":
                self._end(scope, node, memory)
            case _:
                self._leave(scope, node, memory)

    def _leave(self, scope, node, memory):
        """Take every flow whose condition holds, or the default one."""
        flows = scope.graph.out_of(node.id)
        self._go(scope, node, memory, [flow for flow in flows if flow.id != node.default and _holds(flow, memory)])

    def _choose(self, scope, node, memory):
        """Take the first flow whose condition holds, or the default one."""
        flows = scope.graph.out_of(node.id)
        self._go(scope, node, memory, [flow for flow in flows if flow.id != node.default and _holds(flow, memory)][:1])

    def _go(self, scope, node, memory, chosen):
        flows = scope.graph.out_of(node.id)
        chosen = chosen or [flow for flow in flows if flow.id == node.default]
        if not flows:
            scope.results.append(memory)  # a path ends where no flow leaves
        elif not chosen:
            scope.resting.append(Rest(scope, node, memory, stuck=True))
        for flow in chosen:
            self.moving.append((scope, scope.graph.nodes[flow.target], flow, memory))

    def _take(self, scope, flows):
        memories = [scope.arrived[flow].pop(0) for flow in flows if scope.arrived.get(flow)]
        if len(memories) > 1:
            self.joined.append(memories)
        return _together(memories)

    def _open_an_inclusive_join(self):
        """13.4.3: a join opens when no token elsewhere can still come by an empty flow (and not by a filled one)."""
        for scope in list(self._scopes()):
            for node in scope.graph.nodes.values():
                flows = scope.graph.into(node.id)
                filled = [flow for flow in flows if scope.arrived.get(flow)]
                if node.kind != "or" or not filled:
                    continue
                empty = [flow for flow in flows if flow not in filled]
                places = [rest.node.id for rest in scope.resting]
                places += [
                    flow.target for flow, memories in scope.arrived.items() if memories and flow.target != node.id
                ]
                if not any(
                    any(_reaches(scope.graph, place, flow) for flow in empty)
                    and not any(_reaches(scope.graph, place, flow) for flow in filled)
                    for place in places
                ):
                    self._leave(scope, node, self._take(scope, filled))
                    return True
        return False

    # -- activities ------------------------------------------------------------------------------------

    def _begin(self, scope, node, memory):
        rest = Rest(scope, node, memory)
        scope.resting.append(rest)
        match node.loop:
            case ("parallel", number):
                wanted = number
            case ("sequential", number):
                wanted = min(number, 1)
            case ("before", _, variable):
                wanted = int(_value(memory, variable) == 1)
            case _:
                wanted = 1
        if not wanted:
            scope.resting.remove(rest)
            self._leave(scope, node, memory)
            return
        self._arm(rest)
        for _ in range(wanted):
            self._run_item(rest)

    def _arm(self, rest):
        rest.armed = {boundary: boundary.rings for boundary in rest.scope.graph.boundaries(rest.node.id)}

    def _run_item(self, rest):
        rest.rounds += 1
        item = Item(rest)
        rest.items.append(item)
        if rest.node.inner is not None:
            item.scope = self._open(rest.node.inner, item, rest.memory)
        elif rest.node.kind == "service":
            self._serve(rest)

    def _serve(self, rest):
        match self.serve(rest.node):
            case "works":
                self._done(rest.items[0], rest.memory)
            case "fails":
                rest.stuck = True

    def _done(self, item, memory):
        """An item of an activity has completed."""
        rest = item.rest
        rest.items.remove(item)
        self.remember(rest, item)
        if rest.undoing is not None:
            rest.scope.resting.remove(rest)
            self._undo_next(rest.undoing)
            return
        match rest.node.loop:
            case ("parallel", _):
                more = False
            case ("sequential", number):
                more = rest.rounds < number
            case ("before" | "after", maximum, variable):
                rest.memory = memory
                more = _value(memory, variable) == 1 and not (maximum and rest.rounds >= maximum)
            case _:
                rest.memory = memory
                more = False
        if more:
            self._run_item(rest)
        elif not rest.items:
            rest.scope.resting.remove(rest)
            self._leave(rest.scope, rest.node, rest.memory)
            self._close_if_empty(rest.scope)

    def _ring(self, rest, boundary):
        memory = self._inside(rest)
        if boundary.interrupting:
            self._drop(rest)
        elif boundary.event == "timer":
            rest.armed[boundary] -= 1
            if not rest.armed[boundary]:
                del rest.armed[boundary]
        self._leave(rest.scope, boundary, memory)

    def _inside(self, rest):
        """What begins beside an activity knows what was done inside it."""
        scopes = [item.scope for item in rest.items if item.scope is not None]
        return _together([rest.memory, *(self.known(scope) for scope in scopes)])

    def _drop(self, rest):
        """Take an activity away with all that is inside it."""
        rest.scope.resting.remove(rest)
        for item in rest.items:
            if item.scope is not None:
                self._empty(item.scope)

    def _empty(self, scope):
        scope.over = True
        for rest in list(scope.resting):
            self._drop(rest)
        scope.arrived.clear()

    # -- ends, and what they throw ---------------------------------------------------------------------

    def _end(self, scope, node, memory):
        scope.results.append(memory)
        match node.event:
            case "terminate":
                armed = dict(scope.armed)
                self._stop(scope)
                scope.armed = armed
            case "message":
                self.thrown[node.name] += 1
            case "signal":
                self._signal(scope, node.name)
            case "compensate":
                scope.results.pop()
                self._undo(scope, node, memory, Rest)
            case "cancel":
                scope.results.pop()
                self._cancel_transaction(scope, node, memory)
            case "error":
                self._throw_error(scope, node, memory)
            case "escalation":
                self._escalate(scope, node.name)

    def _throw(self, scope, node, memory):
        if node.event == "link":
            target = next(n for n in scope.graph.nodes.values() if n.kind == "catch" and n.name == node.name)
            self.moving.append((scope, target, None, memory))
            return
        if node.event == "compensate":
            self._undo(scope, node, memory, Rest)
            return
        if node.event == "message":
            self.thrown[node.name] += 1
        elif node.event == "signal":
            self._signal(scope, node.name)
        elif node.event == "escalation":
            self._escalate(scope, node.name)
        if not scope.over:
            self._leave(scope, node, memory)

    def _catching(self, scope, event, code):
        """Find who catches what is thrown in a scope, from the inside out: an event subprocess or a boundary event."""
        while True:
            for node in scope.armed:
                start = node.inner.start()
                if start.event == event and start.name in ("", code):
                    return scope, node, None
            if scope.host is None:
                return None, None, None
            rest = scope.host.rest
            for boundary in rest.armed:
                if boundary.event == event and boundary.name in ("", code):
                    return rest.scope, boundary, rest
            scope = rest.scope

    def _throw_error(self, scope, node, memory):
        where, catcher, rest = self._catching(scope, "error", node.name)
        if catcher is None:
            scope.results.pop()
            scope.resting.append(Rest(scope, node, memory, stuck=True))
        elif rest is None:
            self._start_event_subprocess(where, catcher, memory)
        else:
            self._ring(rest, catcher)

    def _escalate(self, scope, code):
        where, catcher, rest = self._catching(scope, "escalation", code)
        if catcher is None:
            return
        if rest is None:
            self._start_event_subprocess(where, catcher, {})
        else:
            self._ring(rest, catcher)

    def _start_event_subprocess(self, scope, node, memory):
        start = node.inner.start()
        memory = _together([memory, self.known(scope)])
        if start.interrupting:
            self._stop(scope)
        elif start.event == "timer":
            scope.armed[node] -= 1
            if not scope.armed[node]:
                del scope.armed[node]
        rest = Rest(scope, node, memory)
        scope.resting.append(rest)
        self._run_item(rest)

    def _close_if_empty(self, scope):
        """13.5.4: when its own work is done, running event subprocesses end first, and no new one begins."""
        if scope.over or any(scope.arrived.values()) or any(move[0] is scope for move in self.moving):
            return
        if all(rest.node.kind == "event_sub" for rest in scope.resting):
            scope.armed.clear()
        if not scope.resting:
            scope.over = True
            if scope.host is not None:
                self._done(scope.host, _together([scope.host.rest.memory, *scope.results]))


def _value(memory: Memory, variable: str) -> int | None:
    return memory[variable][1] if variable in memory else None


def _holds(flow: Flow, memory: Memory) -> bool:
    return flow.when is None or _value(memory, flow.when[0]) == flow.when[1]


def _together(memories: list[Memory]) -> Memory:
    merged: Memory = {}
    for memory in memories:
        for variable, written in memory.items():
            merged[variable] = max(merged.get(variable, written), written)
    return merged


def _reaches(graph: Graph, place: str, wanted: Flow) -> bool:
    """Say whether a token at ``place`` may come along the flow without passing the flow's own target before."""
    seen, pending = set(), [place]
    while pending:
        here = pending.pop()
        if here in seen or here == wanted.target:
            continue
        seen.add(here)
        for flow in graph.out_of(here):
            if flow is wanted:
                return True
            pending.append(flow.target)
        pending += [boundary.id for boundary in graph.boundaries(here)]
        pending += [
            node.id
            for node in graph.nodes.values()
            if graph.nodes[here].event == "link" and node.kind == "catch" and node.name == graph.nodes[here].name
        ]
    return False


Game.reaches = staticmethod(_reaches)
