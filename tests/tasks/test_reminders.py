"""A task that nobody takes is reminded of again and again, until somebody takes it."""

import os
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import deployments, history, jobs, process_instances, user_tasks
from engine.actor import SYSTEM
from engine.errors import RightMissing, UserTaskAlreadyClaimed, UserTaskNotFound
from engine.models import HistoryEvent, Job
from practice.notices.models import Notice
from tasks.absences import operations as absences
from tasks.feed.tail import Tail
from tasks.reminders import operations, queries
from tasks.reminders.errors import EventUnnamed, ReminderBlocks, ReminderNotFound, WaiverReasonMissing
from tasks.reminders.models import Reminder, ReminderAside
from tests.factories import (
    CHIEF,
    NOON,
    begin,
    deploy,
    end,
    later,
    model,
    open_tasks,
    path,
    properties,
    start,
    user_task,
)
from tests.tasks.posts import Outbox, installed
from tests.tasks.reminding import DEPARTMENT, actor, department, hand_over, next_at, run, size_of

#: Days for which nobody takes a letter; ``MATTERFLOW_TEST_DAYS=365`` for the whole year.
DAYS = int(os.environ.get("MATTERFLOW_TEST_DAYS", "3"))


def shown(session, name, *groups):
    return [one.task.element_id for one in queries.shown_to(session, actor(name, *groups))]


def rounds(session):
    return session.scalar(sa.select(Reminder.round))


def test_one_addressee_is_reminded_every_half_hour_until_they_accept(session):
    department(session)
    task = hand_over(session, assignee="dan", to="", reminder="R/PT30M")

    seen = []
    for minutes in (29, 30, 59, 60, 90):
        run(session, later(minutes=minutes))
        seen.append(rounds(session))
    operations.accept(session, task.id, by=actor("dan"), now=later(minutes=95))
    run(session, later(days=3))

    assert seen == [0, 1, 1, 2, 3]
    assert rounds(session) == 3
    assert shown(session, "dan") == []
    assert next_at(session) is None


def test_each_of_a_department_is_reminded_by_one_row_until_one_accepts(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    run(session, later(minutes=61))
    before = {name: shown(session, name) for name in DEPARTMENT}

    operations.accept(session, task.id, by=actor("dee"), now=later(minutes=62))

    assert before == {key: ["take_letter"] for key in DEPARTMENT}
    assert {name: shown(session, name) for name in DEPARTMENT} == {key: [] for key in DEPARTMENT}
    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 1
    with pytest.raises(UserTaskAlreadyClaimed) as refusal:
        operations.accept(session, task.id, by=actor("dot"), now=later(minutes=63))
    assert refusal.value.assignee == "dee"


def test_who_has_nothing_to_do_with_a_task_sees_no_reminder_of_it(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    run(session, later(minutes=31))
    outsider = actor("otto", "reception")

    assert queries.shown_to(session, outsider) == []
    assert queries.count(session, outsider) == 0
    with pytest.raises(UserTaskNotFound):
        operations.accept(session, task.id, by=outsider, now=later(minutes=32))
    with pytest.raises(ReminderNotFound):
        operations.aside(session, task.id, by=outsider, now=later(minutes=32))


def test_who_puts_a_reminder_aside_sees_it_again_with_the_next_round_and_the_others_all_along(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    run(session, later(minutes=31))

    operations.aside(session, task.id, by=actor("dan"), now=later(minutes=32))
    between = shown(session, "dan"), shown(session, "dee")
    run(session, later(minutes=61))

    assert between == ([], ["take_letter"])
    assert shown(session, "dan") == ["take_letter"]


def test_a_task_given_back_is_reminded_of_from_the_start(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    run(session, later(minutes=31))
    user_tasks.claim(session, task.id, by=actor("dan"), now=later(minutes=40))

    user_tasks.unclaim(session, task.id, by=actor("dan"), now=later(minutes=50))

    assert rounds(session) == 0
    assert next_at(session) == later(minutes=80)
    run(session, later(minutes=80))
    assert shown(session, "dot") == ["take_letter"]


def test_a_schedule_of_days_asks_for_the_work_itself(session):
    department(session)
    task = hand_over(session, reminder="R/P3D")
    user_tasks.claim(session, task.id, by=actor("dan"), now=later(hours=1))

    run(session, later(days=6, hours=1))

    assert rounds(session) == 2
    assert shown(session, "dan") == ["take_letter"]
    assert shown(session, "dee") == []
    user_tasks.complete(session, task.id, by=actor("dan"), now=later(days=7))
    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 0
    assert next_at(session) is None


def test_the_designer_says_what_a_reminder_asks_for(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M", reminderUntil="completed")
    user_tasks.claim(session, task.id, by=actor("dan"), now=later(minutes=1))

    run(session, later(minutes=31))

    assert shown(session, "dan") == ["take_letter"]


def test_a_counted_schedule_ends_and_its_last_round_stays_in_view(session):
    department(session)
    hand_over(session, reminder="R2/PT30M")

    run(session, later(days=1))

    assert rounds(session) == 2
    assert next_at(session) is None
    assert shown(session, "dan") == ["take_letter"]


def test_rounds_missed_while_nothing_ran_are_told_once(session):
    department(session)
    hand_over(session, reminder="R/PT30M")
    job = session.scalar(sa.select(Job).where(Job.kind == "reminder"))
    job.due_at = later(hours=5, minutes=10)
    session.flush()

    run(session, later(hours=5, minutes=10))

    assert rounds(session) == 1
    assert next_at(session) == later(hours=5, minutes=30)


def test_a_cancelled_task_takes_its_reminder_and_its_promise_along(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M", sla="PT4H")
    run(session, later(minutes=31))
    operations.aside(session, task.id, by=actor("dan"), now=later(minutes=32))
    process_instances.cancel(session, task.process_instance_id, reason="withdrawn", by=CHIEF, now=later(minutes=40))

    for table in (Reminder, ReminderAside):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0


def test_a_suspended_instance_keeps_its_reminder_to_itself(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    process_instances.suspend(session, task.process_instance_id, reason="wait", by=CHIEF, now=NOON)

    @contextmanager
    def same():
        with session.begin_nested():
            yield session

    jobs.run_due(same, now=lambda: later(minutes=31))

    assert rounds(session) == 0


def test_two_days_of_half_hours_leave_the_instance_as_it_was(session):
    department(session)
    task = hand_over(session, reminder="R/PT30M")
    before = size_of(session, task), len(history.for_instance(session, task.process_instance_id))

    done = run(session, later(days=2))

    assert done == 2 * 48
    assert rounds(session) == 2 * 48
    assert (size_of(session, task), len(history.for_instance(session, task.process_instance_id))) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0


@pytest.mark.slow
def test_weeks_of_half_hours_leave_the_instance_as_it_was(session):
    department(session, DEPARTMENT[:1])
    task = hand_over(session, reminder="R/PT30M")
    before = size_of(session, task), len(history.for_instance(session, task.process_instance_id))

    run(session, later(days=DAYS))

    assert rounds(session) == DAYS * 48
    assert (size_of(session, task), len(history.for_instance(session, task.process_instance_id))) == before


def test_what_takes_too_long_is_offered_to_the_heads_once_and_told_them(session):
    department(session)
    department(session, ("hal", "hera"), "unit_heads")
    task = hand_over(session, sla="PT4H", escalateTo="unit_heads")

    run(session, later(hours=4))
    run(session, later(days=4))

    told = session.scalars(sa.select(Notice.username).where(Notice.kind == "task_escalated").order_by(Notice.username))
    assert list(told) == ["hal", "hera"]
    session.refresh(task)
    assert task.candidate_groups == ["secretaries", "unit_heads"]
    assert task.priority == 80
    user_tasks.claim(session, task.id, by=actor("hal", "unit_heads"), now=later(hours=5))
    events = session.scalars(sa.select(HistoryEvent.kind).where(HistoryEvent.user_task_id == task.id))
    assert list(events).count("user_task_escalated") == 1


def test_what_is_done_in_time_is_not_escalated(session):
    department(session)
    department(session, ("hal",), "unit_heads")
    task = hand_over(session, sla="PT4H", escalateTo="unit_heads")
    user_tasks.complete(session, task.id, by=actor("dan"), now=later(hours=3))

    run(session, later(days=1))

    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0


def test_a_person_hears_of_what_takes_too_long_without_being_offered_it(session):
    department(session)
    task = hand_over(session, sla="PT4H", escalateTo="user:dot", assignee="dan", to="")

    run(session, later(hours=4))

    assert session.scalars(sa.select(Notice.username)).all() == ["dot"]
    session.refresh(task)
    assert task.candidate_groups == []


def test_a_blocking_reminder_stays_until_the_event_comes(session):
    department(session)
    task = hand_over(session, assignee="dan", to="", reminder="R/PT30M", reminderEndsWith="call_recorded")
    dan, gateway = actor("dan"), actor("gateway", "x", rights=("send_messages",))

    for refused in (
        lambda: operations.aside(session, task.id, by=dan, now=NOON),
        lambda: user_tasks.complete(session, task.id, by=dan, now=NOON),
    ):
        with pytest.raises(ReminderBlocks) as refusal:
            refused()
        assert refusal.value.ends_with == "call_recorded"
    user_tasks.claim(session, task.id, by=dan, now=NOON)
    assert [one.is_blocking for one in queries.blocking(session, dan)] == [True]
    other = operations.report(session, "mail_sent", user_task_id=task.id, by=gateway, now=later(minutes=5))
    ended = operations.report(
        session, "call_recorded", business_key="2026-CV-0001", facts={"seconds": 42}, by=gateway, now=later(minutes=5)
    )

    assert (other, ended) == ([], [task.id])
    assert operations.report(session, "call_recorded", user_task_id=task.id, by=gateway, now=later(minutes=6)) == []
    assert queries.blocking(session, dan) == []
    assert shown(session, "dan") == []
    run(session, later(days=1))
    assert next_at(session) is None
    user_tasks.complete(session, task.id, by=dan, now=later(minutes=7))
    told = session.scalar(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "reminder_ended"))
    assert told == {"event": "call_recorded", "seconds": 42}


def test_only_programs_that_may_send_messages_report_an_event_and_they_name_it(session):
    department(session)
    task = hand_over(session, assignee="dan", to="", reminderEndsWith="call_recorded")

    with pytest.raises(RightMissing):
        operations.report(session, "call_recorded", user_task_id=task.id, by=actor("dan"), now=NOON)
    gateway = actor("gateway", "x", rights=("send_messages",))
    for wrong in ({"event": " ", "user_task_id": task.id}, {"event": "call_recorded"}):
        with pytest.raises(EventUnnamed):
            operations.report(session, **wrong, by=gateway, now=NOON)


def test_a_manager_waives_a_call_with_a_reason_and_nobody_their_own(session):
    department(session)
    task = hand_over(session, assignee="dan", to="", reminderEndsWith="call_recorded")
    own = actor("dan", rights=("assign_user_tasks",))
    head = actor("hal", "secretaries", rights=("assign_user_tasks", "see_all_user_tasks"))

    for by, reason, refused in ((own, "no", RightMissing), (head, "  ", WaiverReasonMissing)):
        with pytest.raises(refused):
            operations.waive(session, task.id, reason, by=by, now=NOON)
    operations.waive(session, task.id, "The client asked for no calls", by=head, now=NOON)

    user_tasks.complete(session, task.id, by=actor("dan"), now=later(minutes=1))
    told = session.scalar(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "reminder_waived"))
    assert told == {"reason": "The client asked for no calls"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("reminder", ""),
        ("reminder", "PT30M"),
        ("reminder", "R/PT30"),
        ("reminder", "R0/PT30M"),
        ("reminder", "R/PT10S"),
        ("reminder", "R/P1M"),
        ("reminder", "R/P9999999999D"),
        ("reminder", "R/2026-01-01/P1D"),
        ("reminder", "😀"),
        ("reminderCalendar", "nights"),
        ("reminderUntil", "never"),
        ("sla", "soon"),
        ("escalateTo", "&lt;b>heads&lt;/b>"),
        ("reminderEndsWith", "a b"),
    ],
)
def test_what_cannot_be_read_is_refused_when_the_model_is_deployed(session, name, text):
    task = user_task("take_letter", inner=properties(**{name: text}))
    body = model(start() + task + end() + path("started", "take_letter", "ended"))

    findings = deployments.check({"proc.bpmn": body})

    assert [(found.rule, found.element_id) for found in findings if found.severity == "error"] == [
        ("property_invalid", "take_letter")
    ]


def test_a_task_without_reminders_has_none(session):
    deploy(session, start() + user_task("plain") + end() + path("started", "plain", "ended"))
    task = open_tasks(session, begin(session).id)["plain"]

    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 0
    with pytest.raises(ReminderNotFound):
        operations.accept(session, task.id, by=actor("ana", "lawyers"), now=NOON + timedelta(minutes=1))


def test_who_stands_in_for_somebody_away_is_reminded_too(session):
    department(session)
    facts = {"first_on": "2026-09-01", "last_on": "2026-09-04", "substitute": "dot"}
    absence = absences.book(session, facts, by=actor("dan"), now=NOON)
    absences.begin(session, absence.number, by=SYSTEM, now=NOON)
    box = Outbox()
    with installed(email=box):
        task = hand_over(session, assignee="dan", to="", reminder="R/PT30M")
        run(session, later(minutes=31), kinds=("reminder", "notification"))

    assert sorted(name for name, *_ in box.mails) == ["dan", "dot"]
    assert (shown(session, "dot"), shown(session, "dee")) == (["take_letter"], [])
    operations.accept(session, task.id, by=actor("dot"), now=later(minutes=32))
    assert (shown(session, "dot"), shown(session, "dan")) == ([], [])


def test_the_heads_hear_at_once_of_what_was_offered_to_them(session):
    department(session)
    hand_over(session, sla="PT4H", escalateTo="unit_heads")
    tail = Tail()
    tail.begin(session, now=NOON)

    run(session, later(hours=4))

    [change] = tail.read(session, now=later(hours=4)).changes
    assert change.kind == "user_task_escalated"
    assert "group:unit_heads" in change.principals
