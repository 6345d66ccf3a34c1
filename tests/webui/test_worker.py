"""Timers and jobs are carried out beside the server."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import clock, delegates
from engine.models import Job
from tests.factories import end, model, path, service_task, start, timer, user_task
from webui import server
from webui.api.idempotency import IdempotencyKey
from webui.db import db
from webui.worker import Worker, WorkerRuns

WAITS = model(
    start()
    + f'<bpmn:intermediateCatchEvent id="two_weeks">{timer("P14D")}</bpmn:intermediateCatchEvent>'
    + user_task("look")
    + end()
    + path("started", "two_weeks", "look", "ended"),
    key="waits",
)
LATER = model(
    start()
    + service_task("do_later", "do_later_for_tests", attributes='camunda:asyncBefore="true"')
    + end()
    + path("started", "do_later", "ended"),
    key="later",
)
DONE: list[str] = []


@delegates.delegate("do_later_for_tests")
def do_later(_session, call):
    DONE.append(str(call.job_id))
    return {}


@pytest.fixture
def worker(office):
    with office.app.app_context():
        worker = Worker(db.engine, database_file=office.settings.database_file)
    yield worker
    worker.stop()


def deploy(office, content):
    from engine import deployments
    from engine.actor import SYSTEM

    with office.transaction() as session:
        deployments.deploy(session, {"x.bpmn": content}, by=SYSTEM, now=clock.utc_now())


def jobs(office):
    with office.transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job))


def wait_until(holds, timeout_s=10):
    ends = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.02)


def test_a_timer_fires_when_it_is_due_and_not_before(office, worker, monkeypatch):
    deploy(office, WAITS)
    office.start("waits")

    early = worker.tick()
    monkeypatch.setattr(clock, "_offset", timedelta(days=14, seconds=1))
    late = worker.tick()

    assert (early, late) == (0, 1)
    assert office.ana.get("user-tasks?scope=group").json["items"][0]["element_id"] == "look"


def test_the_embedded_worker_is_woken_by_the_request_that_made_the_job(office):
    deploy(office, LATER)
    DONE.clear()
    running = server.start_worker(office.app, office.settings)
    try:
        office.start("later")
        wait_until(lambda: DONE)
        wait_until(lambda: jobs(office) == 0)
    finally:
        running.stop()

    assert "matterflow_jobs_run_total 1.0" in office.nobody.get("/metrics").get_data(as_text=True)


def test_one_worker_works_a_database_file(office, worker):
    worker.start()
    with office.app.app_context():
        second = Worker(db.engine, database_file=office.settings.database_file)

    with pytest.raises(WorkerRuns):
        second.start()

    worker.stop()
    second.start()
    second.stop()


def test_a_tick_that_fails_is_not_the_last(office, worker, monkeypatch, caplog):
    from engine import job_table

    monkeypatch.setattr(job_table, "next_due_at", lambda _session: 1 / 0)
    assert worker.tick() == 0
    monkeypatch.undo()

    deploy(office, LATER)
    office.start("later")

    assert "tick failed" in caplog.text
    assert worker.tick() == 1


def test_a_stopped_worker_has_ended_its_job(office, worker):
    began, leave = threading.Event(), threading.Event()

    @delegates.delegate("slow_for_tests")
    def slow(_session, _call):
        began.set()
        leave.wait(10)
        return {"done": True}

    deploy(
        office,
        model(
            start()
            + service_task("dawdle", "slow_for_tests", attributes='camunda:asyncBefore="true"')
            + end()
            + path("started", "dawdle", "ended"),
            key="slow",
        ),
    )
    instance = office.start("slow")
    worker.start()
    assert began.wait(10)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    leave.set()
    stopper.join(15)

    assert not stopper.is_alive()
    assert office.ana.get(f"process-instances/{instance['id']}").json["state"] == "completed"


def test_old_idempotency_keys_are_swept(office, worker, monkeypatch):
    office.ana.post("process-instances", {"process_key": "leave"}, headers={"Idempotency-Key": "k"})
    worker.tick()
    monkeypatch.setattr(clock, "_offset", timedelta(hours=25))
    worker.tick()

    with office.transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 0
