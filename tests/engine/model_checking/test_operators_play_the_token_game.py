"""Random legal models, and operators who step in: the engine beside what ``docs/operate-instances.md`` says.

Tokens are moved, added, removed and skipped, variables corrected, instances cancelled with compensation, steps gone
back to; and all of it is taken back again.
"""

from copy import deepcopy
from functools import partial

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from engine import undo
from engine.bpmn import compensation, rewind, stranding, surgery
from tests.engine.model_checking.graph import as_bpmn
from tests.engine.model_checking.players import ServicePlayer, World, errors_of
from tests.engine.model_checking.programs import CONDITIONS, UNDOING, WATCHED, processes
from tests.engine.model_checking.test_engine_plays_the_token_game import EXAMPLES, THOROUGH, assert_same, sandboxed
from tests.engine.model_checking.token_game import Game

#: What operators are tried on, and what going back to a step is.
WORK = frozenset(
    {
        "task",
        "passed",
        "script",
        "catch",
        "receive",
        "choice",
        "fork",
        "inclusive",
        "split",
        "loop",
        "sub",
        "call",
        "end",
    }
)
OPERATED = WORK | {"boundary", "event_sub", "items", "service", "events", "terminate", "throw"} | CONDITIONS | UNDOING


def operate(game, engine, data):
    """Give one order on both sides, the same; say whether it was carried out."""
    kinds = {"move": game.sources(), "remove": game.sources(), "skip": game.skippable(), "add": game.open_scopes()}
    kinds = [kind for kind, possible in kinds.items() if possible]
    kind = data.draw(st.sampled_from([*kinds, "set"]), label="order")
    match kind:
        case "move" | "remove" | "skip":
            rests = game.skippable() if kind == "skip" else game.sources()
            rests = [rest for rest in sorted(rests, key=lambda rest: rest.node.id) if game.only(rest)]
            targets = [game.targets(rest.scope) if kind == "move" else [None] for rest in rests]
            possible = [(rest, target) for rest, found in zip(rests, targets, strict=True) for target in found]
            if not possible:
                return False
            rest, target = data.draw(st.sampled_from(possible), label=kind)
            arguments = (rest, target) if kind == "move" else (rest,)
            facts = {"source": rest.node.id, "target": target and target.id}
        case "add":
            possible = [(scope, target) for scope in game.open_scopes() for target in game.targets(scope)]
            if not possible:
                return False
            arguments = data.draw(st.sampled_from(possible), label=kind)
            facts = {"target": arguments[1].id}
        case "set":
            arguments = (
                data.draw(st.sampled_from(WATCHED), label="variable"),
                data.draw(st.integers(0, 1), label="value"),
            )
            facts = {"source": arguments[0], "value": arguments[1]}
    note(f"{kind} {facts}")
    carried_out = getattr(game, kind if kind != "set" else "set_variable")(*arguments)
    assert engine.order(kind, **facts) == carried_out, "both carry the order out, or refuse it"
    return carried_out


def wait_for_something(game, engine, data):
    """Let one of the waits happen on both sides."""
    waits = sorted(game.waits(), key=lambda wait: (wait.kind, wait.element))
    waits = [wait for wait in waits if engine.can(wait)]
    if waits:
        wait = data.draw(st.sampled_from(waits), label="wait")
        answers = {name: data.draw(st.integers(0, values - 1), label=name) for name, values in wait.node.asks}
        note(f"{wait.kind} {wait.element} {answers}")
        engine.happen(wait, answers, game)
        game.happen(wait, answers)


def go_back(game, engine, data):
    """Go back to a finished step on both sides; say whether that was possible."""
    possible = game.ways_back()
    if not possible:
        return False
    number = data.draw(st.sampled_from(possible), label="step")
    note(f"reset to {game.done[number].node.id} (step {number})")
    carried_out = game.reset(number)
    assert engine.reset(number) == carried_out, "both go back, or say that there is no way"
    return carried_out


def cancel(game, engine, data):
    """Cancel on both sides what was done being undone first; now and then."""
    if data.draw(st.integers(0, 2), label="really"):
        return False
    note("cancel with compensation")
    game.cancel()
    engine.cancel(compensate=True)
    return True


def operated(graph, data, player, orders=(operate, operate, cancel), steps=8):
    """Play a story in which an operator steps in again and again, and takes orders back."""
    assert errors_of(graph) == []
    world = World()
    game = Game(graph, lambda node: "works")
    engine = player(graph, world)
    for _ in range(steps):
        if game.unclear or game.finished:
            break
        assert_same(engine, game)
        if data.draw(st.booleans(), label="wait"):
            wait_for_something(game, engine, data)
            continue
        before, effects = deepcopy(game), effects_of(game, world)
        carried_out = data.draw(st.sampled_from(orders), label="order")(game, engine, data)
        if game.unclear:
            break
        if carried_out:
            assert_same(engine, game)
        if not carried_out or (
            data.draw(st.integers(0, 2), label="undo") == 0 and take_back(engine, effects == effects_of(game, world))
        ):
            game = before
    if not game.unclear:
        assert_same(engine, game)


def effects_of(game, world):
    """Count what others were told or did: nobody can take that back."""
    return sum(game.thrown.values()) + world.served


def take_back(engine, possible):
    note("undo")
    assert engine.undo() == possible, "what others were told or did is not taken back"
    return possible


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(THOROUGH, max_examples=EXAMPLES // 10 or 40)
@given(processes(OPERATED, depth=2), st.data())
def test_operators_and_the_token_game_agree(session, graph, data):
    """Tokens moved, added, removed and skipped, variables corrected, instances cancelled with compensation; and all of it undone."""
    note(as_bpmn(graph).decode())
    sandboxed(session, lambda: operated(graph, data, partial(ServicePlayer, session=session)))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(THOROUGH, max_examples=EXAMPLES // 10 or 30)
@given(processes(WORK, depth=2), st.data())
def test_ways_back_and_the_token_game_agree(session, graph, data):
    """Finished steps are gone back to: what came of them goes, what others did stays; and that is undone, too."""
    note(as_bpmn(graph).decode())
    player = partial(ServicePlayer, session=session)
    sandboxed(session, lambda: operated(graph, data, player, orders=(go_back,)))


# -- faults that it must notice ------------------------------------------------------------------------


def joins_may_be_stranded(monkeypatch):
    monkeypatch.setattr(stranding, "stranded_joins", lambda run: frozenset())


def a_token_is_moved_and_stays(monkeypatch):
    monkeypatch.setattr(surgery, "remove", lambda token: None)


def a_corrected_variable_reaches_nobody(monkeypatch):
    monkeypatch.setattr(surgery, "correct", lambda run, variables, token=None: {})


def cancelling_forgets_what_was_done_in_subprocesses_at_work(monkeypatch):
    monkeypatch.setattr(compensation, "_left_in", lambda token, inner: [])


def what_lies_ahead_keeps_its_ids(monkeypatch):
    monkeypatch.setattr(rewind, "renew_what_lies_ahead", lambda run: None)


def an_undone_order_leaves_its_tasks(monkeypatch):
    monkeypatch.setattr(undo, "_put_back_user_tasks", lambda step, rows: None)


def what_came_of_a_step_stays(monkeypatch):
    monkeypatch.setattr(rewind, "_is_after", lambda token, consequences, before, run: False)


def one_branch_goes_back_over_a_join(monkeypatch):
    monkeypatch.setattr(rewind, "_refuse_joined", lambda run, consequences, others: None)
    joins_may_be_stranded(monkeypatch)  # who would refuse it, too


FEW = frozenset({"task", "fork", "sub", "end"})


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "features", "orders"),
    [
        (joins_may_be_stranded, FEW - {"end"}, (operate,)),
        (a_token_is_moved_and_stays, FEW, (operate,)),
        (a_corrected_variable_reaches_nobody, frozenset({"task", "condition", "catch"}), (operate,)),
        (cancelling_forgets_what_was_done_in_subprocesses_at_work, frozenset({"task", "sub", "handlers"}), (cancel,)),
        (what_lies_ahead_keeps_its_ids, FEW, (operate,)),
        (an_undone_order_leaves_its_tasks, FEW, (operate,)),
        (what_came_of_a_step_stays, FEW, (go_back,)),
        (one_branch_goes_back_over_a_join, FEW - {"end"}, (go_back,)),
    ],
)
def test_a_fault_in_what_operators_do_is_noticed(session, fault, features, orders, monkeypatch):
    fault(monkeypatch)

    @settings(THOROUGH, max_examples=150, derandomize=True, phases=[Phase.generate])
    @given(processes(features, depth=2), st.data())
    def agree(graph, data):
        player = partial(ServicePlayer, session=session)
        sandboxed(session, lambda: operated(graph, data, player, orders=orders))

    with pytest.raises((AssertionError, ExceptionGroup, LookupError, IntegrityError)):
        agree()
