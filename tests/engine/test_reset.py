"""Going back to a finished user task: what came of it goes, and the data are as they were when it arrived."""

from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from engine import history, jobs, messages, modifications, process_instances, resets, undo, user_tasks
from engine.errors import (
    ProcessInstanceNotActive,
    ReasonMissing,
    ResetRefused,
    UserTaskNotFound,
)
from engine.models import Job, MessageSubscription, UserTask
from engine.models.base import new_id
from engine.modifications import Move, SetVariables, Skip
from tests.factories import (
    ANA,
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
    script,
    start,
    timer,
    user_task,
)

MESSAGE = '<bpmn:message id="m" name="answer"/>'
LONG = (
    start() + user_task("one") + script("note", "1", "noted") + user_task("two") + catch("answered", message("m")) + user_task("three")
    + boundary("late", "three", timer("P2D"), interrupting=False) + user_task("chase") + end("e2") + end()
    + path("started", "one", "note", "two", "answered", "three", "ended") + path("late", "chase", "e2")
)  # fmt: skip
FORK = (
    start() + user_task("before") + gateway("parallel", "fork") + user_task("a1") + user_task("a2") + user_task("b1") + user_task("b2")
    + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "before", "fork", "a1", "a2", "join", "after", "ended") + path("fork", "b1", "b2", "join")
)  # fmt: skip


def complete(session, element_id, instance=None, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    user_tasks.complete(session, task.id, answers, by=ANA, now=NOON)
    return task.id


def reset(session, instance, task_id, now=NOON, reason="Wrong figures"):
    return resets.reset(session, instance.id, task_id, reason=reason, by=CHIEF, now=now)


def see(session, element_id):
    return user_tasks.variables(session, open_tasks(session)[element_id])


def test_the_instance_stands_at_the_step_again_with_its_data(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session, business_key="K", variables={"n": 0})
    complete(session, "one", n=1)
    two = complete(session, "two", n=2, two=True)
    messages.correlate(session, "answer", "K", variables={"m": 1}, by=ANA, now=NOON)
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1

    reset(session, instance, two)

    assert set(open_tasks(session)) == {"two"}
    assert see(session, "two") == {"n": 1, "noted": 1}
    assert open_tasks(session)["two"].id != two
    assert session.scalars(sa.select(Job)).all() == []
    assert session.scalars(sa.select(MessageSubscription)).all() == []
    ended = session.scalars(sa.select(UserTask.state).where(UserTask.element_id == "three")).all()
    assert ended == ["cancelled"]


def test_the_instance_goes_on_from_there_as_if_for_the_first_time(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session, business_key="K", variables={"n": 0})
    one = complete(session, "one", n=1)
    complete(session, "two", two="wrong", other=1)
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    fired = jobs.run_due(lambda: nullcontext(session), now=lambda: later(days=3), limit=5)
    assert (fired, set(open_tasks(session))) == (1, {"three", "chase"})

    reset(session, instance, one, now=later(days=3))
    complete(session, "one", n=7)
    complete(session, "two", two="right")
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    complete(session, "three")

    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"n": 7, "noted": 1, "two": "right"}


def test_history_tells_who_went_back_where_and_why_and_keeps_what_was(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session)
    one = complete(session, "one", n=1)

    reset(session, instance, one)

    events = history.for_instance(session, instance.id)
    told = next(event for event in events if event.kind == "process_reset")
    assert (told.actor, told.element_id, told.data["reason"]) == ("chief", "one", "Wrong figures")
    assert (told.data["user_task_id"], told.data["completed_by"]) == (str(one), "ana")
    assert [event.data["answers"] for event in events if event.kind == "user_task_completed"] == [{"n": 1}]


def test_going_back_twice_and_over_an_earlier_way_back(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session, variables={"n": 0})
    first = complete(session, "one", n=1)
    complete(session, "two", n=2)
    reset(session, instance, first)
    second = complete(session, "one", n=10)
    assert see(session, "two") == {"n": 10, "noted": 1}

    reset(session, instance, second)
    assert see(session, "one") == {"n": 0}
    complete(session, "one", n=20)
    reset(session, instance, first)

    assert set(open_tasks(session)) == {"one"}
    assert see(session, "one") == {"n": 0}


def test_data_that_an_operator_changed_before_the_step_are_part_of_it(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session, variables={"n": 0})

    def modify(*instructions):
        modifications.modify(session, instance.id, instructions, reason="So", by=CHIEF, now=NOON)

    modify(SetVariables({"fee": 5}))
    modify(Skip("one", variables={"skipped": True}))
    modify(Move("two", "two", variables={"moved": True}))
    two = complete(session, "two", n=9)

    reset(session, instance, two)

    assert see(session, "two") == {"n": 0, "fee": 5, "skipped": True, "noted": 1, "moved": True}


def test_another_branch_keeps_what_it_did_of_its_own(session):
    deploy(session, FORK)
    instance = begin(session, variables={"n": 0})
    complete(session, "before")
    a1 = complete(session, "a1", a=1)
    complete(session, "b1", b=1)

    reset(session, instance, a1)

    assert set(open_tasks(session)) == {"a1", "b2"}
    assert see(session, "a1") == {"n": 0}
    for element_id, answers in (("a1", {"a": 2}), ("a2", {}), ("b2", {})):
        complete(session, element_id, **answers)
    assert see(session, "after") == {"n": 0, "a": 2, "b": 1}


def test_a_branch_that_waits_at_its_join_goes_back_and_the_join_waits_for_it(session):
    deploy(session, FORK)
    instance = begin(session)
    complete(session, "before")
    complete(session, "a1", a=1)
    a2 = complete(session, "a2", a=2)
    assert set(open_tasks(session)) == {"b1"}

    reset(session, instance, a2)

    assert set(open_tasks(session)) == {"a2", "b1"}
    complete(session, "b1")
    complete(session, "b2", b=2)
    assert set(open_tasks(session)) == {"a2"}
    complete(session, "a2", a=3)
    assert see(session, "after") == {"a": 3, "b": 2}


def test_before_the_fork_every_branch_is_taken_back(session):
    deploy(session, FORK)
    instance = begin(session, variables={"n": 0})
    before = complete(session, "before", n=1)
    complete(session, "a1", a=1)
    complete(session, "b1", b=1)
    complete(session, "b2", b=2)

    reset(session, instance, before)

    assert set(open_tasks(session)) == {"before"}
    assert see(session, "before") == {"n": 0}
    complete(session, "before")
    for element_id in ("b1", "b2", "a1", "a2", "after"):
        complete(session, element_id)
    assert process_instances.variables(session, instance.id) == {"n": 0}


def test_one_branch_does_not_go_back_over_a_join_that_has_fired(session):
    deploy(session, FORK)
    instance = begin(session)
    before = complete(session, "before")
    a1 = complete(session, "a1")
    for element_id in ("a2", "b1", "b2"):
        complete(session, element_id)

    with pytest.raises(ResetRefused, match="joined another branch") as refusal:
        reset(session, instance, a1)
    assert refusal.value.element_id == "join"
    assert set(open_tasks(session)) == {"after"}
    reset(session, instance, before)

    assert set(open_tasks(session)) == {"before"}


def test_in_a_loop_the_last_round_is_gone_back_to(session):
    deploy(
        session,
        start() + user_task("work") + user_task("check") + gateway("exclusive", "again", default="flow_again_ended") + end()
        + path("started", "work", "check", "again") + flow("again", "work", "=not(ok)") + flow("again", "ended"),
    )  # fmt: skip
    instance = begin(session)
    rounds = []
    for number in range(4):
        rounds.append(complete(session, "work", n=number))
        complete(session, "check", ok=False)

    reset(session, instance, rounds[2])

    assert set(open_tasks(session)) == {"work"}
    assert see(session, "work") == {"n": 1, "ok": False}
    complete(session, "work", n=8)
    complete(session, "check", ok=True)
    assert process_instances.variables(session, instance.id) == {"n": 8, "ok": True}


INNER = (
    start() + user_task("outer") + '<bpmn:subProcess id="inside" name="inside">'
    + start("in_started") + user_task("one") + user_task("two") + end("in_ended") + path("in_started", "one", "two", "in_ended")
    + "</bpmn:subProcess>" + boundary("late", "inside", timer("P5D")) + user_task("last") + end() + end("e2")
    + path("started", "outer", "inside", "last", "ended") + path("late", "e2")
)  # fmt: skip


def test_inside_a_subprocess_at_work_the_way_back_stays_inside(session):
    deploy(session, INNER)
    instance = begin(session, variables={"n": 0})
    complete(session, "outer", n=1)
    one = complete(session, "one", n=2)

    reset(session, instance, one)

    assert set(open_tasks(session)) == {"one"}
    assert see(session, "one") == {"n": 1}
    complete(session, "one", n=3)
    complete(session, "two")
    assert see(session, "last") == {"n": 3}


def test_a_subprocess_that_has_ended_is_entered_again_at_the_step(session):
    deploy(session, INNER)
    instance = begin(session, variables={"n": 0})
    complete(session, "outer", n=1)
    complete(session, "one", n=2)
    two = complete(session, "two", n=3)
    assert set(open_tasks(session)) == {"last"}

    reset(session, instance, two, now=later(days=1))

    assert set(open_tasks(session)) == {"two"}
    assert see(session, "two") == {"n": 2}
    assert [(job.element_id, job.due_at) for job in session.scalars(sa.select(Job))] == [("late", later(days=6))]
    again = complete(session, "two", n=4)
    assert see(session, "last") == {"n": 4}
    assert session.scalars(sa.select(Job)).all() == []
    reset(session, instance, again)
    assert see(session, "two") == {"n": 2}
    complete(session, "two", n=5)
    complete(session, "last")
    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"n": 5}


def test_from_inside_a_subprocess_a_step_before_it_is_gone_back_to(session):
    deploy(session, INNER)
    instance = begin(session, variables={"n": 0})
    outer = complete(session, "outer", n=1)
    complete(session, "one")

    reset(session, instance, outer)

    assert set(open_tasks(session)) == {"outer"}
    assert session.scalars(sa.select(Job)).all() == []
    complete(session, "outer", n=2)
    assert see(session, "one") == {"n": 2}


def test_a_called_process_that_has_ended_is_entered_again(session):
    called = (
        '<bpmn:process id="part" isExecutable="true">' + start("p_started") + user_task("p1") + user_task("p2") + end("p_ended")
        + path("p_started", "p1", "p2", "p_ended") + "</bpmn:process>"
    )  # fmt: skip
    deploy(
        session,
        start() + '<bpmn:callActivity id="call" name="call" calledElement="part"/>' + user_task("last") + end()
        + path("started", "call", "last", "ended"),
        processes=called,
    )  # fmt: skip
    instance = begin(session)
    p1 = complete(session, "p1", n=1)
    complete(session, "p2", n=2)

    reset(session, instance, p1)

    assert set(open_tasks(session)) == {"p1"}
    complete(session, "p1", n=5)
    complete(session, "p2")
    assert see(session, "last") == {"n": 5}


def test_boundary_events_of_the_step_start_anew(session):
    deploy(
        session,
        start() + user_task("one") + boundary("late", "one", timer("P2D")) + end("e2") + user_task("two") + end()
        + path("started", "one", "two", "ended") + path("late", "e2"),
    )  # fmt: skip
    instance = begin(session)
    one = complete(session, "one")

    reset(session, instance, one, now=later(days=10))

    assert [job.due_at for job in session.scalars(sa.select(Job))] == [later(days=12)]


def test_a_way_back_can_itself_be_undone(session):
    deploy(session, LONG, extra=MESSAGE)
    instance = begin(session)
    one = complete(session, "one", n=1)
    two = open_tasks(session)["two"].id
    reset(session, instance, one)

    undo.undo(session, instance.id, by=CHIEF, now=NOON)

    assert {name: task.id for name, task in open_tasks(session).items()} == {"two": two}
    assert see(session, "two") == {"n": 1, "noted": 1}


def test_only_a_completed_task_of_this_instance_has_a_way_back(session):
    deploy(session, LONG, extra=MESSAGE)
    instance, other = begin(session), begin(session)
    foreign = complete(session, "one", other)
    waiting = open_tasks(session, instance.id)["one"].id

    with pytest.raises(UserTaskNotFound):
        reset(session, instance, foreign)
    with pytest.raises(UserTaskNotFound):
        reset(session, instance, new_id())
    with pytest.raises(ResetRefused, match="created"):
        reset(session, instance, waiting)
    with pytest.raises(ReasonMissing):
        reset(session, other, foreign, reason="")
    process_instances.suspend(session, other.id, by=CHIEF, now=NOON)
    with pytest.raises(ProcessInstanceNotActive):
        reset(session, other, foreign)


def test_one_item_of_a_multi_instance_activity_has_no_way_back_alone(session):
    deploy(
        session,
        start()
        + '<bpmn:userTask id="ask" name="ask" camunda:candidateGroups="lawyers"><bpmn:multiInstanceLoopCharacteristics'
        ' camunda:collection="people" camunda:elementVariable="person"/></bpmn:userTask>'
        + end()
        + path("started", "ask", "ended"),
    )
    instance = begin(session, variables={"people": ["a", "b"]})
    item = complete(session, "ask")

    with pytest.raises(ResetRefused, match="multi-instance") as refusal:
        reset(session, instance, item)

    assert refusal.value.element_id == "ask"


def test_over_an_interruption_the_way_back_takes_the_interruption_away(session):
    deploy(
        session,
        start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended")
        + '<bpmn:subProcess id="withdrawn" name="withdrawn" triggeredByEvent="true">'
        + start("w_started", message("m"), attributes='isInterrupting="true"') + user_task("close") + end("w_ended")
        + path("w_started", "close", "w_ended") + "</bpmn:subProcess>",
        extra=MESSAGE,
    )  # fmt: skip
    instance = begin(session, business_key="K")
    one = complete(session, "one", n=1)
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)

    reset(session, instance, one)

    assert set(open_tasks(session)) == {"one"}
    complete(session, "one", n=2)
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}
    assert see(session, "close") == {"n": 2}


def test_what_was_taken_back_is_not_compensated_as_well(session):
    deploy(
        session,
        start() + user_task("book") + '<bpmn:boundaryEvent id="undo_book" attachedToRef="book"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        + '<bpmn:association id="to_handler" sourceRef="undo_book" targetRef="un_book"/>' + user_task("un_book", attributes='isForCompensation="true"')
        + user_task("wait") + end() + path("started", "book", "wait", "ended"),
    )  # fmt: skip
    instance = begin(session)
    reset(session, instance, complete(session, "book"))

    process_instances.cancel(session, instance.id, reason="No", compensate=True, by=CHIEF, now=NOON)

    assert open_tasks(session) == {}
    assert process_instances.get(session, instance.id).state == "cancelled"
