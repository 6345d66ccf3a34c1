"""What a run tells of its tokens: what they wait for, what they completed and what keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from engine.bpmn.compiled import Element


class NeverWaits(Exception):
    """The process runs in a circle without ever waiting."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something the instance waits for."""

    #: ``user_task``, ``timer``, ``message``, ``signal`` or ``delegate``.
    kind: str
    spiff_task_id: UUID
    element: Element
    #: Timers: when.
    due_at: datetime | None = None
    #: Messages and signals: which.
    name: str | None = None
    #: Messages: with which correlation keys; None says the business key.
    keys: dict[str, str] | None = None
    #: Which of the events behind an event-based gateway.
    index: int = 0

    @property
    def key(self) -> tuple[str, UUID, int, datetime | None]:
        """What tells two waits apart."""
        return (self.kind, self.spiff_task_id, self.index, self.due_at)


class Failure(NamedTuple):
    """A token that cannot go on."""

    spiff_task_id: UUID
    element_id: str
    #: ``expression``, ``decision``, ``delegate`` or ``engine``.
    kind: str
    message: str
    expression: str | None


class Completion(NamedTuple):
    """An element that a token has completed."""

    spiff_task_id: UUID
    element: Element
    #: What history keeps of it (``engine.bpmn.archive``).
    step: dict[str, Any]


class ServiceCall(NamedTuple):
    """A delegate that is asked to work now."""

    spiff_task_id: UUID
    element: Element
    topic: str
    inputs: dict[str, Any]
    variables: dict[str, Any]


class PassOn(Exception):
    """Carries a refusal through ``advance`` to whoever gave the command."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error
