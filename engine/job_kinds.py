"""Kinds of jobs: who carries one out, and how patient the engine is with it.

A module registers the function for its kind; the table of promises (``job_table``) and the runner (``jobs``)
know nothing else of it::

    @job_kinds.handles("buffer_expiry", Policy(attempts=10))
    def expire(session: Session, job: DueJob, now: datetime) -> None: ...

The function works in the transaction in which the job's row goes: its effect happens once, or not at all.
What it raises is a failed attempt, and nothing of what it did is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from engine.models.job import NORMAL_PRIORITY, Job


class Policy(NamedTuple):
    """How often a kind is tried, and with which pauses."""

    #: Failures until it waits for a person.
    attempts: int = 5
    #: Seconds after the first failure; each pause is ``factor`` times the one before, up to the longest.
    pause_s: float = 5
    factor: float = 4
    longest_pause_s: float = 3600
    #: Workers that may vanish while they have it until that counts as its fault.
    losses: int = 5
    #: Of jobs that were given none.
    priority: int = NORMAL_PRIORITY
    #: Several may share a transaction. Not for work that takes long or has effects outside the database.
    shares_transaction: bool = True

    def pause_after(self, failures: int) -> timedelta:
        """Return how long to wait after so many failures."""
        pause_s = self.pause_s
        for _ in range(failures - 1):
            pause_s = min(pause_s * self.factor, self.longest_pause_s)
        return timedelta(seconds=min(pause_s, self.longest_pause_s))


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job that a worker has taken."""

    id: UUID
    kind: str
    process_instance_id: UUID | None
    element_id: str
    spiff_task_id: UUID | None
    event_index: int
    topic: str | None
    by: str
    payload: dict[str, Any] | None
    #: UTC; when it was to be due.
    due_at: datetime
    attempts: int
    max_attempts: int
    losses: int
    #: The columns of its instance, locked and read; None when it belongs to none.
    instance: Any = None


Handler = Callable[[Session, DueJob, datetime], None]
FailureHandler = Callable[[Session, Job, Exception, datetime], None]

#: How patient the engine is, by kind; kinds of other modules join by ``handles``.
_policies: dict[str, Policy] = {
    # Other programs recover in minutes or hours.
    "delegate": Policy(attempts=5, pause_s=5, factor=4, longest_pause_s=3600, shares_transaction=False),
    # Nothing outside is asked: what fails is the model or the engine, and soon again.
    "timer": Policy(attempts=5, pause_s=2, factor=4, longest_pause_s=300),
}
_handlers: dict[str, Handler] = {}
_failure_handlers: dict[str, FailureHandler] = {}


def handles(kind: str, policy: Policy | None = None) -> Callable[[Handler], Handler]:
    """Register a function as what carries a kind of jobs out."""

    def register(function: Handler) -> Handler:
        if _handlers.get(kind, function) is not function:
            raise ValueError(f"jobs of the kind '{kind}' are carried out already")
        _handlers[kind] = function
        if policy is not None:
            _policies[kind] = policy
        return function

    return register


def when_failing(kind: str) -> Callable[[FailureHandler], FailureHandler]:
    """Register a function as what follows when a job of a kind has failed: ``failed_at`` says whether for good.

    For jobs without a token to be stuck; those with one get an incident without this. The failure is noted in the
    job's row when the function is called, in a transaction of its own.
    """

    def register(function: FailureHandler) -> FailureHandler:
        _failure_handlers[kind] = function
        return function

    return register


def failure_handler(kind: str) -> FailureHandler | None:
    """Return what follows when a job of a kind has failed, if its module says so."""
    return _failure_handlers.get(kind)


def policy(kind: str) -> Policy:
    """Return a kind's policy; the usual one for a kind that named none."""
    return _policies.get(kind, _USUAL)


def handler(kind: str) -> Handler:
    """Return what carries a kind out.

    Raises:
        LookupError: nothing does.
    """
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"nothing carries out jobs of the kind '{kind}'") from None


def known() -> frozenset[str]:
    """Return every kind that this release carries out; it leaves those of a newer one alone."""
    return frozenset(_handlers)


_USUAL = Policy()
