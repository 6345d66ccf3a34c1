"""Random legal models, random stories, and the engine beside a token game that was written from the standard alone."""

import os
from collections import Counter
from functools import partial

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from engine import definitions
from tests.engine.model_checking.graph import as_bpmn
from tests.engine.model_checking.players import RunPlayer, ServicePlayer, World, errors_of
from tests.engine.model_checking.programs import processes
from tests.engine.model_checking.token_game import Game

#: How many models, drawn at random; without it the same few each time.
EXAMPLES = int(os.environ.get("MATTERFLOW_TEST_MODELS") or "0")
STEPS = 12
THOROUGH = settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def waits_of(game):
    return Counter((wait.kind, wait.element) for wait in game.waits())


def assert_same(engine, game):
    assert engine.waits() == waits_of(game)
    assert engine.finished == game.finished
    assert engine.stuck == game.stuck
    assert engine.thrown == game.thrown


MOODS = ("works", "works", "works", "fails", "job")


def step(game, engine, data):
    """Let one thing happen on both sides; return it when it must not happen twice."""
    waits = sorted(game.waits(), key=lambda wait: (wait.kind, wait.element))
    if game.signals and (engine.hears_at_once or not waits or data.draw(st.booleans(), label="hear")):
        note(f"heard: {game.signals[0][0]}")
        game.hear()
        engine.hear()
        return None
    if game.stuck and (not waits or data.draw(st.integers(0, 3), label="retry") == 0):
        note(f"retry, everything {engine.world.mood}")
        game.retry()
        engine.retry()
        return None
    if isinstance(engine, ServicePlayer) and data.draw(st.integers(0, 3), label="move") == 0:
        note("moved to the next version")
        engine.move()
        assert_same(engine, game)
    wait = data.draw(st.sampled_from(waits), label="wait") if len(waits) > 1 else waits[0]
    answers = {name: data.draw(st.integers(0, values - 1), label=name) for name, values in wait.node.asks}
    if not engine.can(wait) or not game.can(wait):
        return None
    note(f"{wait.kind} {wait.element} {answers} ({engine.world.mood})")
    item = engine.happen(wait, answers, game)
    game.happen(wait, answers)
    return item


def play(graph, data, player=RunPlayer, steps=STEPS, moods=MOODS):
    """Play one story, the same on both sides."""
    world = World()
    assert errors_of(graph) == []
    game = Game(graph, lambda node: world.mood)
    engine = player(graph, world)
    if game.unclear:
        return engine
    assert_same(engine, game)
    for _ in range(steps):
        if not (game.waits() or game.stuck or game.signals):
            break
        world.mood = data.draw(st.sampled_from(moods), label="mood")
        item = step(game, engine, data)
        if game.unclear:
            break
        assert_same(engine, game)
        if item is not None:
            assert not engine.happen_again(item), "what happened once happens once"
            assert_same(engine, game)
    return engine


@pytest.mark.slow
@pytest.mark.timeout(3600)
@THOROUGH
@given(processes(), st.data())
def test_the_engine_and_the_token_game_agree(graph, data):
    note(as_bpmn(graph).decode())

    play(graph, data)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(THOROUGH, max_examples=EXAMPLES // 10 or 20)
@given(processes(), st.data())
def test_the_services_and_the_token_game_agree(session, graph, data):
    """Through the database: suspended and moved to another version in between, completed twice, told twice, cancelled at some point."""
    note(as_bpmn(graph).decode())
    player = partial(ServicePlayer, session=session)

    def story():
        instance = play(graph, data, player, steps=8, moods=("works", "works", "fails"))
        if not instance.finished:
            instance.cancel()
        assert not instance.waits()

    sandboxed(session, story)


def sandboxed(session, story):
    """Play a story and leave nothing of it."""
    sandbox = session.begin_nested()
    try:
        story()
    finally:
        sandbox.rollback()
        session.expire_all()
        definitions.forget()
