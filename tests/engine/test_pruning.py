"""An instance does not grow with its age: what is finished leaves its state, and what it meant stays."""

import pytest

from engine.bpmn import pruning
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from tests.factories import NOON, boundary, end, flow, gateway, model, path, script, start, timer, user_task

LOOP = model(
    start() + user_task("work") + gateway("exclusive", "again", default="flow_again_ended") + end()
    + path("started", "work", "again") + flow("again", "work", "more") + flow("again", "ended")
)  # fmt: skip
FORKED_LOOP = model(
    start() + user_task("work") + gateway("parallel", "fork") + user_task("left") + user_task("right") + gateway("parallel", "join")
    + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "work", "fork") + flow("fork", "left")
    + flow("fork", "right") + flow("left", "join") + flow("right", "join") + flow("join", "again") + flow("again", "work", "more")
    + flow("again", "ended")
)  # fmt: skip
GUARDED_LOOP = model(
    start() + user_task("work") + boundary("nag", "work", timer("R/P1D", "timeCycle"), interrupting=False) + script("note", "1", "noted")
    + end("nagged") + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "work", "again")
    + flow("again", "work", "more") + flow("again", "ended") + path("nag", "note", "nagged")
)  # fmt: skip
SUBPROCESS_LOOP = model(
    start() + '<bpmn:subProcess id="sub">' + start("s1") + user_task("work") + end("s2") + path("s1", "work", "s2") + "</bpmn:subProcess>"
    + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "sub", "again") + flow("again", "sub", "more")
    + flow("again", "ended")
)  # fmt: skip


def begun(content, variables=None):
    run = Run.start(compile_process("proc", {"proc.bpmn": content}, {}), variables or {}, NOON)
    run.advance(lambda call: None)
    return stored(run)


def stored(run):
    run.waiting()
    return Run.restore(run.dump(), run.compiled, NOON)


def done(run, element_id, answers):
    task = next(item for item in run.waiting().values() if item.element.id == element_id)
    run.complete_user_task(task.spiff_task_id, answers)
    run.advance(lambda call: None)
    return stored(run)


def tokens(run):
    return list(run.workflow.all_tokens())


@pytest.mark.parametrize(
    ("content", "tasks"),
    [(LOOP, ["work"]), (FORKED_LOOP, ["work", "right", "left"]), (GUARDED_LOOP, ["work"]), (SUBPROCESS_LOOP, ["work"])],
    ids=["loop", "loop around a fork", "loop with a reminder", "loop around a subprocess"],
)
def test_rounds_leave_no_tokens_behind(content, tasks):
    run = begun(content, {"party": "A"})

    sizes = []
    for number in range(12):
        for task in tasks:
            run = done(run, task, {"n": number, "more": True})
        sizes.append(len(tokens(run)))

    assert set(sizes[1:]) == {sizes[1]}
    assert sizes[1] <= 20
    assert run.variables()["n"] == 11
    for task in tasks:
        run = done(run, task, {"more": False})
    assert run.is_finished
    assert len(tokens(run)) <= 2


def test_the_diagram_still_shows_what_left():
    run = begun(FORKED_LOOP)

    for task in ("work", "right", "left", "work", "right"):
        run = done(run, task, {"more": True})

    seen = run.activities()
    assert set(seen["completed"]) == {"started", "work", "fork", "left", "right", "join", "again"}
    assert seen["counts"]["left"] == 1
    assert set(seen["flows"]) >= {"flow_again_work", "flow_left_join", "flow_right_join", "flow_join_again"}
    assert "flow_again_ended" not in seen["flows"]
    assert run.workflow.traces.completed["join"] == 1


def test_a_join_still_knows_what_each_branch_changed_since_the_fork():
    run = begun(FORKED_LOOP, {"x": 1, "y": 1, "z": 1})

    run = done(run, "work", {"x": 2})
    run = done(run, "left", {"y": 3, "left": True})
    run = done(run, "right", {"z": 4, "more": False})

    assert run.variables() == {"x": 2, "y": 3, "z": 4, "left": True, "more": False}


def test_a_finished_token_that_somebody_needs_stays_until_the_need_is_over():
    run = begun(LOOP)
    first = next(token for token in tokens(run) if token.task_spec.name == "work" and token.parent is not None)
    first.internal_data[pruning.KEEP] = True

    for _ in range(5):
        run = done(run, "work", {"more": True})

    assert run.token(first.id).task_spec.name == "work"
    del run.token(first.id).internal_data[pruning.KEEP]
    run = done(run, "work", {"more": True})
    assert run.token(first.id) is None


def test_the_tree_of_a_kept_subprocess_stays_with_it():
    run = begun(SUBPROCESS_LOOP)
    host = next(token for token in tokens(run) if token.task_spec.name == "sub")
    host.internal_data[pruning.KEEP] = True

    for _ in range(3):
        run = done(run, "work", {"more": True})

    assert set(run.workflow.subprocesses) >= {host.id}
    assert len(run.workflow.subprocesses) == 2


def test_who_descends_from_whom_stays_as_it_was():
    run = begun(FORKED_LOOP)
    for task in ("work", "left", "right", "work", "left"):
        run = done(run, task, {"more": True})

    for token in tokens(run):
        assert token.parent is None or token.id in token.parent._children
        assert all(child.parent is token for child in token.children)
    (right,) = (token for token in tokens(run) if token.task_spec.name == "right" and not token._state & 64)
    (arrived,) = (token for token in tokens(run) if token.task_spec.name == "join" and token._state & 8)
    meet = next(token for token in right.ancestors() if arrived.is_descendant_of(token))
    assert meet.task_spec.name == "fork"
