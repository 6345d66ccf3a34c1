"""What pruning takes out, nothing misses: instances that are pruned go the way of instances that keep everything."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import codec
from engine.bpmn.runtime import Run
from engine.bpmn.script_engine import FeelScriptEngine
from tests.engine.states.stories import STORIES, compiled, settle
from tests.engine.test_pruning import FORKED_LOOP, GUARDED_LOOP, LOOP, SUBPROCESS_LOOP
from tests.factories import NOON, boundary, end, flow, gateway, message, model, path, start, timer, user_task

CROSSING = model(
    start() + gateway("inclusive", "fork", default="flow_fork_c") + user_task("a") + user_task("b") + user_task("c")
    + boundary("late", "b", timer("P1D")) + boundary("nag", "a", message("m"), interrupting=False) + user_task("rush")
    + user_task("nagged") + gateway("inclusive", "join") + gateway("exclusive", "again", default="flow_again_ended")
    + end() + end("other") + flow("started", "fork") + flow("fork", "a", "x = true") + flow("fork", "b", "y = true") + flow("fork", "c")
    + flow("a", "join") + flow("b", "join") + flow("c", "join") + path("late", "rush", "join") + path("nag", "nagged", "other")
    + flow("join", "again") + flow("again", "fork", "more") + flow("again", "ended"),
    extra='<bpmn:message id="m" name="nag"/>',
)  # fmt: skip

MODELS = {
    name: compiled(content)
    for name, content in {
        "loop": LOOP,
        "forked": FORKED_LOOP,
        "guarded": GUARDED_LOOP,
        "subprocess": SUBPROCESS_LOOP,
        "crossing": CROSSING,
        **{
            name: STORIES[name].model
            for name in ("nested", "items_at_once", "items_of_subprocess", "reminders", "messages", "subprocess")
        },
    }.items()
}
ANSWERS = st.fixed_dictionaries(
    {"more": st.booleans(), "x": st.booleans(), "y": st.booleans()},
    optional={"n": st.integers(0, 3), "v": st.lists(st.integers(0, 1), max_size=2)},
)


def kept(run: Run) -> Run:
    """Store and restore an instance with every token it ever had."""
    engine = FeelScriptEngine(NOON)
    return Run(run.compiled, codec.load(codec.dump(run.workflow, run.compiled), run.compiled, engine), engine)


def pruned(run: Run) -> Run:
    """Store and restore an instance as the product does."""
    return Run.restore(run.dump(), run.compiled, NOON)


@dataclass
class Life:
    """One instance, stored in one of both ways after each step; its tasks are told apart by when they came."""

    run: Run
    store: object
    came: list = field(default_factory=list)

    def rest(self) -> None:
        settle(self.run)
        self.run = self.store(self.run)
        here = {key: item for key, item in self.run.waiting().items() if item.kind in ("user_task", "timer", "message")}
        self.came = [key for key in self.came if key in here]
        new = sorted(
            (here[key].kind, here[key].element.id, order, key) for order, key in enumerate(here) if key not in self.came
        )
        self.came += [key for *_, key in new]

    def act(self, choice: int, answers: dict) -> None:
        if not self.came:
            return
        item = self.run.waiting()[self.came[choice % len(self.came)]]
        if item.kind == "user_task":
            self.run.complete_user_task(item.spiff_task_id, answers)
        elif item.kind == "timer":
            self.run.fire_timer(item.spiff_task_id, item.index)
        else:
            self.run.receive("message", item.spiff_task_id, item.name, {"told": True})

    def seen(self):
        waits = self.run.waiting()
        shown = self.run.activities()
        return (
            [(waits[key].kind, waits[key].element.id, waits[key].due_at) for key in self.came],
            [self.run.data_of(key[1]) for key in self.came if key[0] == "user_task"],
            self.run.is_finished,
            self.run.is_stuck,
            self.run.variables() if self.run.is_finished else None,
            {name: sorted(shown[name]) for name in ("completed", "active", "incidents")},
            shown["counts"],
        )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(MODELS)), st.lists(st.tuples(st.integers(0, 11), ANSWERS), max_size=14))
def test_a_pruned_instance_goes_the_way_of_one_that_keeps_everything(name, story):
    begun = {"parties": ["A", "B", "C"], "x": True, "y": True, "n": 0, "number": 7}
    lives = [Life(Run.start(MODELS[name], dict(begun), NOON), store) for store in (kept, pruned)]

    for life in lives:
        life.rest()
    for choice, answers in story:
        for life in lives:
            life.act(choice, answers)
            life.rest()

        assert lives[0].seen() == lives[1].seen()
    assert len(list(lives[1].run.workflow.all_tokens())) <= len(list(lives[0].run.workflow.all_tokens()))
