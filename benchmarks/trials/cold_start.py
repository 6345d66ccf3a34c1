"""How long `matterflow serve` takes from the command to the first answer, with the shipped processes deployed."""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.trials import answer
from tests.installation import ROOT, Installation

TIMED = 8


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Start the server again and again; milliseconds until it says that it is ready, looked for every 50."""
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
        installation = Installation(Path(folder), processes=ROOT / "processes" / "bpmn")
        installation.set_up(ana="lawyers")
        for bundle in sorted((ROOT / "processes" / "bpmn").iterdir()):
            if (bundle / "process.yaml").exists():
                installation.command("process", "deploy", bundle.name)
        for _ in range(TIMED):
            began = perf_counter()
            installation.serve()
            took.append((perf_counter() - began) * 1000)
            installation.stop()
    return {"name": "matterflow serve on SQLite"}, {"cold_start": took}


if __name__ == "__main__":
    answer(trial)
