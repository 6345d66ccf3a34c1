"""Running instances move to another version of their process, or stay as they were with the reason named."""

import pytest
import sqlalchemy as sa

from engine import history, process_instances, user_tasks
from engine.errors import MigrationPlanInvalid, ProcessDefinitionNotFound
from engine.models import UserTaskCandidate
from tests.engine.migrating import ONE, TWO, complete, migrate, obstacles, old, plan, two_versions
from tests.factories import (
    ANA,
    BO,
    NOON,
    catch,
    end,
    flow,
    gateway,
    later,
    message,
    open_tasks,
    path,
    start,
    timer,
    user_task,
)


def test_work_keeps_its_id_its_holder_and_its_due_date_and_looks_like_the_new_version(session):
    two_versions(session, ONE.replace('id="draft"', 'id="draft" camunda:dueDate="P3D" camunda:priority="70"'), TWO)
    instance = old(session, variables={"n": 1})
    task = open_tasks(session)["draft"]
    user_tasks.claim(session, task.id, by=ANA, now=NOON)
    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)

    report = migrate(session, instance, now=later(days=1))

    moved = open_tasks(session)["draft"]
    assert (moved.id, moved.assignee, moved.owner) == (task.id, "bo", "ana")
    assert (moved.due_at, moved.priority, moved.created_at) == (later(days=3), 70, NOON)
    assert (moved.name, moved.kind, moved.stage) == ("Draft it", "approval", "late")
    assert session.scalars(sa.select(UserTaskCandidate.principal)).all() == ["user:bo"]
    assert process_instances.get(session, instance.id).version == 2
    assert report.tokens == [{"token_id": str(task.id), "from": "draft", "to": "draft"}]
    assert report.user_tasks == [{"id": str(task.id), "from": "draft", "to": "Draft it"}]
    user_tasks.resolve(session, moved.id, by=BO, now=later(days=1))
    user_tasks.complete(session, moved.id, {}, by=ANA, now=later(days=1))
    assert set(open_tasks(session)) == {"check"}
    assert user_tasks.variables(session, open_tasks(session)["check"]) == {"n": 1}


def test_history_tells_from_where_to_where_and_who(session):
    two_versions(session, ONE, TWO)
    instance = old(session)

    migrate(session, instance, now=later(hours=1))

    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "process_migrated")
    assert (told.actor, told.at) == ("chief", later(hours=1))
    assert (told.data["before"], told.data["after"]) == (1, 2)


def test_a_plan_pairs_what_is_the_same_and_names_what_has_no_counterpart(session):
    two_versions(
        session,
        start() + user_task("draft") + user_task("sign") + catch("wait", timer("P1D")) + end() + path("started", "draft", "sign", "wait", "ended"),
        start() + user_task("write") + catch("wait", message("m")) + '<bpmn:manualTask id="sign" name="sign"/>' + end()
        + path("started", "write", "sign", "wait", "ended"),
    )  # fmt: skip

    found = plan(session, {"draft": "write"})

    assert found.mapping == {"started": "started", "draft": "write", "ended": "ended"}
    assert {one.element_id: one.reason for one in found.without} == {
        "sign": "It was a userTask and is a manualTask.",
        "wait": "It waits for another kind of event.",
    }


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"nothing": "check"}, "nothing"),
        ({"draft": "nothing"}, "nothing"),
        ({"draft": "ended"}, "draft"),
        ({"draft": "check", "sign": "check"}, "check"),
    ],
    ids=["unknown here", "unknown there", "another type", "two in one"],
)
def test_a_plan_that_cannot_be_is_refused_by_name(session, mapping, named):
    two_versions(session, ONE, TWO)

    with pytest.raises(MigrationPlanInvalid) as refusal:
        plan(session, mapping)

    assert named in {one.element_id for one in refusal.value.obstacles}


def test_a_plan_needs_two_versions_that_are_there(session):
    two_versions(session, ONE, TWO)

    with pytest.raises(ProcessDefinitionNotFound):
        plan(session, target=9)
    with pytest.raises(MigrationPlanInvalid):
        plan(session, target=1)


def test_a_token_on_an_element_that_is_gone_or_another_refuses(session):
    two_versions(
        session,
        start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + user_task("c") + end() + flow("started", "fork")
        + "".join(flow("fork", name) + flow(name, "ended") for name in "abc"),
        start() + gateway("parallel", "fork") + user_task("a") + '<bpmn:manualTask id="c" name="c"/>' + end() + flow("started", "fork")
        + "".join(flow("fork", name) + flow(name, "ended") for name in "ac"),
    )  # fmt: skip
    instance = old(session)

    found = obstacles(session, instance)

    assert set(found) == {"b", "c"}
    complete(session, "b")
    complete(session, "c")
    migrate(session, instance)
    complete(session, "a")
    assert process_instances.get(session, instance.id).state == "completed"


def test_a_renamed_element_is_followed_where_the_plan_says_so(session):
    two_versions(
        session,
        ONE,
        TWO.replace('"draft"', '"write"').replace("flow_started_draft", "f1").replace("flow_draft_check", "f2"),
    )
    instance = old(session)
    task_id = open_tasks(session)["draft"].id

    assert set(obstacles(session, instance)) == {"draft"}
    migrate(session, instance, {"draft": "write"})

    assert {name: task.id for name, task in open_tasks(session).items()} == {"write": task_id}
    complete(session, "write")
    assert set(open_tasks(session)) == {"check"}
