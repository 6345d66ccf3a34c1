"""The queue that Procrastinate keeps in the same PostgreSQL: for firms that run and watch their jobs with it.

Only due work enters it: one Procrastinate job carries the ids of promises that may share a transaction. What counts
stays our row, which goes in the transaction of the effect, so an entry that is carried out twice has its effect once,
and one that is lost is moved again when its lease ends. Retries, pauses and incidents are ours as well.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import procrastinate
import sqlalchemy as sa
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config.logging import request_id
from engine import clock, database, job_table, jobs
from engine.job_table import JOBS_DUE
from webui.queues.embedded import GRACE_S

log = logging.getLogger(__name__)

#: Procrastinate's queue, and the name under which its entries hold our rows.
QUEUE = "matterflow"
TASK = "matterflow.carry_out"
#: Rows moved in one transaction.
MOVE = 250
#: Entries that may wait; the rest stays in our table, where priorities and turns still count.
LONGEST_QUEUE = 400
#: How long an entry may wait in the queue and be at work before its rows are moved again.
ENTRY_LEASE = timedelta(minutes=10)
#: Number of the transaction-level lock under which the tables are made: they are made once.
_SCHEMA_LOCK = 6_034_417

_WAITING = sa.text(
    "SELECT count(*) FROM (SELECT 1 FROM procrastinate_jobs"
    " WHERE queue_name = :queue AND status = 'todo' LIMIT :most) AS waiting"
)


def prepare(engine: Engine) -> None:
    """Make Procrastinate's tables when they are missing."""
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        if connection.scalar(sa.text("SELECT to_regclass('procrastinate_jobs')")) is None:
            driver: Any = connection.connection.dbapi_connection
            driver.execute(SchemaManager.get_schema())


class ProcrastinateQueue:
    """Moves due rows into Procrastinate, and runs one of its workers when started."""

    def __init__(
        self,
        engine: Engine,
        direct_url: str,
        *,
        threads: int,
        lease: timedelta = job_table.LEASE,
        on_jobs: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._engine = engine
        self._threads = threads
        self._lease = lease
        self._on_jobs = on_jobs
        # Never opened: it writes through the connection of whoever has something to queue.
        self._writer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
        url = sa.make_url(direct_url)
        self._pooled = database.is_pooled(url)
        conninfo = database.without_pooling(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=conninfo, min_size=1, max_size=4, kwargs={"prepare_threshold": None} if self._pooled else {}
            )
        )
        self._app.task(name=TASK, queue=QUEUE)(self._carry_out)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._reaped_at_s = time.monotonic()

    def enqueue(self, session: Session, job_ids: Sequence[UUID]) -> None:
        """Queue these in the session's transaction."""
        now = clock.utc_now()
        parts = job_table.take(
            session, worker=QUEUE, now=now, limit=max(1, len(job_ids)), lease=ENTRY_LEASE, only=job_ids
        )
        connection: Any = session.connection().connection.dbapi_connection
        for part in parts:
            self._writer.configure_task(
                TASK, allow_unknown=True, queue=QUEUE, priority=part.priority, connection=connection
            ).defer(job_ids=[str(job_id) for job_id in part.job_ids])

    def pump(self) -> int:
        """Queue what is due by now."""
        moved = 0
        self._reap_sometimes()
        while not self._stopping:
            with Session(database.read_only(self._engine)) as session:
                due_at = job_table.next_due_at(session)
                if due_at is None or due_at > clock.utc_now():
                    return moved
                if (session.scalar(_WAITING, {"queue": QUEUE, "most": LONGEST_QUEUE}) or 0) >= LONGEST_QUEUE:
                    return moved
            count = self._move()
            moved += count
            if not count:
                return moved
        return moved

    def _move(self) -> int:
        with database.transaction(self._engine) as session:
            parts = job_table.take(session, worker=QUEUE, now=clock.utc_now(), limit=MOVE, lease=ENTRY_LEASE)
            connection: Any = session.connection().connection.dbapi_connection
            by_priority: dict[int, list[dict[str, Any]]] = {}
            for part in parts:
                entry = {"job_ids": [str(job_id) for job_id in part.job_ids]}
                by_priority.setdefault(part.priority, []).append(entry)
            for priority, entries in by_priority.items():
                self._writer.configure_task(
                    TASK, allow_unknown=True, queue=QUEUE, priority=priority, connection=connection
                ).batch_defer(*entries)
        return sum(len(part.job_ids) for part in parts)

    # -- carrying out ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Run a Procrastinate worker in a thread of its own."""
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="matterflow-procrastinate", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the entries at work end, but not for ever."""
        self._stopping = True
        loop, running = self._loop, self._running
        if loop is not None and running is not None:
            loop.call_soon_threadsafe(running.cancel)
        if self._thread is not None:
            self._thread.join(timeout=GRACE_S + 5)
        self._thread = self._loop = self._running = None

    def _work(self) -> None:
        while not self._stopping:
            try:
                asyncio.run(self._run_worker())
            except Exception:
                log.exception("Procrastinate's worker ended; it is started again")
                time.sleep(1)

    async def _run_worker(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(self._threads + 2, "matterflow-jobs"))
        heartbeat_s = max(1.0, self._lease.total_seconds() / 3)
        async with self._app.open_async():
            self._running = asyncio.create_task(
                self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._threads,
                    install_signal_handlers=False,
                    # Who listens needs a connection of his own, which a pooler by transactions cannot give.
                    listen_notify=not self._pooled,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",
                    update_heartbeat_interval=heartbeat_s,
                    stalled_worker_timeout=self._lease.total_seconds(),
                    shutdown_graceful_timeout=GRACE_S,
                )
            )
            if self._stopping:
                self._running.cancel()
            try:
                await self._running
            except asyncio.CancelledError:
                if not self._stopping:
                    raise

    def _carry_out(self, job_ids: list[str]) -> None:
        request_id.set(f"jobs-{uuid4().hex[:8]}")
        ran = jobs.carry_out(
            self._transaction,
            [UUID(job_id) for job_id in job_ids],
            worker=QUEUE,
            now=clock.utc_now,
            is_stopping=lambda: self._stopping,
        )
        if ran:
            self._on_jobs(ran)

    @contextmanager
    def _transaction(self) -> Generator[Session]:
        """What a job makes due at once is queued in the job's own transaction."""
        with database.transaction(self._engine) as session:
            yield session
            due = session.info.pop(JOBS_DUE, None)
            if due:
                self.enqueue(session, due)

    # -- workers that vanished ------------------------------------------------------------------------

    def _reap_sometimes(self) -> None:
        if self._loop is None or time.monotonic() - self._reaped_at_s < self._lease.total_seconds() / 2:
            return
        self._reaped_at_s = time.monotonic()
        try:
            asyncio.run_coroutine_threadsafe(self._reap(), self._loop).result(timeout=GRACE_S)
        except Exception:
            log.exception("looking for lost workers failed; it is tried again")

    async def _reap(self) -> None:
        """Free the rows of entries whose worker gives no sign of life any more."""
        manager = self._app.job_manager
        stalled = await manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=max(1, int(self._lease.total_seconds()))
        )
        for entry in stalled:
            if entry.id is None:
                continue
            named: Any = entry.task_kwargs["job_ids"]
            ids = [UUID(job_id) for job_id in named]
            await asyncio.to_thread(self._free, ids)
            await manager.finish_job_by_id_async(entry.id, Status.FAILED, delete_job=True)
            log.warning("a worker vanished with %d jobs; they are carried out anew", len(ids))

    def _free(self, job_ids: list[UUID]) -> None:
        with database.transaction(self._engine) as session:
            job_table.taken_from(session, job_ids, worker=QUEUE, now=clock.utc_now())
