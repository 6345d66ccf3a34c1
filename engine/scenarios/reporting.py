"""What came of scenarios: each step, what failed, and which sequence flows were walked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.scenarios.loading import Scenario


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One step, done."""

    #: 1 for the first step after the start; 0 is the start itself.
    number: int
    step: str
    #: The simulated instant after it.
    at: datetime
    #: What is wrong, in one paragraph; None when it went as told.
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The sequence flows of one process: all of them, and those that were walked."""

    flows: frozenset[str]
    taken: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """Flows that no scenario walked."""
        return sorted(self.flows - self.taken)

    @property
    def share(self) -> float:
        """Walked flows as a share of all, 0 to 1."""
        return len(self.taken & self.flows) / len(self.flows) if self.flows else 1.0

    def __or__(self, other: "Coverage") -> "Coverage":
        """Put the walks of two scenarios together."""
        return Coverage(self.flows | other.flows, self.taken | other.taken)


@dataclass(slots=True)
class Result:
    """One scenario, played."""

    scenario: Scenario
    steps: list[StepOutcome] = field(default_factory=list[StepOutcome])
    #: By process key, for every process that ran.
    coverage: dict[str, Coverage] = field(default_factory=dict[str, Coverage])

    @property
    def problem(self) -> str | None:
        """What went wrong first; None when nothing did."""
        return next((step.problem for step in self.steps if step.problem), None)

    @property
    def ok(self) -> bool:
        """True when the story went as told."""
        return self.problem is None

    def __str__(self) -> str:
        """One line for a good scenario; for a bad one, where it broke and why."""
        if self.ok:
            return f"ok    {self.scenario.name}"
        broken = next(step for step in self.steps if step.problem)
        at = broken.at.strftime("%Y-%m-%d %H:%M")
        where = f"step {broken.number} ({broken.step})" if broken.number else "at the start"
        lines = [self.scenario.file + ", " + where + f", {at} UTC", *(broken.problem or "").splitlines()]
        return "\n      ".join([f"FAILS {self.scenario.name}", *lines])

    def as_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return {
            "scenario": self.scenario.name,
            "file": self.scenario.file,
            "ok": self.ok,
            "problem": self.problem,
            "steps": [
                {"number": step.number, "step": step.step, "at": step.at.isoformat(), "problem": step.problem}
                for step in self.steps
            ],
        }


@dataclass(slots=True)
class Report:
    """All scenarios of a bundle, played."""

    results: list[Result]

    @property
    def ok(self) -> bool:
        """True when every story went as told."""
        return all(result.ok for result in self.results)

    def coverage(self, process: str) -> Coverage:
        """Return which flows of a process were walked by any scenario."""
        return _merged(result.coverage[process] for result in self.results if process in result.coverage)

    def as_dict(self) -> dict[str, Any]:
        """Return the report ready for JSON."""
        keys = sorted({key for result in self.results for key in result.coverage})
        covered = {key: self.coverage(key) for key in keys}
        return {
            "ok": self.ok,
            "results": [result.as_dict() for result in self.results],
            "coverage": {
                key: {"flows": len(item.flows), "taken": len(item.taken & item.flows), "missing": item.missing}
                for key, item in covered.items()
            },
        }


def _merged(parts: Iterable[Coverage]) -> Coverage:
    whole = Coverage(frozenset(), frozenset())
    for part in parts:
        whole |= part
    return whole
