"""Several people at work at once over the API: they never give up on an answer and note what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any

from tests.installation import Client

#: Longest time without any answer, a restart of the server included.
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A completion that the server said yes to."""

    username: str
    element_id: str
    answers: dict[str, Any]


@dataclass(slots=True)
class Office:
    """What the colleagues share."""

    closed: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    #: Requests whose answer never came; each was sent again, a write under its key.
    unanswered: int = 0
    #: Completions refused because a colleague was faster.
    refused: int = 0
    failures: list[BaseException] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, count: int) -> None:
        """Wait until so many completions are acknowledged, or somebody failed."""
        end = time.monotonic() + PATIENCE_S
        while len(self.acknowledged) < count and not self.failures:
            if time.monotonic() > end:
                raise AssertionError(f"only {len(self.acknowledged)} of {count} completions were acknowledged")
            time.sleep(0.001)


class Colleague(threading.Thread):
    """One person with a bearer token, taking any open user task and completing it until the office closes."""

    def __init__(self, username: str, client: Client, office: Office, seed: int) -> None:
        super().__init__(name=username, daemon=True)
        self.username = username
        self._client = client
        self._office = office
        self._random = Random(seed)

    def run(self) -> None:
        """Work until the office closes or nothing is open; what goes wrong ends up in ``failures``."""
        try:
            while not self._office.closed.is_set():
                _, found = self._answered(lambda: self._client.get("/user-tasks?scope=all&limit=20"))
                if not found["items"]:
                    return
                self._work_on(self._random.choice(found["items"]))
        except BaseException as failure:  # noqa: BLE001 - it is the test's to judge
            self._office.failures.append(failure)
        finally:
            self._client.close()

    def _work_on(self, task: dict[str, Any]) -> None:
        _, shown = self._answered(lambda: self._client.get(f"/user-tasks/{task['id']}"))
        if shown["state"] != "created":
            return
        answers = answer(task["element_id"], self.username, shown["variables"])
        key, address = f"{self.username}-{task['id']}", f"/user-tasks/{task['id']}/complete"
        status, told = self._answered(lambda: self._client.post(address, {"variables": answers}, key=key))
        if status == 200:
            with self._office.guard:
                assert task["id"] not in self._office.acknowledged, f"{task['id']} was completed twice"
                self._office.acknowledged[task["id"]] = Acknowledged(self.username, task["element_id"], answers)
            return
        assert (status, told["code"]) == (409, "user_task_not_open"), told
        # A yes that got lost in a crash is said again: its key was stored together with what it did.
        assert told["ended_by"] != self.username, f"{task['id']} was completed but its key was not kept"
        with self._office.guard:
            self._office.refused += 1

    def _answered(self, send: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        """Send, again and again, until there is an answer that says what happened."""
        end, lost, last = time.monotonic() + PATIENCE_S, 0, None
        while True:
            try:
                status, told = send()
            except (OSError, HTTPException):
                lost += 1
                with self._office.guard:
                    self._office.unanswered += lost == 1
            else:
                last = told
                if status < 400 or told["code"] not in ("faster_elsewhere", "process_instance_changed"):
                    return status, told  # those two say that nothing was stored and ask to try again
            if time.monotonic() > end:
                raise AssertionError(f"{self.username} got nowhere for {PATIENCE_S} s; last answer: {last}")
            time.sleep(0.02)


def answer(element_id: str, username: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return what a person answers at a user task of the opinion: the first signature asks for a second."""
    signatures = variables.get("signatures") or 0
    return {
        "check_facts": {"facts_checked_by": username},
        "check_law": {"law_checked_by": username},
        "sign_opinion": {"verdict": "again" if signatures == 0 else "done", "signed_by": username},
        "amend_opinion": {"amended_by": username},
    }[element_id]
