"""The run: every contestant in a process of its own, taking turns round by round so that noise hits all alike."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / "build" / "peers" / "bin" / "python"
#: Instances of the first round, which is not counted: caches fill and code warms up.
WARM_UP = 15


class ContestFailed(RuntimeError):
    """A contestant broke down or did not do what it was timed for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a contestant is started."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """What a run measured: samples by figure id, in the figure's unit, and what each contestant said of itself."""

    samples: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    verified: dict[str, dict[str, int]] = field(default_factory=dict)


def own(module: str) -> tuple[str, ...]:
    """Return the command of a contestant in the product's environment."""
    return (sys.executable, "-m", f"benchmarks.contestants.{module}")


def trial(module: str) -> tuple[str, ...]:
    """Return the command of a trial of the product alone."""
    return (sys.executable, "-m", f"benchmarks.trials.{module}")


def peer(way: str) -> tuple[str, ...]:
    """Return the command of the peer in its own environment."""
    return (str(PEER_PYTHON), "-m", "benchmarks.viewflow_peer", way)


def contest(
    entries: Sequence[Entry],
    *,
    rounds: int,
    instances: int,
    environment: Mapping[str, str],
    progress: Callable[[str], None],
) -> Result:
    """Time ``rounds`` rounds of ``instances`` process instances with each contestant.

    Raises:
        ContestFailed: a contestant stopped, or its store does not hold what it claims to have done.
    """
    result = Result()
    running: list[_Running] = []
    try:
        for entry in entries:
            progress(f"starting {entry.name}")
            running.append(_Running(entry, environment))
            result.facts[entry.name] = running[-1].ask("facts")
            running[-1].play(WARM_UP)
        _same_durability(result.facts)
        for number in range(rounds if running else 0):
            progress(f"round {number + 1} of {rounds}")
            turn = number % len(running)
            for contestant in running[turn:] + running[:turn]:
                _add(result.samples, contestant.name, contestant.play(instances))
                _add_crowd(result.samples, contestant.name, contestant.play_side_by_side(instances))
        for contestant in running:
            result.verified[contestant.name] = contestant.verify()
    finally:
        for contestant in running:
            contestant.stop()
    return result


def try_alone(entry: Entry, *, environment: Mapping[str, str], result: Result) -> None:
    """Run a trial, which measures the product alone, to its end.

    Raises:
        ContestFailed: it broke down.
    """
    done = subprocess.run(
        entry.command,
        cwd=ROOT,
        env={**environment, **entry.environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ContestFailed(f"{entry.name} stopped with {done.returncode}")
    said = json.loads(done.stdout)
    result.facts[entry.name] = said["facts"]
    result.samples.update(said["samples"])


class _Running:
    """One contestant's process, and what it must have done by now."""

    def __init__(self, entry: Entry, environment: Mapping[str, str]) -> None:
        self.name = entry.name
        self._played = 0
        self._process = subprocess.Popen(
            entry.command,
            cwd=ROOT,
            env={**environment, **entry.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **arguments: int) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it stopped: the missing answer says so
        answer = self._process.stdout.readline()
        if not answer:
            raise ContestFailed(f"{self.name} stopped with {self._process.wait()} while asked to {do}")
        return json.loads(answer)

    def play(self, instances: int) -> dict[str, list[float]]:
        """Let it play a round of new instances."""
        seconds = self.ask("round", first=self._played, instances=instances)
        self._played += instances
        return seconds

    def play_side_by_side(self, instances: int) -> dict[str, list[float]]:
        """Let a crowd play a round of new instances, where the contestant has one."""
        seconds = self.ask("crowd", first=self._played, instances=instances)
        self._played += instances if seconds else 0
        return seconds

    def verify(self) -> dict[str, int]:
        """Compare what its store holds with what it was asked to do."""
        found = self.ask("verify")
        if (found["started"], found["completed"], found["wrong"]) != (self._played, self._played, 0):
            raise ContestFailed(f"{self.name} was asked for {self._played} instances and holds {found}")
        return found

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin
        try:
            self._process.stdin.write('{"do": "stop"}\n')
            self._process.stdin.close()
            self._process.wait(timeout=30)
        except BrokenPipeError:
            pass
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _same_durability(facts: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse to compare contestants on SQLite whose commits survive different things."""
    settings = {
        name: (said["journal_mode"], said["synchronous"]) for name, said in facts.items() if "journal_mode" in said
    }
    if len(set(settings.values())) > 1:
        raise ContestFailed(f"commits are not equally durable: {settings}")


def _add(samples: dict[str, list[float]], name: str, seconds: Mapping[str, Sequence[float]]) -> None:
    for operation, times in seconds.items():
        samples.setdefault(f"{name}.{operation}", []).extend(time * 1000 for time in times)
    samples.setdefault(f"{name}.completions_per_s", []).append(len(seconds["complete"]) / sum(seconds["complete"]))


def _add_crowd(samples: dict[str, list[float]], name: str, seconds: Mapping[str, Sequence[float]]) -> None:
    if seconds:
        samples.setdefault(f"{name}.crowd", []).extend(time * 1000 for time in seconds["crowd"])
        rate = len(seconds["crowd"]) / sum(seconds["crowd_together"])
        samples.setdefault(f"{name}.crowd_per_s", []).append(rate)
