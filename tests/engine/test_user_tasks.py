"""Claiming, handing on and completing user tasks."""

import pytest
import sqlalchemy as sa

from engine import history, user_tasks
from engine.errors import (
    FormInvalid,
    NotACandidate,
    NotTheAssignee,
    RecipientMissing,
    UserTaskAlreadyClaimed,
    UserTaskDelegated,
    UserTaskNotDelegated,
    UserTaskNotOpen,
    VariablesInvalid,
)
from engine.models import UserTaskCandidate
from tests.factories import (
    ANA,
    BO,
    CHIEF,
    NOON,
    OUTSIDER,
    begin,
    deploy,
    end,
    later,
    open_tasks,
    path,
    start,
    user_task,
)

ONE_TASK = start() + user_task("draft", attributes='camunda:dueDate="P7D"') + end() + path("started", "draft", "ended")


@pytest.fixture
def task(session):
    deploy(session, ONE_TASK)
    begin(session, variables={"amount": 7})
    return open_tasks(session)["draft"]


def principals(session):
    return sorted(session.scalars(UserTaskCandidate.__table__.select().with_only_columns(UserTaskCandidate.principal)))


def test_a_new_task_is_offered_to_its_groups_until_its_due_date(session, task):
    assert (task.assignee, task.candidate_groups, task.due_at) == (None, ["lawyers"], later(days=7))
    assert principals(session) == ["group:lawyers"]


def test_claiming_takes_a_task_out_of_the_other_inboxes(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)

    assert task.assignee == "ana"
    assert principals(session) == ["user:ana"]


def test_claiming_ones_own_task_again_changes_nothing(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)

    user_tasks.claim(session, task.id, by=ANA, now=later(hours=1))

    kinds = [event.kind for event in history.for_instance(session, task.process_instance_id)]
    assert kinds.count("user_task_claimed") == 1


def test_a_task_somebody_holds_cannot_be_claimed(session, task):
    user_tasks.claim(session, task.id, by=BO, now=NOON)

    with pytest.raises(UserTaskAlreadyClaimed) as refusal:
        user_tasks.claim(session, task.id, by=ANA, now=NOON)

    assert refusal.value.assignee == "bo"


def test_an_outsider_can_neither_claim_nor_complete(session, task):
    with pytest.raises(NotACandidate):
        user_tasks.claim(session, task.id, by=OUTSIDER, now=NOON)
    with pytest.raises(NotACandidate):
        user_tasks.complete(session, task.id, {}, by=OUTSIDER, now=NOON)


def test_unclaiming_offers_the_task_to_its_groups_again(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)

    user_tasks.unclaim(session, task.id, by=ANA, now=NOON)

    assert task.assignee is None
    assert principals(session) == ["group:lawyers"]


def test_only_the_holder_or_who_may_assign_unclaims(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)

    with pytest.raises(NotTheAssignee):
        user_tasks.unclaim(session, task.id, by=BO, now=NOON)
    user_tasks.unclaim(session, task.id, by=CHIEF, now=NOON)

    assert task.assignee is None


def test_assigning_needs_a_name_and_the_right(session, task):
    with pytest.raises(RecipientMissing):
        user_tasks.assign(session, task.id, "", by=CHIEF, now=NOON)
    with pytest.raises(NotTheAssignee):
        user_tasks.assign(session, task.id, "bo", by=ANA, now=NOON)

    user_tasks.assign(session, task.id, "bo", by=CHIEF, now=NOON)

    assert principals(session) == ["user:bo"]


def test_a_delegated_task_remembers_whose_it_is(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)

    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)

    assert (task.assignee, task.owner) == ("bo", "ana")


def test_a_delegated_task_comes_back_before_it_is_completed(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)
    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)
    with pytest.raises(UserTaskDelegated) as refusal:
        user_tasks.complete(session, task.id, {}, by=BO, now=NOON)

    back = user_tasks.resolve(session, task.id, by=BO, now=NOON)

    assert refusal.value.owner == "ana"
    assert (back.assignee, back.owner) == ("ana", None)
    assert principals(session) == ["user:ana"]
    told = [(e.kind, e.actor, e.data) for e in history.for_instance(session, task.process_instance_id)]
    assert ("user_task_resolved", "bo", {"before": "bo", "after": "ana"}) in told
    assert user_tasks.complete(session, task.id, {}, by=ANA, now=NOON).state == "completed"


def test_an_owner_takes_a_delegated_task_back_and_a_stranger_does_not(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)
    with pytest.raises(UserTaskNotDelegated):
        user_tasks.resolve(session, task.id, by=ANA, now=NOON)
    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)
    with pytest.raises(NotTheAssignee):
        user_tasks.resolve(session, task.id, by=OUTSIDER, now=NOON)

    assert user_tasks.resolve(session, task.id, by=ANA, now=NOON).assignee == "ana"


def test_who_is_assigned_a_delegated_task_has_it_for_good(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=NOON)
    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)

    user_tasks.assign(session, task.id, "carl", by=CHIEF, now=NOON)

    assert (task.assignee, task.owner) == ("carl", None)


def test_a_task_that_is_offered_again_came_when_it_came(session, task):
    user_tasks.claim(session, task.id, by=ANA, now=later(hours=1))

    user_tasks.offer_again(session, task.id, now=later(hours=2))

    (row,) = session.scalars(sa.select(UserTaskCandidate).where(UserTaskCandidate.user_task_id == task.id))
    assert (row.principal, row.came_at) == ("user:ana", later(hours=1))


def test_completing_records_who_when_and_what(session, task):
    done = user_tasks.complete(session, task.id, {"amount": 9}, by=ANA, now=later(hours=1))

    assert (done.state, done.assignee, done.ended_by, done.ended_at) == ("completed", "ana", "ana", later(hours=1))
    event = next(e for e in history.for_instance(session, task.process_instance_id) if e.kind == "user_task_completed")
    assert (event.actor, event.at, event.data["answers"]) == ("ana", later(hours=1), {"amount": 9})
    assert principals(session) == []


def test_a_task_completed_twice_is_refused_with_who_did_it(session, task):
    user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)

    with pytest.raises(UserTaskNotOpen) as refusal:
        user_tasks.complete(session, task.id, {}, by=BO, now=NOON)

    assert refusal.value.ended_by == "ana"


def test_a_task_somebody_holds_cannot_be_completed_by_a_colleague(session, task):
    user_tasks.claim(session, task.id, by=BO, now=NOON)

    with pytest.raises(UserTaskAlreadyClaimed):
        user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)


@pytest.mark.parametrize("name", ["not a name", "1st", "a.b", "", "__class__.x", "x" * 201])
def test_a_variable_that_is_no_name_is_refused_by_name(session, task, name):
    with pytest.raises(VariablesInvalid) as refusal:
        user_tasks.complete(session, task.id, {name: 1}, by=ANA, now=NOON)

    assert list(refusal.value.fields) == [name[:100]]
    assert open_tasks(session)["draft"].state == "created"


@pytest.mark.parametrize("name", ["typename", "__class__", "__proto__", "constructor", "状态"])
def test_names_that_mean_something_elsewhere_are_plain_variables_here(session, name):
    deploy(session, start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended"))
    begin(session)

    user_tasks.complete(session, open_tasks(session)["one"].id, {name: {name: "SpiffWorkflow.Task"}}, by=ANA, now=NOON)

    assert user_tasks.variables(session, open_tasks(session)["two"])[name] == {name: "SpiffWorkflow.Task"}


def test_answers_that_nest_too_deep_are_refused_by_name(session, task):
    deep: dict = {}
    for _ in range(80):
        deep = {"a": deep}

    with pytest.raises(VariablesInvalid) as refusal:
        user_tasks.complete(session, task.id, {"evidence": deep}, by=ANA, now=NOON)

    assert "evidence" in refusal.value.fields


def test_a_form_accepts_only_its_own_fields_and_names_what_is_wrong(session):
    form = (
        b'{"components": [{"type": "textfield", "key": "client", "validate": {"required": true}},'
        b' {"type": "number", "key": "amount", "validate": {"min": 1}}]}'
    )
    deploy(
        session,
        start() + user_task("fill", attributes='camunda:formKey="client"') + end() + path("started", "fill", "ended"),
        files={"forms/client.form": form},
    )
    begin(session)
    task = open_tasks(session)["fill"]

    with pytest.raises(FormInvalid) as refusal:
        user_tasks.complete(session, task.id, {"amount": "many", "extra": 1}, by=ANA, now=NOON)

    assert set(refusal.value.fields) == {"client", "amount", "extra"}
    assert task.state == "created"
