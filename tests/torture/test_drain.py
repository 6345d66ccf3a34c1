"""Workers that are killed with -9 while they fire timers together: none is lost, and none fires twice."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.database import transaction
from engine.models import HistoryEvent, Job, UserTask
from tests.factories import begin, catch, deploy, end, path, start, timer, user_task

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TIMERS = 250
#: Begins when it is told to, and carries out what is due, a second at least after a vanished worker's lease began; ends
#: when nothing is left, unless it is to be killed.
WORKER = """
import sys, time
from datetime import timedelta
from engine import clock, database, job_table, jobs
clock.set_offset(timedelta(days=400))
engine = database.create_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while True:
    ran = jobs.run_due(
        lambda: database.transaction(engine), now=clock.utc_now, limit=10, worker=sys.argv[2],
        lease=timedelta(seconds=1),
    )
    print("ran", ran, flush=True)
    with database.transaction(database.read_only(engine)) as session:
        is_over = job_table.next_due_at(session) is None
    if is_over:
        print("over", flush=True)
        if sys.argv[2] == "last":
            break
    if not ran:
        time.sleep(0.05)
"""


def work(url, name):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url, name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def let_begin(*workers):
    """Let them begin together, whichever of them was loaded first."""
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()


def wait_until_it_fires(worker):
    """Return what it told. Whose lease ended while another wrote fires nothing in that round, and tries again."""
    while (told := worker.stdout.readline()) == "ran 0\n":
        pass
    assert told.startswith("ran ") or told == "over\n"
    return told


def test_workers_killed_while_they_fire_timers_lose_none_and_fire_none_twice(fresh_engine):
    body = start() + catch("wait", timer("P1D")) + user_task("look") + end() + path("started", "wait", "look", "ended")
    with transaction(fresh_engine) as session:
        deploy(session, body)
        for _ in range(TIMERS):
            begin(session)
    url = fresh_engine.url.render_as_string(hide_password=False)
    chance = random.Random(7)

    with work(url, "one") as one, work(url, "two") as two:
        let_begin(one, two)
        first = []
        for victim in (one, two):
            first.append(wait_until_it_fires(victim))
            time.sleep(chance.uniform(0, 0.05))
            victim.kill()
    # One alone may have done all the work before the other got the database; never neither.
    assert any(told.startswith("ran ") for told in first)
    with work(url, "last") as last:
        told = last.communicate("go\n", timeout=90)[0]

    with transaction(fresh_engine) as session:
        fired = session.scalars(sa.select(HistoryEvent.process_instance_id).where(HistoryEvent.kind == "timer_fired"))
        assert Counter(Counter(fired).values()) == {1: TIMERS}
        assert session.scalar(sa.select(sa.func.count()).select_from(UserTask)) == TIMERS
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
    assert [one.returncode, two.returncode, last.returncode, "ran" in told] == [-9, -9, 0, True]
