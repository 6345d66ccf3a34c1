"""Show 2 of the inbox: a department of five, two of them accept at the same instant, and a worker that reminds them.

Exactly one wins each time, the other is told who, and as soon as that is written nothing reminds the other four. Five times on
each database; ``MATTERFLOW_TEST_RUNS=100`` for as many as the issue asks for.
"""

import os
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database, deployments, jobs, process_instances
from engine.actor import SYSTEM
from engine.errors import UserTaskAlreadyClaimed
from engine.models import Job, UserTask
from tasks.notifications.models import Notification
from tasks.reminders import operations, queries
from tests.factories import NOON, end, later, model, path, properties, start, user_task
from tests.tasks.posts import Outbox, installed
from tests.tasks.reminding import DEPARTMENT, actor, department

RUNS = int(os.environ.get("MATTERFLOW_TEST_RUNS", "5"))


@pytest.fixture
def office(fresh_engine):
    """A department of five, each of whom gets mail, and a letter process."""
    letter = user_task("take_letter", groups="secretaries", inner=properties(reminder="R/PT30M"))
    with database.transaction(fresh_engine) as session:
        department(session)
        body = model(start() + letter + end() + path("started", "take_letter", "ended"))
        deployments.deploy(session, {"proc.bpmn": body}, by=SYSTEM, now=NOON)
    with installed(email=Outbox()):
        yield fresh_engine


def handed_over(engine):
    with database.transaction(engine) as session:
        instance = process_instances.start(session, "proc", by=SYSTEM, now=NOON)
        task_id = session.scalar(sa.select(UserTask.id).where(UserTask.process_instance_id == instance.id))
    jobs.run_due(lambda: database.transaction(engine), now=lambda: later(minutes=31))
    return task_id


def reminded(session: Session, task_id):
    return {
        name: len([one for one in queries.shown_to(session, actor(name)) if one.task.id == task_id])
        for name in DEPARTMENT
    }


def all_at_once(*actions):
    """Carry actions out in threads that begin at the same instant; return what each answered or raised."""
    gate, answers = threading.Barrier(len(actions)), [None] * len(actions)

    def carry_out(place, action):
        gate.wait()
        try:
            answers[place] = action()
        except Exception as refusal:  # noqa: BLE001 - whatever it is, the test looks at it
            answers[place] = refusal

    threads = [threading.Thread(target=carry_out, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def accepting(engine, task_id, name):
    def accept():
        with database.transaction(engine) as session:
            return operations.accept(session, task_id, by=actor(name), now=later(minutes=61)).assignee

    return accept


def working(engine):
    return lambda: jobs.run_due(lambda: database.transaction(engine), now=lambda: later(minutes=61), worker="w")


@pytest.mark.timeout(120 + 15 * RUNS)
def test_two_accept_at_the_same_instant_and_exactly_one_wins(office):
    for run in range(RUNS):
        task_id = handed_over(office)
        rivals = DEPARTMENT[run % 5], DEPARTMENT[(run + 1) % 5]
        with database.transaction(office) as session:
            assert reminded(session, task_id) == dict.fromkeys(DEPARTMENT, 1)

        *answers, _ = all_at_once(*(accepting(office, task_id, name) for name in rivals), working(office))

        winners = [answer for answer in answers if isinstance(answer, str)]
        losers = [answer for answer in answers if isinstance(answer, UserTaskAlreadyClaimed)]
        assert len(winners) == 1, answers
        assert [refusal.assignee for refusal in losers] == winners, answers
        with database.transaction(office) as session:
            assert reminded(session, task_id) == dict.fromkeys(DEPARTMENT, 0)
            on_the_way = sa.select(Notification.username).where(Notification.user_task_id == task_id)
            assert session.scalars(on_the_way).all() == []
            promised = sa.select(Job.id).where(Job.kind == "reminder", Job.spiff_task_id == task_id)
            assert session.scalars(promised).all() == []
