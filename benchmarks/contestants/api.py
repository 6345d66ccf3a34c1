"""Our HTTP API: a server that was really started, and one client on one connection that it keeps."""

import sqlite3
import tempfile
from copy import copy
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.contest import reserve, serve
from tests.installation import Installation

BUNDLES = Path(__file__).parents[1] / "bundles"
READ_BACK = 50


class Api:
    """``matterflow serve`` on SQLite as the product configures it, spoken to as a program would."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-http-")
        self._installation = Installation(Path(self._folder.name), processes=BUNDLES)
        self._token = self._installation.set_up(ana="lawyers")["ana"]
        self._installation.serve()
        self.client = self._installation.client(self._token)
        self._instances: dict[str, int] = {}

    def start(self, number: int) -> str:
        """Start an instance; its business key is its number."""
        body = {"process_key": "approval", "business_key": f"bench-{number}"}
        instance = self._post("/process-instances", body, 201)["id"]
        self._instances[instance] = number
        return instance

    def inbox(self) -> int:
        """Read a page of 25 of what the person's groups may take."""
        return len(self._get("/user-tasks?scope=group&limit=25")["items"])

    def user_task(self, instance: str) -> str:
        """Find the one open user task of an instance."""
        (found,) = self._get(f"/user-tasks?scope=group&business_key=bench-{self._instances[instance]}")["items"]
        return found["id"]

    def complete(self, user_task: str, answers: dict[str, Any]) -> None:
        """Claim and complete a user task with its form's answers."""
        self._post(f"/user-tasks/{user_task}/complete", {"variables": answers}, 200)

    def colleague(self) -> "Api":
        """Return the same server with another connection to it."""
        other = copy(self)
        other.client = self._installation.client(self._token)
        return other

    def facts(self) -> dict[str, Any]:
        """Say what was measured; the file's own settings are the engine's, which the service contestant reports."""
        return {"name": f"Matterflow's API over HTTP, uvicorn {version('uvicorn')}, bearer token, Idempotency-Key"}

    def verify(self) -> dict[str, int]:
        """Compare instances and history in the database's file, and the last instances' data over the API."""
        with sqlite3.connect(f"file:{self._folder.name}/matterflow.db?mode=ro", uri=True) as database:
            states = dict(database.execute("SELECT state, count(*) FROM process_instance GROUP BY state"))
            told = "SELECT count(*) FROM history_event WHERE kind = 'user_task_completed'"
            (done,) = database.execute(told).fetchone()
        last = list(self._instances.items())[-READ_BACK:]
        wrong = sum(
            self._get(f"/process-instances/{instance}/variables")["variables"].get("reserve") != reserve(number)
            for instance, number in last
        )
        wrong += abs(2 * sum(states.values()) - done)
        return {"started": sum(states.values()), "completed": states.get("completed", 0), "wrong": wrong}

    def close(self) -> None:
        """Stop the server and throw its data away."""
        self.client.close()
        self._installation.stop()
        self._folder.cleanup()

    def _get(self, path: str) -> Any:
        status, answer = self.client.get(path)
        if status != 200:
            raise AssertionError((status, answer))
        return answer

    def _post(self, path: str, body: dict[str, Any], expected: int) -> Any:
        status, answer = self.client.post(path, body, key=str(uuid4()))
        if status != expected:
            raise AssertionError((status, answer))
        return answer


if __name__ == "__main__":
    serve(Api)
