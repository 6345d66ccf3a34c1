"""``python -m benchmarks``: time the product beside its floor and a peer (``figures.py`` says which, and the bars)."""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

from benchmarks import kept, machine, report
from benchmarks.figures import FIGURES
from benchmarks.run import PEER_PYTHON, ROOT, ContestFailed, Entry, contest, own, peer, trial, try_alone

CONTESTANTS = ("floor", "service.sqlite", "service.postgresql", "http", "viewflow.activation", "viewflow.client")
#: Each runs alone, after the contest.
TRIALS = {
    "age.sqlite": "age",
    "age.postgresql": "age",
    "deploy.sqlite": "deployment",
    "deploy.postgresql": "deployment",
    "timers.sqlite": "timers",
    "timers.postgresql": "timers",
    "cold_start": "cold_start",
    "firm.sqlite": "firm",
    "firm.postgresql": "firm",
    "inbox.sqlite": "inbox",
    "inbox.postgresql": "inbox",
    "audit.sqlite": "audit",
    "audit.postgresql": "audit",
    "names.sqlite": "names",
    "names.postgresql": "names",
    "streams.sqlite": "streams",
    "streams.postgresql": "streams",
    "phone": "phone",
}
NAMES = (*CONTESTANTS, *TRIALS)


def main() -> int:
    """Run what was asked for and say how it went."""
    options = _options()
    began = monotonic()
    wanted = [name for name in NAMES if not options.only or any(name.startswith(part) for part in options.only)]
    entries, left_out = _entries([name for name in wanted if name not in TRIALS])
    print("\n".join(machine.facts()))
    try:
        result = contest(
            entries,
            rounds=options.rounds,
            instances=options.instances,
            environment=dict(os.environ),
            progress=_progress,
        )
        with kept.for_a_run() as folder:
            for name in [name for name in wanted if name in TRIALS]:
                _progress(f"trying {name}")
                if (entry := _trial(name, left_out)) is not None:
                    try_alone(entry, environment={**os.environ, kept.KEEP: folder}, result=result)
    except ContestFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 2
    _progress("")
    for name, said in result.facts.items():
        details = ", ".join(f"{key} {value}" for key, value in said.items() if key != "name")
        verified = f"; verified {result.verified[name]['completed']} instances" if name in result.verified else ""
        print(f"  {name:20} {said['name']} ({details}){verified}")
    for name, reason in left_out.items():
        print(f"  {name:20} not measured: {reason}")
    rows = report.rows(FIGURES, result.samples)
    print(f"\n{report.table(FIGURES, rows)}\n")
    report.write(rows, options.json)
    print(
        f"{options.rounds} rounds of {options.instances} instances, two user tasks each, "
        f"in {monotonic() - began:.0f} s; load {machine.load()} at the end; wrote {options.json}"
    )
    missed = [row.id for row in rows if row.holds is False]
    if missed:
        print(f"Not met: {', '.join(missed)}")
    return 1 if options.strict and (missed or left_out) else 0


def _entries(wanted: list[str]) -> tuple[list[Entry], dict[str, str]]:
    """Return what can be run here, and for the rest why not."""
    entries: list[Entry] = []
    left_out: dict[str, str] = {}
    for name in wanted:
        match name.split("."):
            case ["floor"]:
                entries.append(Entry(name, own("floor")))
            case ["service", "sqlite"]:
                entries.append(Entry(name, own("service")))
            case ["service", "postgresql"]:
                try:
                    entries.append(Entry(name, own("service"), {"BENCH_DATABASE_URL": _postgres()}))
                except Exception as refusal:  # noqa: BLE001  (whatever is wrong with it, the rest can be measured)
                    left_out[name] = f"no PostgreSQL here ({str(refusal).strip().splitlines()[-1:]})"
            case ["http"]:
                entries.append(Entry(name, own("api")))
            case ["viewflow", way] if PEER_PYTHON.exists():
                entries.append(Entry(name, peer(way)))
            case _:
                left_out[name] = f"{PEER_PYTHON.relative_to(ROOT)} is missing; `make bench` installs it"
    return entries, left_out


def _trial(name: str, left_out: dict[str, str]) -> Entry | None:
    """Return how a trial is started, or None when its database cannot be had."""
    if not name.endswith(".postgresql"):
        return Entry(name, trial(TRIALS[name]))
    try:
        return Entry(name, trial(TRIALS[name]), {"BENCH_DATABASE_URL": _postgres()})
    except Exception as refusal:  # noqa: BLE001  (whatever is wrong with it, the rest can be measured)
        left_out[name] = f"no PostgreSQL here ({str(refusal).strip().splitlines()[-1:]})"
        return None


def _postgres() -> str:
    """Start a PostgreSQL for this run, set as a firm's (docs/move-to-postgresql.md), or take the one that is named."""
    from tests import postgres  # noqa: PLC0415  (only when it is wanted)

    postgres.SETTINGS.update(fsync="on", synchronous_commit="on", full_page_writes="on", shared_buffers="1GB")
    return postgres.new_database()


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=24, help="rounds that every contestant plays (24)")
    parser.add_argument("--instances", type=int, default=30, help="process instances a round (30)")
    parser.add_argument("--quick", action="store_true", help="a few rounds: seconds, and rough figures")
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"only these contestants: {', '.join(NAMES)}")
    parser.add_argument("--strict", action="store_true", help="fail when a goal is missed or was not measured")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the result is written")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.instances = 4, 15
    return options


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
