"""``python -m benchmarks.scaling``: how far one database goes, by measured costs and a simulation.

Measured: the processor time of a completed user task through the service layer, in our process and on the database's
side, and what it adds to the database's size. Simulated: people who think, press a button and wait, served by a
network of queues (the nodes' cores, the writer that SQLite has one of, PostgreSQL's cores) with those costs as
means and exponential times, which is harsher than what was measured. Requests come at random at the rate of so many
people, whether earlier ones are answered or not, which is harsher than people are. The two are printed apart.
"""

from __future__ import annotations

import argparse
import heapq
import os
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import sqlalchemy as sa

from benchmarks import machine
from benchmarks.trials.timers import ANA, prepare
from engine import clock, database, process_instances, user_tasks
from engine.database import transaction
from engine.models import UserTask

#: Seconds between two completions of a person at work: a busy clerk's.
THINK_S = 60.0
#: Completions simulated for one line of the table.
SIMULATED = 30_000
#: What a firm accepts: 95 of 100 answers within this, and this share of every processor's time used.
LONGEST_MS = 250.0
BUSIEST = 0.8


@dataclass(frozen=True, slots=True)
class Costs:
    """What one completion takes, in seconds of a processor."""

    node_s: float
    database_s: float
    bytes_stored: float


def measure(url: str, completions: int) -> Costs:
    """Complete so many user tasks, one after the other."""
    engine = database.create_engine(url)
    prepare(engine)
    with transaction(engine) as session:
        for _ in range(completions // 8 + 1):
            process_instances.start(session, "tasks", by=ANA, now=clock.utc_now())
    open_tasks = sa.select(UserTask.id).where(UserTask.state == "created").limit(completions)
    size, node, server = _size(engine), _own_cpu_s(), _postgres_cpu_s(engine)
    done = 0
    while done < completions:
        with transaction(engine) as session:
            ids = list(session.scalars(open_tasks))
        for task_id in ids:
            with transaction(engine) as session:
                user_tasks.complete(session, task_id, {}, by=ANA, now=clock.utc_now())
        done += len(ids)
    costs = Costs(
        (_own_cpu_s() - node) / done, (_postgres_cpu_s(engine) - server) / done, (_size(engine) - size) / done
    )
    engine.dispose()
    return costs


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _postgres_cpu_s(engine: sa.Engine) -> float:
    """Processor time of the server process behind the one connection that is used; zero on SQLite."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with engine.connect() as connection:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _size(engine: sa.Engine) -> float:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return float(
                connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            )
        return float(connection.scalar(sa.text("SELECT pg_database_size(current_database())")))


# -- simulation -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class House:
    """What serves a firm: how many cores the nodes have, and how many transactions the database works on at once."""

    name: str
    #: Node processes; each runs Python on one core at a time.
    nodes: int
    node_s: float
    #: SQLite: one writer, which our process is. PostgreSQL: its cores.
    database_cores: int
    database_s: float


def simulate(house: House, people: int, *, seed: int = 1) -> tuple[float, float]:
    """Let ``people`` complete a user task every so often; return the median and the 95th of their waiting, in ms."""
    chance = Random(seed)
    stations = ((house.nodes, house.node_s), (house.database_cores, house.database_s))
    free_at = [[0.0] * servers for servers, _ in stations]
    waits: list[float] = []
    began = 0.0
    for _ in range(SIMULATED):
        began += chance.expovariate(people / THINK_S)
        now = began
        for (_, mean_s), servers in zip(stations, free_at, strict=True):
            # First come, first served, by whichever server is free first.
            soonest = heapq.heappop(servers)
            now = max(now, soonest) + (chance.expovariate(1 / mean_s) if mean_s else 0.0)
            heapq.heappush(servers, now)
        waits.append(now - began)
    ordered = sorted(waits[SIMULATED // 5 :])
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def is_enough(house: House, people: int) -> bool:
    """Say whether a house serves so many: 95 of 100 answers in time, and no processor busier than it should be."""
    rate = people / THINK_S
    busiest = max(rate * house.node_s / house.nodes, rate * house.database_s / house.database_cores)
    return busiest <= BUSIEST and simulate(house, people)[1] <= LONGEST_MS


def most_people(house: House) -> int:
    """Return how many people a house serves."""
    low, high = 1, 2
    while is_enough(house, high):
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if is_enough(house, middle) else (low, middle)
    return low


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--completions", type=int, default=2_000)
    parser.add_argument("--http-ms", type=float, default=1.5, help="what HTTP adds on a node, in ms (make bench says)")
    options = parser.parse_args()
    print("\n".join(machine.facts()))
    with tempfile.TemporaryDirectory() as folder:
        on_sqlite = measure(f"sqlite:///{folder}/scaling.db", options.completions)
    on_postgres = _measure_postgres(options.completions)
    print("\nMEASURED, a completion through the service layer:")
    for name, costs in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        hours = (costs.node_s + costs.database_s) * 1e6 / 3600
        print(
            f"  {name:11} {costs.node_s * 1000:.2f} ms of a node's processor, {costs.database_s * 1000:.2f} ms of the "
            f"database's, {costs.bytes_stored / 1024:.1f} KiB stored; a million: {hours:.1f} processor hours, "
            f"{costs.bytes_stored * 1e6 / 1e9:.1f} GB"
        )
    http_s = options.http_ms / 1000
    print(f"\nSIMULATED, people who complete a user task every {THINK_S:.0f} s:")
    print_houses(on_sqlite, on_postgres, http_s)
    print(f"load {machine.load()} at the end, {time.strftime('%Y-%m-%d')}")
    return 0


def print_houses(on_sqlite: Costs, on_postgres: Costs, http_s: float) -> None:
    """Print how many people each house serves."""
    houses = [House("SQLite, one process", 1, on_sqlite.node_s + http_s, 1, 0.0)]
    for nodes, cores in ((1, 2), (2, 2), (4, 4), (8, 8), (16, 16)):
        name = f"PostgreSQL, {nodes} nodes, {cores} database cores"
        houses.append(House(name, nodes, on_postgres.node_s + http_s, cores, on_postgres.database_s))
    for house in houses:
        people = most_people(house)
        median, p95 = simulate(house, people)
        rate = people / THINK_S
        print(
            f"  {house.name:42} {people:7} people, {rate:6.0f} completions/s, {median:.0f} ms median, {p95:.0f} ms p95"
        )


def _measure_postgres(completions: int) -> Costs:
    from tests import postgres  # noqa: PLC0415 - only when it is wanted

    postgres.SETTINGS.update(fsync="on", synchronous_commit="on", full_page_writes="on")
    url = postgres.new_database()
    try:
        return measure(url, completions)
    finally:
        postgres.drop_database(url)


if __name__ == "__main__":
    sys.exit(main())
