"""A Matterflow that can be broken: its server and workers are killed, its clock jumps, its disk fills."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from engine import database
from tests.installation import ROOT, START_TIMEOUT_S, Installation, ServerDidNotStart
from tests.torture.breakable import STAMPS

#: Bytes that a file may have once the disk is "full": a few pages, fewer than one step of SQLite's log takes.
LEFT_ON_DISK = 20_000


class Machine(Installation):
    """An installation whose programs are ``breakable``."""

    program = (sys.executable, "-m", "tests.torture.breakable")

    def __init__(self, folder: Path, *, processes: Path, database_url: str = "") -> None:
        super().__init__(folder, processes=processes, database_url=database_url)
        self.environment["PYTHONPATH"] = str(ROOT)
        self._workers: list[subprocess.Popen[bytes]] = []

    @property
    def is_sqlite(self) -> bool:
        """Say whether the database is a file."""
        return self.database_url.startswith("sqlite")

    def make_stamps(self) -> None:
        """Create the table that the delegate writes to."""
        engine = database.create_engine(self.database_url)
        STAMPS.metadata.create_all(engine)
        engine.dispose()

    def serve_until(self, order: str) -> None:
        """Serve with a process that ends itself at a commit (``before:N``, ``after:N``)."""
        self.environment["TORTURE_DIES"] = order
        try:
            self.serve()
        except ServerDidNotStart:
            pass  # its commit came before anybody could be served: that is a point to die at as well
        finally:
            del self.environment["TORTURE_DIES"]

    def wait_until_dead(self, timeout_s: float) -> bool:
        """Wait for a process that ends itself; False when it did not get there."""
        assert self._server is not None
        try:
            self._server.wait(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def has_died(self) -> bool:
        """Say whether the server has ended itself."""
        assert self._server is not None
        return self._server.poll() is not None

    def add_worker(self) -> None:
        """Start a worker beside the server; PostgreSQL only."""
        with self.log.open("ab") as log:
            command = [*self.program, "worker"]
            self._workers.append(subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log))

    def kill_worker(self) -> None:
        """End the oldest worker without a word."""
        worker = self._workers.pop(0)
        worker.kill()
        worker.wait()

    def jump(self, seconds: int) -> None:
        """Move the clock of every program that starts from now on."""
        self.environment["MATTERFLOW_CLOCK_OFFSET"] = f"PT{seconds}S" if seconds >= 0 else f"-PT{-seconds}S"

    def fill_disk(self) -> None:
        """Let the operating system refuse whatever the server writes, in the middle of a transaction too."""
        self._limit_files(LEFT_ON_DISK)

    def empty_disk(self) -> None:
        """Let files grow again."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, size: int) -> None:
        assert self._server is not None
        _, hard = resource.prlimit(self._server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._server.pid, resource.RLIMIT_FSIZE, (size, hard))

    def crash_database(self) -> None:
        """Kill one of PostgreSQL's own processes, upon which it ends all others and recovers from its log."""
        with psycopg.connect(self.database_url.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert row is not None
            os.kill(row[0], signal.SIGKILL)
            time.sleep(0.2)
            connection.close()

    def stop(self) -> None:
        """Stop the workers, then the server."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.wait(timeout=START_TIMEOUT_S)
        self._workers.clear()
        super().stop()
