"""An operator's last action is taken back as long as the instance stands where the action left it."""

from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from engine import delegates, history, incidents, jobs, messages, modifications, process_instances, undo, user_tasks
from engine.errors import NothingToUndo, ProcessInstanceNotFound, UndoImpossible, UndoTooLate
from engine.models import Incident, Job, MessageSubscription, UndoPoint, UserTask, UserTaskCandidate
from engine.models.base import new_id
from engine.modifications import Move, Remove, SetVariables, Skip
from tests.factories import (
    ANA,
    BO,
    CHIEF,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    flow,
    gateway,
    later,
    message,
    open_tasks,
    path,
    service_task,
    start,
    timer,
    user_task,
)

FULL = (
    start() + gateway("parallel", "fork") + user_task("one", attributes='camunda:dueDate="P3D" camunda:priority="70"')
    + boundary("late", "one", timer("P2D"), interrupting=False) + user_task("chase") + end("e2") + path("late", "chase", "e2")
    + user_task("two") + catch("answered", message("m")) + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "fork", "one", "join", "after", "ended") + path("fork", "two", "join") + path("fork", "answered", "join")
)  # fmt: skip
MESSAGE = '<bpmn:message id="m" name="answer"/>'


def rows(session, instance):
    """What stands in the tables of an instance that an undo has to put back."""
    session.expire_all()
    tasks = sa.select(
        UserTask.id, UserTask.element_id, UserTask.assignee, UserTask.owner, UserTask.candidate_groups, UserTask.priority,
        UserTask.due_at, UserTask.name,
    ).where(UserTask.process_instance_id == instance.id, UserTask.state == "created").order_by(UserTask.id)  # fmt: skip
    candidates = sa.select(UserTaskCandidate.principal, UserTaskCandidate.due_at, UserTaskCandidate.user_task_id)
    timers = sa.select(Job.kind, Job.element_id, Job.spiff_task_id, Job.due_at).where(
        Job.process_instance_id == instance.id
    )
    listening = sa.select(
        MessageSubscription.name, MessageSubscription.correlation_key, MessageSubscription.element_id, MessageSubscription.spiff_task_id
    ).where(MessageSubscription.process_instance_id == instance.id)  # fmt: skip
    open_incidents = sa.select(Incident.id).where(Incident.resolved_at.is_(None))
    return {
        "state": process_instances.get(session, instance.id).state,
        "version": process_instances.get(session, instance.id).version,
        "variables": process_instances.variables(session, instance.id),
        "activities": {k: sorted(v) for k, v in process_instances.activities(session, instance.id).items()},
        "tasks": [tuple(row) for row in session.execute(tasks)],
        "candidates": sorted(map(str, session.execute(candidates))),
        "timers": sorted(map(str, session.execute(timers))),
        "messages": sorted(map(str, session.execute(listening))),
        "incidents": sorted(map(str, session.scalars(open_incidents))),
    }


def full(session):
    deploy(session, FULL, extra=MESSAGE)
    instance = begin(session, business_key="K-1", variables={"n": 1})
    user_tasks.claim(session, open_tasks(session)["one"].id, by=ANA, now=NOON)
    user_tasks.delegate(session, open_tasks(session)["one"].id, "bo", by=ANA, now=NOON)
    return instance


def modify(*instructions):
    return lambda session, instance: modifications.modify(
        session, instance.id, instructions, reason="A mistake", by=CHIEF, now=later(hours=1)
    )


ACTIONS = {
    "a move": modify(Move("join", "after"), Remove("one"), Remove("answered")),
    "a skip": modify(Skip("one", variables={"n": 9})),
    "corrected variables": modify(SetVariables({"n": 9})),
    "cancelling": lambda session, instance: process_instances.cancel(session, instance.id, reason="No", by=CHIEF, now=later(hours=1)),
    "suspending": lambda session, instance: process_instances.suspend(session, instance.id, by=CHIEF, now=later(hours=1)),
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_everything_is_as_it_was(session, action):
    instance = full(session)
    user_tasks.complete(session, open_tasks(session)["two"].id, {}, by=BO, now=NOON)
    before = rows(session, instance)
    ACTIONS[action](session, instance)
    assert rows(session, instance) != before

    undo.undo(session, instance.id, by=CHIEF, now=later(hours=2))

    assert rows(session, instance) == before
    told = [event for event in history.for_instance(session, instance.id) if event.kind == "action_undone"]
    assert [(event.actor, event.data["by"]) for event in told] == [("chief", "chief")]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_instance_whose_last_action_was_undone_goes_on_to_its_end(session, action):
    instance = full(session)
    user_tasks.complete(session, open_tasks(session)["two"].id, {}, by=BO, now=NOON)
    ACTIONS[action](session, instance)
    undo.undo(session, instance.id, by=CHIEF, now=later(hours=2))

    fired = jobs.run_due(lambda: nullcontext(session), now=lambda: later(days=2, hours=1), limit=10)
    messages.correlate(session, "answer", "K-1", variables={"m": 1}, by=ANA, now=NOON)
    user_tasks.resolve(session, open_tasks(session)["one"].id, by=BO, now=NOON)
    for element_id, person in (("one", ANA), ("chase", BO), ("after", BO)):
        user_tasks.complete(session, open_tasks(session)[element_id].id, {element_id: 1}, by=person, now=NOON)

    assert fired == 1
    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"n": 1, "m": 1, "one": 1, "chase": 1, "after": 1}


def test_after_the_next_step_it_is_too_late(session):
    instance = full(session)
    ACTIONS["a skip"](session, instance)
    user_tasks.complete(session, open_tasks(session)["two"].id, {}, by=BO, now=NOON)
    before = rows(session, instance)

    with pytest.raises(UndoTooLate) as refusal:
        undo.undo(session, instance.id, by=CHIEF, now=later(hours=2))

    assert refusal.value.action == "modify"
    assert rows(session, instance) == before


def test_an_action_is_undone_once_and_an_undo_is_not_undone(session):
    instance = full(session)
    with pytest.raises(NothingToUndo):
        undo.undo(session, instance.id, by=CHIEF, now=NOON)
    ACTIONS["a skip"](session, instance)
    undo.undo(session, instance.id, by=CHIEF, now=NOON)

    with pytest.raises(NothingToUndo):
        undo.undo(session, instance.id, by=CHIEF, now=NOON)
    with pytest.raises(ProcessInstanceNotFound):
        undo.undo(session, new_id(), by=CHIEF, now=NOON)


def test_of_two_actions_the_last_is_undone(session):
    instance = full(session)
    ACTIONS["corrected variables"](session, instance)
    between = rows(session, instance)
    ACTIONS["a skip"](session, instance)

    undo.undo(session, instance.id, by=CHIEF, now=NOON)

    assert rows(session, instance) == between


def test_what_somebody_took_since_stays_theirs(session):
    instance = full(session)
    ACTIONS["a skip"](session, instance)
    user_tasks.claim(session, open_tasks(session)["two"].id, by=ANA, now=later(hours=1))

    undo.undo(session, instance.id, by=CHIEF, now=later(hours=2))

    assert {task.element_id: task.assignee for task in open_tasks(session).values()} == {"one": "bo", "two": "ana"}


def test_work_that_the_action_offered_goes_again(session):
    deploy(session, start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended"))
    instance = begin(session)
    modify(Move("one", "two"))(session, instance)
    offered = open_tasks(session)["two"]

    undo.undo(session, instance.id, by=CHIEF, now=NOON)

    session.refresh(offered)
    assert (offered.state, offered.ended_by) == ("cancelled", "chief")
    kinds = [event.kind for event in history.for_instance(session, instance.id)]
    assert kinds[-3:] == ["action_undone", "user_task_reopened", "user_task_cancelled"]


def test_what_a_delegate_did_is_not_undone(session):
    deploy(
        session,
        start()
        + user_task("one")
        + service_task("call", "undo_topic")
        + user_task("two")
        + end()
        + path("started", "one", "call", "two", "ended"),
    )
    instance = begin(session)
    modify(Move("one", "call"))(session, instance)
    before = rows(session, instance)

    with pytest.raises(UndoImpossible, match="undo_topic") as refusal:
        undo.undo(session, instance.id, by=CHIEF, now=NOON)

    assert refusal.value.action == "modify"
    assert rows(session, instance) == before


def test_a_retry_with_other_variables_is_undone_and_its_incident_is_open_again(session):
    deploy(
        session,
        start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + flow("started", "choose")
        + flow("choose", "a", "=kind = 1") + flow("choose", "b", "=kind = 2") + path("a", "ended") + path("b", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"kind": 3})
    before = rows(session, instance)
    incidents.retry(session, incidents.list_open(session)[0].id, variables={"kind": 2}, by=CHIEF, now=NOON)

    undo.undo(session, instance.id, by=CHIEF, now=NOON)

    assert rows(session, instance) == before
    incidents.retry(session, incidents.list_open(session)[0].id, variables={"kind": 1}, by=CHIEF, now=NOON)
    assert set(open_tasks(session)) == {"a"}


def test_an_undo_point_that_is_worth_nothing_is_forgotten(session):
    instance, other = full(session), begin(session, business_key="K-2")
    for one in (instance, other):
        modify(SetVariables({"n": 2}))(session, one)
    user_tasks.complete(session, open_tasks(session, other.id)["two"].id, {}, by=BO, now=NOON)

    assert undo.forget_stale(session) == 1

    assert session.scalars(sa.select(UndoPoint.process_instance_id)).all() == [instance.id]


def test_a_timer_that_came_due_while_suspended_fires_once_after_the_instance_is_resumed(session):
    instance = full(session)
    process_instances.suspend(session, instance.id, reason="The client asked", by=CHIEF, now=NOON)

    asleep = jobs.run_due(lambda: nullcontext(session), now=lambda: later(days=4), limit=10)
    chased = "chase" in open_tasks(session)
    process_instances.resume(session, instance.id, by=CHIEF, now=later(days=5))
    awake = [jobs.run_due(lambda: nullcontext(session), now=lambda: later(days=5), limit=10) for _ in range(2)]

    assert (asleep, chased, awake) == (0, False, [1, 0])
    assert set(open_tasks(session)) == {"one", "two", "chase"}


@delegates.delegate("undo_topic")
def _work(_session, _call):
    return {}


@pytest.mark.parametrize("again", ["skip", "complete"])
def test_what_the_undone_action_led_to_may_come_again(session, again):
    deploy(session, start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended"))
    instance = begin(session)
    ACTIONS["a skip"](session, instance)
    undo.undo(session, instance.id, by=CHIEF, now=later(hours=2))

    if again == "skip":
        ACTIONS["a skip"](session, instance)
    else:
        user_tasks.complete(session, open_tasks(session)["one"].id, {}, by=BO, now=NOON)

    assert set(open_tasks(session)) == {"two"}
    user_tasks.complete(session, open_tasks(session)["two"].id, {}, by=BO, now=NOON)
    assert process_instances.get(session, instance.id).state == "completed"
