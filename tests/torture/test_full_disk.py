"""The disk fills under PostgreSQL while people work: what was promised stays, and work goes on when there is room again.

The disk is a real one, small and full (``small_disk``): PostgreSQL meets ENOSPC in its tables, its log and wherever
else it writes. The form that every change must pass fills it three times; ``make torture`` does so for as long as it runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.torture.clerks import Clerk, Ledger
from tests.torture.ledger_checks import check_every_instance, check_promises, store
from tests.torture.machine import Machine
from tests.torture.small_disk import SmallDisk
from tests.torture.test_torture import DOSSIERS, PEOPLE, SEED, finish

SECONDS = float(os.environ.get("TORTURE_SECONDS", "0"))
TIMES = 3
#: Seconds for which the disk stays full.
FULL_S = 2

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600 + 2 * SECONDS)]


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    forbidden = SmallDisk.reason()
    if forbidden:
        pytest.skip(f"No disk can be filled here without filling everybody's: {forbidden}")
    place = SmallDisk()
    yield place
    place.stop()


@pytest.fixture
def machine(disk: SmallDisk, tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "none").mkdir()
    place = Machine(tmp_path, processes=tmp_path / "none", database_url=disk.url)
    yield place
    place.stop()


def test_a_disk_that_fills_under_postgresql_loses_nothing(machine, disk):
    chance = Random(SEED)
    tokens = machine.set_up(**dict.fromkeys(PEOPLE, "administrators"))
    machine.make_stamps()
    for edition in ("1", "2"):
        machine.command("process", "deploy", str(DOSSIERS / edition))
    machine.serve()
    ledger = Ledger()
    most = max(60, int(4 * SECONDS))
    clerks = [
        Clerk(name, machine.client(token), ledger, Random(chance.random()), most=most) for name, token in tokens.items()
    ]

    for clerk in clerks:
        clerk.start()
    filled, end = 0, time.monotonic() + SECONDS
    while (filled < TIMES or time.monotonic() < end) and not ledger.failures:
        time.sleep(2 * chance.random())
        disk.fill()
        time.sleep(FULL_S)
        disk.empty()
        filled += 1
    finish(ledger, clerks)
    machine.stop()

    with store(machine.database_url) as session:
        check_promises(session, ledger)
        counts = check_every_instance(session)
    refused = disk.refusals()
    met = f"seed {SEED}: filled {filled} times, PostgreSQL found no space {refused} times"
    print(f"\n{met}\n{ledger}\n{dict(sorted(counts.items()))}")  # noqa: T201 - the counts are the point
    assert refused > 0
    assert counts["completed"] == counts["stamps"] == counts["timer_fired"] == len(ledger.started) > 0
