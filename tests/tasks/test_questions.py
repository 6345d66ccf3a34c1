"""A question stands on two desks and moves no task."""

import pytest

from engine import user_tasks
from engine.errors import UserTaskNotFound, UserTaskNotOpen
from practice.errors import VariableInvalid, VariableMissing
from practice.notices import queries as notices
from tasks.errors import NotForOneself, PersonMayNotKnow, QuestionClosed, QuestionNotFound
from tasks.inbox import queries as inbox
from tasks.questions import operations, queries
from tests.conftest import NOON
from tests.factories import later, open_tasks
from tests.practice.firm import CORA, LEA, LEO, STRANGER


@pytest.fixture
def case(session, matter):
    return matter()


@pytest.fixture
def task(session, case):
    return open_tasks(session, case.process_instance_id)["assess"]


@pytest.fixture
def asked(session, task):
    return operations.ask(session, task.id, of="cora", question="Was the fee paid? 💶", by=LEA, now=NOON)


def test_a_question_stands_on_both_desks_and_the_task_stays(session, task, asked):
    assert task.assignee == "lea"
    assert [q.id for q, _ in queries.waiting_for(session, actor=CORA)] == [asked.id]
    assert [(q.id, t.id) for q, t in queries.asked_by(session, actor=LEA)] == [(asked.id, task.id)]
    assert [row.id for row in inbox.page(session, CORA, scope="mine").items] == [task.id]
    assert [n.kind for n in notices.of(session, actor=CORA).items] == ["question_asked"]


def test_an_answer_takes_it_off_both_desks_and_is_told(session, task, asked):
    operations.answer(session, asked.id, "Yes, on Monday", by=CORA, now=later(hours=1))

    assert queries.waiting_for(session, actor=CORA) == []
    assert queries.asked_by(session, actor=LEA) == []
    assert inbox.page(session, CORA, scope="mine").items == []
    (shown,) = queries.of_task(session, task.id, actor=LEA)
    assert (shown.answer, shown.answered_at) == ("Yes, on Monday", later(hours=1))
    assert [n.kind for n in notices.of(session, actor=LEA).items] == ["question_answered"]


def test_a_question_is_answered_once_and_only_by_who_was_asked(session, asked):
    for somebody in (LEA, LEO, STRANGER):
        with pytest.raises(QuestionNotFound):
            operations.answer(session, asked.id, "Me!", by=somebody, now=NOON)
    operations.answer(session, asked.id, "Yes", by=CORA, now=NOON)

    with pytest.raises(QuestionClosed):
        operations.answer(session, asked.id, "No", by=CORA, now=NOON)


def test_a_question_taken_back_is_nobodys(session, task, asked):
    with pytest.raises(QuestionNotFound):
        operations.withdraw(session, asked.id, by=CORA, now=NOON)

    operations.withdraw(session, asked.id, by=LEA, now=NOON)

    assert queries.waiting_for(session, actor=CORA) == []
    assert queries.of_task(session, task.id, actor=LEA) == []
    with pytest.raises(QuestionClosed):
        operations.answer(session, asked.id, "Yes", by=CORA, now=NOON)


def test_when_the_task_is_done_nobody_waits_for_the_answer(session, task, asked):
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)

    assert queries.waiting_for(session, actor=CORA) == []
    assert queries.asked_by(session, actor=LEA) == []
    with pytest.raises((UserTaskNotOpen, UserTaskNotFound)):
        operations.answer(session, asked.id, "Yes", by=CORA, now=NOON)


def test_questions_go_to_others_who_may_know(session, case, task):
    with pytest.raises(NotForOneself):
        operations.ask(session, task.id, of="lea", question="?", by=LEA, now=NOON)
    with pytest.raises(UserTaskNotFound):
        operations.ask(session, task.id, of="lea", question="?", by=STRANGER, now=NOON)
    case.confidentiality = "secret"
    session.flush()
    with pytest.raises(PersonMayNotKnow) as refusal:
        operations.ask(session, task.id, of="cora", question="?", by=LEA, now=NOON)
    assert refusal.value.field == "of"


def test_questions_and_answers_say_something(session, task, asked):
    with pytest.raises(VariableMissing):
        operations.ask(session, task.id, of="cora", question=" \n ", by=LEA, now=NOON)
    with pytest.raises(VariableInvalid):
        operations.ask(session, task.id, of="cora", question="x" * 4001, by=LEA, now=NOON)
    with pytest.raises(VariableMissing):
        operations.answer(session, asked.id, "", by=CORA, now=NOON)


def test_a_wall_hides_the_question_with_its_task(session, case, asked, wall):
    wall({"matter_id": case.id}, out=["cora"])

    assert queries.waiting_for(session, actor=CORA) == []
    with pytest.raises(UserTaskNotFound):
        operations.answer(session, asked.id, "Yes", by=CORA, now=NOON)
