"""Hazards 2, 3, 7, 8 and 9: states that the library writes and cannot read."""

import json
from pathlib import Path

import orjson
import pytest
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.util.task import TaskState

from engine import migrations, user_tasks
from engine.bpmn import codec
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import MigrationRefused
from tests.engine.hazards import library
from tests.factories import ANA, CHIEF, NOON, begin, deploy, end, model, open_tasks, path, start, user_task
from tests.instances import StoredInstance

TWO = model(start() + user_task("a") + user_task("b") + end() + path("started", "a", "b", "ended"))
NESTED = model(
    start() + f'<bpmn:subProcess id="sub">{start("is")}{user_task("a")}{end("ie")}{path("is", "a", "ie")}</bpmn:subProcess>'
    + end() + path("started", "sub", "ended")
)  # fmt: skip


@pytest.mark.parametrize("answers", [{"typename": "invoice"}, {"form": {"typename": "UUID", "value": "?"}}])
def test_hazard_2_an_answer_named_typename_poisons_the_state(answers):
    workflow = library.start(TWO)
    library.complete(workflow, "a", **answers)
    text = library.saved(workflow)

    with pytest.raises((KeyError, AttributeError, TypeError, ValueError)):
        library.restored(text)


@pytest.mark.parametrize(
    "answers", [{"typename": "invoice"}, {"form": {"typename": "UUID", "value": "?"}}, {"__class__": 1, "__dict__": {}}]
)
def test_hazard_2_in_ours_it_is_an_answer_like_any_other(answers):
    instance = StoredInstance(TWO)

    instance.complete("a", answers)

    assert instance.sees("b") == answers


def test_hazard_3_sorted_keys_lose_data_in_silence():
    workflow = library.start(TWO)
    library.complete(workflow, "a", x=1)
    text = library.saved(workflow)

    orders = [lambda item, salt=salt: hash((item[0], salt)) for salt in range(10)]
    found = [library.with_tasks(text, order).get_next_task(spec_name="b").data for order in orders]

    assert {} in found


def test_hazard_3_ours_is_bytes_in_which_the_order_of_rows_is_the_order_of_tokens():
    instance = StoredInstance(TWO)
    instance.complete("a", {"x": 1, "z": {"b": 1, "a": 2}})

    raw = orjson.loads(codec._decompressor().decompress(instance.blob[1:]))
    parents = [row[2] for row in raw["t"]["r"]]

    assert isinstance(raw["t"]["r"], list)
    assert all(parent < position for position, parent in enumerate(parents))
    assert list(instance.sees("b")["z"]) == ["b", "a"]


def test_hazard_7_a_migration_that_takes_the_active_task_away_leaves_a_state_nobody_can_read():
    workflow = library.start(TWO)
    new_spec, new_inner = library.specs(model(start() + user_task("b") + end() + path("started", "b", "ended")))
    diff, _ = diff_workflow(library.REGISTRY, workflow, new_spec, new_inner)

    migrate_workflow(diff, workflow, new_spec)

    with pytest.raises((KeyError, AttributeError, TypeError)):
        library.restored(library.saved(workflow))


def test_hazard_7_ours_refuses_it_by_the_elements_name_and_changes_nothing(session):
    deploy(session, TWO)
    instance = begin(session)
    deploy(session, start() + user_task("b") + end() + path("started", "b", "ended"))

    with pytest.raises(MigrationRefused) as refusal, session.begin_nested():
        migrations.migrate(session, migrations.plan(session, "proc", 1, 2), instance.id, by=CHIEF, now=NOON)

    assert {obstacle.element_id for obstacle in refusal.value.obstacles} == {"a"}
    user_tasks.complete(session, open_tasks(session)["a"].id, {}, by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"b"}


def test_hazard_8_the_library_cannot_read_its_own_older_states():
    state = json.loads(library.saved(library.start(NESTED)))
    state["serializer_version"] = "1.4"

    with pytest.raises(NameError):
        library.restored(json.dumps(state))


def test_hazard_8_ours_reads_every_version_it_ever_wrote():
    corpus = Path(__file__).parent.parent / "states"  # tests/engine/test_stored_states.py plays each of them to its end

    written = {int(file.name.split(".v")[1].removesuffix(".json")) for file in corpus.glob("*.v*.json")}

    assert written >= set(range(1, codec.VERSION + 1))


ITEMS = model(
    start()
    + user_task("a", inner="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>")
    + end() + path("started", "a", "ended")
)  # fmt: skip


def test_hazard_9_items_restored_on_a_definition_that_was_read_anew_never_complete():
    workflow = library.start(ITEMS)
    workflow.spec, _ = library.specs(ITEMS)
    for task in workflow.tasks.values():
        task.task_spec = workflow.spec.task_specs[task.task_spec.name]

    for _ in range(2):
        workflow.get_next_task(state=TaskState.READY, manual=True).run()
        workflow.do_engine_steps()

    assert not workflow.completed
    assert library.open_tasks(workflow) == []


def test_hazard_9_ours_complete_also_on_a_definition_that_was_read_anew():
    instance = StoredInstance(ITEMS)

    for _ in range(2):
        instance.compiled = compile_process("proc", {"proc.bpmn": ITEMS}, {})
        instance.complete("a")

    assert instance.is_finished


def test_a_damaged_state_is_said_to_be_damaged():
    instance = StoredInstance(TWO)

    with pytest.raises(codec.StateUnreadable):
        Run.restore(instance.blob[:-3], instance.compiled, NOON)
