"""What the tests of migrations share: two versions of a process, and what is refused."""

from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from engine import history, jobs, migrations, user_tasks
from engine.errors import MigrationRefused
from engine.models import Job, MessageSubscription, ProcessInstance, UserTask
from tests.factories import (
    BO,
    CHIEF,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    open_tasks,
    path,
    properties,
    start,
    timer,
    user_task,
)

MESSAGES = '<bpmn:message id="m" name="answer"/><bpmn:message id="n" name="reply"/>'


def two_versions(session, first, second):
    deploy(session, first, extra=MESSAGES)
    deploy(session, second, extra=MESSAGES)


def old(session, **options):
    return begin(session, version=1, **options)


def plan(session, mapping=None, source=1, target=2):
    return migrations.plan(session, "proc", source, target, mapping)


def migrate(session, instance, mapping=None, now=NOON):
    return migrations.migrate(session, plan(session, mapping), instance.id, by=CHIEF, now=now)


def obstacles(session, instance, mapping=None):
    """Try to move the instance; see that it is refused and that nothing has changed."""
    before = picture(session, instance)
    with pytest.raises(MigrationRefused) as refusal, session.begin_nested():
        migrate(session, instance, mapping)
    assert picture(session, instance) == before
    return {one.element_id: one.reason for one in refusal.value.obstacles}


def picture(session, instance):
    session.expire_all()
    columns = (
        ProcessInstance.definition_id,
        ProcessInstance.version,
        ProcessInstance.revision,
        ProcessInstance.state_blob,
    )
    return (
        session.execute(sa.select(*columns).where(ProcessInstance.id == instance.id)).one(),
        session.execute(
            sa.select(UserTask.id, UserTask.element_id, UserTask.name, UserTask.state).order_by(UserTask.id)
        ).all(),
        session.execute(sa.select(Job.id, Job.element_id, Job.due_at).order_by(Job.id)).all(),
        session.execute(sa.select(MessageSubscription.element_id).order_by(MessageSubscription.id)).all(),
        [event.id for event in history.for_instance(session, instance.id)],
    )


def complete(session, element_id, instance=None, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    user_tasks.complete(session, task.id, answers, by=BO, now=NOON)


def run_jobs(session, now):
    return jobs.run_due(lambda: nullcontext(session), now=lambda: now, limit=20)


ONE = start() + user_task("draft") + user_task("sign") + end() + path("started", "draft", "sign", "ended")


#: ``sign`` is checked first, and draft is called otherwise.
TWO = (
    start() + user_task("draft", inner=properties(kind="approval", stage="late")).replace('name="draft"', 'name="Draft it"')
    + user_task("check") + user_task("sign") + end() + path("started", "draft", "check", "sign", "ended")
)  # fmt: skip


TIMED = (
    start() + user_task("one") + boundary("late", "one", timer("P5D"), interrupting=False) + boundary("gone", "one", timer("P9D"))
    + user_task("chase") + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2") + path("gone", "e2")
)  # fmt: skip


TIMED_AGAIN = (
    start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + boundary("fresh", "one", timer("P2D"), interrupting=False)
    + user_task("chase") + user_task("nudge") + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2")
    + path("fresh", "nudge", "e2")
)  # fmt: skip
