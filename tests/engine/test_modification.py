"""What an operator does to a running instance: all of it or nothing, and nothing that strands it."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import delegates, history, incidents, jobs, messages, modifications, process_instances, user_tasks
from engine.errors import (
    ModificationRefused,
    NothingAsked,
    ProcessInstanceNotActive,
    ReasonMissing,
    VariablesInvalid,
)
from engine.models import Incident, Job, MessageSubscription, ProcessInstance, UserTask, UserTaskCandidate
from engine.modifications import Add, Move, Remove, SetVariables, Skip
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
    properties,
    script,
    service_task,
    start,
    timer,
    user_task,
)

THREE = (
    start() + user_task("draft") + user_task("review") + user_task("sign") + end()
    + path("started", "draft", "review", "sign", "ended")
)  # fmt: skip
FORK = (
    start() + user_task("before") + gateway("parallel", "fork") + user_task("a1") + user_task("a2") + user_task("b1")
    + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "before", "fork", "a1", "a2", "join", "after", "ended") + path("fork", "b1", "join")
)  # fmt: skip
INNER = (
    start() + user_task("outer") + '<bpmn:subProcess id="inside" name="inside">'
    + start("in_started") + user_task("one") + user_task("two") + end("in_ended") + path("in_started", "one", "two", "in_ended")
    + "</bpmn:subProcess>" + user_task("last") + end() + path("started", "outer", "inside", "last", "ended")
)  # fmt: skip


def modify(session, instance, *instructions, now=NOON, reason="It went wrong"):
    return modifications.modify(session, instance.id, instructions, reason=reason, by=CHIEF, now=now)


def complete(session, element_id, instance=None, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    user_tasks.complete(session, task.id, answers, by=ANA, now=NOON)


def picture(session, instance):
    """Everything the database says of an instance that a refused command must not touch."""
    session.expire_all()
    of = {"process_instance_id": instance.id}
    row = session.execute(
        sa.select(ProcessInstance.state, ProcessInstance.revision, ProcessInstance.state_blob).where(
            ProcessInstance.id == instance.id
        )
    ).one()
    counts = [
        session.execute(sa.select(sa.func.count()).select_from(model).filter_by(**of)).scalar()
        for model in (Job, MessageSubscription, Incident)
    ]
    tasks = session.execute(sa.select(UserTask.id, UserTask.state).filter_by(**of).order_by(UserTask.id)).all()
    return row, counts, tasks, [event.id for event in history.for_instance(session, instance.id)]


def test_a_token_is_moved_on_and_its_work_follows(session):
    deploy(session, THREE)
    instance = begin(session, variables={"fee": 1})
    draft = open_tasks(session)["draft"]

    modify(session, instance, Move("draft", "sign", variables={"waived": True}))

    assert set(open_tasks(session)) == {"sign"}
    assert user_tasks.variables(session, open_tasks(session)["sign"]) == {"fee": 1, "waived": True}
    session.refresh(draft)
    assert (draft.state, draft.ended_by) == ("cancelled", "chief")
    assert session.scalars(sa.select(UserTaskCandidate.user_task_id)).all() == [open_tasks(session)["sign"].id]
    complete(session, "sign")
    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"fee": 1, "waived": True}


def test_a_token_is_moved_back_and_the_way_is_gone_again(session):
    deploy(session, THREE)
    instance = begin(session)
    complete(session, "draft", text="first")
    complete(session, "review", verdict="no")

    modify(session, instance, Move("sign", "draft"))

    assert user_tasks.variables(session, open_tasks(session)["draft"]) == {"text": "first", "verdict": "no"}
    complete(session, "draft", text="second")
    complete(session, "review", verdict="yes")
    complete(session, "sign")
    assert process_instances.variables(session, instance.id) == {"text": "second", "verdict": "yes"}


def test_history_tells_who_moved_what_and_why(session):
    deploy(session, THREE)
    instance = begin(session)

    modify(session, instance, Move("draft", "sign", variables={"waived": True}), reason="  The client asked. ")

    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "token_moved")
    assert (told.actor, told.element_id, told.at) == ("chief", "sign", NOON)
    assert told.data["from"] == "draft"
    assert told.data["reason"] == "The client asked."
    assert told.data["variables"] == {"waived": True}


@pytest.mark.parametrize(
    ("instructions", "element_id"),
    [
        ([Move("draft", "nowhere")], "nowhere"),
        ([Move("nowhere", "draft")], "nowhere"),
        ([Move("review", "draft")], "review"),
        ([Move("draft", "started")], "started"),
        ([Move("draft", "review", token_id=UUID(int=7))], "draft"),
        ([Add("nowhere")], "nowhere"),
        ([Skip("review")], "review"),
        ([SetVariables({"x": 1}, source="sign")], "sign"),
        ([Remove("draft")], None),
        ([Move("draft", "review"), Move("draft", "sign")], "draft"),
        ([SetVariables({"x": 1}), Add("review"), Remove("sign")], "sign"),
    ],
    ids=str,
)
def test_a_command_with_an_impossible_instruction_changes_nothing(session, instructions, element_id):
    deploy(session, THREE)
    instance = begin(session)
    before = picture(session, instance)

    with pytest.raises(ModificationRefused) as refusal:
        modify(session, instance, *instructions)

    assert refusal.value.element_id == element_id
    assert picture(session, instance) == before


def test_a_command_wants_a_reason_instructions_and_sound_variables(session):
    deploy(session, THREE)
    instance = begin(session)

    with pytest.raises(ReasonMissing):
        modify(session, instance, Skip("draft"), reason=" ")
    with pytest.raises(NothingAsked):
        modify(session, instance)
    with pytest.raises(VariablesInvalid):
        modify(session, instance, SetVariables({"no name": 1}))


def test_an_instance_that_does_not_move_is_not_modified(session):
    deploy(session, THREE)
    instance = begin(session)
    process_instances.suspend(session, instance.id, by=CHIEF, now=NOON)

    with pytest.raises(ProcessInstanceNotActive):
        modify(session, instance, Move("draft", "sign"))


def test_several_instructions_are_carried_out_together(session):
    deploy(session, FORK)
    instance = begin(session)

    modify(session, instance, Move("before", "a2"), Add("b1", variables={"side": "b"}), SetVariables({"fee": 7}))

    assert set(open_tasks(session)) == {"a2", "b1"}
    complete(session, "a2", a=2)
    complete(session, "b1", b=1)
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"fee": 7, "side": "b", "a": 2, "b": 1}


@pytest.mark.parametrize(
    "instructions",
    [[Move("before", "a1")], [Move("before", "join")], [Move("before", "b1"), Add("b1")]],
    ids=["one branch", "the join", "one branch twice"],
)
def test_a_join_that_would_wait_for_ever_refuses_by_its_name(session, instructions):
    deploy(session, FORK)
    instance = begin(session)
    before = picture(session, instance)

    with pytest.raises(ModificationRefused) as refusal:
        modify(session, instance, *instructions)

    assert refusal.value.element_id == "join"
    assert picture(session, instance) == before


def test_a_branch_is_not_taken_away_from_under_its_join(session):
    deploy(session, FORK)
    instance = begin(session)
    complete(session, "before")
    complete(session, "b1", b=1)

    with pytest.raises(ModificationRefused) as refusal:
        modify(session, instance, Remove("a1"))

    assert refusal.value.element_id == "join"


def test_a_branch_is_moved_within_its_fork_and_joins_with_its_data(session):
    deploy(session, FORK)
    instance = begin(session, variables={"n": 0})
    complete(session, "before", n=1)
    complete(session, "b1", n=5, b=1)

    modify(session, instance, Move("a1", "a2"))
    complete(session, "a2", a=2)

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"n": 5, "b": 1, "a": 2}


def test_a_token_that_waits_at_a_join_is_moved_past_it_with_the_branch_it_waits_for_gone(session):
    deploy(session, FORK)
    instance = begin(session)
    complete(session, "before")
    complete(session, "b1", b=1)

    modify(session, instance, Move("join", "after"), Remove("a1"))

    assert set(open_tasks(session)) == {"after"}
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"b": 1}
    complete(session, "after")
    assert process_instances.get(session, instance.id).state == "completed"


def test_an_inclusive_join_goes_on_when_the_branch_it_waits_for_is_taken_away(session):
    deploy(
        session,
        start() + gateway("inclusive", "fork") + user_task("a") + user_task("b") + gateway("inclusive", "join") + user_task("after")
        + end() + flow("started", "fork") + flow("fork", "a", "=true") + flow("fork", "b", "=true") + path("a", "join") + path("b", "join")
        + path("join", "after", "ended"),
    )  # fmt: skip
    instance = begin(session)
    complete(session, "a", a=1)
    assert set(open_tasks(session)) == {"b"}

    modify(session, instance, Remove("b"))

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"a": 1}


def test_branches_that_never_join_end_one_by_one(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("a") + end("a_ended") + user_task("b") + end("b_ended")
        + path("started", "fork", "a", "a_ended") + path("fork", "b", "b_ended"),
    )  # fmt: skip
    instance = begin(session)
    complete(session, "a", a=1)

    modify(session, instance, Remove("b"))

    assert process_instances.get(session, instance.id).state == "completed"


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


@pytest.mark.parametrize("element", ["work", "wait", "hear", "inside", "think"])
def test_any_kind_of_work_can_be_skipped_with_a_result(session, element):
    parts = {
        "work": user_task("it") + boundary("late", "it", timer("P1D")) + flow("late", "ended"),
        "wait": catch("it", timer("P1D")),
        "hear": catch("it", message("m")),
        "inside": '<bpmn:subProcess id="it" name="it">'
        + start("s")
        + user_task("deep")
        + end("e")
        + path("s", "deep", "e")
        + "</bpmn:subProcess>",
        "think": script("it", "for i in 1..1000000000 return i"),
    }
    deploy(
        session,
        start() + parts[element] + user_task("next") + end() + path("started", "it", "next", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )
    instance = begin(session, variables={"n": 1})

    modify(session, instance, Skip("it", variables={"result": 42}))

    assert set(open_tasks(session)) == {"next"}
    assert user_tasks.variables(session, open_tasks(session)["next"]) == {"n": 1, "result": 42}
    assert session.scalars(sa.select(Job)).all() == []
    assert session.scalars(sa.select(MessageSubscription)).all() == []
    assert incidents.list_open(session) == []
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "element_skipped")
    assert told.data["after"] == {"result": 42}


def test_a_gateway_that_found_no_way_is_not_skipped_but_moved_from(session):
    deploy(
        session,
        start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + flow("started", "choose")
        + flow("choose", "a", "=kind = 1") + flow("choose", "b", "=kind = 2") + path("a", "ended") + path("b", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"kind": 3})
    assert process_instances.get(session, instance.id).state == "incident"

    with pytest.raises(ModificationRefused, match="cannot be skipped"):
        modify(session, instance, Skip("choose"))
    modify(session, instance, Move("choose", "b"))

    assert process_instances.get(session, instance.id).state == "active"
    assert incidents.list_open(session) == []
    assert session.scalars(sa.select(Incident.resolved_by)).all() == ["chief"]


def test_an_incident_is_mended_by_correcting_the_variable_and_trying_again(session):
    deploy(
        session,
        start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + flow("started", "choose")
        + flow("choose", "a", "=kind = 1") + flow("choose", "b", "=kind = 2") + path("a", "ended") + path("b", "ended"),
    )  # fmt: skip
    instance = begin(session, variables={"kind": 3})
    incident = incidents.list_open(session)[0]

    incidents.retry(session, incident.id, variables={"kind": 2}, by=CHIEF, now=NOON)

    assert set(open_tasks(session)) == {"b"}
    assert process_instances.variables(session, instance.id) == {"kind": 2}
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "variables_set")
    assert (told.data["before"], told.data["after"]) == ({"kind": 3}, {"kind": 2})


def test_variables_of_the_whole_instance_are_corrected_for_all_that_live(session):
    deploy(
        session,
        start() + gateway("parallel", "fork") + user_task("a") + catch("b", message("m")) + user_task("c")
        + boundary("late", "c", timer("P1D"), interrupting=False) + user_task("chase") + end("e3") + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "fork", "a", "join", "after", "ended") + path("fork", "b", "join")
        + path("fork", "c", "join") + path("late", "chase", "e3"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session, business_key="K", variables={"fee": 1, "kept": "yes"})
    complete(session, "a", fee=5)

    modify(session, instance, SetVariables({"fee": 7}))
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    jobs_ran = run_jobs(session, later(days=2))

    assert jobs_ran == 1
    assert user_tasks.variables(session, open_tasks(session)["chase"])["fee"] == 7
    complete(session, "c")
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"fee": 7, "kept": "yes"}
    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "variables_set")
    assert (told.data["before"], told.data["after"]) == ({"fee": 5}, {"fee": 7})


def test_a_variable_of_one_token_is_corrected_for_it_alone(session):
    deploy(session, FORK)
    instance = begin(session, variables={"n": 1})
    complete(session, "before")

    modify(session, instance, SetVariables({"n": 2}, source="a1"))

    assert user_tasks.variables(session, open_tasks(session)["a1"]) == {"n": 2}
    assert user_tasks.variables(session, open_tasks(session)["b1"]) == {"n": 1}
    complete(session, "b1")
    with pytest.raises(ModificationRefused, match="correct the whole instance"):
        modify(session, instance, SetVariables({"n": 3}, source="join"))
    complete(session, "a1")
    complete(session, "a2")
    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"n": 2}


def test_a_corrected_correlation_key_is_worked_out_when_the_message_is_awaited(session):
    deploy(
        session,
        start() + user_task("one")
        + f'<bpmn:intermediateCatchEvent id="hear">{properties(correlationKey="=reference")}{message("m")}</bpmn:intermediateCatchEvent>'
        + end() + path("started", "one", "hear", "ended"),
        extra='<bpmn:message id="m" name="answer"/>',
    )  # fmt: skip
    instance = begin(session, variables={"reference": "wrong"})

    modify(session, instance, SetVariables({"reference": "right"}), Move("one", "hear"))

    messages.correlate(session, "answer", "right", by=ANA, now=NOON)
    assert process_instances.get(session, instance.id).state == "completed"


def test_a_move_onto_work_of_a_delegate_lets_it_work(session):
    deploy(
        session,
        start()
        + user_task("one")
        + service_task("call", "modification_topic")
        + end()
        + path("started", "one", "call", "ended"),
    )
    instance = begin(session, variables={"n": 20})

    modify(session, instance, Move("one", "call", variables={"n": 21}))

    assert process_instances.get(session, instance.id).state == "completed"
    assert process_instances.variables(session, instance.id) == {"n": 21, "doubled": 42}


def test_a_loop_goes_round_again_after_a_move(session):
    deploy(
        session,
        start() + user_task("work") + gateway("exclusive", "again", default="flow_again_ended") + end() + path("started", "work", "again")
        + flow("again", "work", "=not(done)") + flow("again", "ended"),
    )  # fmt: skip
    instance = begin(session)
    for _ in range(3):
        complete(session, "work", done=False)

    modify(session, instance, Move("work", "again", variables={"done": False}))
    complete(session, "work", done=False)
    modify(session, instance, Move("work", "again", variables={"done": True}))

    assert process_instances.get(session, instance.id).state == "completed"


@delegates.delegate("modification_topic")
def double(_session, call):
    return {"doubled": call.inputs["n"] * 2}


def run_jobs(session, now):
    from contextlib import nullcontext

    return jobs.run_due(lambda: nullcontext(session), now=lambda: now, limit=20)


EVENT_SCOPE = (
    start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended")
    + '<bpmn:subProcess id="withdrawn" name="withdrawn" triggeredByEvent="true">'
    + start("w_started", message("m"), attributes='isInterrupting="true"') + user_task("close") + end("w_ended") + path("w_started", "close", "w_ended")
    + "</bpmn:subProcess>"
)  # fmt: skip


def test_an_event_subprocess_is_not_moved_to_and_goes_on_waiting(session):
    deploy(session, EVENT_SCOPE, extra='<bpmn:message id="m" name="withdraw"/>')
    instance = begin(session, business_key="K", variables={"n": 1})

    for target in ("withdrawn", "w_started", "close"):
        with pytest.raises(ModificationRefused):
            modify(session, instance, Move("one", target))
        with pytest.raises(ModificationRefused):
            modify(session, instance, Add(target))
    with pytest.raises(ModificationRefused, match="No token would be left"):
        modify(session, instance, Remove("one"))
    modify(session, instance, Move("one", "two"), SetVariables({"n": 2}))

    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}
    assert user_tasks.variables(session, open_tasks(session)["close"]) == {"n": 2}


def test_the_work_that_an_event_interrupted_is_taken_up_again_and_can_be_interrupted_again(session):
    deploy(session, EVENT_SCOPE, extra='<bpmn:message id="m" name="withdraw"/>')
    instance = begin(session, business_key="K")
    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}

    modify(session, instance, Move("withdrawn", "two"))

    assert set(open_tasks(session)) == {"two"}
    messages.correlate(session, "withdraw", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"close"}
    complete(session, "close")
    assert process_instances.get(session, instance.id).state == "completed"
