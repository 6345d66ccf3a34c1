"""The worker: looks at the clock, lets the queue move what is due, and sweeps up.

Inside ``matterflow serve`` it looks every second, and at once when a request has just made a job that is due. On
SQLite one worker works a database, held by a lock on a file beside it; on PostgreSQL any number may, on any number of
nodes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config.logging import request_id
from engine import clock, database, job_table, messages, undo
from engine.job_queue import JobQueue
from engine.table_statistics import TableStatistics
from practice.audit import chain as audit_chain
from webui import throttle
from webui.api import idempotency
from webui.file_lock import FileLock
from webui.queues.embedded import EmbeddedQueue
from webui.refusal import Refusal
from webui.trail import HeadKeeper

log = logging.getLogger(__name__)

TICK_S = 1.0
SWEEP = timedelta(minutes=10)
#: After being woken, the time until being woken again: a burst of requests is looked at together.
WAKE_PAUSE_S = 0.05


class WorkerRuns(Refusal):
    """Another worker works this database; the text says so."""


class Worker:
    """Runs what is due on one database."""

    def __init__(
        self,
        engine: Engine,
        *,
        database_file: Path | None,
        queue: JobQueue | None = None,
        on_jobs: Callable[[int], None] = lambda _count: None,
        heads: HeadKeeper | None = None,
    ) -> None:
        self._engine = engine
        self._heads = heads
        #: For what is carried out in the calling thread.
        self._own = EmbeddedQueue(engine, threads=1, on_jobs=on_jobs)
        self._queue: JobQueue = queue or self._own
        self._lock = FileLock.beside(database_file, "worker") if database_file else None
        self._scheduler: Any = None
        self._first_tick: threading.Timer | None = None
        self._waker: threading.Thread | None = None
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._swept_at: datetime | None = None
        self._statistics = TableStatistics()

    def start(self) -> None:
        """Begin to look at the clock in a background thread.

        Raises:
            WorkerRuns: another worker has this database.
        """
        self.acquire()
        self._queue.start()
        self._stopped.clear()
        # What is due at once the waker looks at; the scheduler takes long to load, and nobody waits for it meanwhile.
        self._first_tick = threading.Timer(TICK_S, self._look_every_second)
        self._first_tick.daemon = True
        self._first_tick.start()
        self._waker = threading.Thread(target=self._look_when_woken, name="matterflow-waker", daemon=True)
        self._waker.start()
        self.wake()

    def acquire(self) -> None:
        """Take the database's worker lock; PostgreSQL has none.

        Raises:
            WorkerRuns: another worker has this database.
        """
        if self._lock is None:
            return
        if not self._lock.acquire():
            raise WorkerRuns(
                "Another process carries out this database's timers and jobs: with SQLite one does. "
                "PostgreSQL takes any number of servers and workers."
            )
        # Whoever had these is gone: nobody else holds the lock.
        with self._transaction() as session:
            freed = job_table.take_back_all(session, now=clock.utc_now())
        if freed:
            log.warning("%d jobs that were at work when the last process ended are carried out anew", freed)

    def stop(self) -> None:
        """Look no more, and let the jobs at work end."""
        self._stopped.set()
        first_tick, self._first_tick = self._first_tick, None
        if first_tick is not None:
            first_tick.cancel()
            first_tick.join()
        scheduler, self._scheduler = self._scheduler, None
        waker, self._waker = self._waker, None
        self._woken.set()
        if scheduler is not None:
            scheduler.shutdown(wait=True)
        if waker is not None:
            waker.join()
        self._queue.stop()
        if self._lock is not None:
            self._lock.release()

    def wake(self) -> None:
        """Look at once: a request has just made a job."""
        self._woken.set()

    def tick(self) -> int:
        """Carry out what is due now in the calling thread; return how many jobs that were. Never raises."""
        request_id.set(f"tick-{uuid4().hex[:8]}")
        done = 0
        try:
            if self._own.something_is_due():
                done = self._own.drain()
            self._sweep()
        except Exception:
            log.exception("the worker's tick failed; the next one tries again")
        return done

    def _look_every_second(self) -> None:
        self.wake()
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - start-up time

        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
        self._scheduler.add_job(
            self._look, "interval", seconds=TICK_S, id="tick", max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()

    def _look_when_woken(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait()
            self._woken.clear()
            if not self._stopped.is_set():
                self._look()
                time.sleep(WAKE_PAUSE_S)

    def _look(self) -> None:
        request_id.set(f"tick-{uuid4().hex[:8]}")
        try:
            self._queue.pump()
            self._sweep()
        except Exception:
            log.exception("the worker's tick failed; the next one tries again")

    def _sweep(self) -> None:
        now = clock.utc_now()
        if self._swept_at is not None and timedelta(0) <= now - self._swept_at < SWEEP:
            return
        self._swept_at = now
        with self._transaction() as session:
            swept = idempotency.sweep(session, now=now)
            throttle.sweep(session, now=now)
            freed = job_table.mend_leases(session, now=now)
            undo.forget_stale(session)
            expired = messages.sweep(session, now=now)
            sealed = audit_chain.seal_what_is_left(session)
        with self._transaction() as session:
            self._statistics.keep(session)
        if self._heads is not None:
            with database.transaction(database.read_only(self._engine)) as session:
                self._heads.keep(session, now=now)
        if sealed:
            log.warning("%d audit events of a release before the chain were sealed", sealed)
        if swept:
            log.info("%d Idempotency-Keys older than a day were forgotten", swept)
        if freed:
            log.warning("%d jobs had a lease longer than there are; they are carried out anew", freed)
        if expired:
            log.warning("%d messages were kept for their time and nobody took them", expired)

    def _transaction(self) -> AbstractContextManager[Session]:
        return database.transaction(self._engine)
