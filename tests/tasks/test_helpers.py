"""Who helps with a task sees it and drafts; they neither take nor complete it, and no wall opens for them."""

import pytest
import sqlalchemy as sa

from engine import history, user_tasks
from engine.errors import NotACandidate, UserTaskNotFound, UserTaskNotOpen
from engine.models import UserTaskCandidate
from practice.errors import NotAnActivePerson
from practice.matters import queries as matters
from practice.notices import queries as notices
from practice.walls.errors import PersonKeptOut
from tasks import access
from tasks.drafts import operations as drafts
from tasks.errors import HelperNotFound, NotForOneself, NotOnTheTask, PersonMayNotKnow
from tasks.helpers import operations, queries
from tasks.inbox import queries as inbox
from tests.conftest import NOON
from tests.factories import later, open_tasks
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER


@pytest.fixture
def case(session, matter):
    return matter()


@pytest.fixture
def task(session, case):
    """The assessment of Ana Ruiz's claim, which Lea holds."""
    return open_tasks(session, case.process_instance_id)["assess"]


def in_front_of(session, task):
    query = sa.select(UserTaskCandidate.principal).where(UserTaskCandidate.user_task_id == task.id)
    return sorted(session.scalars(query))


def test_a_helper_has_the_task_on_their_desk_sees_its_matter_and_drafts(session, case, task):
    with pytest.raises(UserTaskNotFound):
        access.visible_user_task(session, CORA, task.id)

    operations.add(session, task.id, "cora", by=LEA, now=later(hours=1))

    assert in_front_of(session, task) == ["user:cora", "user:lea"]
    assert [row.id for row in inbox.page(session, CORA, scope="mine").items] == [task.id]
    assert matters.get_by_number(session, case.number, actor=CORA) is case
    assert drafts.save(session, CORA, user_task_id=task.id, values={"note": "x"}, now=NOON).version == 1
    (notice,) = notices.of(session, actor=CORA).items
    assert (notice.kind, notice.facts["by"], notice.facts["task"]) == ("asked_to_help", "lea", task.name)
    assert "user_task_helper_added" in [e.kind for e in history.for_instance(session, task.process_instance_id)]


def test_a_helper_neither_takes_nor_completes_nor_asks_for_more_help(session, task):
    operations.add(session, task.id, "cora", by=LEA, now=NOON)
    user_tasks.unclaim(session, task.id, by=LEA, now=NOON)

    with pytest.raises(NotACandidate):
        user_tasks.claim(session, task.id, by=CORA, now=NOON)
    with pytest.raises(NotACandidate):
        user_tasks.complete(session, task.id, {}, by=CORA, now=NOON)
    with pytest.raises(NotOnTheTask):
        operations.add(session, task.id, "leo", by=CORA, now=NOON)


def test_help_goes_on_whoever_takes_or_gets_the_task(session, task):
    operations.add(session, task.id, "cora", by=LEA, now=NOON)

    user_tasks.delegate(session, task.id, "leo", by=LEA, now=NOON)
    assert in_front_of(session, task) == ["user:cora", "user:leo"]
    user_tasks.resolve(session, task.id, by=LEO, now=NOON)
    assert in_front_of(session, task) == ["user:cora", "user:lea"]

    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    assert in_front_of(session, task) == []


def test_help_ends_and_so_does_what_it_opened(session, case, task):
    operations.add(session, task.id, "cora", by=LEA, now=NOON)
    operations.add(session, task.id, "leo", by=LEA, now=NOON)

    operations.remove(session, task.id, "cora", by=LEA, now=later(hours=1))
    operations.remove(session, task.id, "leo", by=LEO, now=later(hours=1))

    assert in_front_of(session, task) == ["user:lea"]
    with pytest.raises(UserTaskNotFound):
        access.visible_user_task(session, CORA, task.id)
    assert session.scalars(sa.select(matters.Matter).where(matters.visible_to(CORA))).all() == []
    with pytest.raises(HelperNotFound):
        operations.remove(session, task.id, "cora", by=LEA, now=NOON)


def test_asking_twice_for_the_same_help_asks_once(session, task):
    first = operations.add(session, task.id, "cora", by=LEA, now=NOON)

    assert operations.add(session, task.id, "Cora ", by=LEA, now=later(hours=1)) is first
    assert len(queries.of_task(session, task.id, actor=LEA)) == 1
    assert len(notices.of(session, actor=CORA).items) == 1


def test_a_helper_is_somebody_else_who_works_here(session, task):
    with pytest.raises(NotForOneself):
        operations.add(session, task.id, "lea", by=LEA, now=NOON)
    with pytest.raises(NotAnActivePerson) as refusal:
        operations.add(session, task.id, "santa", by=LEA, now=NOON)
    assert refusal.value.field == "username"


def test_a_wall_and_a_restricted_matter_let_no_helper_in(session, case, task, wall):
    wall({"matter_id": case.id}, out=["cora"])
    with pytest.raises(PersonKeptOut):
        operations.add(session, task.id, "cora", by=LEA, now=NOON)

    case.confidentiality = "restricted"
    session.flush()
    with pytest.raises(PersonMayNotKnow):
        operations.add(session, task.id, "leo", by=LEA, now=NOON)
    assert in_front_of(session, task) == ["user:lea"]


def test_who_has_no_part_in_a_task_brings_nobody_into_it_and_learns_of_nobody(session, task):
    operations.add(session, task.id, "cora", by=LEA, now=NOON)

    for outsider in (STRANGER, RITA):
        with pytest.raises(UserTaskNotFound):
            operations.add(session, task.id, "otto", by=outsider, now=NOON)
        with pytest.raises(UserTaskNotFound):
            queries.of_task(session, task.id, actor=outsider)
    with pytest.raises(NotOnTheTask):
        operations.add(session, task.id, "rita", by=AUDITOR, now=NOON)


def test_nobody_helps_with_what_is_done(session, task):
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)

    with pytest.raises(UserTaskNotOpen):
        operations.add(session, task.id, "petra", by=LEA, now=NOON)
    assert notices.of(session, actor=PETRA).items == []
