"""What an operator does to a running instance: all of it or nothing, and nothing that strands it."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import history, process_instances, user_tasks
from engine.errors import (
    ModificationRefused,
    NothingAsked,
    ProcessInstanceNotActive,
    ReasonMissing,
    VariablesInvalid,
)
from engine.models import UserTaskCandidate
from engine.modifications import Add, Move, Remove, SetVariables, Skip
from tests.engine.modifying import FORK, THREE, complete, modify, picture
from tests.factories import (
    CHIEF,
    NOON,
    begin,
    deploy,
    end,
    flow,
    gateway,
    open_tasks,
    path,
    start,
    user_task,
)


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
