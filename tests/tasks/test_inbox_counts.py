"""Counting what is open: in one pass, by ranges less what is denied, and everything less what is hidden: all agree."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import SYSTEM, Actor
from engine.models import UserTask, UserTaskCandidate
from practice.accesses.models import BreachCase
from practice.matters.models import Matter
from tasks.inbox import queries as inbox
from tasks.inbox import statements
from tasks.inbox.filters import Filters
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import LEA, STRANGER

DAY = timedelta(days=1)
BOUNDS = (NOON, NOON + 2 * DAY, NOON + 7 * DAY)
BOSS = Actor("otto", frozenset({"managing_partners", "lawyers"}), frozenset({"see_all_user_tasks"}))
TWICE = Actor("tim", frozenset({"lawyers", "partners", "clerks"}))


@pytest.fixture(params=[statements.SHORT, -1], ids=["few", "many"])
def work(request, session, matter, monkeypatch):
    """Work of two matters, one of them restricted, and of none; in front of two groups each."""
    monkeypatch.setattr(statements, "SHORT", request.param)
    groups = "lawyers,partners,clerks"
    body = (
        start()
        + user_task("first", groups=groups, attributes='camunda:dueDate="P1D"')
        + user_task("later", groups=groups)
        + end()
        + path("started", "first", "later", "ended")
    )
    deploy(session, body)
    plain, secret = matter("Plain", "Nobody"), matter("Secret", "Nobody")
    runs = {key: begin(session, business_key=key, now=NOON) for key in (plain.number, secret.number, "X-1", "X-2")}
    secret.confidentiality = "restricted"
    session.flush()
    return runs


def task_of(session, run):
    (task,) = open_tasks(session, run.id).values()
    return task


def restricted_numbers(session):
    return set(session.scalars(sa.select(Matter.number).where(Matter.confidentiality == "restricted")))


def agrees(session, actor, filters=Filters()):  # noqa: B008 - it is frozen
    """Compare every count with what the pages hold; return how many there are of ``all``."""
    pages = {
        scope: inbox.page(session, actor, scope=scope, filters=filters, now=NOON, limit=200).items
        for scope in ("mine", "group", "all")
    }
    for scope, items in pages.items():
        counts = inbox.counts_of_list(session, actor, scope=scope, now=NOON, bounds=BOUNDS, filters=filters)
        assert counts.total == len(items)
        assert counts.parts[1] == sum(1 for task in items if task.due_at and NOON <= task.due_at < BOUNDS[1])
        assert counts.parts[-1] == sum(1 for task in items if task.due_at is None)
        assert {one: counts.by_scope[one] for one in pages} == {one: len(found) for one, found in pages.items()}
    first = inbox.counts_of_list(session, actor, scope=None, now=NOON, bounds=BOUNDS, filters=filters)
    chosen = "mine" if pages["mine"] or not pages["group"] else "group"
    assert first == inbox.counts_of_list(session, actor, scope=chosen, now=NOON, bounds=BOUNDS, filters=filters)
    assert first.scope == chosen
    return len(pages["all"])


def test_what_somebody_may_not_know_of_is_not_counted(session, work):
    restricted = next(key for key in work if key in restricted_numbers(session))

    for actor in (TWICE, BOSS):
        listed = inbox.page(session, actor, scope="all", limit=200).items
        assert agrees(session, actor) == len(listed) > 0
        assert restricted not in {task.business_key for task in listed}
    # She is of its team.
    assert agrees(session, LEA) >= len(work)
    assert agrees(session, STRANGER) == 0


def test_a_filter_counts_the_same_way(session, work):
    for filters in (Filters(process_keys=("proc",)), Filters(is_undated=True), Filters(due_before=BOUNDS[1])):
        assert all(agrees(session, actor, filters) >= 0 for actor in (LEA, TWICE, BOSS))
    assert agrees(session, BOSS, Filters(process_keys=("proc",))) == 3


def test_a_breach_case_about_oneself_is_counted_for_others_alone(session, work):
    session.add(
        BreachCase(
            number="X-1",
            username="otto",
            subject="2026-CV-0001",
            owner="petra",
            opened_because="walled",
            opened_at=NOON,
        )
    )
    session.flush()

    assert agrees(session, BOSS, Filters(process_keys=("proc",))) == 2
    user_tasks.assign(session, task_of(session, work["X-1"]).id, "otto", by=SYSTEM, now=NOON)
    assert agrees(session, BOSS, Filters(process_keys=("proc",))) == 3


def test_work_in_doubt_is_asked_about(session, work):
    """What came while somebody decided about its matter is marked, restricted or not (``matters.restricted``)."""
    actors = (TWICE, BOSS, LEA, STRANGER)
    before = [agrees(session, actor) for actor in actors]
    session.execute(sa.update(UserTask).where(UserTask.state == "created").values(is_restricted=False))
    rows = set(session.scalars(sa.select(UserTaskCandidate.is_restricted)))

    assert rows == {False}
    assert [agrees(session, actor) for actor in actors] == before
