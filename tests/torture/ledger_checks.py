"""What must be true of a database whatever was done to the machine above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from engine import database, definitions, history
from engine.bpmn.runtime import Run
from engine.models import HistoryEvent, Incident, Job, MessageReceipt, MessageSubscription, ProcessInstance, UserTask
from tests.torture.breakable import STAMPS
from tests.torture.clerks import Ledger


@contextmanager
def store(url: str) -> Generator[Session]:
    """The database, read past the server: what lies there and not what it says."""
    definitions.forget()
    engine = database.create_engine(url)
    with Session(database.read_only(engine)) as session:
        yield session
    engine.dispose()


def check_promises(session: Session, ledger: Ledger) -> None:
    """Everything that was acknowledged is there, and nothing that nobody asked for."""
    instances = session.scalars(sa.select(ProcessInstance)).all()
    assert {str(instance.id): instance.business_key for instance in instances} == ledger.started
    completed = session.scalars(sa.select(UserTask).where(UserTask.state == "completed"))
    assert {str(task.id): task.ended_by for task in completed} == ledger.completed
    receipts = set(session.scalars(sa.select(MessageReceipt.message_id)))
    assert receipts == ledger.sent
    assert {str(instance.id) for instance in instances if instance.version == 2} == ledger.migrated


def check_every_instance(session: Session) -> Counter[str]:
    """No instance is half done; return how often what happened."""
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
    assert session.scalars(sa.select(Incident)).all() == []
    stamps = Counter(session.scalars(sa.select(STAMPS.c.job_id)))
    assert max(stamps.values(), default=0) <= 1, "a job had its effect twice"
    given = Counter(session.scalars(sa.select(STAMPS.c.process_instance_id)))
    counts: Counter[str] = Counter(stamps=sum(given.values()))
    for instance in session.scalars(sa.select(ProcessInstance).options(undefer(ProcessInstance.state_blob))):
        events = history.for_instance(session, instance.id)
        _check_rows(session, instance)
        counts.update(_check_history(events, given[instance.id]))
        counts[instance.state] += 1
    return counts


def _check_rows(session: Session, instance: ProcessInstance) -> None:
    """What the state waits for and the rows that others look at are the same."""
    process = definitions.compiled(session, instance.definition_id).process
    run = Run.restore(instance.state_blob, process, instance.last_progress_at)
    waits: dict[str, set[UUID]] = {"user_task": set(), "timer": set(), "delegate": set(), "message": set()}
    for item in run.waiting().values():
        waits[item.kind].add(item.spiff_task_id)
    mine = {"process_instance_id": instance.id}
    open_tasks = session.scalars(sa.select(UserTask.id).filter_by(**mine, state="created"))
    assert set(open_tasks) == waits["user_task"]
    for kind in ("timer", "delegate"):
        jobs = session.scalars(sa.select(Job.spiff_task_id).filter_by(**mine, kind=kind)).all()
        assert sorted(jobs) == sorted(waits[kind]), f"a {kind} was lost or is there twice"
    subscriptions = session.scalars(sa.select(MessageSubscription.spiff_task_id).filter_by(**mine)).all()
    assert sorted(subscriptions) == sorted(waits["message"])
    assert (instance.state == "completed") == run.is_finished


def _check_history(events: list[HistoryEvent], stamps: int) -> Counter[str]:
    kinds = Counter(event.kind for event in events)
    done = Counter(event.element_id for event in events if event.kind == "activity_completed")
    assert kinds["process_started"] == 1
    assert kinds["timer_fired"] <= 1, "a timer fired twice"
    assert kinds["process_completed"] <= 1
    assert done["stamp_dossier"] == stamps, "a stamp without its step, or a step without its stamp"
    for step in ("stamp_dossier", "reply_came", "rest_over"):
        assert done[step] <= 1, f"{step} happened twice"
    created = [event.user_task_id for event in events if event.kind == "user_task_created"]
    completed = [event.user_task_id for event in events if event.kind == "user_task_completed"]
    assert len(set(created)) == len(created)
    assert len(set(completed)) == len(completed)
    return kinds
