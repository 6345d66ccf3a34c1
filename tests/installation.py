"""A whole Matterflow in a folder of its own: its command line, and its server as a process that can be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from engine import clock, database
from engine.actor import SYSTEM
from practice.people import operations

ROOT = Path(__file__).resolve().parents[1]
#: The command as `make` installs it, beside this Python.
MATTERFLOW = Path(sys.executable).with_name("matterflow")
START_TIMEOUT_S = 180
#: A connection that idled longer is opened anew; the server ends one after 30 seconds.
IDLE_S = 10


class ServerDidNotStart(RuntimeError):
    """The server ended, or did not say that it is ready, in time."""


class Installation:
    """One data directory with a database, the bundles found in ``processes`` and a server on a port of its own."""

    #: What runs the commands.
    program: tuple[str | Path, ...] = (MATTERFLOW,)

    def __init__(self, folder: Path, *, processes: Path, database_url: str = "") -> None:
        self.folder = folder
        self.database_url = database_url or f"sqlite:///{folder}/matterflow.db"
        self.port = free_port()
        self.log = folder / "server.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MATTERFLOW_")}
        self.environment = kept | {
            "MATTERFLOW_DATA_DIR": str(folder / "data"),
            "MATTERFLOW_DATABASE_URL": self.database_url,
            "MATTERFLOW_PORT": str(self.port),
            "MATTERFLOW_PROCESSES_DIR": str(processes),
            # A server that hangs says where, when it is told to abort.
            "PYTHONFAULTHANDLER": "1",
        }
        self._server: subprocess.Popen[bytes] | None = None

    def set_up(self, **people: str) -> dict[str, str]:
        """Make the database and one person a group (``ana="lawyers"``); return each person's bearer token."""
        self.command("db", "upgrade")
        now, tokens = clock.utc_now(), {}
        engine = database.create_engine(self.database_url)
        with database.transaction(engine) as session:
            for username, group in people.items():
                operations.create_user(
                    session, username, username.title(), password=None, groups=[group], by=SYSTEM, now=now
                )
                tokens[username] = operations.issue_token(session, username, "torture", by=SYSTEM, now=now)
        engine.dispose()
        return tokens

    def command(self, *arguments: str) -> str:
        """Run ``matterflow`` with these arguments and return what it prints."""
        done = subprocess.run(
            [*self.program, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=START_TIMEOUT_S,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"matterflow {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def serve(self, *options: str) -> None:
        """Start the server and wait until it is ready.

        Raises:
            ServerDidNotStart: it ended or was not ready in time; the text is its log.
        """
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [*self.program, "serve", *options], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        end = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self._server.poll() is not None or time.monotonic() > end:
                self._abort()
                raise ServerDidNotStart(self.log.read_text(errors="replace")[-20_000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, without a word: SIGKILL."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def _abort(self) -> None:
        """End the server; one that hangs writes the stacks of its threads to its log."""
        assert self._server is not None
        self._server.send_signal(signal.SIGABRT)
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def stop(self) -> None:
        """Ask the server to end, and wait until it has."""
        if self._server is not None and self._server.poll() is None:
            self._server.terminate()
            try:
                self._server.wait(timeout=START_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def server_id(self) -> int:
        """The server's process id."""
        if self._server is None:
            raise ServerDidNotStart
        return self._server.pid

    def client(self, token: str) -> Client:
        """Return a client that signs its requests with ``token``."""
        return Client(self.port, token)

    def _is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class Client:
    """A program that uses the API over one connection that it keeps; not for several threads at once."""

    def __init__(self, port: int, token: str, *, timeout_s: float = 20) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self._used_at = time.monotonic()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str) -> tuple[int, Any]:
        """Read; return the status and the answer."""
        return self._send("GET", path, None, self._headers)

    def post(self, path: str, body: dict[str, Any], *, key: str) -> tuple[int, Any]:
        """Write under an ``Idempotency-Key``; return the status and the answer.

        Raises:
            OSError, http.client.HTTPException: no answer came, so nobody knows whether it happened.
        """
        return self._send("POST", path, json.dumps(body), {**self._headers, "Idempotency-Key": key})

    def close(self) -> None:
        """Drop the connection."""
        self._connection.close()

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Any]:
        if time.monotonic() - self._used_at > IDLE_S:
            self._connection.close()
        try:
            if self._connection.sock is None:
                self._connection.connect()
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.request(method, f"/api/v1{path}", body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
            self._used_at = time.monotonic()
        except BaseException:
            self._connection.close()  # the next request starts over
            raise
        return answer.status, json.loads(content) if content else None


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
