"""Random legal models: blocks set one after another and inside one another, drawn by hypothesis so that they shrink."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.engine.model_checking.graph import Flow, Graph, Node

#: What a model may be made of.
SIMPLE = frozenset({"task", "passed", "script", "service", "catch", "receive", "throw", "link", "terminate", "end"})
BRANCHING = frozenset({"choice", "recall", "fork", "inclusive", "split", "events", "loop", "dead_end"})
NESTING = frozenset({"sub", "call", "boundary", "items", "round"})
SCOPES = frozenset({"error", "escalation", "escalation_end", "event_sub"})
SIGNALS = frozenset({"signal", "signal_end"})
CONDITIONS = frozenset({"condition", "news"})
UNDOING = frozenset({"undo", "undo_end", "handlers", "undoing_sub"})
TRANSACTIONS = UNDOING | {"transaction", "cancel", "withdraw"}
EVERYTHING = SIMPLE | BRANCHING | NESTING | SCOPES | SIGNALS | CONDITIONS | TRANSACTIONS
#: What signals are called, and the variables that conditions look at.
SIGNAL_NAMES = ("alarm", "bell")
WATCHED = ("w_1", "w_2")


@dataclass(frozen=True)
class Place:
    """Where a block is put."""

    depth: int
    #: A branch may end here by itself (not between a fork and its join).
    may_end: bool = True
    #: Variables that were certainly written on the way here, each with its number of values.
    known: tuple[tuple[str, int], ...] = ()
    #: Codes of errors, and of escalations, that something around here catches.
    errors: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    #: Activities around an event subprocess that it may undo.
    undoable: tuple[str, ...] = ()
    #: It may be cancelled: it is inside a transaction, and nothing is between.
    cancels: bool = False
    #: What is written here comes once and in a certain order, so that conditions may look at it.
    tells: bool = True

    def deeper(self, **changes):
        return replace(self, depth=self.depth - 1, **changes)


@dataclass
class Builder:
    """Draws the blocks of one model."""

    draw: object
    features: frozenset[str]
    numbers: dict[str, int] = field(default_factory=dict)
    #: Variables that something writes.
    told: set[str] = field(default_factory=set)

    def name(self, letter):
        self.numbers[letter] = self.numbers.get(letter, 0) + 1
        return f"{letter}{self.numbers[letter]}"

    def pick(self, *options):
        return self.draw(st.sampled_from(options))

    def add(self, graph, letter, kind, **facts):
        node = Node(self.name(letter), kind, **facts)
        graph.nodes[node.id] = node
        return node

    def join(self, graph, source, target, when=None):
        flow = Flow(self.name("f"), source.id, target.id, when)
        graph.flows.append(flow)
        return flow

    # A block returns its first and its last node; no last node when nothing goes on behind it.

    def process(self, graph_id, place, start=None):
        graph = Graph(graph_id)
        begin = Node(self.name("start"), "start", **(start or {}))
        graph.nodes[begin.id] = begin
        first, last = self.sequence(graph, place)
        self.join(graph, begin, first)
        if last is not None:
            self.join(graph, last, self.add(graph, "end", "end"))
        return graph

    def sequence(self, graph, place):
        first, last, _ = self.steps(graph, place)
        return first, last

    def steps(self, graph, place):
        first = last = None
        known = place.known
        for _ in range(self.draw(st.integers(1, 3 if place.depth > 0 else 1))):
            head, tail, learned = self.block(graph, replace(place, known=known))
            known += learned
            if first is None:
                first = head
            else:
                self.join(graph, last, head)
            last = tail
            if last is None:
                break
        return first, last, known

    def block(self, graph, place):
        simple = ["task", "task", "passed", "script", "catch", "receive", "throw", "service", "signal", "undo"]
        if place.known:
            simple.append("recall")
        if place.tells and set(WATCHED) - self.told:
            simple += ["news", "news"]
        nested = [
            "choice",
            "fork",
            "inclusive",
            "split",
            "events",
            "loop",
            "sub",
            "call",
            "items",
            "round",
            "boundary",
            "link",
            "transaction",
        ]
        ending = ["terminate", *(["end"] if place.may_end else [])]
        ending += ["signal_end", "undo_end"] * place.may_end + ["cancel", "withdraw", "withdraw"] * place.cancels
        ending += ["error"] * bool(place.errors) + ["escalation", "escalation_end"] * bool(place.escalations)
        kinds = [kind for kind in simple + (nested if place.depth > 0 else []) + ending if kind in self.features]
        kind = self.draw(st.sampled_from(kinds))
        return getattr(self, f"a_{kind}")(graph, place)

    def single(self, node):
        return node, node, ()

    def a_task(self, graph, place):
        return self.single(self._undoable(graph, self.add(graph, "t", "user")))

    def _undoable(self, graph, node, kinds=("user", "user", "sub")):
        """Give some activities a handler that undoes them."""
        if "handlers" in self.features and self.draw(st.booleans()):
            kind = self.pick(*kinds)
            handler = self.add(graph, "un", kind)
            if kind == "sub":
                handler.inner = self.process(f"{handler.id}_inner", Place(0, tells=False))
            node.handler = handler.id
        return node

    def a_news(self, graph, place):
        """Draw a task where somebody says what a condition waits for."""
        variable = self.pick(*sorted(set(WATCHED) - self.told))
        self.told.add(variable)
        return self.single(self.add(graph, "n", "user", asks=[(variable, 2)]))

    def a_signal(self, graph, place):
        return self.single(self.add(graph, "g", "throw", event="signal", name=self.pick(*SIGNAL_NAMES)))

    def a_signal_end(self, graph, place):
        return self.add(graph, "g", "end", event="signal", name=self.pick(*SIGNAL_NAMES)), None, ()

    def a_undo(self, graph, place):
        return self.single(self.add(graph, "u", "throw", event="compensate", name=self._activity(graph, place)))

    def a_undo_end(self, graph, place):
        return self.add(graph, "u", "end", event="compensate", name=self._activity(graph, place)), None, ()

    def _activity(self, graph, place):
        return self.pick("", "", *graph.handlers(), *place.undoable)

    def a_cancel(self, graph, place):
        return self.add(graph, "off", "end", event="cancel"), None, ()

    def a_withdraw(self, graph, place):
        """Draw the question whether the transaction is cancelled."""
        variable = self.name("d_")
        ask = self.add(graph, "ask", "user", asks=[(variable, 2)])
        gateway, leave = self.add(graph, "x", "xor"), self.add(graph, "p", "passed")
        self.join(graph, ask, gateway)
        self.join(graph, gateway, self.a_cancel(graph, place)[0], (variable, 1))
        gateway.default = self.join(graph, gateway, leave).id
        return ask, leave, ()

    def a_passed(self, graph, place):
        return self.single(self.add(graph, "p", "passed"))

    def a_script(self, graph, place):
        variable = self.name("s_")
        node = self.add(graph, "k", "script", sets=(variable, self.draw(st.integers(0, 2))))
        return node, node, ((variable, 3),)

    def a_service(self, graph, place):
        return self.single(self.add(graph, "w", "service"))

    def _contested(self, graph_id, place):
        """Draw a transaction that may be cancelled while something else is done in it."""
        graph = Graph(graph_id)
        begin, gateway = self.add(graph, "start", "start"), self.add(graph, "a", "and")
        self.join(graph, begin, gateway)
        first, last = self.sequence(graph, place.deeper(may_end=False))
        self.join(graph, gateway, first)
        ask, leave, _ = self.a_withdraw(graph, place)
        self.join(graph, gateway, ask)
        if last is not None:
            self.join(graph, self.merge(graph, [last, leave], "and"), self.add(graph, "end", "end"))
        return graph

    def awaited(self, node_id, taken=()):
        """Draw what an event waits for: facts for its element; of events behind one gateway no two hear the same."""
        event = self.pick("timer", "message", *(kind for kind in ("signal", "condition") if kind in self.features))
        match event:
            case "message":
                return {"event": event, "name": node_id}
            case "signal":
                free = sorted(set(SIGNAL_NAMES) - set(taken))
                return {"event": event, "name": self.pick(*free)} if free else {"event": "timer"}
            case "condition":
                return {"event": event, "when": (self.pick(*WATCHED), 1)}
        return {"event": event}

    def a_catch(self, graph, place, taken=()):
        name = self.name("c")
        node = graph.nodes[name] = Node(name, "catch", **self.awaited(name, taken))
        return self.single(node)

    def a_receive(self, graph, place):
        name = self.name("r")
        node = graph.nodes[name] = Node(name, "receive", name=name)
        return self.single(node)

    def a_throw(self, graph, place):
        event = self.pick("", "message")
        return self.single(self.add(graph, "o", "throw", event=event, name="told" if event else ""))

    def a_terminate(self, graph, place):
        return self.add(graph, "stop", "end", event="terminate"), None, ()

    def a_end(self, graph, place):
        event = self.pick("", "message")
        return self.add(graph, "end", "end", event=event, name="told" if event else ""), None, ()

    def a_error(self, graph, place):
        return self.add(graph, "err", "end", event="error", name=self.pick(*place.errors)), None, ()

    def a_escalation_end(self, graph, place):
        if not place.may_end:
            return self.a_escalation(graph, place)
        return self.add(graph, "esc", "end", event="escalation", name=self.pick(*place.escalations)), None, ()

    def a_escalation(self, graph, place):
        return self.single(self.add(graph, "lift", "throw", event="escalation", name=self.pick(*place.escalations)))

    def a_link(self, graph, place):
        name = self.name("link")
        throw = self.add(graph, "lt", "throw", event="link", name=name)
        return throw, self.add(graph, "lc", "catch", event="link", name=name), ()

    def merge(self, graph, ends, kind="xor"):
        """Bring branches together; nothing when none goes on."""
        living = [end for end in ends if end is not None]
        if not living:
            return None
        node = self.add(graph, "m", kind)
        for end in living:
            self.join(graph, end, node)
        return node

    def branch(self, graph, gateway, place, when=None):
        """Lead a branch away from a gateway: some blocks."""
        first, last = self.sequence(graph, place)
        return self.join(graph, gateway, first, when), last

    def a_choice(self, graph, place):
        variable, number = self.name("c_"), self.pick(2, 3)
        ask = self.add(graph, "ask", "user", asks=[(variable, number + 1)])
        return self._choose(graph, place, variable, number, ask)

    def a_recall(self, graph, place):
        variable, number = self.pick(*place.known)
        return self._choose(graph, place, variable, min(number, 2), None)

    def _choose(self, graph, place, variable, number, ask):
        gateway = self.add(graph, "x", "xor")
        if ask is not None:
            self.join(graph, ask, gateway)
        ends = []
        for value in range(number):
            flow, last = self.branch(graph, gateway, place.deeper(), (variable, value))
            ends.append(last)
        if "dead_end" not in self.features or self.draw(st.integers(0, 5)):
            flow.when, gateway.default = None, flow.id
        last = self.merge(graph, ends)
        return ask or gateway, last, ((variable, number + 1),) if ask else ()

    def a_fork(self, graph, place):
        gateway = self.add(graph, "a", "and")
        known = ()
        ends = []
        for _ in range(self.pick(2, 3)):
            first, last, learned = self.steps(graph, place.deeper(may_end=False))
            self.join(graph, gateway, first)
            ends.append(last)
            known += learned[len(place.known) :] if last is not None else ()
        return gateway, self._meet(graph, ends), known

    def _meet(self, graph, ends):
        # A branch that stops everything never comes to the join: then nothing goes on behind it.
        return None if None in ends else self.merge(graph, ends, "and")

    def a_inclusive(self, graph, place):
        variables = [self.name("o_") for _ in range(self.pick(2, 3))]
        ask = self.add(graph, "ask", "user", asks=[(variable, 2) for variable in variables])
        gateway = self.add(graph, "i", "or") if self.draw(st.booleans()) else ask
        if gateway is not ask:
            self.join(graph, ask, gateway)
        inside = place.deeper(may_end=False)
        ends = [self.branch(graph, gateway, inside, (variable, 1))[1] for variable in variables]
        flow, last = self.branch(graph, gateway, inside)
        gateway.default = flow.id
        return ask, self.merge(graph, [*ends, last], "or"), ()

    def a_split(self, graph, place):
        """Several flows out of a task, without a gateway."""
        task = self.add(graph, "t", "user")
        ends = [self.branch(graph, task, place.deeper(may_end=False))[1] for _ in range(2)]
        return task, self._meet(graph, ends), ()

    def a_events(self, graph, place):
        gateway = self.add(graph, "e", "events")
        ends, taken = [], []
        for _ in range(self.pick(2, 3)):
            is_task = self.draw(st.integers(0, 3)) == 0
            event, _, _ = self.a_receive(graph, place) if is_task else self.a_catch(graph, place, taken)
            taken.append(event.name)
            self.join(graph, gateway, event)
            first, last = self.sequence(graph, place.deeper())
            self.join(graph, event, first)
            ends.append(last)
        return gateway, self.merge(graph, ends), ()

    def a_loop(self, graph, place):
        enter = self.add(graph, "m", "xor")
        first, last = self.sequence(graph, place.deeper())
        self.join(graph, enter, first)
        if last is None:
            return enter, None, ()
        variable = self.name("g_")
        ask = self.add(graph, "ask", "user", asks=[(variable, 2)])
        gateway = self.add(graph, "x", "xor")
        self.join(graph, last, ask)
        self.join(graph, ask, gateway)
        self.join(graph, gateway, enter, (variable, 1))
        leave = self.add(graph, "p", "passed")
        gateway.default = self.join(graph, gateway, leave).id
        return enter, leave, ()

    def _inner(self, graph, place, kind, **facts):
        """Draw a subprocess or a call activity with what is attached to it."""
        letter = "sub" if kind == "sub" else "call"
        node_id = self.name(letter)
        codes = self._catchers()
        inside = place.deeper(may_end=True, known=() if "loop" in facts else place.known)
        inside = replace(
            inside, errors=place.errors + codes["error"], escalations=place.escalations + codes["escalation"]
        )
        transaction = facts.get("transaction", False)
        inside = replace(inside, cancels=transaction, undoable=(), tells=place.tells and "loop" not in facts)
        contested = transaction and "withdraw" in self.features and self.draw(st.booleans())
        inner = (self._contested if contested else self.process)(f"{node_id}_inner", inside)
        node = graph.nodes[node_id] = Node(node_id, kind, inner=inner, **facts)
        self._undoable(graph, node)
        if "event_sub" in self.features and self.draw(st.integers(0, 3)) == 0:
            self._event_subprocess(inner, place)
        if kind == "sub" and "undoing_sub" in self.features and self.draw(st.integers(0, 3)) == 0:
            self._undoing_subprocess(inner)
        ends = [node]
        if transaction:
            ends.append(self._attach(graph, node, place, "cancel"))
        for event in ("error", "escalation"):
            ends += [self._attach(graph, node, place, event, code) for code in codes[event]]
        if "boundary" in self.features and self.draw(st.booleans()):
            ends.append(self._attach(graph, node, place))
        return node, self._after(graph, ends), ()

    def _catchers(self):
        return {
            event: (self.name(letter),) if event in self.features and self.draw(st.booleans()) else ()
            for event, letter in (("error", "E"), ("escalation", "L"))
        }

    def _event_subprocess(self, graph, place):
        name = self.name("es")
        start = {**self.awaited(name), "interrupting": self.draw(st.booleans())}
        inside = Place(0, undoable=tuple(graph.handlers()), tells=False)
        inner = self.process(f"{name}_inner", inside, start=start)
        graph.nodes[name] = Node(name, "event_sub", inner=inner)

    def _undoing_subprocess(self, graph):
        name = self.name("us")
        inside = Place(0, undoable=tuple(graph.handlers()), tells=False)
        inner = self.process(f"{name}_inner", inside, start={"event": "compensate"})
        graph.nodes[name] = Node(name, "event_sub", inner=inner)

    def a_transaction(self, graph, place):
        return self._inner(graph, place, "sub", transaction=True)

    def a_sub(self, graph, place):
        return self._inner(graph, place, "sub")

    def a_call(self, graph, place):
        return self._inner(graph, place, "call")

    def a_items(self, graph, place):
        loop = (self.pick("parallel", "sequential"), self.draw(st.integers(0, 3)))
        if self.draw(st.booleans()):
            return self._inner(graph, place, self.pick("sub", "call"), loop=loop)
        return self._repeated(graph, place, loop)

    def a_round(self, graph, place):
        variable = self.name("l_")
        return self._repeated(
            graph, place, (self.pick("before", "after"), self.pick(0, 2), variable), asks=[(variable, 2)]
        )

    def _repeated(self, graph, place, loop, **facts):
        node = self._undoable(graph, self.add(graph, "t", "user", loop=loop, **facts))
        ends = [node]
        if "boundary" in self.features and self.draw(st.booleans()):
            ends.append(self._attach(graph, node, place))
        return node, self._after(graph, ends), ()

    def a_boundary(self, graph, place):
        kind = self.pick("user", "user", "receive")
        task = self.a_receive(graph, place)[0] if kind == "receive" else self.add(graph, "t", "user")
        ends = [task, *(self._attach(graph, task, place) for _ in range(self.pick(1, 2)))]
        return task, self._after(graph, ends), ()

    def _after(self, graph, ends):
        living = [end for end in ends if end is not None]
        return living[0] if len(living) == 1 else self.merge(graph, living)

    def _attach(self, graph, host, place, event=None, code=""):
        """Attach an event to an activity; its path comes back to the activity's only when it interrupts."""
        node_id = self.name("b")
        awaits = {"event": event, "name": code} if event else self.awaited(node_id)
        interrupting = event in ("error", "cancel") or self.draw(st.booleans())
        rings = self.pick(1, 3) if awaits["event"] == "timer" and not interrupting else 1
        node = graph.nodes[node_id] = Node(
            node_id, "boundary", host=host.id, interrupting=interrupting, rings=rings, **awaits
        )
        inside = place.deeper(
            known=(), may_end=place.may_end if interrupting else True, tells=place.tells and interrupting
        )
        first, last = self.sequence(graph, inside)
        self.join(graph, node, first)
        if interrupting or last is None:
            return last
        self.join(graph, last, self.add(graph, "end", "end"))
        return None


@st.composite
def processes(draw, features=EVERYTHING, depth=3):
    """Draw a legal process."""
    return Builder(draw, features).process("proc", Place(depth, errors=("uncaught",)))
