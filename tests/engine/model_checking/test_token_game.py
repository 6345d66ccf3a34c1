"""The token game itself: small models whose course the standard tells, and faults in the engine that it must notice."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.bpmn import codec, compensation, conditional, joins, messaging
from engine.bpmn.runtime import Run
from tests.engine.model_checking.graph import Flow, Graph, Node
from tests.engine.model_checking.programs import CONDITIONS, SIGNALS, UNDOING, processes
from tests.engine.model_checking.test_engine_plays_the_token_game import play
from tests.engine.model_checking.token_game import Game


def graph(nodes, flows, graph_id="proc"):
    """Nodes as ``id: (kind, facts)``; flows as texts like ``a b`` or ``a b v=1``."""
    result = Graph(graph_id)
    for node_id, (kind, facts) in nodes.items():
        result.nodes[node_id] = Node(node_id, kind, **facts)
    for text in flows:
        source, target, *when = text.split()
        variable, _, value = when[0].partition("=") if when else ("", "", "")
        result.flows.append(Flow(f"{source}_{target}", source, target, (variable, int(value)) if when else None))
    return result


def waits(game):
    return sorted(wait.element for wait in game.waits())


def do(game, element, **answers):
    game.happen(next(wait for wait in game.waits() if wait.element == element), answers)


USER, END = ("user", {}), ("end", {})


def test_a_parallel_join_takes_one_token_from_each_flow():
    game = Game(
        graph(
            {"s": ("start", {}), "a": ("and", {}), "x": USER, "y": USER, "j": ("and", {}), "z": USER, "e": END},
            ["s a", "a x", "a y", "x j", "y j", "j z", "z e"],
        )
    )

    do(game, "x")
    assert waits(game) == ["y"]
    do(game, "y")
    assert waits(game) == ["z"]


def test_an_inclusive_join_waits_for_the_tokens_that_can_still_come_and_no_longer():
    game = Game(
        graph(
            {"s": ("start", {}), "a": ("and", {}), "x": USER, "g": ("xor", {"default": "g_out"}), "y": USER, "out": END, "j": ("or", {}), "z": USER, "e": END},
            ["s a", "a x", "a y", "x j", "g out", "y g", "g j v=1", "j z", "z e"],
        )
    )  # fmt: skip

    do(game, "x")
    assert waits(game) == ["y"]
    do(game, "y", v=0)
    assert waits(game) == ["z"]


def test_an_interrupting_event_takes_what_is_inside_away_and_the_other_kind_does_not():
    inner = graph({"is": ("start", {}), "deep": USER, "ie": END}, ["is deep", "deep ie"], "inner")
    facts = {"event": "message", "host": "sub", "name": "m"}
    nodes = {
        "s": ("start", {}), "sub": ("sub", {"inner": inner}), "b": ("boundary", facts),
        "c": ("boundary", {**facts, "interrupting": False}), "after_b": USER, "after_c": USER, "e": END,
    }  # fmt: skip
    game = Game(graph(nodes, ["s sub", "sub e", "b after_b", "c after_c", "after_b e", "after_c e"]))

    do(game, "c")
    assert waits(game) == ["after_c", "b", "c", "deep"]
    do(game, "b")
    assert waits(game) == ["after_b", "after_c"]


def test_an_error_goes_to_the_nearest_that_catches_its_code():
    inner = graph(
        {"is": ("start", {}), "t": USER, "ie": ("end", {"event": "error", "name": "E"})}, ["is t", "t ie"], "i"
    )
    nodes = {
        "s": ("start", {}), "sub": ("sub", {"inner": inner}), "wrong": ("boundary", {"event": "error", "name": "F", "host": "sub"}),
        "right": ("boundary", {"event": "error", "name": "E", "host": "sub"}), "x": USER, "y": USER, "e": END,
    }  # fmt: skip
    game = Game(graph(nodes, ["s sub", "sub e", "wrong x", "right y", "x e", "y e"]))

    do(game, "t")

    assert waits(game) == ["y"]


def test_a_terminate_end_ends_its_own_scope_only():
    inner = graph(
        {"is": ("start", {}), "a": ("and", {}), "t": USER, "u": USER, "ie": ("end", {"event": "terminate"}), "je": END},
        ["is a", "a t", "a u", "t ie", "u je"],
        "i",
    )
    game = Game(graph({"s": ("start", {}), "sub": ("sub", {"inner": inner}), "z": USER, "e": END}, ["s sub", "sub z", "z e"]))  # fmt: skip

    do(game, "t")

    assert waits(game) == ["z"]
    do(game, "z")
    assert game.finished


def test_items_in_turn_and_at_once():
    for kind, expected in (("parallel", [["t"] * 2, ["t"], []]), ("sequential", [["t"], ["t"], []])):
        game = Game(graph({"s": ("start", {}), "t": ("user", {"loop": (kind, 2)}), "e": END}, ["s t", "t e"]))
        for open_now in expected:
            assert waits(game) == open_now
            if open_now:
                do(game, "t")
        assert game.finished


def test_a_signal_is_heard_where_something_listened_when_it_was_thrown():
    nodes = {
        "s": ("start", {}), "a": ("and", {}), "t": USER, "g": ("throw", {"event": "signal", "name": "bell"}),
        "late": ("catch", {"event": "signal", "name": "bell"}), "early": ("catch", {"event": "signal", "name": "bell"}),
        "x": USER, "y": USER, "e": END,
    }  # fmt: skip
    game = Game(graph(nodes, ["s a", "a t", "a early", "t g", "g late", "late x", "early y", "x e", "y e"]))

    do(game, "t")
    assert waits(game) == ["early", "late"]
    game.hear()
    assert waits(game) == ["late", "y"]


def test_a_condition_fires_when_it_turns_true():
    facts = {"event": "condition", "when": ("v", 1), "host": "work", "interrupting": False}
    nodes = {
        "s": ("start", {}), "a": ("and", {}), "say": ("user", {"asks": [("v", 2)]}), "again": ("xor", {"default": "again_say"}),
        "work": USER, "b": ("boundary", facts), "look": USER, "e": END,
    }  # fmt: skip
    game = Game(graph(nodes, ["s a", "a say", "a work", "say again", "again say", "work e", "b look", "look e"]))

    for value, expected in ((1, 1), (1, 1), (0, 1), (1, 2)):
        do(game, "say", v=value)
        assert waits(game).count("look") == expected


def undone(*names):
    return {name: ("user", {"handler": f"un_{name}"}) for name in names} | {f"un_{name}": USER for name in names}


UNDO = ("throw", {"event": "compensate"})


def test_what_was_done_is_undone_the_last_first_and_once():
    inner = graph({"is": ("start", {}), **undone("b"), "ie": END}, ["is b", "b ie"], "inner")
    nodes = {
        "s": ("start", {}), **undone("a", "c"), "sub": ("sub", {"inner": inner}), "one": ("throw", {"event": "compensate", "name": "a"}),
        "all": UNDO, "z": USER, "e": END,
    }  # fmt: skip
    game = Game(graph(nodes, ["s a", "a sub", "sub c", "c one", "one all", "all z", "z e"]))
    for task in ("a", "b", "c", "un_a", "un_c", "un_b"):
        assert waits(game) == [task]
        do(game, task)

    assert waits(game) == ["z"]


def test_a_completed_subprocess_is_undone_by_its_own_event_subprocess():
    handling = graph(
        {"hs": ("start", {"event": "compensate"}), "h": USER, "hu": UNDO, "he": END},
        ["hs h", "h hu", "hu he"],
        "handling",
    )
    inner = graph(
        {"is": ("start", {}), **undone("b"), "ie": END, "us": ("event_sub", {"inner": handling})},
        ["is b", "b ie"],
        "inner",
    )
    game = Game(
        graph(
            {"s": ("start", {}), "sub": ("sub", {"inner": inner}), "u": UNDO, "z": USER, "e": END},
            ["s sub", "sub u", "u z", "z e"],
        )
    )

    for task in ("b", "h", "un_b"):
        assert waits(game) == [task]
        do(game, task)
    assert waits(game) == ["z"]


def test_a_cancelled_transaction_stops_is_undone_and_left_by_its_cancel_event():
    nodes = {
        "is": ("start", {}),
        **undone("b"),
        "a": ("and", {}),
        "x": USER,
        "y": USER,
        "off": ("end", {"event": "cancel"}),
        "ie": END,
    }
    inner = graph(nodes, ["is b", "b a", "a x", "a y", "x off", "y ie"], "inner")
    outer = {
        "s": ("start", {}), "deal": ("sub", {"inner": inner, "transaction": True}), "z": USER, "sorry": USER, "e": END,
        "gone": ("boundary", {"event": "cancel", "host": "deal"}),
    }  # fmt: skip
    game = Game(graph(outer, ["s deal", "deal z", "gone sorry", "z e", "sorry e"]))
    do(game, "b")

    do(game, "x")
    assert waits(game) == ["un_b"]
    do(game, "un_b")
    assert waits(game) == ["sorry"]


# -- faults that it must notice ------------------------------------------------------------------------


def joins_open_early(monkeypatch):
    monkeypatch.setattr(joins.ParallelGateway, "_is_complete", lambda self, token, group: True)


def inclusive_joins_never_wait(monkeypatch):
    monkeypatch.setattr(joins.InclusiveGateway, "_is_complete", lambda self, token, group: True)


def answers_are_forgotten_when_stored(monkeypatch):
    monkeypatch.setattr(codec, "_delta", lambda data, parent: codec._SAME if parent is not None else [data])


def a_repeating_timer_rings_once(monkeypatch):
    from engine.bpmn import timers

    monkeypatch.setattr(timers, "parse_cycle", lambda text: (1, "P1D"))


def a_late_answer_is_taken(monkeypatch):
    def complete_user_task(self, spiff_task_id, answers):
        token = self.token(spiff_task_id)
        if token is not None and not token.has_state(32):
            token.data.update(answers)
            self._pass(token)

    monkeypatch.setattr(Run, "complete_user_task", complete_user_task)


def who_throws_a_signal_does_not_hear_it(monkeypatch):
    plain = messaging.Thrown.__init__
    monkeypatch.setattr(
        messaging.Thrown, "__init__", lambda self, *a, **facts: plain(self, *a, **{**facts, "heard_by": ()})
    )


def a_signal_is_for_one_only(monkeypatch):
    # The runs are kept, so that no later one has the identity of one that has gone.
    plain, heard = Run.receive, {}

    def receive(self, kind, token, name, variables):
        if kind == "signal" and (id(self), name) in heard:
            return False
        heard[id(self), name] = self
        return plain(self, kind, token, name, variables)

    monkeypatch.setattr(Run, "receive", receive)


def a_condition_is_looked_at_on_arrival_only(monkeypatch):
    plain = conditional._look_at
    monkeypatch.setattr(
        conditional,
        "_look_at",
        lambda token, conditions: "seen" not in token.internal_data and plain(token, conditions),
    )


def a_condition_fires_again_while_it_holds(monkeypatch):
    # Once is enough to be noticed; for ever would be without end.
    plain, again = conditional.Condition.wait_again, iter([True])

    def wait_again(self, following):
        if not next(again, False):
            plain(self, following)

    monkeypatch.setattr(conditional.Condition, "wait_again", wait_again)


def what_was_done_first_is_undone_first(monkeypatch):
    plain = compensation._take
    monkeypatch.setattr(compensation, "_take", lambda workflow, activity: plain(workflow, activity)[::-1])


def what_was_undone_is_undone_again(monkeypatch):
    def take(workflow, activity):
        log = workflow.task_tree.internal_data.get(compensation.LOG, [])
        return [entry for entry in log if activity in (None, entry["a"])]

    monkeypatch.setattr(compensation, "_take", take)


def a_subprocess_that_undoes_itself_is_undone_step_by_step(monkeypatch):
    plain = compensation.Undo.start_workflow

    def start_workflow(self, my_task):
        my_task.internal_data[compensation._PARTLY] = 1
        plain(self, my_task)

    monkeypatch.setattr(compensation.Undo, "start_workflow", start_workflow)


def a_cancelled_transaction_forgets_what_is_at_work_in_it(monkeypatch):
    monkeypatch.setattr(compensation, "_left_in", lambda token, inner: [])


def at_work_in_a_transaction():
    work = graph({"ws": ("start", {}), **undone("b"), "c": USER, "we": END}, ["ws b", "b c", "c we"], "work")
    nodes = {
        "is": ("start", {}),
        "a": ("and", {}),
        "w": ("sub", {"inner": work}),
        "x": USER,
        "off": ("end", {"event": "cancel"}),
        "ie": END,
    }
    inner = graph(nodes, ["is a", "a w", "w ie", "a x", "x off"], "inner")
    outer = {
        "s": ("start", {}), "deal": ("sub", {"inner": inner, "transaction": True}), "z": USER, "sorry": USER, "e": END,
        "gone": ("boundary", {"event": "cancel", "host": "deal"}),
    }  # fmt: skip
    return graph(outer, ["s deal", "deal z", "gone sorry", "z e", "sorry e"])


def two_ways_to_a_join(kind="and"):
    nodes = {
        "s": ("start", {}), "a": ("and", {}), "x": USER, "y": USER, "w": USER, "j": (kind, {}), "z": USER, "e": END,
    }  # fmt: skip
    return graph(nodes, ["s a", "a x", "a y", "y w", "x j", "w j", "j z", "z e"])


def two_ways_to_an_inclusive_join():
    return two_ways_to_a_join("or")


def a_condition_beside_a_task():
    facts = {"event": "condition", "when": ("v", 1), "host": "work", "interrupting": False}
    nodes = {
        "s": ("start", {}), "a": ("and", {}), "say": ("user", {"asks": [("v", 2)]}), "w": USER, "work": USER,
        "b": ("boundary", facts), "look": USER, "e": END,
    }  # fmt: skip
    return graph(nodes, ["s a", "a say", "a work", "say w", "w e", "work e", "b look", "look e"])


FEW = frozenset({"task", "fork", "sub", "end"})


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("fault", "features"),
    [
        (joins_open_early, two_ways_to_a_join),
        (inclusive_joins_never_wait, two_ways_to_an_inclusive_join),
        (answers_are_forgotten_when_stored, frozenset({"task", "choice", "recall", "end"})),
        (a_repeating_timer_rings_once, frozenset({"task", "boundary"})),
        (a_late_answer_is_taken, frozenset({"task", "boundary", "end"})),
        (who_throws_a_signal_does_not_hear_it, FEW | SIGNALS | {"catch", "boundary"}),
        (a_signal_is_for_one_only, frozenset({"task", "fork", "catch", "signal"})),
        (a_condition_is_looked_at_on_arrival_only, FEW | CONDITIONS | {"catch"}),
        (a_condition_fires_again_while_it_holds, a_condition_beside_a_task),
        (what_was_done_first_is_undone_first, FEW | UNDOING),
        (what_was_undone_is_undone_again, FEW | UNDOING),
        (a_subprocess_that_undoes_itself_is_undone_step_by_step, FEW | UNDOING),
        # Random models come to this rarely.
        (a_cancelled_transaction_forgets_what_is_at_work_in_it, at_work_in_a_transaction),
    ],
)
def test_a_fault_in_the_engine_is_noticed(fault, features, monkeypatch):
    fault(monkeypatch)

    @settings(
        max_examples=2000, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.builds(features) if callable(features) else processes(features), st.data())
    def agree(chart, data):
        play(chart, data)

    with pytest.raises((AssertionError, ExceptionGroup, LookupError)):
        agree()
