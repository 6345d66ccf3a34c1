"""Compensation (BPMN 2.0.2, 10.5.6, 10.7 and 13.5.5) and transactions (10.2.5, 13.3.5): a part of the token game.

Each scope remembers, in the order of its completion, what was done in it and can be undone. Who asks takes entries
out of that memory, each once; they are undone one after the other, the last first, and who asked waits for it. What
was done inside a completed subprocess is undone inside it, by its own compensation event subprocess where it has one.
"""

from dataclasses import dataclass, field

from tests.engine.model_checking.graph import Node


@dataclass(eq=False)
class Entry:
    """Something that can be undone."""

    activity: Node
    #: Of a completed subprocess without a handler: what was done in it.
    inside: list["Entry"] | None = None
    #: It had not completed, so that its event subprocess does not undo it.
    partly: bool = False


@dataclass(eq=False)
class Undoing:
    """One after the other is undone, in the scope where it was done."""

    scope: object
    todo: list[Entry]
    #: The token that waits for it, if any.
    asker: object = None
    #: What happens when all is undone, instead of the asker going on.
    afterwards: object = None
    now: Entry | None = field(default=None)
    #: The token of what undoes the entry.
    rest: object = None


class Compensation:
    """What the token game knows of undoing."""

    def remember(self, rest, item):
        """Note that an activity, or an item of it, has completed."""
        node, scope = rest.node, rest.scope
        if rest.undoing is not None or node.kind == "event_sub":
            return
        if node.handler:
            scope.log.append(Entry(node))
        elif item.scope is not None and (item.scope.log or node.inner.compensation_event_subprocess()):
            scope.log.append(Entry(node, item.scope.log))

    def _undo(self, scope, node, memory, make_rest):
        """Let a token ask for compensation and wait for it."""
        rest = make_rest(scope, node, memory)
        scope.resting.append(rest)
        where, entries = scope, self._entries(scope, node.name)
        if not node.name or not entries:
            while where.host is not None and where.host.rest.node.kind == "event_sub":
                where = where.host.rest.scope
                entries = self._entries(where, node.name)
        self._undo_next(Undoing(where, entries, asker=rest))

    @staticmethod
    def _entries(scope, activity):
        taken = [entry for entry in scope.log if activity in ("", entry.activity.id)]
        scope.log = [entry for entry in scope.log if entry not in taken]
        return taken

    def _undo_next(self, undoing):
        undoing.rest = undoing.now = None
        if undoing.todo:
            undoing.now = undoing.todo.pop()
            self._undo_entry(undoing)
            return
        if undoing in undoing.scope.undoings:
            undoing.scope.undoings.remove(undoing)
        asker = undoing.asker
        if undoing.afterwards is not None:
            undoing.afterwards()
        elif asker is not None and asker in asker.scope.resting:
            asker.scope.resting.remove(asker)
            self._leave(asker.scope, asker.node, asker.memory)
            self._close_if_empty(asker.scope)
        self._close_if_empty(undoing.scope)

    def _undo_entry(self, undoing):
        scope, entry = undoing.scope, undoing.now
        if undoing not in scope.undoings:
            scope.undoings.append(undoing)
        node = scope.graph.nodes[entry.activity.handler] if entry.inside is None else entry.activity
        rest = undoing.rest = self.new_rest(scope, node, {})
        rest.undoing = undoing
        scope.resting.append(rest)
        if entry.inside is None:
            self._run_item(rest)
            return
        item = self.new_item(rest)
        rest.items.append(item)
        item.scope = inner = self.new_scope(node.inner, item)
        rest.partly = entry.partly
        event_subprocess = node.inner.compensation_event_subprocess()
        if event_subprocess is not None and not entry.partly:
            inner.log = list(entry.inside)
            begun = self.new_rest(inner, event_subprocess, {})
            inner.resting.append(begun)
            self._run_item(begun)
        else:
            self._undo_next(Undoing(inner, list(entry.inside)))

    # -- everything at once ----------------------------------------------------------------------------

    def _take_everything(self, scope):
        """Take what can be undone out of a scope and those at work in it, what is just being undone included."""
        entries = self._entries(scope, "")
        at_work = 0
        for undoing in scope.undoings:
            entries += undoing.todo
            at_work += 1
            if undoing.now.inside is None:
                entries.append(undoing.now)
        scope.undoings = []
        for rest in scope.resting:
            for item in rest.items:
                if item.scope is not None and rest.node.kind != "event_sub" and not self._is_handler(rest):
                    left = self._left_in(rest, item)
                    at_work += bool(left)
                    entries += left
        # What is at work counts as done last; of two at work the standard says nothing.
        self.unclear |= at_work > 1
        return entries

    @staticmethod
    def _is_handler(rest):
        return rest.undoing is not None and rest.undoing.now.inside is None

    def _left_in(self, rest, item):
        own = rest.node.inner.compensation_event_subprocess()
        within = self._take_everything(item.scope)
        is_undone = rest.undoing is not None
        begins_anew = is_undone and own is not None and not rest.partly
        if not within and not begins_anew:
            return []
        return [Entry(rest.node, within, partly=rest.partly if is_undone else own is not None)]

    def _cancel_transaction(self, scope, node, memory):
        """A cancel end event: all work of the transaction stops, it is undone, and left by its cancel event."""
        entries = self._take_everything(scope)
        host = scope.host.rest
        self._stop(scope)
        rest = self.new_rest(scope, node, memory)
        scope.resting.append(rest)

        def leave():
            boundary = next(b for b in host.armed if b.event == "cancel")
            self._ring(host, boundary)

        self._undo_next(Undoing(scope, entries, asker=rest, afterwards=leave))

    def cancel(self):
        """Cancel the instance with compensation: an operator's order."""
        entries = self._take_everything(self.root)
        self._stop(self.root)
        self.signals.clear()
        self.cancelled = True
        self._undo_next(Undoing(self.root, entries))
        self._play()

    def _stop(self, scope):
        for rest in list(scope.resting):
            self._drop(rest)
        scope.arrived.clear()
        scope.armed.clear()
        scope.undoings = []
        self.moving = [move for move in self.moving if move[0] is not scope]
