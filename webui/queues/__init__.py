"""The queues that bring due jobs to workers: adapters of :class:`engine.job_queue.JobQueue`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from config.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from engine.job_queue import JobQueue


def make(engine: Engine, settings: Settings, *, on_jobs: Callable[[int], None] = lambda _count: None) -> JobQueue:
    """Return the queue that the settings ask for."""
    lease = timedelta(seconds=settings.job_lease)
    if settings.job_queue == "procrastinate":
        from webui.queues.procrastinate import ProcrastinateQueue, prepare  # noqa: PLC0415 - imported by who uses it

        prepare(engine)
        return ProcrastinateQueue(
            engine, settings.database_direct_url, threads=settings.job_threads, lease=lease, on_jobs=on_jobs
        )
    from webui.queues.embedded import EmbeddedQueue  # noqa: PLC0415 - as above

    # On SQLite one transaction writes at a time: a second thread would only wait for the first.
    threads = 1 if settings.is_sqlite else settings.job_threads
    return EmbeddedQueue(engine, threads=threads, lease=lease, on_jobs=on_jobs)
