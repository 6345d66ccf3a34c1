"""An instance's state survives being written down, whatever it holds."""

import pytest
import zstandard

from engine.bpmn import codec
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from tests.factories import NOON, boundary, end, flow, gateway, model, path, start, timer, user_task

BODY = (
    start() + gateway("parallel", "fork") + user_task("one") + boundary("late", "one", timer("P9D"))
    + '<bpmn:subProcess id="sub">' + start("s1") + user_task("inner") + end("s2") + path("s1", "inner", "s2") + "</bpmn:subProcess>"
    + gateway("parallel", "join") + user_task("after") + end() + flow("started", "fork") + flow("fork", "one")
    + flow("fork", "sub") + flow("one", "join") + flow("sub", "join") + flow("late", "ended") + path("join", "after", "ended")
)  # fmt: skip


@pytest.fixture(scope="module")
def compiled():
    return compile_process("proc", {"proc.bpmn": model(BODY)}, {})


def started(compiled, variables):
    run = Run.start(compiled, variables, NOON)
    run.advance(lambda call: None)
    run.waiting()
    return run


def again(run):
    return Run.restore(run.dump(), run.compiled, NOON)


def shown(run):
    return {name: sorted(ids) for name, ids in run.activities().items()}


def elements(run):
    return sorted((item.kind, item.element.id) for item in run.waiting().values())


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"typename": "SpiffWorkflow.Task", "__class__": {"typename": "x"}},
        {"z": 1, "a": {"z": 1, "a": [1, {"y": None}]}, "中文": "状态 \u200f\u0000"},
        {"big": "x" * 1_000_000, "numbers": [1, 1.0, True, False, None, -0.0, 2**53]},
    ],
    ids=["nothing", "names of the library", "order and scripts", "large"],
)
def test_data_comes_back_as_it_was_in_its_order(compiled, variables):
    run = started(compiled, variables)

    restored = again(again(run))

    assert restored.variables() == run.variables() == variables
    assert list(restored.variables()) == list(variables)
    assert elements(restored) == elements(run)


def test_an_instance_restored_after_every_step_ends_like_one_that_never_was(compiled):
    kept, restored = started(compiled, {"n": 0}), started(compiled, {"n": 0})

    for element_id, answers in (("inner", {"i": 1}), ("one", {"n": 5}), ("after", {"done": True})):
        for run in (kept, restored):
            task = next(item for item in run.waiting().values() if item.element.id == element_id)
            run.complete_user_task(task.spiff_task_id, answers)
            run.advance(lambda call: None)
        restored = again(restored)

    assert (kept.is_finished, restored.is_finished) == (True, True)
    assert kept.variables() == restored.variables() == {"n": 5, "i": 1, "done": True}
    assert shown(kept) == shown(restored)


def test_what_happened_within_one_millisecond_stays_in_order(compiled):
    run = started(compiled, {})
    tokens = [run.token(item.spiff_task_id) for item in run.waiting().values()]
    for place, token in enumerate(tokens):
        token.last_state_change = 1_790_000_000.0003 + place / 100_000

    restored = again(again(run))

    instants = [restored.token(token.id).last_state_change for token in tokens]
    assert instants == sorted(set(instants))


def test_due_dates_do_not_move_when_an_instance_is_restored_later(compiled):
    run = started(compiled, {})

    restored = Run.restore(run.dump(), compiled, NOON.replace(year=2027))

    due = [item.due_at for item in restored.waiting().values() if item.kind == "timer"]
    assert due == [item.due_at for item in run.waiting().values() if item.kind == "timer"]


def test_a_state_holds_of_its_definition_only_where_tokens_stand(compiled):
    state = zstandard.ZstdDecompressor().decompress(started(compiled, {}).dump()[1:], max_output_size=100_000)

    assert b'"one"' in state  # the names of elements at which tokens stand, and nothing else of them
    assert not [text for text in (b"lawyers", b"P9D", b"Gateway", b"flow_") if text in state]


@pytest.mark.parametrize("blob", [b"", b"\x00", b"\xff1234", bytes([codec.VERSION]) + b"not zstd"])
def test_a_damaged_or_unknown_state_is_refused_clearly(compiled, blob):
    with pytest.raises(codec.StateUnreadable):
        codec.load(blob, compiled, None)
