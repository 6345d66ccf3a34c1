"""The worker: carries out what is due (timers, delegates that run by themselves) and sweeps up.

Inside ``matterflow serve`` it is one background thread that looks every second, and at once when a
request has just written something. On SQLite one worker works a database, held by a lock on a file beside
it; on PostgreSQL any number may, because each job is taken by one of them only. Each job is one
transaction of its own.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config.logging import request_id
from engine import clock, database, jobs
from webui.api import idempotency
from webui.refusal import Refusal

log = logging.getLogger(__name__)

TICK_S = 1.0
SWEEP = timedelta(minutes=10)
#: After being woken, the time until being woken again: a burst of requests is looked at together.
WAKE_PAUSE_S = 0.05
#: Jobs a tick carries out at most before it looks at the clock again.
BATCH = 100


class WorkerRuns(Refusal):
    """Another worker works this database; the text says so."""


class FileLock:
    """A lock on a file that the operating system gives back when its holder ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._path.open("ab")
        if not _lock(file):
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Worker:
    """Runs what is due on one database."""

    def __init__(
        self,
        engine: Engine,
        *,
        database_file: Path | None,
        on_jobs: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._engine = engine
        self._reader = database.read_only(engine)
        self._lock = FileLock(database_file.with_name(f"{database_file.name}.worker.lock")) if database_file else None
        self._on_jobs = on_jobs
        self._scheduler: Any = None
        self._waker: threading.Thread | None = None
        self._working = threading.Lock()
        self._woken = threading.Event()
        self._swept_at: datetime | None = None

    def start(self) -> None:
        """Begin to tick in a background thread.

        Raises:
            WorkerRuns: another worker has this database.
        """
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - start-up time

        self.acquire()
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
        self._scheduler.add_job(
            self.tick, "interval", seconds=TICK_S, id="tick", max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()
        self._waker = threading.Thread(target=self._tick_when_woken, name="matterflow-waker", daemon=True)
        self._waker.start()

    def acquire(self) -> None:
        """Take the database's worker lock; PostgreSQL has none.

        Raises:
            WorkerRuns: another worker has this database.
        """
        if self._lock is not None and not self._lock.acquire():
            raise WorkerRuns("Another worker works this database.")

    def stop(self) -> None:
        """Let the job at work end, and tick no more."""
        scheduler, self._scheduler = self._scheduler, None
        waker, self._waker = self._waker, None
        self._woken.set()
        if scheduler is not None:
            scheduler.shutdown(wait=True)
        if waker is not None:
            waker.join()
        if self._lock is not None:
            self._lock.release()

    def wake(self) -> None:
        """Look at once: a request has just written something, which may be a job."""
        self._woken.set()

    def _tick_when_woken(self) -> None:
        while self._scheduler is not None:
            self._woken.wait()
            self._woken.clear()
            if self._scheduler is not None:
                self.tick()
                time.sleep(WAKE_PAUSE_S)

    def tick(self) -> int:
        """Carry out what is due now; return how many jobs that were. Never raises."""
        if not self._working.acquire(blocking=False):
            return 0
        request_id.set(f"tick-{uuid4().hex[:8]}")
        done = 0
        try:
            while self._something_is_due():
                count = jobs.run_due(self._transaction, now=clock.utc_now, limit=BATCH)
                done += count
                if not count:
                    break
            self._sweep()
        except Exception:
            log.exception("the worker's tick failed; the next one tries again")
        finally:
            self._working.release()
        if done:
            self._on_jobs(done)
        return done

    def _something_is_due(self) -> bool:
        """Look without the writer lock, so that an idle worker disturbs nobody."""
        with Session(self._reader) as session:
            due_at = jobs.next_due_at(session)
        return due_at is not None and due_at <= clock.utc_now()

    def _sweep(self) -> None:
        now = clock.utc_now()
        if self._swept_at is not None and timedelta(0) <= now - self._swept_at < SWEEP:
            return
        with self._transaction() as session:
            swept = idempotency.sweep(session, now=now)
        self._swept_at = now
        if swept:
            log.info("%d Idempotency-Keys older than a day were forgotten", swept)

    def _transaction(self) -> AbstractContextManager[Session]:
        return database.transaction(self._engine)
