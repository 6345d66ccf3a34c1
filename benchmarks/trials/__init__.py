"""Trials: what is measured of the product alone, each a program of its own that answers one JSON line at its end.

The line is ``{"facts": {...}, "samples": {figure id: [values in the figure's unit]}}``.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def answer(trial: Callable[[], tuple[Mapping[str, Any], Mapping[str, Sequence[float]]]]) -> None:
    """Run a trial; whatever a library prints meanwhile is not its answer."""
    answer_to = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    facts, samples = trial()
    print(json.dumps({"facts": facts, "samples": samples}), file=answer_to, flush=True)


def database_url(folder: str) -> str:
    """Return the database that ``BENCH_DATABASE_URL`` names, or a new SQLite in ``folder``."""
    return os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{folder}/trial.db"
