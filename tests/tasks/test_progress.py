"""How far a matter has come."""

from engine import deployments, user_tasks
from engine.actor import SYSTEM
from practice.matters.models import Matter
from tasks.progress import progress
from tests.conftest import NOON
from tests.factories import catch, end, model, open_tasks, path, start, timer, user_task
from tests.practice.firm import CIVIL_YAML, CORA, LEA, stage


def states(session, matter):
    return {stage.id: stage.state for stage in progress(session, matter)}


def test_a_stage_is_now_while_its_work_waits_and_done_after_it(session, matter):
    opened = matter()
    assert states(session, opened) == {"assess": "now", "pay": "ahead", "close": "ahead"}

    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)

    shown = progress(session, opened)
    assert [(s.id, s.name, s.state, s.done, s.total) for s in shown] == [
        ("assess", "Assessment", "done", 1, 1),
        ("pay", "Payment", "now", 0, 1),
        ("close", "Closing", "ahead", 0, 0),
    ]


def test_at_the_end_everything_is_done(session, matter):
    opened = matter()
    for element_id, by in (("assess", LEA), ("pay", CORA), ("file_away", LEA)):
        user_tasks.complete(session, open_tasks(session)[element_id].id, {}, by=by, now=NOON)

    assert set(states(session, opened).values()) == {"done"}


def test_a_matter_that_waits_for_time_is_in_the_stage_of_the_timer_and_skipped_stages_are_named(session, matter):
    body = (
        start()
        + user_task("assess", attributes='camunda:dueDate="P5D"', inner=stage("assess"))
        + catch("cool_down", stage("close") + timer("P14D"))
        + end()
        + path("started", "assess", "cool_down", "ended")
    )
    files = {"civil.bpmn": model(body, key="civil"), "process.yaml": CIVIL_YAML}
    deployments.deploy(session, files, by=SYSTEM, now=NOON)
    opened = matter()

    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)

    assert states(session, opened) == {"assess": "done", "pay": "skipped", "close": "now"}


def test_a_matter_without_a_process_has_no_stages(session):
    assert progress(session, Matter()) == []
