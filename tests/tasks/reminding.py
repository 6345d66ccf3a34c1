"""A department that is handed letters, and a worker that runs at the instants the test names."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_kinds
from engine.actor import SYSTEM, Actor
from engine.models import Job, ProcessInstance, UserTask
from engine.models.job import NEVER
from practice.people import operations as people
from tasks import delegates as followers_of_tasks
from tests.factories import NOON, begin, deploy, end, open_tasks, path, properties, start, user_task

assert followers_of_tasks
DEPARTMENT = ("dan", "dee", "dia", "don", "dot")


def actor(name: str, *groups: str, rights: tuple[str, ...] = ()) -> Actor:
    return Actor(name, frozenset(groups or ("secretaries",)), frozenset(rights), at=NOON)


def department(session: Session, names: tuple[str, ...] = DEPARTMENT, group: str = "secretaries") -> None:
    people.seed_groups(session)
    for name in names:
        people.create_user(
            session,
            name,
            name.title(),
            password=None,
            groups={group},
            email=f"{name}@firm.example",
            by=SYSTEM,
            now=NOON,
        )


def hand_over(
    session: Session, *, to: str = "secretaries", assignee: str | None = None, now: datetime = NOON, **said: str
) -> UserTask:
    """Hand a letter to a department or a person, with these properties."""
    attributes = f'camunda:assignee="{assignee}"' if assignee else ""
    task = user_task("take_letter", groups=to, attributes=attributes, inner=properties(**said))
    deploy(session, start() + task + end() + path("started", "take_letter", "ended"), now=now)
    instance = begin(session, now=now, business_key="2026-CV-0001")
    return open_tasks(session, instance.id)["take_letter"]


def next_at(session: Session) -> datetime | None:
    return session.scalar(sa.select(sa.func.min(Job.due_at)).where(Job.kind == "reminder", Job.due_at < NEVER))


def run(session: Session, now: datetime, *, kinds: tuple[str, ...] = ("reminder",)) -> int:
    """Carry out what is due by now, each at the instant it is due, as a worker does that is never late."""
    done = 0
    while True:
        query = sa.select(Job).where(Job.kind.in_(kinds), Job.due_at <= now).order_by(Job.due_at, Job.id).limit(1)
        job = session.scalar(query.execution_options(populate_existing=True))
        if job is None:
            return done
        due = job_kinds.DueJob(
            job.id, job.kind, job.process_instance_id, job.element_id, job.spiff_task_id, job.event_index, job.topic,
            job.by, job.payload, job.due_at, job.attempts, job.max_attempts, job.losses,
        )  # fmt: skip
        session.delete(job)
        session.flush()
        job_kinds.handler(job.kind)(session, due, max(due.due_at, NOON))
        done += 1


def size_of(session: Session, task: UserTask) -> int:
    blob: Any = session.scalar(
        sa.select(ProcessInstance.state_blob).where(ProcessInstance.id == task.process_instance_id)
    )
    return len(blob)
