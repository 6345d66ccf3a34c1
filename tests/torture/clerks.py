"""People and programs that work on while the machine breaks: they insist on an answer, and note what was promised."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from random import Random
from typing import Any

from tests.installation import Client

#: Seconds without any answer, restarts included, after which something is really wrong.
PATIENCE_S = 300
#: Answers that say that nothing was stored and ask to try again.
TRY_AGAIN = ("faster_elsewhere", "process_instance_changed", "unavailable")


@dataclass(slots=True)
class Ledger:
    """What the server said yes to."""

    #: Business keys by instance id.
    started: dict[str, str] = field(default_factory=dict)
    #: Who completed a user task, by its id.
    completed: dict[str, str] = field(default_factory=dict)
    #: Message ids.
    sent: set[str] = field(default_factory=set)
    #: Instances that were moved to the second edition.
    migrated: set[str] = field(default_factory=set)
    #: Requests that had to be sent again: no answer came, or one that asked to.
    unanswered: Counter[str] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    #: Set when nothing new is to be started: what has begun comes to its end.
    is_full: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        lost = ", ".join(f"{count} {what}" for what, count in sorted(self.unanswered.items())) or "none"
        return (
            f"{len(self.started)} started, {len(self.completed)} user tasks completed, {len(self.sent)} messages sent, "
            f"{len(self.migrated)} migrated; requests sent again: {lost}"
        )


class Clerk(threading.Thread):
    """One person who starts, completes, sends and migrates, whatever chance says, until the ledger is closed."""

    def __init__(self, username: str, client: Client, ledger: Ledger, chance: Random, *, most: int) -> None:
        super().__init__(name=username, daemon=True)
        self.username = username
        self._client = client
        self._ledger = ledger
        self._chance = chance
        self._most = most
        self._serial = 0

    def run(self) -> None:
        """Work; what goes wrong ends up in ``failures``."""
        deeds = [self._start, self._complete, self._complete, self._complete, self._send, self._migrate]
        try:
            while not self._ledger.closed.is_set():
                self._chance.choice(deeds)()
        except BaseException as failure:  # noqa: BLE001 - it is the test's to judge
            self._ledger.failures.append(failure)
        finally:
            self._client.close()

    def _start(self) -> None:
        if self._ledger.is_full.is_set() or len(self._ledger.started) >= self._most:
            return
        business_key = f"{self.username}-{self._number()}"
        body = {"process_key": "dossier", "version": 1, "business_key": business_key}
        status, told = self._insist("start", lambda: self._client.post("/process-instances", body, key=business_key))
        assert status == 201, told
        with self._ledger.guard:
            self._ledger.started[told["id"]] = business_key

    def _complete(self) -> None:
        _, found = self._insist("look", lambda: self._client.get("/user-tasks?scope=group&limit=20"))
        if not found["items"]:
            time.sleep(0.02)
            return
        task = self._chance.choice(found["items"])
        body = {"variables": {task["element_id"]: self.username}}
        address, key = f"/user-tasks/{task['id']}/complete", f"{self.username}-{task['id']}"
        status, told = self._insist("complete", lambda: self._client.post(address, body, key=key))
        if status == 200:
            with self._ledger.guard:
                assert task["id"] not in self._ledger.completed, f"{task['id']} was completed twice"
                self._ledger.completed[task["id"]] = self.username
            return
        assert (status, told["code"]) == (409, "user_task_not_open"), told
        assert told["ended_by"] != self.username, f"{task['id']} was completed, but its yes was not kept"

    def _send(self) -> None:
        with self._ledger.guard:
            waiting = [key for key in self._ledger.started.values() if f"reply-{key}" not in self._ledger.sent]
        if not waiting:
            return
        business_key = self._chance.choice(waiting)
        body = {
            "name": "dossier_reply",
            "correlation_key": business_key,
            "message_id": f"reply-{business_key}",
            "variables": {"reply": business_key},
        }
        key = f"{self.username}-reply-{self._number()}"
        status, told = self._insist("message", lambda: self._client.post("/messages", body, key=key))
        assert status == 202, told
        with self._ledger.guard:
            self._ledger.sent.add(f"reply-{business_key}")

    def _migrate(self) -> None:
        with self._ledger.guard:
            left = [instance for instance in self._ledger.started if instance not in self._ledger.migrated]
        if not left:
            return
        instance = self._chance.choice(left)
        body = {"process_key": "dossier", "from_version": 1, "to_version": 2, "process_instance_ids": [instance]}
        key = f"{self.username}-migrate-{self._number()}"
        status, told = self._insist("migrate", lambda: self._client.post("/process-instances/migrate", body, key=key))
        assert status == 200, told
        # Who has come to its end by now, or was moved by a colleague, is not among the items.
        with self._ledger.guard:
            self._ledger.migrated.update(item["id"] for item in told["items"] if item["done"])

    def _number(self) -> int:
        self._serial += 1
        return self._serial

    def _insist(self, what: str, send: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        """Send, again and again under the same key, until there is an answer that says what happened."""
        end, last, lost = time.monotonic() + PATIENCE_S, None, False
        while True:
            try:
                status, last = send()
                if status < 400 or last["code"] not in TRY_AGAIN:
                    return status, last
            except (OSError, HTTPException, ValueError) as silence:
                last = repr(silence)
            with self._ledger.guard:
                self._ledger.unanswered[what] += not lost
            lost = True
            if time.monotonic() > end:
                raise AssertionError(f"{self.username} got nowhere for {PATIENCE_S} s; last: {last}")
            time.sleep(0.05)
