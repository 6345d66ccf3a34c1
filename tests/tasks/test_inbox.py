"""The inbox: what stands in front of whom, and nothing of it in front of anybody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import Actor
from engine.errors import UserTaskNotFound
from engine.models import UserTask
from practice.errors import CursorInvalid
from tasks.errors import FilterInvalid
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tests.conftest import NOON
from tests.factories import begin, deploy, end, flow, gateway, open_tasks, path, start, user_task
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, STRANGER

LATER = NOON + timedelta(days=10)
BOTH = Actor("petra", frozenset({"partners", "lawyers"}))
#: Nothing watched, nothing put aside.
NONE_ELSE = {"watched": 0, "asleep": 0}


@pytest.fixture
def shared(session):
    """Deploy a process with a task for lawyers and partners (P1D), one for cashiers (P3D) and one without date."""
    body = (
        start()
        + gateway("parallel", "split")
        + user_task("review", groups="lawyers,partners", attributes='camunda:dueDate="P1D"')
        + user_task("pay", groups="cashiers", attributes='camunda:dueDate="P3D"')
        + user_task("muse", groups="lawyers")
        + gateway("parallel", "join")
        + end()
        + path("started", "split", "review", "join", "ended")
        + flow("split", "pay")
        + flow("pay", "join")
        + flow("split", "muse")
        + flow("muse", "join")
    )
    deploy(session, body)

    def run(business_key=None, *, now=NOON):
        return begin(session, business_key=business_key, now=now)

    return run


def names(page):
    return [task.element_id for task in page.items]


def test_tasks_come_by_due_date_and_those_without_one_last(session, shared):
    shared(now=NOON + timedelta(days=1))
    shared(now=NOON)

    page = inbox.page(session, LEA, scope="group")

    assert names(page) == ["review", "review", "muse", "muse"]
    assert [task.due_at for task in page.items[:2]] == [NOON + timedelta(days=1), NOON + timedelta(days=2)]


def test_a_task_offered_to_two_of_ones_groups_comes_once(session, shared):
    shared()

    assert names(inbox.page(session, BOTH)) == ["review", "muse"]
    assert inbox.counts(session, BOTH, now=NOON) == {"mine": 0, "group": 2, "all": 2, "overdue": 0} | NONE_ELSE


def test_a_claimed_task_is_mine_and_no_colleagues(session, shared):
    instance = shared()
    user_tasks.claim(session, open_tasks(session, instance.id)["review"].id, by=LEA, now=NOON)

    assert names(inbox.page(session, LEA, scope="mine")) == ["review"]
    assert names(inbox.page(session, LEA, scope="group")) == ["muse"]
    assert names(inbox.page(session, LEA, scope="all")) == ["review", "muse"]
    assert names(inbox.page(session, LEO)) == ["muse"]
    assert names(inbox.page(session, PETRA)) == []


@pytest.mark.parametrize("scope", ["mine", "group", "all"])
@pytest.mark.parametrize(
    "filters", [{}, {"q": "review"}, {"process_key": "proc"}, {"business_key": "X-1"}, {"due_before": LATER}]
)
def test_an_outsider_gets_nothing_whatever_is_asked(session, shared, scope, filters):
    shared("X-1")

    assert inbox.page(session, STRANGER, scope=scope, **filters).items == []
    assert inbox.page(session, Actor("lone"), scope=scope, **filters).items == []
    assert inbox.counts(session, STRANGER, now=LATER) == {"mine": 0, "group": 0, "all": 0, "overdue": 0} | NONE_ELSE


def test_who_may_see_all_sees_every_open_task_also_those_in_nobodys_inbox(session, shared):
    instance = shared()
    user_tasks.claim(session, open_tasks(session, instance.id)["review"].id, by=LEA, now=NOON)
    user_tasks.complete(session, open_tasks(session, instance.id)["pay"].id, {}, by=CORA, now=NOON)

    assert names(inbox.page(session, AUDITOR, scope="all")) == ["review", "muse"]
    assert names(inbox.page(session, AUDITOR, scope="group")) == []
    assert inbox.counts(session, AUDITOR, now=LATER) == {"mine": 0, "group": 0, "all": 2, "overdue": 1} | NONE_ELSE


def test_counts_say_what_is_overdue(session, shared):
    shared()

    at_the_due_date = NOON + timedelta(days=1)
    assert inbox.counts(session, LEA, now=at_the_due_date)["overdue"] == 0
    assert inbox.counts(session, LEA, now=at_the_due_date + timedelta(seconds=1))["overdue"] == 1
    assert names(inbox.page(session, LEA, overdue_at=LATER)) == ["review"]
    assert names(inbox.page(session, AUDITOR, overdue_at=LATER, due_before=NOON + timedelta(days=2))) == ["review"]
    assert names(inbox.page(session, LEA, due_before=NOON)) == []


@pytest.mark.parametrize("actor", [LEA, BOTH, AUDITOR])
@pytest.mark.parametrize("filters", [{}, {"process_key": "proc"}])
def test_pages_follow_each_other_without_loss_or_double(session, shared, actor, filters):
    for day in range(5):
        shared(now=NOON + timedelta(days=day % 2))
    whole = [task.id for task in inbox.page(session, actor, limit=200, **filters).items]

    seen, cursor = [], None
    while True:
        page = inbox.page(session, actor, limit=3, cursor=cursor, **filters)
        seen += [task.id for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == whole
    assert len(seen) == len(set(seen)) >= 10


def test_filters_narrow_the_list(session, shared):
    shared("X-1")
    shared("X-2")

    assert {task.business_key for task in inbox.page(session, LEA, business_key="X-2").items} == {"X-2"}
    assert names(inbox.page(session, LEA, business_key="X-2", q="REV")) == ["review"]
    assert names(inbox.page(session, LEA, process_key="other")) == []
    assert len(inbox.page(session, LEA, q="x-1 mu").items) == 1
    assert names(inbox.page(session, LEA, q="%")) == []
    assert names(inbox.page(session, LEA, q="_")) == []


def test_tasks_are_found_by_the_names_in_their_matter(session, matter):
    opened = matter("Παπαδόπουλος", "Beton AG")
    matter("Müller", "Dora")

    assert [task.business_key for task in inbox.page(session, LEA, q="παπαδ").items] == [opened.number]
    assert len(inbox.page(session, LEA, q="muller").items) == 1
    assert len(inbox.page(session, AUDITOR, q="MÜLLER dora").items) == 1
    assert inbox.page(session, CORA, q="muller").items == []


def test_what_is_no_filter_is_refused(session):
    with pytest.raises(FilterInvalid):
        inbox.page(session, LEA, scope="everything")
    with pytest.raises(CursorInvalid):
        inbox.page(session, LEA, cursor="nonsense")


def test_one_task_is_there_for_whom_it_concerns(session, shared):
    instance = shared()
    task = open_tasks(session, instance.id)["review"]

    for insider in (LEA, PETRA, AUDITOR):
        assert inbox.visible(session, insider, task.id) is task
    for outsider in (CORA, STRANGER, Actor("lone")):
        with pytest.raises(UserTaskNotFound):
            inbox.visible(session, outsider, task.id)
    with pytest.raises(UserTaskNotFound):
        inbox.visible(session, AUDITOR, instance.id)


def test_who_came_late_still_sees_the_task_and_so_learns_who_was_faster(session, shared):
    task = open_tasks(session, shared().id)["review"]
    user_tasks.claim(session, task.id, by=LEA, now=NOON)
    assert inbox.visible(session, PETRA, task.id).assignee == "lea"

    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)

    assert inbox.visible(session, PETRA, task.id).ended_by == "lea"
    with pytest.raises(UserTaskNotFound):
        inbox.visible(session, CORA, task.id)


def test_a_task_handed_to_somebody_stays_visible_to_both(session, shared):
    task = open_tasks(session, shared().id)["pay"]
    user_tasks.claim(session, task.id, by=CORA, now=NOON)

    user_tasks.delegate(session, task.id, "lea", by=CORA, now=NOON)

    assert inbox.visible(session, LEA, task.id).owner == "cora"
    assert inbox.visible(session, Actor("cora"), task.id)
    user_tasks.resolve(session, task.id, by=LEA, now=NOON)
    user_tasks.complete(session, task.id, {}, by=CORA, now=NOON)
    assert inbox.visible(session, CORA, task.id).state == "completed"


def test_listed_tasks_are_as_stored_and_belong_to_no_session(session, shared):
    shared("2026-CV-0001")
    stored = {task.id: task for task in session.scalars(sa.select(UserTask))}

    listed = inbox.page(session, LEA, scope="group").items

    assert len(listed) == 2
    for task in listed:
        assert sa.inspect(task).session is None
        for attribute in sa.inspect(UserTask).column_attrs:
            assert getattr(task, attribute.key) == getattr(stored[task.id], attribute.key), attribute.key


@pytest.fixture
def said(session):
    """Return what is asked of the database from here on, with its values."""
    asked, engine = [], session.get_bind().engine

    def see(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", see)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", see)


def test_a_list_of_high_priority_reads_the_index_of_urgent_work(session, said):
    inbox.page(session, LEA, scope="group", filters=Filters(priority="high"))
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[session.get_bind().dialect.name]
    statement, values = said[-1]
    if explain == "EXPLAIN":  # a table without rows is read from end to end
        session.execute(sa.text("SET LOCAL enable_seqscan TO off"))

    plan = session.connection().exec_driver_sql(f"{explain} {statement}", values)

    assert "ix_user_task_candidate_high" in str(plan.all())
