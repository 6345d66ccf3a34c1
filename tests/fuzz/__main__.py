"""Run a fuzzer: ``python -m tests.fuzz TARGET [SECONDS]``; what it learns stays in ``build/fuzz/TARGET``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["engine"]):
    from tests.fuzz.targets import ROOT, TARGETS, seeds

MEMORY_MB = 4096
LONGEST_INPUT_S = 30


def main(target: str, seconds: str = "600") -> None:
    """Feed the target until the time is over or it raises; libFuzzer prints what it did."""
    learned = ROOT / "build" / "fuzz" / target
    given = ROOT / "build" / "fuzz" / f"{target}-seeds"
    found = ROOT / "build" / "fuzz" / "finds"
    for folder in (learned, given, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (given / f"seed-{number:03}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}", f"-rss_limit_mb={MEMORY_MB}", f"-timeout={LONGEST_INPUT_S}", "-max_len=30000",
        f"-artifact_prefix={found}/{target}-", "-detect_leaks=0", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(learned), str(given)], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"Usage: python -m {Path(__file__).parent.name} {'|'.join(TARGETS)} [SECONDS]")
    main(*sys.argv[1:3])
