"""The queue that needs nothing but our own table: a due row is queued, taking it under a lease dequeues it.

A bounded number of threads drain it. On SQLite they are of one process, which a file lock sees to; on PostgreSQL any
number of processes on any number of nodes share the table.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config.logging import request_id
from engine import clock, database, job_table, jobs

log = logging.getLogger(__name__)

#: Seconds that the jobs at work get to end when the process is asked to stop.
GRACE_S = 20


def worker_name() -> str:
    """Return a name that no other worker has or had; it tells people which machine and process took a job."""
    return f"{socket.gethostname()[:40]}/{os.getpid()}/{uuid4().hex[:8]}"


class EmbeddedQueue:
    """Threads of this process that take due rows and carry them out."""

    def __init__(
        self,
        engine: Engine,
        *,
        threads: int,
        lease: timedelta = job_table.LEASE,
        on_jobs: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._engine = engine
        self._reader = database.read_only(engine)
        self._threads = threads
        self._lease = lease
        self._on_jobs = on_jobs
        self._name = worker_name()
        self._guard = threading.Condition()
        self._draining: set[threading.Thread] = set()
        #: The clock is looked at again when a thread ends: something may have become due meanwhile.
        self._asked_again = False
        self._stopping = False

    def enqueue(self, session: Session, job_ids: Sequence[UUID]) -> None:
        """Do nothing: the row that the step wrote is the entry in the queue."""

    def start(self) -> None:
        """Accept work (again)."""
        self._stopping = False

    def pump(self) -> int:
        """Set a thread to work when something is due and one is free; return how many are at work then."""
        with self._guard:
            if self._stopping:
                return 0
            if len(self._draining) >= self._threads:
                self._asked_again = True
                return len(self._draining)
        if self.something_is_due():
            self._add_thread()
        return len(self._draining)

    def drain(self) -> int:
        """Carry out what is due in the calling thread, until nothing is; return how many jobs that were."""
        done = 0
        while not self._stopping:
            count = jobs.run_due(
                self._transaction,
                now=clock.utc_now,
                limit=jobs.BATCH,
                worker=self._name,
                lease=self._lease,
                is_stopping=self._is_stopping,
            )
            done += count
            if count:
                self._on_jobs(count)
            if count < jobs.BATCH:
                return done
            self._add_thread()  # there is more than one thread's worth
        return done

    def something_is_due(self) -> bool:
        """Look without the writer lock, so that an idle worker disturbs nobody."""
        with Session(self._reader) as session:
            due_at = job_table.next_due_at(session)
        return due_at is not None and due_at <= clock.utc_now()

    def stop(self) -> None:
        """Wait until the jobs at work have ended, but not for ever; those not begun are given back."""
        self._stopping = True
        with self._guard:
            ended = self._guard.wait_for(lambda: not self._draining, timeout=GRACE_S)
        if not ended:
            log.warning("a job did not end in %d s: it is rolled back, and another worker carries it out", GRACE_S)

    def _is_stopping(self) -> bool:
        return self._stopping

    def _add_thread(self) -> None:
        with self._guard:
            if self._stopping or len(self._draining) >= self._threads:
                return
            # A daemon: a job that never ends cannot keep the process from ending.
            thread = threading.Thread(target=self._work, name="matterflow-jobs", daemon=True)
            self._draining.add(thread)
        thread.start()

    def _work(self) -> None:
        request_id.set(f"jobs-{uuid4().hex[:8]}")
        again = True
        while again:
            try:
                self.drain()
            except Exception:
                log.exception("carrying out jobs failed; the next look tries again")
            with self._guard:
                again, self._asked_again = self._asked_again and not self._stopping, False
                if not again:
                    self._draining.discard(threading.current_thread())
                    self._guard.notify_all()

    def _transaction(self) -> AbstractContextManager[Session]:
        return database.transaction(self._engine)
