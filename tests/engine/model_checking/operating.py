"""What an operator may do to an instance, after ``docs/operate-instances.md``: a part of the token game.

Orders are carried out as a whole or refused. Going back to a finished step goes by what each token knows: a token
that remembers the step came of it.
"""

from tests.engine.model_checking.graph import Graph, Node

#: Where a token can be put, and what can be left as if it were done.
TARGETS = frozenset(
    {"user", "service", "passed", "script", "catch", "receive", "throw", "sub", "call", "events", "end"}
)
SKIPPED = frozenset({"user", "service", "receive", "catch"})
SOURCES = frozenset({"user", "service", "receive", "catch", "events", "sub", "call", "xor", "or"})


class Operating:
    """What the token game knows of operators."""

    # -- what may be ordered ---------------------------------------------------------------------------

    def sources(self):
        """Return the tokens that can be taken away: whole activities that nothing undoes."""
        return [
            rest for scope in self._scopes() for rest in scope.resting
            if rest.node.kind in SOURCES and rest.undoing is None
        ]  # fmt: skip

    def skippable(self):
        return [rest for rest in self.sources() if rest.node.kind in SKIPPED and rest.node.loop is None]

    def only(self, rest):
        """Say whether no other token stands at the same element, so that its name is enough."""
        everywhere = [other for scope in self._scopes() for other in scope.resting]
        return sum(other.node is rest.node for other in everywhere) == 1

    def targets(self, scope):
        """Return the elements of a scope that a token may be put before."""
        graph, handlers = scope.graph, set(scope.graph.handlers().values())
        return [
            node for node in graph.nodes.values()
            if node.kind in TARGETS and node.event not in ("link", "cancel") and node.id not in handlers
            and graph.into(node.id)
            and not any(graph.nodes[flow.source].kind == "events" for flow in graph.into(node.id))
        ]  # fmt: skip

    def open_scopes(self):
        """Return the scopes to which a token can be added without naming which: each runs once."""
        scopes = [scope for scope in self._scopes() if scope.host is None or scope.host.rest.undoing is None]
        everywhere = [scope.graph for scope in self._scopes()]
        return [scope for scope in scopes if everywhere.count(scope.graph) == 1]

    # -- orders; each says whether it was carried out --------------------------------------------------

    def move(self, rest, target: Node) -> bool:
        before = self._stranded()
        rest.scope.resting.remove(rest)
        self._put(rest.scope, target, rest.memory)
        if self._stranded() - before:
            self.moving.clear()
            rest.scope.resting.append(rest)
            return False
        self._fall(rest)
        self._carry_on()
        return True

    def add(self, scope, target: Node) -> bool:
        before = self._stranded()
        self._put(scope, target, self._common(scope))
        if self._stranded() - before:
            self.moving.clear()
            return False
        self._carry_on()
        return True

    def remove(self, rest) -> bool:
        before, scope = self._stranded(), rest.scope
        scope.resting.remove(rest)
        left = scope.resting or any(scope.arrived.values()) or scope.results
        if self._stranded() - before or not left:
            scope.resting.append(rest)
            return False
        self._fall(rest)
        self._close_if_empty(scope)
        self._carry_on()
        return True

    def skip(self, rest) -> bool:
        """Let a token leave as if its work were done."""
        rest.stuck = False
        if rest.items:
            self._done(rest.items[0], rest.memory)
        else:
            rest.scope.resting.remove(rest)
            self._leave(rest.scope, rest.node, rest.memory)
        self._carry_on()
        return True

    def set_variable(self, name, value) -> bool:
        """Correct a variable of all tokens."""
        written = (next(self._clock), value)
        for scope in self._scopes():
            for memory in [rest.memory for rest in scope.resting]:
                memory[name] = written
            for memories in scope.arrived.values():
                for memory in memories:
                    memory[name] = written
        self._carry_on()
        return True

    # -- a step back -----------------------------------------------------------------------------------

    def ways_back(self):
        """Return the numbers of the finished user tasks that have not been taken back; items of a repetition have none."""
        return [n for n, rest in enumerate(self.done) if n not in self.taken_back and rest.node.loop is None]

    def reset(self, number) -> bool:
        """Stand at a finished user task again; what came of it is taken away."""
        task = self.done[number]
        if any(_is_mixed(number, memories) for memories in self.joined):
            return False
        for scope in list(self._scopes()):
            for rest in [rest for rest in scope.resting if ("done", number) in rest.memory]:
                self._drop(rest)
            for memories in scope.arrived.values():
                memories[:] = [memory for memory in memories if ("done", number) not in memory]
            scope.results[:] = [memory for memory in scope.results if ("done", number) not in memory]
        self.taken_back |= {n for n, rest in enumerate(self.done) if n == number or ("done", number) in rest.memory}
        # A join that came of it has not joined anything.
        self.joined = [memories for memories in self.joined if not all(("done", number) in m for m in memories)]
        path = [task.scope]
        while path[0].host is not None:
            path.insert(0, path[0].host.rest.scope)
        alive = {id(scope) for scope in self._scopes()}
        where = path.pop(0)
        while path and id(path[0]) in alive:
            where = path.pop(0)
        for node in [scope.host.rest.node for scope in path]:
            rest = self.new_rest(where, node, task.memory)
            where.resting.append(rest)
            self._arm(rest)
            item = self.new_item(rest)
            rest.items.append(item)
            rest.rounds = 1
            where = item.scope = self.new_scope(node.inner, item)
            where.armed = {inner: inner.inner.start().rings for inner in where.graph.event_subprocesses()}
        self.moving.append((where, task.node, None, task.memory))
        self._carry_on()
        return True

    # -- pieces ----------------------------------------------------------------------------------------

    def _put(self, scope, target, memory):
        self.moving.append((scope, target, None, memory))

    def _carry_on(self):
        """Let everything move, event subprocesses that have interrupted a scope listening again for its new work."""
        self.note_listeners()
        for scope, _, _, _ in self.moving:
            running = [rest.node for rest in scope.resting]
            for node in scope.graph.event_subprocesses():
                if node.inner.start().interrupting and node not in running:
                    scope.armed.setdefault(node, node.inner.start().rings)
        self._play()
        self.check_listeners()

    def _fall(self, rest):
        """Take away what is inside a token that is gone."""
        rest.scope.resting.append(rest)
        self._drop(rest)

    @staticmethod
    def _common(scope):
        memories = [rest.memory for rest in scope.resting]
        memories += [memory for arrived in scope.arrived.values() for memory in arrived]
        if not memories:
            return {}
        return {name: written for name, written in memories[0].items() if all(m.get(name) == written for m in memories)}

    def _stranded(self):
        """Return the parallel joins that wait for a branch which no token is on."""
        return {
            (id(scope), node.id)
            for scope in self._scopes()
            for node in scope.graph.nodes.values()
            if node.kind == "and" and len(scope.graph.into(node.id)) > 1 and self._is_stranded(scope, node)
        }

    def _is_stranded(self, scope, join):
        graph: Graph = scope.graph
        places = [rest.node.id for rest in scope.resting]
        places += [node.id for where, node, _, _ in self.moving if where is scope]
        places += [flow.target for flow, memories in scope.arrived.items() if memories and flow.target != join.id]
        flows = graph.into(join.id)
        arrived = {flow for flow in flows if scope.arrived.get(flow)}
        coming = {flow for flow in flows if any(self.reaches(graph, place, flow) for place in places)}
        return bool(arrived | coming) and bool(set(flows) - arrived - coming)


def _is_mixed(number, memories):
    """Say whether at a join some branch came of a step and another did not."""
    return len({("done", number) in memory for memory in memories}) > 1
