"""Keeping an eye on work: it is on one's list of what is watched, and opens nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import Actor
from engine.errors import UserTaskNotFound
from practice.accesses.models import EmergencyAccess
from practice.audit.models import AuditEvent
from practice.matters.models import Matter
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tasks.watching import operations, queries
from tasks.watching.errors import NothingToWatch, TooManyWatches
from tests.conftest import NOON
from tests.factories import open_tasks
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER


def watched(session, actor, **more):
    return [task.element_id for task in inbox.page(session, actor, scope="watched", **more).items]


def test_a_watched_task_is_on_the_list_while_it_is_open(session, matter):
    matter()
    task = open_tasks(session)["assess"]

    operations.watch_task(session, task.id, by=AUDITOR, now=NOON)
    operations.watch_task(session, task.id, by=AUDITOR, now=NOON)

    assert watched(session, AUDITOR) == ["assess"]
    assert inbox.counts(session, AUDITOR, now=NOON)["watched"] == 1
    assert watched(session, LEA) == watched(session, STRANGER) == []
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    assert watched(session, AUDITOR) == []
    assert queries.of(session, AUDITOR).user_task_ids == [task.id]


def test_of_a_watched_matter_whatever_comes_is_on_the_list(session, matter):
    opened, other = matter("Alpha"), matter("Beta")

    operations.watch_matter(session, opened.number, by=PETRA, now=NOON)

    assert watched(session, PETRA) == ["assess"]
    mine = [task for task in inbox.page(session, LEA).items if task.business_key == opened.number]
    user_tasks.complete(session, mine[0].id, {}, by=LEA, now=NOON)
    assert watched(session, PETRA) == ["pay"]
    assert watched(session, PETRA, filters=Filters(business_key=other.number)) == []
    assert watched(session, PETRA, sort="urgency", filters=Filters(text="pay")) == ["pay"]
    assert queries.of(session, PETRA).business_keys == [opened.number]
    operations.unwatch_matter(session, opened.number, by=PETRA, now=NOON)
    assert watched(session, PETRA) == []


def test_what_is_watched_twice_comes_once_and_page_by_page(session, matter):
    numbers = [matter(name).number for name in ("Alpha", "Beta", "Gamma")]
    for number in numbers:
        operations.watch_matter(session, number, by=LEA, now=NOON)
    for task in inbox.page(session, LEA).items:
        operations.watch_task(session, task.id, by=LEA, now=NOON)

    seen, cursor = [], None
    for _ in numbers:
        page = inbox.page(session, LEA, scope="watched", limit=1, cursor=cursor)
        seen, cursor = [*seen, *(task.business_key for task in page.items)], page.next_cursor

    assert sorted(seen) == numbers
    assert cursor is None


def test_watching_opens_nothing(session, matter, wall):
    opened = matter()
    task = open_tasks(session)["assess"]
    operations.watch_matter(session, opened.number, by=LEA, now=NOON)
    operations.watch_task(session, task.id, by=LEA, now=NOON)

    for outsider in (RITA, CORA, STRANGER):
        with pytest.raises(NothingToWatch):
            operations.watch_matter(session, opened.number, by=outsider, now=NOON)
        with pytest.raises(UserTaskNotFound):
            operations.watch_task(session, task.id, by=outsider, now=NOON)
    wall({"matter_id": opened.id}, out=["lea"])

    assert watched(session, LEA) == []
    assert inbox.counts(session, LEA, now=NOON)["watched"] == 0
    assert queries.of(session, LEA) == queries.Watched([], [])
    assert queries.watchers(session, task.id, opened.number) == ["lea"]


def test_what_was_opened_in_an_emergency_is_not_watched_beyond_its_end(session, matter):
    opened = matter()
    access = EmergencyAccess(
        matter_id=session.scalar(sa.select(Matter.id).where(Matter.number == opened.number)),
        username="leo",
        reason="The hearing is in an hour.",
        since=NOON,
        until=NOON + timedelta(days=1),
    )
    session.add(access)
    session.flush()
    leo = replace(LEO, at=NOON)
    operations.watch_matter(session, opened.number, by=leo, now=NOON)
    during = watched(session, leo), inbox.counts(session, leo, now=NOON)["watched"]

    # Nobody has ended it yet: the time alone does.
    later = replace(LEO, at=access.until + timedelta(seconds=1))
    after = watched(session, later), inbox.counts(session, later, now=later.at)["watched"]

    assert during == (["assess"], 1)
    assert after == ([], 0)


def test_watching_leaves_a_trace_and_has_an_end(session, matter, monkeypatch):
    opened = matter()
    task = open_tasks(session)["assess"]
    operations.watch_task(session, task.id, by=LEA, now=NOON)
    operations.unwatch_task(session, task.id, by=LEA, now=NOON)
    operations.unwatch_task(session, task.id, by=LEA, now=NOON)
    monkeypatch.setattr(operations, "MOST", 0)

    with pytest.raises(TooManyWatches):
        operations.watch_matter(session, opened.number, by=LEA, now=NOON + timedelta(hours=1))

    kinds = session.scalars(
        sa.select(AuditEvent.kind).where(AuditEvent.entity_id == str(task.id)).order_by(AuditEvent.id)
    )
    assert list(kinds) == ["user_task_watched", "user_task_unwatched"]
    assert not queries.is_watched(session, Actor("lea"), user_task_id=task.id)


def test_a_number_that_is_none_is_not_watched(session, firm):
    for nonsense in ("", "2026-CV-9999", "<script>", "🎈"):
        with pytest.raises(NothingToWatch):
            operations.watch_matter(session, nonsense, by=AUDITOR, now=NOON)
