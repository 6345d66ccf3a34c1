"""What every contestant does, and how it is timed: only the standard library, for the peer runs it too.

A contestant is a process of its own, so that nobody pays for another's heap. It reads one JSON command a
line on standard input and answers one JSON line on standard output; between two commands it is idle.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, Protocol

#: How often the inbox is read in a round.
INBOX_READS = 10
#: Both answers of every instance: above the process's limit, so that both user tasks are done.
ANSWERS = ("request_purchase", "approve_purchase")
#: People who complete user tasks side by side.
CROWD = 8


class Client(Protocol):
    """Somebody who completes user tasks."""

    def complete(self, user_task: Any, answers: dict[str, Any]) -> float | None:
        """Take and complete ``user_task``, stored for good when this returns; timed.

        Where that takes several requests: the seconds of the last one alone.
        """
        ...


class Contestant(Client, Protocol):
    """One way to run the approval process."""

    def start(self, number: int) -> Any:
        """Start instance ``number``; timed. Returns whatever finds it again."""
        ...

    def inbox(self) -> int:
        """Read the first page of the open user tasks; timed. Returns how many it holds."""
        ...

    def user_task(self, instance: Any) -> Any:
        """Find the open user task of ``instance``; not timed."""
        ...

    def colleague(self) -> Client | None:
        """Return another client of the same store, to complete user tasks in a thread; None for no crowds."""
        ...

    def facts(self) -> dict[str, Any]:
        """Say what was measured: versions and how durable a commit is."""
        ...

    def verify(self) -> dict[str, int]:
        """Count ``started``, ``completed`` and ``wrong`` instances in the store itself."""
        ...

    def close(self) -> None:
        """Stop whatever was started."""
        ...


def answers(element: str, number: int) -> dict[str, Any]:
    """Return what a person answers at ``element`` in instance ``number``: the same in every run."""
    return {"amount": amount(number)} if element == "request_purchase" else {"approved": True}


def amount(number: int) -> int:
    """Return the amount of instance ``number``, always above the limit of 1,000 and a multiple of 100."""
    return 1100 + (number * 37 % 900) * 100


def reserve(number: int) -> int:
    """Return what the process's script must have computed for instance ``number``."""
    return amount(number) // 100


def play(contestant: Contestant, first: int, instances: int) -> dict[str, list[float]]:
    """Run one round of new instances from start to end; seconds of every single operation."""
    seconds: dict[str, list[float]] = {"start": [], "inbox": [], "complete": []}
    gc.collect()
    numbers = range(first, first + instances)
    started = [_timed(seconds["start"], contestant.start, number) for number in numbers]
    for _ in range(INBOX_READS):
        if _timed(seconds["inbox"], contestant.inbox) < 1:
            raise AssertionError("the inbox is empty although user tasks are open")
    for element in ANSWERS:
        for number, instance in zip(numbers, started, strict=True):
            user_task = contestant.user_task(instance)
            last = _timed(seconds["complete"], contestant.complete, user_task, answers(element, number))
            if last is not None:
                seconds.setdefault("last_request", []).append(last)
    return seconds


def play_side_by_side(contestant: Contestant, first: int, instances: int) -> dict[str, list[float]]:
    """Let a crowd complete both user tasks of new instances; seconds of each completion, and of all together.

    A contestant without colleagues plays nothing, and starts nothing.
    """
    colleagues = [colleague for _ in range(CROWD) if (colleague := contestant.colleague()) is not None]
    if not colleagues:
        return {}
    seconds: dict[str, list[float]] = {"crowd": [], "crowd_together": []}
    started = [(number, contestant.start(number)) for number in range(first, first + instances)]
    for element in ANSWERS:
        work = [(contestant.user_task(instance), answers(element, number)) for number, instance in started]
        gc.collect()
        with ThreadPoolExecutor(CROWD) as people:
            began = perf_counter()
            shares = [
                people.submit(_complete_all, colleague, work[turn::CROWD]) for turn, colleague in enumerate(colleagues)
            ]
            for share in shares:
                seconds["crowd"].extend(share.result())
            seconds["crowd_together"].append(perf_counter() - began)
    return seconds


def _complete_all(colleague: Client, work: list[tuple[Any, dict[str, Any]]]) -> list[float]:
    seconds: list[float] = []
    for user_task, told in work:
        _timed(seconds, colleague.complete, user_task, told)
    return seconds


def serve(make: Callable[[], Contestant]) -> None:
    """Answer the commands of the run until it says stop."""
    answer_to = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is not an answer
    contestant = make()
    try:
        for line in sys.stdin:
            command = json.loads(line)
            if command["do"] == "stop":
                break
            print(json.dumps(_obey(contestant, command)), file=answer_to, flush=True)
    finally:
        contestant.close()


def _obey(contestant: Contestant, command: dict[str, Any]) -> dict[str, Any]:
    match command["do"]:
        case "facts":
            return contestant.facts()
        case "round":
            return play(contestant, command["first"], command["instances"])
        case "crowd":
            return play_side_by_side(contestant, command["first"], command["instances"])
        case "verify":
            return contestant.verify()
        case unknown:
            raise ValueError(unknown)


def _timed(into: list[float], operation: Callable[..., Any], *arguments: Any) -> Any:
    began = perf_counter()
    result = operation(*arguments)
    into.append(perf_counter() - began)
    return result
