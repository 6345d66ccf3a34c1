"""Events that many wait for at once: signals that are broadcast (BPMN 2.0.2, 10.5.5), conditions that come to hold.

A part of the token game. A signal is heard by whoever listened when it was thrown and still does when it arrives; a
condition is looked at when a token comes to it and whenever nothing moves any more, and fires when it turns true.
"""

from itertools import combinations


class Hearing:
    """What the token game knows of signals and conditions."""

    def begin_to_hear(self):
        #: Signals on their way: name, and who listened when each was thrown.
        self.signals = []
        #: What listens and has heard that its condition holds, so that it must turn false before it fires again.
        self._held = set()
        #: Who listened before a step, and who certainly listened when a signal was thrown in it; what was thrown.
        self._listened, self._sent = set(), set()
        #: The standard leaves open what comes of two things that happen in no order: the story cannot be told on.
        self.unclear = False

    # -- signals ---------------------------------------------------------------------------------------

    def listeners(self, name):
        return [wait for wait in self.waits() if wait.kind == "signal" and wait.name == name]

    def _signal(self, scope, name):
        """Throw a signal: who listens now will hear it."""
        self.thrown[name] += 1
        self._sent.add(name)
        # What is around the throwing element listens since before it was reached.
        while scope is not None:
            self._listened |= {scope, scope.host and scope.host.rest}
            scope = scope.host and scope.host.rest.scope
        heard_by = self.listeners(name)
        self.unclear |= self._is_open(heard_by)
        self.signals.append((name, heard_by))

    def _is_open(self, waits):
        """Say whether some came to listen in this step, beside the throwing branch: before or after it, nobody knows."""
        return any((wait.rest or wait.scope) not in self._listened for wait in waits)

    def note_listeners(self):
        """Note who listens before a step."""
        self._sent = set()
        self._listened = {wait.rest or wait.scope for wait in self.waits() if wait.kind == "signal"}

    def check_listeners(self):
        """See after a step whether somebody may have listened in time or too late."""
        self.unclear |= any(self._is_open(self.listeners(name)) for name in self._sent)

    def hear(self):
        """Let the signal that has been on its way the longest arrive."""
        self.note_listeners()
        _, listeners = self.signals.pop(0)
        self.hear_at(listeners)
        self.check_listeners()

    def hear_at(self, listeners):
        self.unclear |= not self.is_clear(listeners)
        for wait in listeners:
            if self._still_waits(wait):
                self._happen(wait, {})
                self._play()

    def can(self, wait):
        """Say whether the standard tells what comes of it."""
        return wait.kind != "signal" or self.is_clear(self.listeners(wait.name))

    def is_clear(self, waits):
        """Say whether it is all the same in which order these happen: none takes another one away."""
        return not any(self._takes_away(a, b) or self._takes_away(b, a) for a, b in combinations(waits, 2))

    def _takes_away(self, one, other):
        if one.rest is not None and one.rest is other.rest:
            return True
        if one.scope is not None and one.scope is other.scope:
            return True
        if one.scope is not None:
            return one.node.inner.start().interrupting and any(place is one.scope for place in other.places)
        if one.node.kind != "boundary" or not one.node.interrupting:
            return False
        inside = {id(item.scope) for item in one.rest.items if item.scope is not None}
        return any(id(place) in inside for place in other.places)

    def _still_waits(self, wait):
        return any(
            (now.kind, now.node, now.rest, now.scope) == (wait.kind, wait.node, wait.rest, wait.scope)
            for now in self.waits()
        )

    # -- conditions ------------------------------------------------------------------------------------

    def _conditions(self):
        """Return everything that waits for a condition."""
        return [wait for wait in self.everything_awaited() if wait.kind == "condition"]

    def _look_at_conditions(self):
        """Let those fire whose condition has come to hold; say whether any did."""
        known = self.known()
        waits = self._conditions()
        holding = {self._key(wait): wait for wait in waits if self._is_true(wait, known)}
        self._held &= set(holding)
        turned = [wait for key, wait in holding.items() if key not in self._held]
        self._held |= set(holding)
        self.unclear |= not self.is_clear(turned)
        for wait in turned:
            if any(self._key(now) == self._key(wait) for now in self._conditions()):
                self._happen(wait, {})
        return bool(turned)

    def _key(self, wait):
        return (wait.node, wait.rest, wait.scope)

    @staticmethod
    def _is_true(wait, known):
        when = wait.event_node.when
        return when is not None and known.get(when[0], (0, None))[1] == when[1]

    def known(self, scope=None):
        """Return what the tokens of the instance, or of a scope with what is inside it, know: the later writing counts."""
        merged = {}
        for place in self._scopes(scope):
            memories = [rest.memory for rest in place.resting] + place.results
            memories += [memory for arrived in place.arrived.values() for memory in arrived]
            for memory in memories:
                for variable, written in memory.items():
                    merged[variable] = max(merged.get(variable, written), written)
        return merged
