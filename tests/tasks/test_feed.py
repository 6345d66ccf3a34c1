"""The feed of changes: all that happened to user tasks, once, and nobody hears what they may not know of."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import history, user_tasks
from engine.models import HistoryEvent, UserTask
from practice.rights.models import RightRule
from tasks.feed import queries as feed
from tasks.feed import tail
from tasks.feed.tail import Tail
from tasks.watching.models import Watch
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER

WORLD = [LEA, LEO, PETRA, CORA, AUDITOR, STRANGER]


@pytest.fixture
def review(session):
    """Start a process with a task for lawyers, which a task for cashiers follows."""
    body = start() + user_task("review") + user_task("pay", groups="cashiers") + end()
    deploy(session, body + path("started", "review", "pay", "ended"))
    return lambda **more: begin(session, **more)


@pytest.fixture
def following(session):
    followed = Tail()
    followed.begin(session, now=NOON - tail.HELD_BACK)
    return followed


def happened(reading):
    return [change.kind.removeprefix("user_task_") for change in reading.changes]


def task_of(session, instance):
    return next(iter(open_tasks(session, instance.id).values()))


def test_all_that_happens_to_a_task_is_told_in_order_and_once(session, review, following):
    task = task_of(session, review())
    user_tasks.claim(session, task.id, by=LEA, now=NOON)
    user_tasks.assign(session, task.id, "leo", by=LEA, now=NOON)
    user_tasks.complete(session, task.id, by=LEO, now=NOON)

    assert happened(following.read(session, now=NOON)) == ["created", "claimed", "assigned", "completed", "created"]
    assert following.read(session, now=NOON).changes == []


def test_what_happened_before_one_began_to_listen_is_not_told(session, review):
    review()
    followed = Tail()
    followed.begin(session, now=NOON)

    assert followed.read(session, now=NOON).changes == []


def test_whoever_was_away_is_told_what_they_missed(session, review, following):
    left_at = following.mark(NOON)
    review()

    assert happened(tail.since(session, left_at)) == ["created"]


def test_a_task_that_changes_hands_concerns_both(session, review, following):
    task = task_of(session, review())
    user_tasks.claim(session, task.id, by=LEA, now=NOON)
    user_tasks.assign(session, task.id, "petra", by=LEA, now=NOON)

    *_, assigned = following.read(session, now=NOON).changes

    assert [actor.username for actor in WORLD if feed.may_concern(assigned, actor)] == ["lea", "leo", "petra", "ada"]


def test_who_is_told_of_a_task_is_who_may_see_it(session, review, following):
    review()

    changes = following.read(session, now=NOON).changes

    told = {actor.username: feed.told_to(session, actor, changes) for actor in WORLD}
    assert [name for name, heard in told.items() if heard] == ["lea", "leo", "ada"]


def test_whoever_watches_a_task_or_its_matter_is_told_as_far_as_they_may_see_it(session, firm, matter, following):
    opened = matter()
    deploy(session, start() + user_task("look", groups="cashiers") + end() + path("started", "look", "ended"))
    begin(session, business_key=opened.number)
    task = session.scalars(sa.select(UserTask).where(UserTask.element_id == "look")).one()
    session.add(Watch(username="petra", business_key=opened.number, created_at=NOON))
    session.add(Watch(username="rita", user_task_id=task.id, created_at=NOON))
    session.flush()

    changes = [change for change in following.read(session, now=NOON).changes if change.user_task_id == task.id]

    assert feed.may_concern(changes[0], PETRA)
    assert feed.may_concern(changes[0], RITA)
    assert not feed.may_concern(changes[0], STRANGER)
    told = feed.told_to_each(session, dict.fromkeys((RITA, STRANGER), changes))
    assert {actor.username: len(said) for actor, said in told.items()} == {"rita": 0, "nobody": 0}


def test_of_a_matter_that_one_may_not_know_of_nothing_is_told(session, matter, following):
    opened = matter()
    deploy(session, start() + user_task("look", groups="cashiers") + end() + path("started", "look", "ended"))
    begin(session, business_key=opened.number)
    changes = [change for change in following.read(session, now=NOON).changes if "group:cashiers" in change.principals]
    assert feed.told_to(session, CORA, changes)

    about = {"client_party_id": opened.client_party_id, "username": "cora"}
    session.add(RightRule(effect="deny", action="read", created_at=NOON, created_by="otto", **about))
    session.flush()

    assert feed.may_concern(changes[0], CORA)
    assert feed.told_to(session, CORA, changes) == []


def test_of_one_task_only_the_last_thing_is_told_with_the_names_of_people(session, firm, review, following):
    task = task_of(session, review())
    user_tasks.claim(session, task.id, by=LEA, now=NOON)

    (told,) = feed.told_to(session, LEO, following.read(session, now=NOON).changes)

    assert (told.change.kind, told.task.id) == ("user_task_claimed", task.id)
    assert told.by_name == told.holder_name != "lea"


def test_a_smaller_number_that_comes_to_light_later_is_told_too(session, review, following):
    """As on PostgreSQL, where a transaction that began earlier may end later."""
    task = task_of(session, review())
    following.begin(session, now=NOON - tail.HELD_BACK)
    before = following.mark(NOON)
    last = session.scalar(sa.select(sa.func.max(HistoryEvent.id)))
    row = history.row(task.process_instance_id, "user_task_claimed", actor="lea", now=NOON, user_task_id=task.id)
    session.execute(sa.insert(HistoryEvent), [{**row, "id": last + 3}])
    assert happened(following.read(session, now=NOON)) == ["claimed"]
    assert before == following.mark(NOON) == last

    session.execute(sa.insert(HistoryEvent), [{**row, "id": last + 2, "kind": "user_task_unclaimed"}])
    assert happened(following.read(session, now=NOON)) == ["unclaimed"]

    assert following.mark(NOON + tail.HELD_BACK) == last + 3
    following.read(session, now=NOON + tail.GIVEN_UP + timedelta(seconds=1))
    session.execute(sa.insert(HistoryEvent), [{**row, "id": last + 1}])
    assert following.read(session, now=NOON + tail.GIVEN_UP).changes == []


def test_too_much_at_once_is_not_told_one_by_one(session, review, following, monkeypatch):
    monkeypatch.setattr(tail, "MOST", 3)
    monkeypatch.setattr(tail, "_AFTER", tail._AFTER.limit(4))
    left_at = following.mark(NOON)
    review()
    review()

    assert following.read(session, now=NOON).is_too_much
    assert tail.since(session, left_at).is_too_much
    assert following.read(session, now=NOON) == tail.Reading([])


def test_a_change_that_was_rolled_back_is_never_told(fresh_engine):
    followed = Tail()
    with Session(fresh_engine) as session:
        deploy(session, start() + user_task("review") + end() + path("started", "review", "ended"))
        session.commit()
        followed.begin(session, now=NOON)
    with Session(fresh_engine) as session:
        begin(session)
        session.rollback()
    with Session(fresh_engine) as session:
        kept = task_of(session, begin(session)).id
        session.commit()

    with Session(fresh_engine) as session:
        assert [change.user_task_id for change in followed.read(session, now=NOON).changes] == [kept]
