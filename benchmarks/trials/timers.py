"""Due timers drain, and pending ones cost nothing.

Drain: instances that wait at a timer are made due at one moment and carried out by the product's own queue, with the
number of threads it would have; every timer moves its instance to a user task. Afterwards each must have fired once.
Idle: a worker's look at the clock, and completing a user task, with 200,000 timers pending and without.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.trials import answer, database_url
from engine import clock, database, deployments, job_table, process_instances, user_tasks
from engine.actor import SYSTEM, Actor
from engine.database import transaction
from engine.definitions import compiled
from engine.models import HistoryEvent, Job, ProcessDefinition, ProcessInstance, UserTask
from webui import upgrades
from webui.queues.embedded import EmbeddedQueue

ANA = Actor("ana", frozenset({"lawyers"}))
DUE = datetime(2030, 1, 1, tzinfo=UTC)
#: Timers that are due at once, how often they drain, and timers that are pending.
DUE_TIMERS, DRAIN_ROUNDS, PENDING_TIMERS = 10_000, 2, 200_000
#: Looks at the clock, and completions, that are timed.
ROUNDS = 200
#: User tasks that are open before the timers are due.
OPEN_TASKS = 500

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://matterflow.example">'
)


def _model(key: str, body: str) -> bytes:
    process = f'<bpmn:process id="{key}" name="{key}" isExecutable="true">{body}</bpmn:process>'
    return f"{_HEAD}{process}</bpmn:definitions>".encode()


def _flow(*ids: str) -> str:
    return "".join(f'<bpmn:sequenceFlow id="f_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


_TASK = '<bpmn:userTask id="{0}" name="{0}" camunda:candidateGroups="lawyers"/>'
WAITS = _model(
    "waits",
    '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>'
    f"<bpmn:timeDate>{DUE.isoformat()}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    f'{_TASK.format("look")}<bpmn:endEvent id="e"/>' + _flow("s", "wait", "look", "e"),
)
TASKS = _model(
    "tasks",
    '<bpmn:startEvent id="s"/>' + "".join(_TASK.format(f"t{n}") for n in range(8)) + '<bpmn:endEvent id="e"/>'
    + _flow("s", *(f"t{n}" for n in range(8)), "e"),
)  # fmt: skip


def prepare(engine: sa.Engine) -> None:
    upgrades.metadata().create_all(engine)
    with transaction(engine) as session:
        for name, content in (("waits.bpmn", WAITS), ("tasks.bpmn", TASKS)):
            deployments.deploy(session, {name: content}, by=SYSTEM, now=clock.utc_now())


def start_waiting(engine: sa.Engine, count: int) -> None:
    """Start ``count`` instances that wait at their timer, beside some work that is open already.

    No firm has ten thousand timers and no task: PostgreSQL would plan for an empty table, and a foreign key's look
    into it would read all that the drain writes, for each row anew.
    """
    with transaction(engine) as session:
        for _ in range(OPEN_TASKS):
            process_instances.start(session, "tasks", by=ANA, now=clock.utc_now())
    for begin in range(0, count, 100):
        with transaction(engine) as session:
            for _ in range(min(100, count - begin)):
                process_instances.start(session, "waits", by=ANA, now=clock.utc_now())


def copy_waiting(engine: sa.Engine, count: int) -> None:
    """Make ``count`` such instances that will never move: copies of what the engine wrote for one."""
    with transaction(engine) as session:
        first = process_instances.start(session, "waits", by=ANA, now=clock.utc_now()).id
        tables = [cast("sa.Table", model.__table__) for model in (ProcessInstance, Job)]
        instance = dict(session.execute(sa.select(tables[0]).where(tables[0].c.id == first)).one()._mapping)  # noqa: SLF001
        job = dict(session.execute(sa.select(tables[1]).where(tables[1].c.process_instance_id == first)).one()._mapping)  # noqa: SLF001
    for begin in range(1, count, 5_000):
        ids = [(job_table.new_id(), job_table.new_id()) for _ in range(min(5_000, count - begin))]
        with engine.begin() as connection:
            connection.execute(sa.insert(tables[0]), [{**instance, "id": own} for own, _ in ids])
            connection.execute(
                sa.insert(tables[1]), [{**job, "id": mine, "process_instance_id": own} for own, mine in ids]
            )


def drain(engine: sa.Engine, count: int, *, workers: int, threads: int) -> float:
    """Carry out ``count`` due timers; return how many a second."""
    start_waiting(engine, count)
    _analyze(engine)
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "benchmarks.trials.timers", "work", url, str(threads)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(workers)
    ]
    for process in running:
        assert process.stdout
        process.stdout.readline()  # it is ready
    began = time.perf_counter()
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    cpu_s = sum(float(process.communicate()[0]) for process in running)
    took_s = time.perf_counter() - began
    print(f"{count} timers in {took_s:.1f} s, {cpu_s / count * 1000:.2f} ms of the workers' processors each")
    with Session(engine) as session:
        fired = session.scalar(sa.select(sa.func.count()).where(HistoryEvent.kind == "timer_fired"))
        instances = session.scalar(
            sa.select(sa.func.count(HistoryEvent.process_instance_id.distinct())).where(
                HistoryEvent.kind == "timer_fired"
            )
        )
        opened = session.scalar(sa.select(sa.func.count()).select_from(UserTask).where(UserTask.element_id == "look"))
        left = session.scalar(sa.select(sa.func.count()).select_from(Job))
    if (fired, instances, opened, left) != (count, count, count, 0):
        raise SystemExit(f"of {count} timers {fired} fired, {opened} user tasks opened, {left} jobs are left")
    return count / took_s


def _drain_here(engine: sa.Engine, threads: int) -> None:
    clock.set_offset(DUE - datetime.now(UTC) + timedelta(minutes=1))
    queue = EmbeddedQueue(engine, threads=threads)
    queue.start()
    while queue.pump() or _is_something_left(engine):
        queue.pump()
        time.sleep(0.05)  # the product looks once a second
    queue.stop()
    clock.set_offset(timedelta(0))


def _is_something_left(engine: sa.Engine) -> bool:
    """Say whether there is a job, be it that somebody has it or that it waits a moment for who was in its way."""
    with Session(database.read_only(engine)) as session:
        return job_table.next_due_at(session) is not None


def idle(empty: sa.Engine, full: sa.Engine, count: int) -> dict[str, list[float]]:
    """Time a look at the clock and a completion in two databases: one without pending timers, one with ``count``.

    They take turns, so that whatever else the machine does meets both.
    """
    copy_waiting(full, count)
    _analyze(full)
    timed: dict[tuple[str, sa.Engine], list[float]] = {}
    for _ in range(ROUNDS // 8):
        for engine in (empty, full):
            timed.setdefault(("look", engine), []).extend(_look_ms(engine))
            timed.setdefault(("complete", engine), []).extend(_complete_ms(engine))
    return {
        f"{what}_{name}": timed[what, engine]
        for name, engine in (("empty", empty), ("full", full))
        for what in ("look", "complete")
    }


def _look_ms(engine: sa.Engine) -> list[float]:
    queue = EmbeddedQueue(engine, threads=1)
    return [_ms(queue.something_is_due) for _ in range(8)]


def _complete_ms(engine: sa.Engine) -> list[float]:
    """Start an instance and complete its eight user tasks."""
    with transaction(engine) as session:
        instance = process_instances.start(session, "tasks", by=ANA, now=clock.utc_now()).id
    return [_ms(partial(_complete, engine, instance)) for _ in range(8)]


def _complete(engine: sa.Engine, instance: UUID) -> None:
    with transaction(engine) as session:
        task = sa.select(UserTask.id).where(UserTask.process_instance_id == instance, UserTask.state == "created")
        user_tasks.complete(session, session.scalars(task).one(), {}, by=ANA, now=clock.utc_now())


def _ms(operation: Callable[[], Any]) -> float:
    began = time.perf_counter()
    operation()
    return (time.perf_counter() - began) * 1000


def _analyze(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Let due timers drain, then measure beside pending ones; timers a second, and milliseconds."""
    with tempfile.TemporaryDirectory(prefix="bench-timers-") as folder:
        given = sa.make_url(database_url(folder))
        # Two cores: on SQLite one process writes; on PostgreSQL as many workers as there are cores.
        workers, threads = (1, 1) if given.get_backend_name() == "sqlite" else (2, 2)
        rates: list[float] = []
        for number in range(DRAIN_ROUNDS):
            with _database(given, f"drain_{number}") as engine:
                rates.append(drain(engine, DUE_TIMERS, workers=workers, threads=threads))
        with _database(given, "empty") as empty, _database(given, "full") as full:
            samples = idle(empty, full, PENDING_TIMERS)
            where = empty.dialect.name
    figures = {"drain_per_s": rates, **samples}
    return {"name": f"Timers, {where}", "workers": workers, "threads": threads}, {
        f"timers.{where}.{name}": values for name, values in figures.items()
    }


@contextmanager
def _database(given: sa.URL, name: str) -> Generator[sa.Engine]:
    """Make a database of its own beside the one that is given, with the tables and both models."""
    own = given.set(database=f"{given.database}_{name}")
    if given.get_backend_name() != "sqlite":
        beside = database.create_engine(given.render_as_string(hide_password=False))
        with beside.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{own.database}"')
        beside.dispose()
    engine = database.create_engine(own.render_as_string(hide_password=False))
    prepare(engine)
    yield engine
    engine.dispose()


def _work() -> None:
    """Be a worker: get ready, wait for the word, carry out what is due, say how much processor time it took."""
    _, url, threads = sys.argv[1:]
    upgrades.metadata()
    engine = database.create_engine(url)
    with transaction(engine) as session:
        for definition in session.scalars(sa.select(ProcessDefinition.id)):
            compiled(session, definition)
    print("ready", flush=True)
    sys.stdin.readline()
    began_s = time.process_time()
    _drain_here(engine, int(threads))
    print(time.process_time() - began_s)


if __name__ == "__main__":
    os.environ.setdefault("MATTERFLOW_LOG_LEVEL", "WARNING")
    if sys.argv[1:]:
        _work()
    else:
        answer(trial)
