"""Moving tokens among subprocesses, boundary events, gateways and repeated work: only where they can go on."""

import pytest
import sqlalchemy as sa

from engine import messages, modifications, process_instances, user_tasks
from engine.errors import (
    ModificationRefused,
)
from engine.models import Job, MessageSubscription, UserTask
from engine.modifications import Add, Move, Remove, Skip
from tests.engine.modifying import FORK, INNER, complete, modify
from tests.factories import (
    ANA,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    gateway,
    later,
    message,
    open_tasks,
    path,
    start,
    timer,
    user_task,
)


def test_inside_a_subprocess_tokens_move_and_never_out_of_it(session):
    deploy(session, INNER)
    instance = begin(session)
    complete(session, "outer", n=1)

    for target in ("last", "outer"):
        with pytest.raises(ModificationRefused, match="another scope"):
            modify(session, instance, Move("one", target))
    with pytest.raises(ModificationRefused, match="inside"):
        modify(session, instance, Remove("one"))
    modify(session, instance, Move("one", "two"))

    complete(session, "two", m=2)
    assert user_tasks.variables(session, open_tasks(session)["last"]) == {"n": 1, "m": 2}


def test_a_subprocess_goes_as_a_whole_and_is_entered_as_a_whole(session):
    deploy(session, INNER)
    instance = begin(session)

    with pytest.raises(ModificationRefused, match="not active"):
        modify(session, instance, Add("two"))
    modify(session, instance, Move("outer", "inside"))
    assert set(open_tasks(session)) == {"one"}
    modify(session, instance, Move("inside", "last"))

    assert set(open_tasks(session)) == {"last"}
    complete(session, "last")
    assert process_instances.get(session, instance.id).state == "completed"


def test_a_second_token_inside_a_subprocess_is_waited_for(session):
    deploy(session, INNER)
    instance = begin(session)
    complete(session, "outer")

    modify(session, instance, Add("two", variables={"extra": True}))
    complete(session, "two")
    assert set(open_tasks(session)) == {"one"}
    complete(session, "one")
    complete(session, "two")

    assert user_tasks.variables(session, open_tasks(session)["last"])["extra"] is True


def test_inside_a_called_process_tokens_move_too(session):
    called = (
        '<bpmn:process id="part" isExecutable="true">' + start("p_started") + user_task("p1") + user_task("p2") + end("p_ended")
        + path("p_started", "p1", "p2", "p_ended") + "</bpmn:process>"
    )  # fmt: skip
    deploy(
        session,
        start()
        + '<bpmn:callActivity id="call" name="call" calledElement="part"/>'
        + end()
        + path("started", "call", "ended"),
        processes=called,
    )
    instance = begin(session)

    modify(session, instance, Move("p1", "p2", variables={"done": 1}))
    complete(session, "p2")

    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"done": 1}


def test_boundary_events_stand_and_go_with_their_activity(session):
    deploy(
        session,
        start() + user_task("one") + boundary("late", "one", timer("P2D")) + user_task("chase") + user_task("two")
        + boundary("slow", "two", timer("P5D")) + end() + end("e2") + path("started", "one", "two", "ended")
        + path("late", "chase", "e2") + path("slow", "chase"),
    )  # fmt: skip
    instance = begin(session)

    for target in ("late", "slow"):
        with pytest.raises(ModificationRefused, match="boundary event"):
            modify(session, instance, Move("one", target))
    with pytest.raises(ModificationRefused, match="boundary event"):
        modify(session, instance, Remove("late"))
    modify(session, instance, Move("one", "two"), now=later(days=1))

    assert [(job.element_id, job.due_at) for job in session.scalars(sa.select(Job))] == [("slow", later(days=6))]


def test_a_moved_timer_and_message_take_their_promises_along(session):
    deploy(
        session,
        start() + catch("paused", timer("P1D")) + catch("answered", message("m")) + user_task("one") + end()
        + path("started", "paused", "answered", "one", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session, business_key="K-1")

    modify(session, instance, Move("paused", "answered"))

    assert session.scalars(sa.select(Job)).all() == []
    assert [row.element_id for row in session.scalars(sa.select(MessageSubscription))] == ["answered"]
    messages.correlate(session, "answer", "K-1", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"one"}
    modify(session, instance, Move("one", "paused"), now=later(days=3))
    assert [job.due_at for job in session.scalars(sa.select(Job))] == [later(days=4)]


def test_what_an_event_based_gateway_waits_for_is_reached_through_the_gateway(session):
    deploy(
        session,
        start() + user_task("one") + gateway("eventBased", "first") + catch("came", message("m")) + catch("late", timer("P1D")) + end()
        + path("started", "one", "first", "came", "ended") + path("first", "late", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session)

    with pytest.raises(ModificationRefused, match="gateway"):
        modify(session, instance, Move("one", "late"))
    modify(session, instance, Move("one", "first"))

    assert session.scalar(sa.select(sa.func.count()).select_from(MessageSubscription)) == 1
    modify(session, instance, Move("first", "one"))
    assert session.scalar(sa.select(sa.func.count()).select_from(MessageSubscription)) == 0
    assert session.scalars(sa.select(Job)).all() == []


ITEMS = (
    start() + user_task("prepare")
    + '<bpmn:userTask id="ask" name="ask" camunda:candidateGroups="lawyers"><bpmn:multiInstanceLoopCharacteristics'
    ' camunda:collection="people" camunda:elementVariable="person"/></bpmn:userTask>'
    + user_task("after") + end() + path("started", "prepare", "ask", "after", "ended")
)  # fmt: skip


def test_a_multi_instance_activity_moves_as_a_whole(session):
    deploy(session, ITEMS)
    instance = begin(session, variables={"people": ["a", "b", "c"]})
    complete(session, "prepare")
    item = session.scalars(sa.select(UserTask).where(UserTask.element_id == "ask")).first()

    with pytest.raises(ModificationRefused, match="multi-instance"):
        modify(session, instance, Move("ask", "after", token_id=item.id))
    modify(session, instance, Move("ask", "after"))

    assert set(open_tasks(session)) == {"after"}
    modify(session, instance, Move("after", "ask"))
    assert (
        session.scalar(sa.select(sa.func.count()).where(UserTask.element_id == "ask", UserTask.state == "created")) == 3
    )


def test_one_item_of_a_multi_instance_activity_can_be_skipped(session):
    deploy(session, ITEMS)
    instance = begin(session, variables={"people": ["a", "b"]})
    complete(session, "prepare")
    first, second = session.scalars(sa.select(UserTask.id).where(UserTask.element_id == "ask")).all()

    modify(session, instance, Skip("ask", token_id=first))
    assert set(open_tasks(session)) == {"ask"}
    user_tasks.complete(session, second, by=ANA, now=NOON)

    assert set(open_tasks(session)) == {"after"}


def test_of_several_tokens_at_an_element_one_is_named(session):
    deploy(session, FORK)
    instance = begin(session)
    modify(session, instance, Add("before"))
    standing = [token for token in modifications.tokens(session, instance.id) if token.element_id == "before"]

    with pytest.raises(ModificationRefused, match="2 tokens"):
        modify(session, instance, Remove("before"))
    modify(session, instance, Remove("before", token_id=standing[0].token_id))

    assert [token.token_id for token in modifications.tokens(session, instance.id)] == [standing[1].token_id]
