"""One errand, and the server killed at every single commit of it in turn, right before it and right after it.

The errand touches everything that a step leaves behind: start, claim, complete, message, a delegate's job, a timer,
migration. It is repeated, each time with the server killed one commit later, until one runs through without reaching
the point. The form that every change must pass takes ``POINTS`` of these points, evenly spread; ``make torture``
takes them all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.installation import Client
from tests.torture.clerks import PATIENCE_S, TRY_AGAIN, Ledger
from tests.torture.ledger_checks import check_every_instance, check_promises, store
from tests.torture.machine import Machine

DOSSIERS = Path(__file__).parent / "dossier"
#: Set by ``make torture``.
THOROUGH = "TORTURE_SECONDS" in os.environ
POINTS = int(os.environ.get("TORTURE_POINTS", "3"))
#: More commits than one errand can need.
ENOUGH = 200

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if THOROUGH else 900)]


@pytest.fixture(params=["sqlite", "postgresql"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    url = f"sqlite:///{tmp_path}/matterflow.db" if request.param == "sqlite" else postgres.new_database()
    (tmp_path / "none").mkdir()
    place = Machine(tmp_path, processes=tmp_path / "none", database_url=url)
    yield place
    place.stop()
    if not place.is_sqlite:
        postgres.drop_database(url)


class Errand:
    """Takes one dossier from its start to its end, whatever happens to the server, which it starts again."""

    def __init__(self, machine: Machine, client: Client, ledger: Ledger, name: str) -> None:
        self._machine = machine
        self._client = client
        self._ledger = ledger
        self._name = name
        self.deaths = 0

    def run(self) -> None:
        """Do everything, one thing after the other."""
        body: dict[str, Any] = {"process_key": "dossier", "version": 1, "business_key": self._name}
        instance = self._write("start", "/process-instances", body, 201)["id"]
        self._ledger.started[instance] = self._name
        task = self._task(instance, "prepare_dossier")
        assert self._write("claim", f"/user-tasks/{task}/claim", {}, 200)["assignee"] == "ana"
        self._complete(task)
        told = {"name": "dossier_reply", "correlation_key": self._name, "message_id": f"reply-{self._name}"}
        self._write("tell", "/messages", told, 202)
        self._ledger.sent.add(f"reply-{self._name}")
        # The stamp is a job, the rest a timer: the task comes when both are over.
        task = self._task(instance, "sign_dossier")
        body = {"process_key": "dossier", "from_version": 1, "to_version": 2, "process_instance_ids": [instance]}
        moved = self._write("migrate", "/process-instances/migrate", body, 200)["items"]
        assert [item["id"] for item in moved if item["done"]] == [instance]
        self._ledger.migrated.add(instance)
        self._complete(task)

    def _complete(self, task: str) -> None:
        self._write(f"complete-{task}", f"/user-tasks/{task}/complete", {"variables": {"who": "ana"}}, 200)
        self._ledger.completed[task] = "ana"

    def _task(self, instance: str, element_id: str) -> str:
        end = time.monotonic() + PATIENCE_S
        while True:
            _, page = self._insist(lambda: self._client.get("/user-tasks?scope=all&limit=200"))
            for task in page["items"]:
                if (task["process_instance_id"], task["element_id"]) == (instance, element_id):
                    return task["id"]
            assert time.monotonic() < end, f"{element_id} of {self._name} never came"
            time.sleep(0.05)

    def _write(self, what: str, address: str, body: dict[str, Any], wanted: int) -> dict[str, Any]:
        key = f"{self._name}-{what}"
        status, told = self._insist(lambda: self._client.post(address, body, key=key))
        assert status == wanted, f"{what}: {told}"
        return told

    def _insist(self, send: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, told = send()
                if status < 400 or told["code"] not in TRY_AGAIN:
                    return status, told
            except (OSError, HTTPException, ValueError):
                pass
            assert time.monotonic() < end, f"no answer for {PATIENCE_S} s"
            if self._machine.has_died():
                self.deaths += 1
                self._machine.serve()


def test_a_server_killed_at_any_commit_of_an_errand_loses_nothing_and_repeats_nothing(machine, tmp_path):
    token = machine.set_up(ana="administrators")["ana"]
    machine.make_stamps()
    for edition in ("1", "2"):
        machine.command("process", "deploy", str(DOSSIERS / edition))
    ledger = Ledger()
    with closing(machine.client(token)) as client:
        commits = count_commits(machine, Errand(machine, client, ledger, "counted"), tmp_path / "commits")
    points = range(1, ENOUGH) if THOROUGH else sorted({1 + number * commits // POINTS for number in range(POINTS)})
    kills = {"before": 0, "after": 0}

    for when in kills:
        for point in points:
            machine.serve_until(f"{when}:{point}")
            with closing(machine.client(token)) as client:
                errand = Errand(machine, client, ledger, f"{when}-{point}")
                errand.run()
            machine.kill()
            kills[when] += errand.deaths
            if not errand.deaths and point > commits:
                break

    with store(machine.database_url) as session:
        check_promises(session, ledger)
        counts = check_every_instance(session)
    print(f"\n{commits} commits in an errand; killed {kills}\n{ledger}\n{dict(sorted(counts.items()))}")  # noqa: T201 - the counts are the point
    assert (
        counts["completed"]
        == counts["stamps"]
        == counts["timer_fired"]
        == counts["process_migrated"]
        == len(ledger.started)
    )
    assert all(kills.values())


def count_commits(machine: Machine, errand: Errand, noted: Path) -> int:
    """Run an errand undisturbed and return how often the server committed, its start included."""
    machine.environment["TORTURE_COMMITS"] = str(noted)
    machine.serve()
    del machine.environment["TORTURE_COMMITS"]
    errand.run()
    machine.kill()
    return noted.stat().st_size
