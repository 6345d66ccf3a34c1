"""The machine breaks under people who work: killed at random and at commits, its clock jumps, its disk fills.

The form that every change must pass takes half a minute a database. ``make torture`` goes on for an hour;
``TORTURE_SECONDS`` says for how long, ``TORTURE_SEED`` repeats a run's dice (not its timing).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests import postgres
from tests.torture.clerks import Clerk, Ledger
from tests.torture.ledger_checks import check_every_instance, check_promises, store
from tests.torture.machine import Machine

DOSSIERS = Path(__file__).parent / "dossier"
PEOPLE = ("ana", "bo", "cy", "di")
SECONDS = float(os.environ.get("TORTURE_SECONDS", "20"))
SEED = int(os.environ.get("TORTURE_SEED", "20261122"))
#: Instances that are started in a run of one minute.
INSTANCES_A_MINUTE = 240
HOUR_S = 3600
#: Seconds in which nobody gets anything done, at the end, when nothing breaks any more.
STANDS_STILL_S = 120
#: Seconds that the clock jumps; less than the day for which Idempotency-Keys are kept.
AHEAD_S, BACK_S, LAST_S = 6 * HOUR_S, -HOUR_S, 12 * HOUR_S

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240 + 2 * SECONDS)]


@pytest.fixture(params=["sqlite", "postgresql"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    url = f"sqlite:///{tmp_path}/matterflow.db" if request.param == "sqlite" else postgres.new_database()
    if request.param == "postgresql":
        postgres.make_durable(url)
    place = Machine(tmp_path, processes=tmp_path / "none", database_url=url)
    (tmp_path / "none").mkdir()
    yield place
    place.stop()
    if not place.is_sqlite:
        postgres.drop_database(url)


class Disaster:
    """Everything that can happen to a machine, one after the other."""

    def __init__(self, machine: Machine, chance: Random) -> None:
        self._machine = machine
        self._chance = chance
        self.happened: Counter[str] = Counter()
        always = [self.kill, self.die_before_a_commit, self.die_after_a_commit, self.jump_ahead, self.jump_back]
        special = [self.fill_the_disk] if machine.is_sqlite else [self.kill_a_worker, self.crash_the_database]
        self.kinds: list[Callable[[], None]] = [*always, *special]

    def strike(self, kind: Callable[[], None]) -> None:
        """Let it happen, and bring the machine up again."""
        kind()
        self.happened[kind.__name__] += 1

    def kill(self) -> None:
        self._machine.kill()
        self._machine.serve()

    def die_before_a_commit(self) -> None:
        self._die("before")

    def die_after_a_commit(self) -> None:
        self._die("after")

    def _die(self, when: str) -> None:
        self._machine.kill()
        self._machine.serve_until(f"{when}:{self._chance.randrange(1, 60)}")
        if not self._machine.wait_until_dead(timeout_s=5):
            self._machine.kill()
        self._machine.serve()

    def jump_ahead(self) -> None:
        self._machine.jump(AHEAD_S)
        self.kill()

    def jump_back(self) -> None:
        self._machine.jump(BACK_S)
        self.kill()

    def fill_the_disk(self) -> None:
        self._machine.fill_disk()
        time.sleep(0.5)
        self._machine.empty_disk()

    def kill_a_worker(self) -> None:
        self._machine.kill_worker()
        self._machine.add_worker()

    def crash_the_database(self) -> None:
        self._machine.crash_database()


def test_whatever_breaks_nothing_promised_is_lost_and_nothing_happens_twice(machine):
    chance = Random(SEED)
    tokens = machine.set_up(**dict.fromkeys(PEOPLE, "administrators"))
    machine.make_stamps()
    for edition in ("1", "2"):
        machine.command("process", "deploy", str(DOSSIERS / edition))
    machine.serve()
    if not machine.is_sqlite:
        machine.add_worker()
    ledger, most = Ledger(), max(24, int(INSTANCES_A_MINUTE * SECONDS / 60))
    disaster = Disaster(machine, chance)
    clerks = [
        Clerk(name, machine.client(token), ledger, Random(chance.random()), most=most) for name, token in tokens.items()
    ]

    for clerk in clerks:
        clerk.start()
    end = time.monotonic() + SECONDS
    order: list[Callable[[], None]] = []
    while (time.monotonic() < end or len(disaster.happened) < len(disaster.kinds)) and not ledger.failures:
        order = order or chance.sample(disaster.kinds, len(disaster.kinds))
        time.sleep(chance.random())
        disaster.strike(order.pop())
    # What was promised while the clock was ahead is due by then.
    machine.jump(LAST_S)
    disaster.kill()
    finish(ledger, clerks)

    machine.stop()
    with store(machine.database_url) as session:
        check_promises(session, ledger)
        counts = check_every_instance(session)
    print(f"\nseed {SEED}: {dict(disaster.happened)}\n{ledger}\n{dict(sorted(counts.items()))}")  # noqa: T201 - the counts are the point
    assert counts["completed"] == len(ledger.started) > 0
    assert counts["process_migrated"] == len(ledger.migrated) > 0
    assert counts["stamps"] == counts["timer_fired"] == len(ledger.started)


def finish(ledger: Ledger, clerks: list[Clerk]) -> None:
    """Let the clerks go on, undisturbed, until every dossier is signed."""
    ledger.is_full.set()
    done, end = -1, 0.0
    while len(ledger.completed) < 2 * len(ledger.started) and not ledger.failures:
        if len(ledger.completed) + len(ledger.sent) > done:
            done, end = len(ledger.completed) + len(ledger.sent), time.monotonic() + STANDS_STILL_S
        assert time.monotonic() < end, f"work stands still: {ledger}"
        time.sleep(0.05)
    ledger.closed.set()
    for clerk in clerks:
        clerk.join(timeout=60)
        assert not clerk.is_alive(), f"{clerk.username} does not stop"
    if ledger.failures:
        raise ledger.failures[0]
