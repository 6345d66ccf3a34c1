"""Several servers and several workers on one PostgreSQL: processes of their own that share nothing else."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Any

from tests.installation import MATTERFLOW, ROOT, START_TIMEOUT_S, Client, Installation, ServerDidNotStart, free_port

#: Longest time without any answer from any server.
PATIENCE_S = 40


class Process:
    """One server or one worker."""

    def __init__(self, name: str, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [MATTERFLOW, *arguments], cwd=ROOT, env=environment, stdout=file, stderr=file
            )

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def stop(self, timeout_s: float = 30) -> int:
        """SIGTERM; return the exit code."""
        if self._process.poll() is None:
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=timeout_s)
        self.kill()
        return -9

    def is_alive(self) -> bool:
        return self._process.poll() is None


class Cluster:
    """The nodes of one firm."""

    def __init__(self, installation: Installation, *, servers: int, workers: int, **settings: str) -> None:
        self._folder = installation.folder
        self._environment = installation.environment | {
            "MATTERFLOW_SECRET_KEY": "the same on every node of one firm",
            "MATTERFLOW_EMBEDDED_WORKER": "0",
            "MATTERFLOW_JOB_LEASE": "2",
            **settings,
        }
        self.ports = [free_port() for _ in range(servers)]
        self.servers = [
            self._start(f"server{n}", ["serve"], MATTERFLOW_PORT=str(port)) for n, port in enumerate(self.ports)
        ]
        self.workers = [self._start(f"worker{n}", ["worker"]) for n in range(workers)]

    def _start(self, name: str, arguments: list[str], **settings: str) -> Process:
        own = {"MATTERFLOW_DATA_DIR": str(self._folder / name), **settings}
        return Process(name, arguments, self._environment | own, self._folder / f"{name}.log")

    def wait_until_ready(self) -> None:
        """Wait until every server answers."""
        ends = time.monotonic() + START_TIMEOUT_S
        for server, port in zip(self.servers, self.ports, strict=True):
            while not _answers(port):
                if not server.is_alive() or time.monotonic() > ends:
                    raise ServerDidNotStart(server.log.read_text(errors="replace")[-4000:])
                time.sleep(0.05)

    def close(self) -> None:
        for process in (*self.servers, *self.workers):
            process.kill()


class Caller:
    """A program that asks any server, and another one when that does not answer; not for several threads at once."""

    def __init__(self, ports: list[int], token: str, seed: int) -> None:
        self._clients = [Client(port, token, timeout_s=10) for port in ports]
        self._random = Random(seed)
        #: Requests that another server had to answer.
        self.elsewhere = 0

    def get(self, path: str) -> Any:
        return self._answered(lambda client: client.get(path))[1]

    def post(self, path: str, body: dict[str, Any], *, key: str) -> tuple[int, Any]:
        return self._answered(lambda client: client.post(path, body, key=key))

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _answered(self, send: Any) -> tuple[int, Any]:
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, told = send(self._random.choice(self._clients))
            except (OSError, HTTPException):
                self.elsewhere += 1
            else:
                if status < 400 or told["code"] not in ("faster_elsewhere", "process_instance_changed"):
                    return status, told
            assert time.monotonic() < ends, "no server answers"
            time.sleep(0.01)


def _answers(port: int) -> bool:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
