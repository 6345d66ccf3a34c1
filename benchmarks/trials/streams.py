"""Five hundred people listen to one server: what it takes, and how soon a new task is in front of all of them."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.trials import answer
from engine import clock, database, deployments
from engine.actor import SYSTEM
from tests.installation import Client, Installation

STREAMS = int(os.environ.get("BENCH_STREAMS", "500"))
#: A person has so many windows; fewer than one person may have streams.
WINDOWS = 10
ROUNDS = int(os.environ.get("BENCH_STREAM_ROUNDS", "20"))
PATIENCE_S = 30.0

MODEL = (
    b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    b' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://matterflow.example">'
    b'<bpmn:process id="listen" name="Listen" isExecutable="true" camunda:candidateStarterGroups="lawyers">'
    b'<bpmn:startEvent id="s"/><bpmn:userTask id="t" name="T" camunda:candidateGroups="lawyers"/>'
    b'<bpmn:endEvent id="e"/>'
    b'<bpmn:sequenceFlow id="a" sourceRef="s" targetRef="t"/><bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"/>'
    b"</bpmn:process></bpmn:definitions>"
)


class Listeners:
    """Streams that note when they heard of a new task."""

    def __init__(self) -> None:
        self.open = 0
        self.heard: list[float] = []
        self._news = asyncio.Condition()

    async def listen(self, port: int, token: str) -> None:
        """Open one stream and listen until it ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"event: hello"):
                    self.open += 1
                elif b'"kind":"created"' in line:
                    self.heard.append(time.perf_counter())
                else:
                    continue
                async with self._news:
                    self._news.notify_all()
        finally:
            writer.close()

    async def until(self, is_so: Any) -> None:
        """Wait for news until ``is_so``."""
        async with self._news, asyncio.timeout(PATIENCE_S):
            await self._news.wait_for(is_so)


async def _rounds(installation: Installation, tokens: list[str], memory: Any) -> dict[str, list[float]]:
    listeners, client = Listeners(), Client(installation.port, tokens[0])
    before = memory()
    streams = [
        asyncio.create_task(listeners.listen(installation.port, tokens[number % len(tokens)]))
        for number in range(STREAMS)
    ]
    await listeners.until(lambda: listeners.open == STREAMS)
    first, last = list[float](), list[float]()
    for _ in range(ROUNDS):
        listeners.heard.clear()
        began = time.perf_counter()
        status, _said = await asyncio.to_thread(
            client.post, "/process-instances", {"process_key": "listen"}, key=str(uuid4())
        )
        if status != 201:
            raise RuntimeError(f"the instance did not start: {status}")
        await listeners.until(lambda: len(listeners.heard) == STREAMS)
        first.append((listeners.heard[0] - began) * 1000)
        last.append((listeners.heard[-1] - began) * 1000)
    most = memory()
    for stream in streams:
        stream.cancel()
    return {"first": first, "last": last, "memory": [most], "before": [before]}


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Let them listen; megabytes of the whole server, and milliseconds from the request to the first and last ear."""
    where = "postgresql" if os.environ.get("BENCH_DATABASE_URL") else "sqlite"
    with tempfile.TemporaryDirectory(prefix="bench-streams-") as folder:
        none = Path(folder) / "none"
        none.mkdir()
        installation = Installation(Path(folder), processes=none, database_url=os.environ.get("BENCH_DATABASE_URL", ""))
        people = {f"person{number}": "lawyers" for number in range(-(-STREAMS // WINDOWS))}
        tokens = list(installation.set_up(**people).values())
        engine = database.create_engine(installation.database_url)
        with database.transaction(engine) as session:
            deployments.deploy(session, {"listen.bpmn": MODEL}, by=SYSTEM, now=clock.utc_now())
        engine.dispose()
        installation.serve()
        try:
            measured = asyncio.run(_rounds(installation, tokens, lambda: _megabytes(installation)))
        finally:
            installation.stop()
    print(f"{STREAMS} streams: {measured['before'][0]:.0f} MB before", file=sys.stderr)
    facts = {"name": f"{STREAMS} event streams", "MB before": round(measured["before"][0])}
    name = f"streams.{where}"
    samples = {
        f"{name}.first": measured["first"],
        f"{name}.last": measured["last"],
        f"{name}.memory": measured["memory"],
    }
    return facts | {"median of the last": round(statistics.median(measured["last"]))}, samples


def _megabytes(installation: Installation) -> float:
    """Return the most memory that the server has ever held (resident)."""
    status = Path(f"/proc/{installation.server_id}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    answer(trial)
