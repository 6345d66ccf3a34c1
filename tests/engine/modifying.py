"""What the tests of modifications share."""

from contextlib import nullcontext

import sqlalchemy as sa

from engine import history, jobs, modifications, user_tasks
from engine.models import Incident, Job, MessageSubscription, ProcessInstance, UserTask
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    end,
    gateway,
    open_tasks,
    path,
    start,
    user_task,
)

THREE = (
    start() + user_task("draft") + user_task("review") + user_task("sign") + end()
    + path("started", "draft", "review", "sign", "ended")
)  # fmt: skip


FORK = (
    start() + user_task("before") + gateway("parallel", "fork") + user_task("a1") + user_task("a2") + user_task("b1")
    + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "before", "fork", "a1", "a2", "join", "after", "ended") + path("fork", "b1", "join")
)  # fmt: skip


INNER = (
    start() + user_task("outer") + '<bpmn:subProcess id="inside" name="inside">'
    + start("in_started") + user_task("one") + user_task("two") + end("in_ended") + path("in_started", "one", "two", "in_ended")
    + "</bpmn:subProcess>" + user_task("last") + end() + path("started", "outer", "inside", "last", "ended")
)  # fmt: skip


def modify(session, instance, *instructions, now=NOON, reason="It went wrong"):
    return modifications.modify(session, instance.id, instructions, reason=reason, by=CHIEF, now=now)


def complete(session, element_id, instance=None, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    user_tasks.complete(session, task.id, answers, by=ANA, now=NOON)


def picture(session, instance):
    """Everything the database says of an instance that a refused command must not touch."""
    session.expire_all()
    of = {"process_instance_id": instance.id}
    row = session.execute(
        sa.select(ProcessInstance.state, ProcessInstance.revision, ProcessInstance.state_blob).where(
            ProcessInstance.id == instance.id
        )
    ).one()
    counts = [
        session.execute(sa.select(sa.func.count()).select_from(model).filter_by(**of)).scalar()
        for model in (Job, MessageSubscription, Incident)
    ]
    tasks = session.execute(sa.select(UserTask.id, UserTask.state).filter_by(**of).order_by(UserTask.id)).all()
    return row, counts, tasks, [event.id for event in history.for_instance(session, instance.id)]


def run_jobs(session, now):
    return jobs.run_due(lambda: nullcontext(session), now=lambda: now, limit=20)
