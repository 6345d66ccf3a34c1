"""What has to be known goes out by the channels and at the hours that each person wishes, and no further."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from engine import job_kinds, user_tasks
from engine.actor import SYSTEM
from engine.models import Incident, Job
from practice.notices import operations as notices
from practice.notices.models import Notice
from practice.people import operations as people
from tasks.notifications import browsers, delivery, operations, preferences
from tasks.notifications.errors import PushSubscriptionNotFound
from tasks.notifications.models import Notification
from tests.factories import NOON, later
from tests.tasks.posts import Outbox, installed
from tests.tasks.reminding import actor, department, hand_over, run

BOTH = ("reminder", "notification")
#: A Tuesday, late.
NIGHT = NOON.replace(hour=21)
KEYS = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)


@pytest.fixture
def outbox(session):
    department(session)
    box = Outbox()
    with installed(email=box, push=box):
        yield box


def told(box):
    return [(name, mail.text) for name, mail, _, _ in box.mails]


def wait(session):
    query = sa.select(Notification.username, Notification.channel).order_by(Notification.username, Notification.channel)
    return [tuple(row) for row in session.execute(query)]


def test_each_member_of_a_department_gets_a_mail_a_round_until_one_accepts(session, outbox):
    task = hand_over(session, reminder="R/PT30M")

    run(session, later(minutes=61), kinds=BOTH)
    user_tasks.claim(session, task.id, by=actor("dee"), now=later(minutes=62))
    run(session, later(hours=3), kinds=BOTH)

    names = [name for name, _ in told(outbox)]
    assert sorted(names) == sorted(["dan", "dee", "dia", "don", "dot"] * 2)
    assert told(outbox)[0] == ("dan", "task_reminder take_letter 1")
    assert wait(session) == []


def test_what_waits_for_the_morning_waits_once_and_is_taken_back_by_an_acceptance(session, outbox):
    task = hand_over(session, reminder="R/PT30M", now=NIGHT)
    run(session, NIGHT + timedelta(hours=4), kinds=BOTH)
    before = wait(session)

    user_tasks.claim(session, task.id, by=actor("dee"), now=NIGHT + timedelta(hours=5))

    assert before == [(name, "email") for name in ("dan", "dee", "dia", "don", "dot")]
    assert wait(session) == []
    run(session, NIGHT + timedelta(days=1), kinds=BOTH)
    assert told(outbox) == []


def test_the_night_s_rounds_come_as_one_mail_when_it_is_over(session, outbox):
    hand_over(session, assignee="dan", to="", reminder="R/PT30M", now=NIGHT + timedelta(minutes=10))

    run(session, NIGHT + timedelta(hours=10), kinds=BOTH)

    [(name, mail, _, at)] = outbox.mails
    assert (name, mail.text) == ("dan", "task_reminder take_letter 19")
    assert at == NIGHT.replace(hour=7) + timedelta(days=1)


def test_a_digest_comes_once_a_day_with_everything(session, outbox):
    preferences.change(session, {"email": "digest", "digest_at": "06:30"}, by=actor("dan"), now=NOON)
    notices.tell(session, ["dan"], "task_late", "one", {"name": "One"}, now=NOON)
    notices.tell(session, ["dan"], "task_late", "two", {"name": "Two"}, now=later(hours=2))

    run(session, later(hours=18), kinds=BOTH)
    early = told(outbox)
    run(session, later(hours=19), kinds=BOTH)

    assert early == []
    [(name, mail, _, at)] = outbox.mails
    assert (name, mail.subject) == ("dan", "Digest: 2")
    assert mail.text == "task_late One None\ntask_late Two None"
    assert at == datetime(2026, 9, 2, 6, 30, tzinfo=UTC)


def test_who_wants_no_mail_or_not_of_this_kind_gets_none_and_who_has_no_address_neither(session, outbox):
    preferences.change(session, {"email": "off"}, by=actor("dan"), now=NOON)
    preferences.change(session, {"muted": ["task_late"]}, by=actor("dee"), now=NOON)
    people.create_user(session, "bare", "Bare", password=None, groups=(), by=SYSTEM, now=NOON)

    notices.tell(session, ["dan", "dee", "bare", "dot"], "task_late", "one", {"name": "One"}, now=NOON)
    run(session, later(minutes=1), kinds=BOTH)

    assert [name for name, _ in told(outbox)] == ["dot"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 4


def test_without_a_mail_server_nothing_is_put_on_its_way(session):
    department(session)
    hand_over(session, reminder="R/PT30M")

    run(session, later(hours=1), kinds=BOTH)

    assert wait(session) == []


def test_a_notice_that_a_mail_had_better_not_repeat_is_only_announced(session, outbox):
    notices.tell(session, ["dan"], "wall_put_up", "W-1", {"wall": "W-1", "name": "North"}, now=NOON)

    run(session, later(minutes=1), kinds=BOTH)

    assert told(outbox) == [("dan", "guarded")]


def test_a_server_that_is_down_is_tried_again_and_then_there_is_one_incident(session, outbox):
    outbox.fails = True
    notices.tell(session, ["dan"], "task_late", "one", {"name": "One"}, now=NOON)
    notices.tell(session, ["dot"], "task_late", "two", {"name": "Two"}, now=NOON)

    give_up(session)
    outbox.fails = False
    [incident] = session.scalars(sa.select(Incident).where(Incident.kind == "notification"))
    from engine import incidents

    incidents.retry(session, incident.id, by=SYSTEM, now=later(days=1))
    run(session, later(days=1, minutes=1), kinds=BOTH)

    assert sorted(name for name, _ in told(outbox)) == ["dan", "dot"]
    assert wait(session) == []


def give_up(session):
    """Let every job about notifications fail until its attempts are spent."""
    for job in list(session.scalars(sa.select(Job).where(Job.kind == "notification").order_by(Job.id))):
        due = job_kinds.DueJob(
            job.id, job.kind, None, "", None, 0, None, job.by, job.payload, job.due_at, 7, job.max_attempts, 0
        )
        with pytest.raises(Exception, match="the server is down") as failure, session.begin_nested():
            delivery.send(session, due, later(hours=5))
        job.attempts, job.failed_at = 8, later(hours=5)
        session.flush()
        job_kinds.failure_handler("notification")(session, job, failure.value, later(hours=5))
        session.flush()


def test_a_browser_is_told_and_forgotten_when_it_is_gone(session, outbox):
    kept = browsers.subscribe(session, "https://push.example/1", *KEYS, label="Phone", by=actor("dan"), now=NOON)
    gone = browsers.subscribe(session, "https://push.example/2", *KEYS, label="Old", by=actor("dan"), now=NOON)
    outbox.gone.add(gone.endpoint)

    notices.tell(session, ["dan"], "task_late", "one", {"name": "One"}, now=NOON)
    run(session, later(minutes=1), kinds=BOTH)

    assert sorted(endpoint for endpoint, _ in outbox.pushes) == ["https://push.example/1", "https://push.example/2"]
    assert [row.id for row in browsers.of(session, actor=actor("dan"))] == [kept.id]
    assert browsers.of(session, actor=actor("otto", "reception")) == []
    with pytest.raises(PushSubscriptionNotFound):
        browsers.unsubscribe(session, kept.id, by=actor("otto", "reception"), now=NOON)


def test_a_browser_that_changes_hands_tells_its_new_person_only(session, outbox):
    browsers.subscribe(session, "https://push.example/1", *KEYS, by=actor("dan"), now=NOON)

    browsers.subscribe(session, "https://push.example/1", *KEYS, by=actor("dot"), now=NOON)

    assert browsers.of(session, actor=actor("dan")) == []
    assert len(browsers.of(session, actor=actor("dot"))) == 1


def test_a_mail_sent_twice_has_the_same_number(session, outbox):
    [row] = operations.notify(session, ["dan"], "task_late", "one", {"name": "One"}, now=NOON)

    assert delivery._message_id([row]) == delivery._message_id([row])


@pytest.mark.parametrize(
    ("wishes", "at", "due"),
    [
        ({}, "2026-09-01T12:00", "2026-09-01T12:00"),
        ({}, "2026-09-01T20:00", "2026-09-02T07:00"),
        ({}, "2026-09-02T03:00", "2026-09-02T07:00"),
        ({}, "2026-09-04T21:00", "2026-09-07T07:00"),  # over the weekend
        ({}, "2026-09-05T12:00", "2026-09-07T07:00"),
        ({"quiet_days_off": False}, "2026-09-05T12:00", "2026-09-05T12:00"),
        ({"quiet_from": time(12), "quiet_to": time(13)}, "2026-09-01T12:30", "2026-09-01T13:00"),
        ({"quiet_from": None, "quiet_to": None}, "2026-09-01T03:00", "2026-09-01T03:00"),
        ({"email": "digest"}, "2026-09-01T07:59", "2026-09-01T08:00"),
        ({"email": "digest"}, "2026-09-01T08:01", "2026-09-02T08:00"),
        ({"email": "digest"}, "2026-09-04T09:00", "2026-09-07T08:00"),
        ({"email": "off"}, "2026-09-01T12:00", None),
    ],
)
def test_when_a_mail_may_be_sent(wishes, at, due):
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)

    found = preferences.due_at(preferences.Wishes(**wishes), "email", now, zone=UTC, days=None)

    assert found == (datetime.fromisoformat(due).replace(tzinfo=UTC) if due else None)
